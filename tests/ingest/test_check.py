"""What the clerk gets: a report that adds up, a list that points at the right cells, a usable draft."""

import re

import openpyxl
import pytest
import xlsxwriter
from typer.testing import CliRunner

from fraud_pipeline import ingest
from fraud_pipeline.cli import check_report
from fraud_pipeline.cli.app import app
from fraud_pipeline.ingest.sendback import address, letters, send_back_workbook, to_send_back
from fraud_pipeline.ingest.validity import invalid_identifiers, old_number_valid, org_code_valid
from fraud_pipeline.ingest.wording import HARMLESS_WORDS, REASONS, REPAIRS
from fraud_pipeline.simulate import simulate
from fraud_pipeline.simulate.dirt.hand_in import hand_in
from fraud_pipeline.vocabulary import messages
from tests.ingest.helpers import HEAD, ROW, folder, load
from tests.ingest.test_identifiers import check_character

CODE = "91420100" + "000000001"
CODE += check_character(CODE)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory):
    to = tmp_path_factory.mktemp("dirty")
    given = hand_in(simulate("wuhan", n_claims=150, seed=8).tables, 2)
    for name, data in given.files.items():
        (to / name).write_bytes(data)
    return to, load(to)


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_report_adds_up_and_names_every_reason(dirty):
    _, loaded = dirty
    text = check_report.report(loaded).text
    came, clean, aside = (int(n.replace(",", "")) for n in re.findall(r"[\d,]+", text)[:3])
    assert came == clean + aside == sum(a.rows_in for a in loaded.accounts.values())
    assert set(loaded.quarantine["reason_code"].to_pylist()) <= {*REASONS, *HARMLESS_WORDS}
    assert set(loaded.repairs["kind"].to_pylist()) <= set(REPAIRS)
    assert len(text.splitlines()) < 110


def test_missing_tables_and_the_checks_that_fall_with_them_are_named(tmp_path):
    messages.use_language("zh")
    text = check_report.report(load(folder(tmp_path, f"{HEAD}\n{ROW}\n"))).text
    assert re.search(r"合同: .*L05 须有正式合同", text)
    assert "发票: " in text and "T21" in text
    assert "兑付申请: " not in text


def test_every_address_points_at_the_cell_with_the_fault(dirty):
    to, loaded = dirty
    books = {p.name: openpyxl.load_workbook(p, data_only=True) for p in to.glob("*.xlsx")}
    n = 0
    for entry in to_send_back(loaded).to_pylist():
        spot = loaded.spots[entry["table"], entry["file"], entry["sheet"]].get(entry["column"])
        if entry["file"] not in books or spot is None or entry["reason_code"] not in (
            "not_a_date", "unknown_code", "not_a_number", "credit_code", "broken_characters", "amounts_disagree",
        ):  # fmt: skip
            continue
        sheet, cell = address(loaded, entry).split("!")
        stands = str(books[entry["file"]][sheet.strip("'")][cell].value)
        assert stands.strip() == entry["value"].strip()
        n += 1
    assert n > 10


def test_a_table_that_begins_in_column_c_keeps_its_addresses_and_merged_cells(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "claims.xlsx") as book:
        sheet = book.add_worksheet("Sheet 1")
        sheet.write_row(3, 2, HEAD.split(","))
        for k in (1, 2):
            sheet.write_row(3 + k, 2, [f"C{k}", *ROW.split(",")[1:5], 10, 5, "2016-07-01", "many"])
        sheet.merge_range(4, 4, 5, 4, "E7")
    loaded = load(tmp_path)
    assert loaded.tables["claims"]["enterprise_id"].to_pylist() == ["E7", "E7"]
    entries = to_send_back(loaded).to_pylist()
    assert [address(loaded, e) for e in entries] == ["'Sheet 1'!K5", "'Sheet 1'!K6"]


def test_what_an_applicant_wrote_is_never_a_formula_in_the_list(tmp_path):
    evil = '"=HYPERLINK(""http://x"",""y"")"'
    loaded = load(
        folder(tmp_path, f"{HEAD}\n{ROW.replace('2016-07-01', evil)}\n{ROW.replace('C1', 'C2')}\n")
    )
    path = tmp_path / "back.xlsx"
    path.write_bytes(send_back_workbook(loaded))
    book = openpyxl.load_workbook(path)
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert any(str(c.value).startswith("=HYPERLINK") for c in cells)
    assert all(c.data_type != "f" and c.hyperlink is None for c in cells)
    assert all(
        c.quotePrefix and c.number_format == "@" for c in cells if str(c.value)[:1] in "=+-@"
    )


