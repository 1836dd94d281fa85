"""Disks, files, clocks and caches that misbehave: the last good run stays, the next is the same."""

import hashlib
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from fraud_pipeline.engine import as_of_date, runner, verification
from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.errors import IntegrityError, SourceAwayError, WorkspaceError
from fraud_pipeline.monitor import health
from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.store import attempts, files, runs
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.sources import open_sources
from fraud_pipeline.store.workspace import locked
from fraud_pipeline.workbench.db.verification import verify_all

TINY = data_samples() / "tiny"
FIRST = date(2015, 12, 31)


def scored(workspace, data=TINY, **more):
    with locked(workspace) as place:
        return score(Request(data=str(data), workspace=workspace, **more), place)


@pytest.fixture(scope="module")
def good(tiny_first_run, tiny_two_runs):
    """A workspace with one good run, and the manifest of an undisturbed second."""
    return tiny_first_run, runs.find(tiny_two_runs).manifest


@pytest.fixture
def workspace(good, tmp_path):
    return Path(shutil.copytree(good[0], tmp_path / "w"))


def ends_the_same(workspace, good, data=TINY):
    run = scored(workspace, data)
    assert run.manifest["outputs"] == good[1]["outputs"]
    verify_all(workspace)


@pytest.mark.long
def test_a_disk_that_fills_at_any_write(workspace, good, monkeypatch):
    """The k-th write of the attempt fails; every attempt keeps what was finished before."""
    before = runs.find(workspace).run_id
    # in ingest, at its last write, in the step after it, in the graph, while publishing
    for k in (1, 6, 28, 29, 17, 60):
        calls = []

        def counted(real, k=k, calls=calls):
            def write(*arguments, **more):
                calls.append(1)
                if len(calls) == k:
                    raise OSError(28, "No space left on device")
                return real(*arguments, **more)

            return write

        with monkeypatch.context() as patch:
            for writer in (files.pq.ParquetWriter, files.pa.ipc.RecordBatchFileWriter):
                patch.setattr(writer, "write_table", counted(writer.write_table))
            patch.setattr("shutil.copyfile", counted(shutil.copyfile))
            with pytest.raises(WorkspaceError, match="disk is full"):
                scored(workspace)
        assert runs.find(workspace).run_id == before
        runs.find(workspace).verify_files()
        assert attempts.read(workspace)[-1].event == "failed"
    ends_the_same(workspace, good)


def test_a_file_torn_on_its_way_is_known_by_the_senders_sums(workspace, good, tmp_path):
    data = Path(shutil.copytree(TINY, tmp_path / "data"))
    whole = (data / "claims.csv").read_bytes()
    sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}" for p in data.glob("*.csv")]
    (data / "SHA256SUMS").write_text("\n".join(sums))
    at_a_row = whole.rstrip().rfind(b"\n") + 1  # torn where nobody could see it
    (data / "claims.csv").write_bytes(whole[:at_a_row])
    before = runs.find(workspace).run_id
    with pytest.raises(SourceAwayError, match=r"claims\.csv: is not the file that SHA256SUMS"):
        scored(workspace, data)
    assert runs.find(workspace).run_id == before
    (data / "claims.csv").write_bytes(whole)
    ends_the_same(workspace, good, data)


def test_a_file_that_is_still_being_written_is_read_later(tmp_path, monkeypatch):
    path = tmp_path / "claims.csv"
    path.write_text("claim_id\nC1\n")
    real = Path.read_bytes

    def grows(self):
        data = real(self)
        with self.open("a") as file:
            file.write("C2\n")
        return data

    monkeypatch.setattr(Path, "read_bytes", grows)
    with pytest.raises(SourceAwayError, match="still being written"):
        open_sources(str(tmp_path), frozenset({"claims"}))


