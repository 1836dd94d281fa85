"""A workspace is backed up, destroyed and restored, and everything in it is proven to be as it was."""

import hashlib
import os
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


@pytest.fixture
def pg_dump(tmp_path, monkeypatch):
    """A stand-in for pg_dump that writes what it was asked and by which environment; fails for the database `gone`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "pg_dump"
    program.write_text(
        "#!/bin/sh\n"
        'if [ "$PGDATABASE" = gone ]; then echo "pg_dump: error: no such database" >&2; exit 1; fi\n'
        'for word; do case "$word" in --file=*) to="${word#--file=}";; esac; done\n'
        'echo "$1|$PGHOST|$PGPORT|$PGUSER|$PGPASSWORD|$PGDATABASE|$*" > "$to"\n',
        "utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.usefixtures("pg_dump")
def test_a_database_in_postgresql_is_dumped_into_the_archive(tmp_path, monkeypatch, capsys):
    folder, archive = tmp_path / "w", tmp_path / "backup.tar.gz"
    folder.mkdir()
    (folder / "ledger.jsonl").write_text("{}\n", "utf-8")
    monkeypatch.setenv("BENCH", "postgresql+psycopg://clerk:s%40cret@db.example:5433/bench")
    made = backup("create", folder, archive, "--database", "env:BENCH", monkeypatch=monkeypatch)
    assert made == 0
    assert backup("restore", archive, tmp_path / "new", monkeypatch=monkeypatch) == 0
    said = (tmp_path / "new" / "workbench.pgdump").read_text("utf-8").strip().split("|")
    assert said[:6] == ["--format=custom", "db.example", "5433", "clerk", "s@cret", "bench"]
    assert "s@cret" not in said[6] and "db.example" not in said[6], "not in the list of processes"
    monkeypatch.setenv("BENCH", "postgresql+psycopg://clerk@db.example/gone")
    other = tmp_path / "other.tar.gz"
    assert backup("create", folder, other, "--database", "env:BENCH", monkeypatch=monkeypatch) == 2
    assert "pg_dump failed: pg_dump: error: no such database" in capsys.readouterr().err
    assert not other.exists()


def test_the_last_archives_of_a_folder_are_kept(tmp_path, monkeypatch, capsys):
    folder, archives = tmp_path / "w", tmp_path / "archives"
    folder.mkdir()
    archives.mkdir()
    (folder / "ledger.jsonl").write_text("{}\n", "utf-8")
    for day in "123":
        old = archives / f"workspace-2026010{day}T060000Z.tar.gz"
        old.write_bytes(b"")
        Path(f"{old}.sha256").write_text("", "utf-8")
    (archives / "mine.tar.gz").write_bytes(b"")
    assert backup("create", folder, archives, "--keep", 2, monkeypatch=monkeypatch) == 0
    kept = sorted(path.name for path in archives.glob("workspace-*.tar.gz"))
    assert len(kept) == 2 and kept[0] == "workspace-20260103T060000Z.tar.gz"
    assert sorted(p.name for p in archives.glob("*.sha256")) == [f"{name}.sha256" for name in kept]
    assert (archives / "mine.tar.gz").exists()
    assert backup("restore", archives / kept[1], tmp_path / "new", monkeypatch=monkeypatch) == 0
    assert (
        backup("create", folder, tmp_path / "a.tar.gz", "--keep", 2, monkeypatch=monkeypatch) == 2
    )
    assert "--keep needs a folder" in capsys.readouterr().err
    assert backup("create", folder, archives, "--keep", 0, monkeypatch=monkeypatch) == 2
