"""Files meant to harm: bounded time and memory, one clear line, nothing written or followed."""

import contextlib
import io
import os
import struct
import subprocess
import sys
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.errors import InputError
from fraud_pipeline.settings import IngestSettings
from tests.ingest.helpers import HEAD, ROW, folder, load
from tests.ingest.xls import xls

SMALL = IngestSettings(max_cells=20_000)


def workbook(path, rows=None):
    rows = rows or [HEAD.split(","), ROW.split(",")]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("claims")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return path


def changed(path, **parts):
    """The workbook with parts (by the end of their names) replaced or added."""
    with zipfile.ZipFile(path) as old:
        content = {n: old.read(n) for n in old.namelist()}
    for name, data in parts.items():
        known = next(
            (n for n in content if n.endswith(name.replace("__", "."))), name.replace("__", ".")
        )
        content[known] = data(content.get(known, b"")) if callable(data) else data
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in content.items():
            new.writestr(name, data)
    return path


def test_a_bomb_that_lies_about_its_size_is_found_out(tmp_path):
    path = changed(workbook(tmp_path / "claims.xlsx"), sheet1__xml=lambda x: x + b" " * 60_000_000)
    data = bytearray(path.read_bytes())
    true = struct.pack(
        "<I", next(e.file_size for e in zipfile.ZipFile(path).infolist() if "sheet1" in e.filename)
    )
    at = data.find(true)
    while at >= 0:  # in the local header and in the directory
        data[at : at + 4] = struct.pack("<I", 900)
        at = data.find(true)
    path.write_bytes(data)
    assert sum(e.file_size for e in zipfile.ZipFile(path).infolist()) < 100_000
    with pytest.raises(InputError, match="unpacks to more"):
        load(path, limits=IngestSettings(max_cells=1_000_000))


def test_a_bomb_costs_no_memory(tmp_path):
    changed(workbook(tmp_path / "claims.xlsx"), sheet1__xml=lambda x: x + b" " * 150_000_000)
    code = (
        "import resource, sys\n"
        "from tests.ingest.helpers import load\n"
        "from fraud_pipeline.settings import IngestSettings\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    load(sys.argv[1], limits=IngestSettings(max_cells=2_000_000))\n"
        "except Exception as error:\n    print(type(error).__name__)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    name, megabytes = done.stdout.split()
    assert name == "InputError" and int(megabytes) < 150


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="9000000"><c r="A9000000"><v>1</v></c></row>',
        b"<row r='9000000'><c><v>1</v></c></row>",
        b'<row><c r="XFD900000"><v>1</v></c></row>',
        b'<x:row r="9000000"><x:c r="A9000000"><x:v>1</x:v></x:c></x:row>',
    ],
)
def test_a_cell_ten_million_rows_down_is_refused_before_the_sheet_is_opened(tmp_path, row):
    path = changed(
        workbook(tmp_path / "claims.xlsx"),
        sheet1__xml=lambda x: x.replace(b"</sheetData>", row + b"</sheetData>"),
    )
    with pytest.raises(InputError, match="too many cells"):
        load(path)


def test_one_long_text_in_a_million_cells_is_refused(tmp_path):
    rows = [HEAD.split(","), *([[*ROW.split(",")[:4], "x" * 30_000, *ROW.split(",")[5:]]] * 200)]
    path = workbook(tmp_path / "claims.xlsx", rows)
    cell = b'<c r="E2" t="s"><v>%d</v></c>'
    with zipfile.ZipFile(path) as archive:
        strings = archive.read("xl/sharedStrings.xml").split(b"</si>")
    long = cell % max(range(len(strings)), key=lambda k: len(strings[k]))
    path = changed(
        path,
        sheet1__xml=lambda x: x.replace(
            b"</sheetData>", b"<row>" + long * 100_000 + b"</row></sheetData>"
        ),
    )
    with pytest.raises(InputError, match="more text than can be read"):
        load(path)


