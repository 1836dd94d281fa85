"""Backs a workspace up into one archive, and restores it.

    python deploy/backup.py create W backup.tar.gz [--database env:NAME]
    python deploy/backup.py create W backups/ --keep 14
    python deploy/backup.py restore backup.tar.gz W

``create`` holds the workspace's lock, so no run writes meanwhile, and copies the workbench's SQLite
database through SQLite's own backup, so people may go on working. A database in PostgreSQL is
dumped by ``pg_dump`` into the archive (``workbench.pgdump``) and restored by hand with ``pg_restore``.
An existing folder instead of an archive gets one named by the instant, ``workspace-20261201T060000Z.tar.gz``; with ``--keep N``
all but the last N of that name are then removed. Beside the archive lies its SHA-256; ``restore`` refuses an archive that differs, and a folder that is not
empty. Afterwards ``fraud-pipeline verify --all -w W`` proves that nothing is missing.
Errors end with one line and exit status 2.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from fraud_pipeline.errors import FraudPipelineError, WorkspaceError
from fraud_pipeline.store.permissions import private_files
from fraud_pipeline.store.places import source_address
from fraud_pipeline.store.workspace import locked

DATABASE = "workbench.db"
NAME = "workspace-"  # of archives in a folder
# Made anew by whoever opens the workspace: the lock, and SQLite's files beside an open database.
LEFT_OUT = frozenset({".lock", DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"})


def create(
    workspace: Path, archive: Path, database: str | None = None, keep: int | None = None
) -> None:
    """Writes ``archive``, or a new one in that folder, and its sum. Raises WorkspaceError without a workspace."""
    if archive.is_dir():
        archive = archive / f"{NAME}{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    elif keep is not None:
        raise WorkspaceError(f"{archive}: --keep needs a folder of archives")
    if not workspace.is_dir():
        raise WorkspaceError(f"{workspace}: there is no workspace to back up")
    if workspace.resolve() in archive.resolve().parents:
        raise WorkspaceError(f"{archive}: the archive must lie outside the workspace")
    unfinished = archive.with_name(f"{archive.name}.part")
    with (
        locked(workspace),
        tempfile.TemporaryDirectory() as scratch,
        tarfile.open(unfinished, "w:gz") as tar,
    ):
        for path in sorted(workspace.iterdir()):
            if path.name not in LEFT_OUT:
                tar.add(path, path.name)
        if (workspace / DATABASE).is_file():
            tar.add(_copied(workspace / DATABASE, Path(scratch)), DATABASE)
        if database is not None:
            tar.add(_dumped(source_address(database), Path(scratch)), "workbench.pgdump")
    _sum_of(archive).write_text(f"{_sha256(unfinished)}  {archive.name}\n", "utf-8")
    unfinished.rename(archive)
    if keep is not None:
        _remove_old(archive.parent, keep)


def _remove_old(folder: Path, keep: int) -> None:
    """Removes all archives named by ``create`` but the last ``keep``; names sort by instant."""
    for old in sorted(folder.glob(f"{NAME}*.tar.gz"))[:-keep]:
        old.unlink()
        _sum_of(old).unlink(missing_ok=True)


def restore(archive: Path, workspace: Path) -> None:
    """Unpacks ``archive`` into ``workspace``, which must be absent or empty."""
    noted = _sum_of(archive).read_text("utf-8").split()[0]
    if _sha256(archive) != noted:
        raise WorkspaceError(f"{archive}: its SHA-256 is not the one in {_sum_of(archive).name}")
    if workspace.exists() and any(workspace.iterdir()):
        raise WorkspaceError(f"{workspace}: the folder is not empty; restore into a new one")
    workspace.mkdir(parents=True, exist_ok=True)
    workspace.chmod(0o700)
    with tarfile.open(archive) as tar:
        tar.extractall(workspace, filter="data")


def _copied(database: Path, folder: Path) -> Path:
    """A consistent copy of an SQLite database that others may be writing to."""
    copy = folder / database.name
    source, target = sqlite3.connect(database), sqlite3.connect(copy)
    with contextlib.closing(source), contextlib.closing(target):
        source.backup(target)
    return copy


def _dumped(address: str, folder: Path) -> Path:
    """A dump of a PostgreSQL database in pg_dump's own format; the address is passed by the environment."""
    dump = folder / "workbench.pgdump"
    plain = address.replace("postgresql+psycopg://", "postgresql://", 1)
    done = subprocess.run(  # noqa: S603 - no shell; the address does not show in the list of processes
        ["pg_dump", "--format=custom", f"--file={dump}"],  # noqa: S607
        env={**os.environ, **_postgres_variables(plain)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise WorkspaceError(f"pg_dump failed: {done.stderr.strip().splitlines()[-1]}")
    return dump


def _postgres_variables(address: str) -> dict[str, str]:
    """The parts of a database address as the variables that PostgreSQL's programs read."""
    from sqlalchemy import make_url  # noqa: PLC0415 - only for PostgreSQL

    url = make_url(address)
    parts = {
        "PGHOST": url.host or url.query.get("host"), "PGPORT": url.port, "PGUSER": url.username,
        "PGPASSWORD": url.password, "PGDATABASE": url.database,
    }  # fmt: skip
    return {name: str(value) for name, value in parts.items() if value is not None}


def _sum_of(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.sha256")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return int(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    new = commands.add_parser("create")
    new.add_argument("workspace", type=Path)
    new.add_argument("archive", type=Path)
    new.add_argument(
        "--database", help="address or env:NAME of the workbench's PostgreSQL database"
    )
    new.add_argument("--keep", type=_count, help="archives to keep in the folder")
    old = commands.add_parser("restore")
    old.add_argument("archive", type=Path)
    old.add_argument("workspace", type=Path)
    given = vars(parser.parse_args())
    act = {"create": create, "restore": restore}[given.pop("command")]
    try:
        with private_files():
            act(**given)
    except (FraudPipelineError, OSError, tarfile.TarError) as error:
        sys.stderr.write(f"backup: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