def test_the_command_writes_the_list_and_says_where(dirty, tmp_path):
    to, loaded = dirty
    done = run("check", "--data", to, "--out", tmp_path / "list.xlsx")
    assert done.exit_code == 0, done.output
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx")["退回清单"]
    assert sheet.max_row == 1 + to_send_back(loaded).num_rows
    assert str(tmp_path / "list.xlsx") in done.output.replace("\n", "")


def test_a_drafted_mapping_loads_the_foreign_file(tmp_path):
    head = [
        "受理号",
        "申报企业税号",
        "服务商税号",
        "服务内容",
        "合同价款",
        "申报补助",
        "申报时间",
        "备注",
    ]
    rows = [
        [f"S{k}", CODE, CODE, "产品性能检测", 1000 + k, 500, f"2016年7月{k + 1}日", "无"]
        for k in range(20)
    ]
    text = "\n".join(",".join(map(str, r)) for r in [head, *rows])
    source = folder(tmp_path, text, "导出.csv") / "导出.csv"
    toml = tmp_path / "m.toml"
    assert run("check", "--data", source, "--suggest-mapping", toml).exit_code == 0
    mapping = ingest.parse_mapping(toml.read_text("utf-8"), "m.toml")
    loaded = load(source, mapping)
    assert loaded.accounts["claims"].rows_clean == 20
    assert set(loaded.tables["claims"]["service_type"].to_pylist()) == {"testing"}
    assert loaded.tables["claims"]["contract_amount"].to_pylist()[3] == 1003


@pytest.mark.parametrize("header", ['a"b', "x\\y", "tab\there", "\x7f", "]\n[tables.claims]"])
def test_a_draft_is_valid_toml_whatever_the_headers_are(tmp_path, header):
    from fraud_pipeline.ingest.suggest import draft
    from fraud_pipeline.ingest.suggest_toml import as_toml
    from fraud_pipeline.schema.source import Source

    quoted = '"' + header.replace('"', '""') + '"'
    data = f"{quoted},amount,when\nC1,5,2016-07-01\n".encode()
    grid = ingest.delimited.read(Source("x.csv", "x", ".csv", "", data), frozenset(), 1 << 20)
    ingest.parse_mapping(as_toml(draft([grid])), "draft")


def test_invalid_identifiers_are_counted_and_sent_back(tmp_path):
    wrong = CODE[:10] + "7" + CODE[11:]
    rows = [
        ROW.replace("E1", CODE).replace("I1", CODE),
        ROW.replace("C1", "C2").replace("E1", wrong).replace("I1", CODE),
    ]
    loaded = load(folder(tmp_path, "\n".join([HEAD, *rows])))
    found = invalid_identifiers(loaded.tables).to_pylist()
    assert [(f["row"], f["column"], f["value"], f["kind"]) for f in found] == [
        (3, "enterprise_id", wrong, "credit_code")
    ]
    assert "credit_code" in to_send_back(loaded)["reason_code"].to_pylist()
    assert re.search(r"credit codes .*valid +3 .*invalid +1", check_report.report(loaded).text)


def test_older_numbers_by_their_own_check_digits():
    assert old_number_valid("110108000000016") and not old_number_valid("110108000000017")
    assert org_code_valid("D2143569-X") and not org_code_valid("D2143569-1")


def test_columns_as_spreadsheets_name_them():
    assert [letters(k) for k in (0, 25, 26, 16_383)] == ["A", "Z", "AA", "XFD"]


def test_names_cannot_steer_the_terminal(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "claims.xlsx") as book:
        sheet = book.add_worksheet("claims")
        sheet.write_row(0, 0, [*HEAD.split(","), "evil\u202e\u200b"])
        sheet.write_row(1, 0, [*ROW.split(","), "x"])
    text = check_report.report(load(tmp_path)).text
    assert "\u202e" not in text and "evil�" in text