def test_a_torn_file_without_sums_is_an_alarm(workspace, tmp_path):
    """Half the rows gone at a row's end: nothing is wrong with the file, and volumes fell."""
    data = Path(shutil.copytree(TINY, tmp_path / "data"))
    lines = (data / "claims.csv").read_bytes().splitlines(keepends=True)
    (data / "claims.csv").write_bytes(b"".join(lines[: len(lines) // 2]))
    scored(workspace, data, as_of=date(2016, 3, 14))
    raised = {alarm.group: alarm for alarm in health.report(workspace).alarms}
    assert "claims: " in str(raised["volumes"])


def test_a_database_out_of_reach_is_worth_another_try(tmp_path):
    with pytest.raises(SourceAwayError) as caught:
        open_sources("postgresql+psycopg://someone:secret@127.0.0.1:9/none", frozenset({"claims"}))
    assert "secret" not in str(caught.value)


def clock(monkeypatch, at):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return at.astimezone(tz)

    for module in (as_of_date, runner, attempts, runs.ledger, health):
        monkeypatch.setattr(module, "datetime", Clock)


@pytest.mark.long
def test_a_clock_set_back_changes_nothing_and_is_said(workspace, good, monkeypatch):
    """Days back: a run with a fixed date goes on; one that would read the clock refuses."""
    now = datetime.now(UTC)
    clock(monkeypatch, now - timedelta(days=3))
    with pytest.raises(WorkspaceError, match="clock"):
        scored(workspace)
    run = scored(workspace, as_of=date(2016, 2, 1))
    clock(monkeypatch, now)
    assert runs.find(workspace).run_id == run.run_id
    verify_all(workspace)
    shutil.rmtree(workspace)
    shutil.copytree(good[0], workspace)
    ends_the_same(workspace, good)


def test_a_run_refuses_a_clock_that_went_back(workspace, monkeypatch):
    clock(monkeypatch, datetime.now(UTC) - timedelta(days=3))
    with pytest.raises(WorkspaceError, match="clock"):
        scored(workspace)


@pytest.mark.long
def test_a_clock_that_jumps_ahead_is_said_when_it_is_set_right(workspace, monkeypatch):
    clock(monkeypatch, datetime.now(UTC) + timedelta(days=40))
    scored(workspace)
    monkeypatch.undo()
    assert any("clock stands" in p for p in health.freshness(workspace).problems)


def until(workspace, last):
    """An attempt that ends after the step ``last``, as if killed there."""
    with locked(workspace) as place:
        run = runner.prepare_run(Request(data=str(TINY), workspace=workspace), place)
        for step in STEPS:
            runner.run_step(run, step)
            if step.name == last:
                return run
    raise AssertionError(last)


def poisoned(folder, how):
    path = folder / "rule_results.parquet"
    if how == "changed":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif how == "torn":
        path.write_bytes(path.read_bytes()[:-20])
    elif how == "added":
        (folder / "rule_results.json").write_text("{}")  # would be found before the table
    elif how == "removed":
        path.unlink()
    else:
        (folder / "done.json").write_text('{"files": {')


def test_a_poisoned_cache_entry_is_made_again(workspace, good, tmp_path):
    run = until(workspace, "rules")
    folder = run.staging.folder / f"rules-{run.key}"
    kept = shutil.copytree(folder, tmp_path / "kept")
    for how in ("changed", "torn", "added", "removed", "record"):
        poisoned(folder, how)
        assert run.staging.find("rules", run.key) is None, how
        assert not folder.exists()
        shutil.copytree(kept, folder)
    poisoned(folder, "changed")
    ends_the_same(workspace, good)


@pytest.mark.long
def test_a_cache_entry_forged_with_its_record_is_found_by_repetition(workspace):
    """Who can write to the staging can make table and record agree; repeating the run cannot."""
    run = until(workspace, "score")
    folder = run.staging.folder / f"score-{run.key}"
    table = files.read_table(folder / "ranked_claims.parquet")
    forged = pa.array([0.0] * table.num_rows)
    table = table.set_column(
        table.column_names.index("rule_score"), table.schema.field("rule_score"), forged
    )
    files.write_table(folder / "ranked_claims.parquet", table)
    record = files.read_json(folder / "done.json")
    record["files"]["ranked_claims.parquet"] = files.sha256_of(folder / "ranked_claims.parquet")
    files.write_json(folder / "done.json", record)
    scored(workspace)
    verify_all(workspace)  # stored as published: the chain cannot know
    with pytest.raises(IntegrityError, match=r"ranked_claims\.parquet comes out differently"):
        verification.verify_run(workspace, None, replay=True)
