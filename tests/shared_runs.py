"""Runs of the shipped samples made once for all tests that only read them.

With several pytest workers the first that asks makes the run; the others wait for it and read
the same folder. Who changes a workspace works on a copy of it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.store import runs
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.workspace import locked

TINY, WUHAN = data_samples() / "tiny", data_samples() / "wuhan"
FIRST_DAY, SECOND_DAY = date(2015, 12, 31), date(2016, 3, 14)  # the second is tiny's last claim's


def made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]
) -> Path:
    """The folder ``name`` of this session, filled by ``make`` if no worker has done so yet."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    root.mkdir(exist_ok=True)
    folder, finished = root / name, root / f"{name}.finished"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            finished.touch()
    return folder


def scored(workspace: Path, data: Path, *days: date | None) -> None:
    """One run a day, each in the light of the one before."""
    workspace.mkdir(parents=True, exist_ok=True)
    with locked(workspace) as place:
        for day in days:
            score(Request(data=str(data), workspace=workspace, as_of=day), place)


def unchanged(workspace: Path) -> Iterator[Path]:
    """Lends the workspace to readers, and checks at the end that they only read."""
    yield workspace
    for folder in (workspace / "runs").iterdir():
        if folder.is_dir():
            runs.find(workspace, folder.name).verify_files()