def test_another_format_under_the_name_of_a_workbook(tmp_path):
    for name in ("content.xml", "xl/workbook.bin"):
        with zipfile.ZipFile(tmp_path / "claims.xlsx", "w") as archive:
            archive.writestr(name, b"<table:table-cell table:number-columns-repeated='16384'/>")
        with pytest.raises(InputError, match=r"not a (readable )?workbook"):
            load(tmp_path / "claims.xlsx")


def test_entities_are_not_expanded_and_nothing_outside_is_read(tmp_path):
    bomb = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    path = changed(
        workbook(tmp_path / "claims.xlsx"),
        sharedStrings__xml=lambda x: x.replace(b"<sst", bomb + b"<sst", 1).replace(
            b">testing<", b">testing&b;&a;<"
        ),
    )
    host = os.uname().nodename
    try:
        loaded = load(path)
    except InputError:
        return
    text = str(loaded.quarantine.to_pylist()) + str(loaded.tables["claims"].to_pylist())
    assert host not in text and "lol" not in text


def test_links_to_other_files_are_noted_and_not_followed(tmp_path):
    path = changed(
        workbook(tmp_path / "claims.xlsx"),
        **{"xl/externalLinks/externalLink1__xml": b"<externalLink/>"},
    )
    loaded = load(path)
    assert loaded.tables["claims"].num_rows == 1
    assert any("link to other files" in note for note in loaded.notes)


def test_an_archive_whose_names_climb_out_writes_nothing(tmp_path):
    inside = tmp_path / "in"
    inside.mkdir()
    changed(
        workbook(inside / "claims.xlsx"),
        **{"../../../escaped__txt": b"x", "/tmp/escaped-fp__txt": b"x"},  # noqa: S108
    )
    load(inside)
    assert not (tmp_path / "escaped.txt").exists() and not os.path.exists("/tmp/escaped-fp.txt")  # noqa: S108


def test_more_rows_than_can_be_read_are_refused_in_every_format(tmp_path):
    text = "\n".join([HEAD, *[ROW] * 4000])
    with pytest.raises(InputError, match="hand the file in in parts"):
        load(folder(tmp_path, text), limits=SMALL)
    (tmp_path / "claims.csv").unlink()
    pq.write_table(
        pa.table({h: ["x"] * 4000 for h in HEAD.split(",")}), tmp_path / "claims.parquet"
    )
    with pytest.raises(InputError, match="too many"):
        load(tmp_path, limits=SMALL)


def test_a_word_repeated_a_million_times_in_parquet_is_refused(tmp_path):
    word = pa.DictionaryArray.from_arrays(
        pa.array([0] * 300_000, pa.int32()), pa.array(["x" * 10_000])
    )
    pq.write_table(pa.table({h: word for h in HEAD.split(",")}), tmp_path / "claims.parquet")
    with pytest.raises(InputError, match="more text than can be read"):
        load(tmp_path)


def test_a_header_of_too_many_columns_is_refused_at_once(tmp_path):
    with pytest.raises(InputError, match="columns are too many"):
        load(folder(tmp_path, "claim_id," + "a," * 50_000 + "\n1,2\n"))


def test_text_that_makes_patterns_slow_does_not(tmp_path):
    evil = b"<row " * 150_000
    path = changed(
        workbook(tmp_path / "claims.xlsx"),
        sheet1__xml=lambda x: x.replace(b"<sheetData>", b"<!--" + evil + b"--><sheetData>"),
    )
    with contextlib.suppress(InputError):
        load(path)
    cells = [
        "9" * 30_000,
        "2016年" * 8000,
        "(" * 20_000,
        "," * 20_000,
        "零" * 20_000,
        "¥" * 20_000,
        " " * 30_000 + "x",
    ]
    rows = [
        ROW.replace("1000.00", f'"{c}"').replace("2016-07-01", f'"{c}"').replace("E1", f'"{c}"')
        for c in cells
    ]
    (tmp_path / "claims.xlsx").unlink()
    loaded = load(folder(tmp_path, "\n".join([HEAD, *rows])))
    assert loaded.accounts["claims"].rows_quarantined == len(cells)


