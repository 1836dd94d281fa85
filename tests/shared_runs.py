"""Runs of the shipped samples made once for all tests that only read them.

With several pytest workers the first that asks makes the run; the others wait for it and read
the same folder. Who changes a workspace works on a copy of it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
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


def scored_by_command(workspace: Path, data: Path) -> None:
    """One run as people make it: the command in a process of its own; its output is kept beside."""
    line = [
        sys.executable,
        "-m",
        "fraud_pipeline",
        "score",
        "--data",
        str(data),
        "-w",
        str(workspace),
    ]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    output_of(workspace).write_text(done.stdout, "utf-8")


def output_of(workspace: Path) -> Path:
    """Where the standard output of the command that made the workspace is kept."""
    return workspace.with_name(workspace.name + ".stdout")


def unchanged(workspace: Path) -> Iterator[Path]:
    """Lends the workspace to readers, and checks at the end that they only read."""
    yield workspace
    for folder in (workspace / "runs").iterdir():
        if folder.is_dir():
            runs.find(workspace, folder.name).verify_files()
