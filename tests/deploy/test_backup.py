"""A workspace is backed up, destroyed and restored, and everything in it is proven to be as it was."""

import hashlib
import runpy
import shutil
import sys
from pathlib import Path

import pytest

from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth import installation_key
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db.verification import verify_all
from tests.workbench.conftest import engage, sign_in

SCRIPT = Path(__file__).parents[2] / "deploy" / "backup.py"


@pytest.fixture
def workspace(tiny_run, tmp_path):
    """A workspace with a run, an account, log rows and the database still open."""
    folder = tmp_path / "w"
    shutil.copytree(tiny_run, folder)
    application = make_application(folder, f"sqlite:///{folder / 'workbench.db'}")
    app_state = application.state.app_state
    engage(app_state, "lead", Role.LEAD)
    sign_in(application, "lead")
    with app_state.db.writing() as connection:
        installation_key.record(connection, folder)
    yield folder
    app_state.db.dispose()


def backup(*arguments, monkeypatch):
    """The exit status of the script."""
    monkeypatch.setattr(sys, "argv", ["backup.py", *map(str, arguments)])
    try:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    except SystemExit as ended:
        return ended.code
    return 0


def contents(folder):
    """File to hash of all that a backup promises to hold byte for byte."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock" and not path.name.startswith("workbench.db")
    }


def test_a_destroyed_workspace_comes_back_whole(workspace, tmp_path, monkeypatch):
    archive = tmp_path / "backup.tar.gz"
    before, proven = contents(workspace), verify_all(workspace).facts
    assert backup("create", workspace, archive, monkeypatch=monkeypatch) == 0
    shutil.rmtree(workspace)
    assert backup("restore", archive, workspace, monkeypatch=monkeypatch) == 0
    assert contents(workspace) == before and len(before) > 10
    assert verify_all(workspace).facts == proven
    assert not [p for p in workspace.rglob("*") if p.stat().st_mode & 0o077]


def test_a_changed_archive_and_a_folder_in_use_are_refused(
    workspace, tmp_path, monkeypatch, capsys
):
    archive = tmp_path / "backup.tar.gz"
    assert backup("create", workspace, archive, monkeypatch=monkeypatch) == 0
    assert backup("restore", archive, workspace, monkeypatch=monkeypatch) == 2
    assert "is not empty" in capsys.readouterr().err
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)
    assert backup("restore", archive, tmp_path / "new", monkeypatch=monkeypatch) == 2
    assert "its SHA-256 is not the one in" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    assert backup("create", workspace, workspace / "b", monkeypatch=monkeypatch) == 2
    assert backup("create", tmp_path / "none", archive, monkeypatch=monkeypatch) == 2
