"""The workspace folder: one writer at a time, readers at any time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.store.files import writing
from fraud_pipeline.store.permissions import private_files, tighten

# Where the workbench exports judgements about rings for the next run, within the workspace.
RING_JUDGEMENTS = "decisions/ring_judgements.parquet"


@dataclass(frozen=True)
class Workspace:
    """The folders of runs, models and staged steps."""

    path: Path

    @property
    def runs(self) -> Path:
        return self.path / "runs"

    @property
    def staging(self) -> Path:
        return self.path / "staging"

    @property
    def pruned(self) -> Path:
        """Manifest and rings of runs whose tables made room."""
        return self.path / "pruned"

    @property
    def models(self) -> Path:
        return self.path / "models"


@contextmanager
def locked(path: Path) -> Iterator[Workspace]:
    """The workspace at ``path``, made if need be, with this process its only writer.

    The lock belongs to the process and dies with it, so a killed run leaves
    nothing to clear away. Raises WorkspaceError when another run holds it or
    the folder cannot be written.
    """
    with private_files():
        yield from _locked(path)


def _locked(path: Path) -> Iterator[Workspace]:
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
        handle = os.open(path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
            by = f" (process {holder})" if holder else ""
            raise WorkspaceError(f"{path}: another run is using this workspace{by}") from error
        with writing(path):
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        try:
            tighten(path)  # what earlier versions left readable for others
            yield Workspace(path)
        finally:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def is_locked(path: Path) -> bool:
    """Whether a process writes to the workspace just now, by the number it left there.

    No lock is taken: the question must never make a run fail.
    """
    try:
        os.kill(int((path / ".lock").read_text("ascii")), 0)
    except PermissionError:
        return True  # somebody else's process, but alive
    except (OSError, ValueError):
        return False
    return True
