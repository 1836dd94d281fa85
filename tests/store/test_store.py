"""Files, staging and runs: whole or absent, and changed bytes are found."""

import multiprocessing

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline.errors import InputError, IntegrityError, UnknownRecordError, WorkspaceError
from fraud_pipeline.schema.artefacts import ChunkedTable, Unpublished
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.places import source_address
from fraud_pipeline.store.staging import Staging, key_of
from fraud_pipeline.store.workspace import Workspace, locked

TABLE = pa.table({"a": [1, 2, 3]})


def test_equal_tables_are_equal_bytes_however_they_are_chunked(tmp_path):
    files.write_table(tmp_path / "one.parquet", TABLE)
    pieces = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)])
    files.write_table(tmp_path / "two.parquet", pieces)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_a_torn_table_is_an_integrity_error(tmp_path):
    path = tmp_path / "t.parquet"
    files.write_table(path, TABLE)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(IntegrityError, match=r"t\.parquet"):
        files.read_table(path)


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    files.write_json(path, {"old": 1})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorkspaceError, match="disk is full"):
        files.write_json(path, {"new": 2})
    assert files.read_json(path) == {"old": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


def test_a_finished_step_is_found_again_and_a_damaged_one_is_not(tmp_path):
    staging = Staging(tmp_path / "staging")
    assert staging.find("rules", "k") is None
    parts = ChunkedTable(TABLE.schema, iter([TABLE.slice(0, 1), TABLE.slice(1)]))
    made = {"t": TABLE, "nested/t": parts, "j": {"x": 1}, "late": lambda: Unpublished(TABLE)}
    staging.keep("rules", "k", made, lambda: {"seconds": 1.0})
    found = staging.find("rules", "k")
    assert found.cost == {"rows": 3 * TABLE.num_rows, "seconds": 1.0}
    assert found.path("nested/t").read_bytes() == found.path("t").read_bytes()
    assert all(found.table(name).equals(TABLE) for name in ("t", "nested/t", "late"))
    assert files.read_json(found.path("j")) == {"x": 1}
    assert found.path("late") is None and found.path("absent") is found.table("absent") is None
    assert set(found.published()) == {"t.parquet", "nested/t.parquet", "j.json"}
    path = found.path("nested/t")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert staging.find("rules", "k") is None
    assert not (tmp_path / "staging" / "rules-k").exists()


@pytest.mark.parametrize("cut", ["t.arrow", "t.parquet"])
def test_a_table_is_damaged_in_either_of_its_two_files(tmp_path, cut):
    staging = Staging(tmp_path / "staging")
    folder = staging.keep("rules", "k", {"t": TABLE}, dict).folder
    assert staging.find("rules", "k") is not None
    path = folder / cut
    path.write_bytes(path.read_bytes()[:-1])
    assert staging.find("rules", "k") is None


def test_how_a_table_came_about_does_not_show_in_its_mapped_file(tmp_path):
    many = pa.table({"n": np.arange(300_000)})
    pieces = pa.concat_tables([many.slice(0, 7), many.slice(7)])
    files.write_mapped(tmp_path / "one.arrow", many)
    files.write_mapped(tmp_path / "two.arrow", pieces)
    assert (tmp_path / "one.arrow").read_bytes() == (tmp_path / "two.arrow").read_bytes()
    assert files.read_table(tmp_path / "two.arrow").equals(many)


def test_keys_differ_when_anything_differs():
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    assert key_of({"a": 1}) != key_of({"a": 2})


def _publish(workspace, run_id, tmp_path, as_of="2016-01-01"):
    source = tmp_path / "source.parquet"
    files.write_table(source, TABLE)
    manifest = {"as_of": as_of, "published": "x"}
    return runs.publish(workspace, run_id, {"t.parquet": source}, manifest)


def test_a_run_is_published_whole_and_pointed_to(tmp_path):
    workspace = Workspace(tmp_path / "w")
    run = _publish(workspace, "r1", tmp_path)
    assert run.table("t").equals(TABLE)
    assert runs.find(tmp_path / "w").run_id == "r1"
    run.verify_files()


def test_one_changed_byte_in_a_run_is_found_and_named(tmp_path):
    run = _publish(Workspace(tmp_path / "w"), "r1", tmp_path)
    path = run.folder / "t.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"t\.parquet was changed"):
        run.verify_files()


def test_a_publication_that_fails_leaves_the_last_good_run(tmp_path, monkeypatch):
    workspace = Workspace(tmp_path / "w")
    _publish(workspace, "r1", tmp_path)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(WorkspaceError, match="disk is full"):
        _publish(workspace, "r2", tmp_path)
    assert runs.find(tmp_path / "w").run_id == "r1"
    assert sorted(p.name for p in workspace.runs.iterdir()) == ["LATEST", "r1"]


def test_the_predecessor_is_strictly_earlier(tmp_path):
    workspace = Workspace(tmp_path / "w")
    _publish(workspace, "r1", tmp_path, "2016-01-01")
    _publish(workspace, "r2", tmp_path, "2016-01-02")
    assert runs.predecessor(workspace, "2016-01-01") is None
    assert runs.predecessor(workspace, "2016-01-02").run_id == "r1"
    assert runs.predecessor(workspace, "2016-01-09").run_id == "r2"


def test_asking_for_what_is_not_there(tmp_path):
    with pytest.raises(UnknownRecordError, match="no run"):
        runs.find(tmp_path)
    _publish(Workspace(tmp_path), "r1", tmp_path)
    with pytest.raises(UnknownRecordError, match="no run r9"):
        runs.find(tmp_path, "r9")


def _try_lock(path, queue):
    try:
        with locked(path):
            queue.put("locked")
    except WorkspaceError as error:
        queue.put(str(error))


def test_a_second_writer_is_turned_away_by_name(tmp_path):
    queue = multiprocessing.get_context("spawn").Queue()
    with locked(tmp_path):
        other = multiprocessing.get_context("spawn").Process(
            target=_try_lock, args=(tmp_path, queue)
        )
        other.start()
        assert "another run is using this workspace (process" in queue.get(timeout=60)
        other.join()
    _try_lock(tmp_path, queue)
    assert queue.get(timeout=10) == "locked"


def test_a_file_where_the_workspace_should_be(tmp_path):
    (tmp_path / "w").write_text("x")
    with pytest.raises(WorkspaceError, match="file stands where"), locked(tmp_path / "w"):
        pass


def test_an_address_can_stand_in_the_environment(monkeypatch):
    monkeypatch.setenv("CLAIMS_AT", "sqlite:///x")
    assert source_address("env:CLAIMS_AT") == "sqlite:///x"
    assert source_address("folder") == "folder"
    with pytest.raises(InputError, match="NOT_SET_ANYWHERE"):
        source_address("env:NOT_SET_ANYWHERE")