def test_names_with_control_characters_and_broken_bytes(tmp_path):
    name = os.fsdecode(b"claims\x1b[31m\n" + b"\xff.csv")
    (tmp_path / name).write_bytes(f"{HEAD}\n{ROW.replace('testing', '?')}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "fraud_pipeline.cli.app", "check", "--data", os.path.join(tmp_path, name)],
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done
    assert b"Traceback" not in done.stderr and b"\x1b" not in done.stderr + done.stdout
    assert done.stderr.count(b"\n") == 1


def test_paths_too_deep_and_loops_of_links(tmp_path):
    deep = str(tmp_path) + "/x" * 3000
    (tmp_path / "claims.csv").symlink_to(tmp_path / "claims.csv")
    for where in (deep, tmp_path, tmp_path / "claims.csv"):
        done = CliRunner().invoke(app, ["check", "--data", str(where)])
        assert isinstance(done.exception, InputError), done


def test_an_old_workbook_is_read(tmp_path):
    rows = [
        ["2016年兑付汇总表"],
        HEAD.split(","),
        ["C1", "wuhan", "E1", "I1", "检测", 1000, 550.5, 42552, 2],
    ]
    (tmp_path / "claims.xls").write_bytes(xls("兑付申请", rows))
    (claim,) = load(tmp_path).tables["claims"].to_pylist()
    assert (claim["claim_id"], claim["service_type"], claim["source_row"]) == ("C1", "testing", 3)
    assert str(claim["claimed_amount"]) == "550.50" and str(claim["submitted_on"]) == "2016-07-01"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_text_export_called_xls_is_read_as_what_it_is(tmp_path, encoding):
    text = "\n".join([HEAD, ROW.replace("testing", "检验检测")]).replace(",", "\t")
    assert load(folder(tmp_path, text, "claims.xls", encoding)).tables["claims"].num_rows == 1


def test_an_old_workbook_that_states_a_million_columns_is_refused_before_it_is_opened(tmp_path):
    whole = bytearray(xls("claims", [HEAD.split(","), ROW.split(",")]))
    at = whole.find(struct.pack("<HH", 0x0200, 14)) + 4
    struct.pack_into("<IIHH", whole, at, 0, 0xFFFFFFFF, 0, 0xFFFF)
    (tmp_path / "claims.xls").write_bytes(whole)  # the reader would reserve it and be ended
    with pytest.raises(InputError, match="more rows than its format can hold"):
        load(tmp_path)


def test_a_cell_beyond_the_last_column_of_an_old_workbook_is_refused(tmp_path):
    whole = bytearray(xls("claims", [HEAD.split(","), ROW.split(",")]))
    at = whole.rfind(struct.pack("<H", 0x0204)) + 4
    struct.pack_into("<HH", whole, at, 0xFFFF, 0xFFFF)
    (tmp_path / "claims.xls").write_bytes(whole)
    with pytest.raises(InputError, match="beyond the last column"):
        load(tmp_path)


def test_torn_old_workbooks_never_get_further_than_one_line(tmp_path):
    whole = xls("claims", [HEAD.split(","), ROW.split(",")])
    for k in range(0, len(whole), 389):
        broken = bytearray(whole)
        broken[k : k + 4] = b"\xff\xff\xff\x7f"
        for data in (whole[:k], bytes(broken)):
            (tmp_path / "claims.xls").write_bytes(data)
            try:
                load(tmp_path)
            except InputError as error:
                assert "\n" not in str(error)


def test_io_is_never_asked_for_more_than_the_piece():
    from fraud_pipeline.ingest.archives import inflated

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 50_000_000)
    entry = zipfile.ZipFile(out).infolist()[0]
    pieces = [len(p) for p in inflated(out.getvalue(), entry)]
    assert sum(pieces) == 50_000_000 and max(pieces) <= 1 << 20
