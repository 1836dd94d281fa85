"""Workbooks read in a process of their own: the same grids, and an end in one line whatever happens."""

import os
import re
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import headers, workbooks
from fraud_pipeline.store import isolated
from fraud_pipeline.store.sources import open_sources

NOTHING = frozenset()


@pytest.fixture(autouse=True)
def no_worker_left():
    """Each test has its own processes, so that one test's limits are not another's."""
    isolated._idle.clear()
    yield
    while isolated._idle:
        isolated._idle.pop().end()


def book(path, text="检测", rows=()):
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("claims")
        sheet.write_row(0, 0, ["claim_id", "service_type", "contract_amount"])
        for k in range(1, 6):
            sheet.write_row(k, 0, [f"C{k}", text, k * 100.5])
        sheet.merge_range(2, 1, 4, 1, "查新")
        for row in rows:
            sheet.write(row, 3, "x")
        made.add_worksheet("notes").write(0, 0, "nothing")
    return source_of(path)


def source_of(path):
    return open_sources(str(path), frozenset({path.stem}))[0]


def plain(grid):
    cells = [column.text().to_pylist() for column in grid.columns]
    return {**vars(grid), "columns": cells, "rows": np.asarray(grid.rows).tolist()}


def read(source, max_cells=1_000_000):
    return isolated.read(source, frozenset({"claims"}), NOTHING, max_cells)


def test_the_grids_are_those_of_the_reader_itself(tmp_path):
    source = book(tmp_path / "claims.xlsx")
    assert source.workbook_reader is isolated.read
    here = workbooks.read(source, frozenset({"claims"}), NOTHING, 1_000_000)
    assert [plain(g) for g in read(source)] == [plain(g) for g in here]
    assert here[0].merged and here[0].remarks  # what could be lost on the way is there


def test_one_process_reads_many_and_a_refusal_is_the_readers_own(tmp_path):
    source = book(tmp_path / "claims.xlsx")
    read(source)
    process = isolated._idle[0].process.pid
    (tmp_path / "torn.xlsx").write_bytes(source.data[:700])
    with pytest.raises(InputError, match=r"^torn\.xlsx: not a readable workbook$"):
        read(source_of(tmp_path / "torn.xlsx"))
    wide = book(tmp_path / "wide.xlsx", rows=(0, 1500))
    with pytest.raises(InputError, match="too many cells"):
        read(wide, max_cells=2000)
    read(source)
    assert [worker.process.pid for worker in isolated._idle] == [process]


def bomb(tmp_path, n_bytes):
    """One shared text of ``n_bytes`` in a small file."""
    book(tmp_path / "plain.xlsx", "LONG")
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as old,
        zipfile.ZipFile(tmp_path / "claims.xlsx", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b">LONG<", b">" + b"x" * n_bytes + b"<"))
    return source_of(tmp_path / "claims.xlsx")


def test_a_cell_of_megabytes_takes_no_minutes(tmp_path):
    """Whether it is a header is decided by its beginning."""
    assert len(read(bomb(tmp_path, 1_000_000), max_cells=60_000_000)[0]) == 5
    started = time.process_time()
    headers.find([["claim_id", "x" * 10_000_000], ["C1", "x" * 10_000_000]], NOTHING)
    assert time.process_time() - started < 1


def test_a_bomb_takes_no_more_than_its_limit_and_ends_in_one_line(tmp_path, monkeypatch):
    source = bomb(tmp_path, 60_000_000)
    assert len(source.data) < 200_000
    monkeypatch.setattr(isolated, "BASE_BYTES", 320 << 20)
    with pytest.raises(InputError, match=r"^claims\.xlsx: .*memory") as refused:
        read(source, max_cells=60_000_000)
    assert "\n" not in str(refused.value)
    for worker in isolated._idle:  # unless the limit ended it
        status = Path(f"/proc/{worker.process.pid}/status").read_text()
        assert int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) << 10 < 400 << 20
    monkeypatch.undo()
    assert len(read(book(tmp_path / "next.xlsx"))) == 1


@pytest.mark.parametrize(
    ("program", "named"),
    [("import os; os.abort()", "not a readable workbook"),
     ("import sys; sys.exit('Traceback: panicked')", "not a readable workbook"),
     ("import time; time.sleep(60)", r"more than \d s")],
)  # fmt: skip
def test_a_reader_that_aborts_or_hangs_is_one_line(tmp_path, monkeypatch, capfd, program, named):
    source = book(tmp_path / "claims.xlsx")
    monkeypatch.setattr(isolated, "_PROGRAM", program)
    monkeypatch.setattr(isolated, "BASE_SECONDS", 0.5)
    with pytest.raises(InputError, match=named) as refused:
        read(source)
    assert re.fullmatch(r"claims\.xlsx: [^\n]+", str(refused.value))
    assert capfd.readouterr().err == ""
    assert not isolated._idle


def test_after_a_fork_the_parents_process_is_left_to_it(tmp_path):
    source = book(tmp_path / "claims.xlsx")
    read(source)
    theirs = isolated._idle[0]
    theirs.owner = os.getpid() + 1
    assert len(read(source)) == 1
    assert isolated._idle[0].process.pid != theirs.process.pid
    theirs.end()
