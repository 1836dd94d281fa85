"""A workspace is readable for its owner alone, whatever the umask and whatever was there before."""

import os
import stat

import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.store import files
from fraud_pipeline.store.workspace import locked


@pytest.fixture(autouse=True)
def _usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder):
    return [p for p in (folder, *folder.rglob("*")) if stat.S_IMODE(p.lstat().st_mode) & 0o077]


def test_a_run_leaves_nothing_open_and_closes_what_was(tmp_path):
    workspace = tmp_path / "w"
    (workspace / "runs" / "old").mkdir(parents=True)
    (workspace / "runs" / "old" / "claims.parquet").write_bytes(b"x")
    with locked(workspace) as place:
        files.write_bytes(place.path / "runs" / "new.json", b"{}")
    assert open_to_others(workspace) == [] and len(list(workspace.rglob("*"))) == 5
    (tmp_path / "elsewhere").write_bytes(b"x")
    assert open_to_others(tmp_path / "elsewhere") != []  # the umask is the process's own again


def test_the_workbench_leaves_nothing_open(tmp_path):
    workspace = tmp_path / "w"
    (workspace / "workbench-files").mkdir(parents=True)
    (workspace / "workbench-files" / "a.pdf").write_bytes(b"x")
    result = CliRunner().invoke(app, ["serve", "-w", str(workspace), "--reset-setting", "attempts"])
    assert result.exit_code == 0, result.output
    assert open_to_others(workspace) == [] and (workspace / "workbench.db").is_file()


def test_a_link_out_of_the_workspace_is_left_alone(tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    workspace = tmp_path / "w"
    workspace.mkdir()
    (workspace / "link").symlink_to(outside)
    with locked(workspace):
        pass
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
