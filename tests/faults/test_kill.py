"""A run killed at any step or instant leaves no half run, and the next ends with the same bytes."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.store import attempts, runs
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.workspace import locked
from fraud_pipeline.workbench.db.verification import verify_all

TINY = data_samples() / "tiny"
NAMES = (*(s.name for s in STEPS), "publish")
INSTANTS = 4 if os.environ.get("FRAUD_LONG") == "reduced" else 16

KILL_AT = """
import os, signal, sys
from pathlib import Path
from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.store.workspace import locked
def tell(step):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
with locked(Path(sys.argv[2])) as place:
    score(Request(data=sys.argv[1], workspace=place.path), place, tell)
"""


def finished(workspace):
    with locked(workspace) as place:
        return score(Request(data=str(TINY), workspace=workspace), place)


@pytest.fixture(scope="module")
def undisturbed(tiny_run):
    return runs.find(tiny_run)


def killed_at(step, workspace):
    command = [sys.executable, "-c", KILL_AT, str(TINY), str(workspace), step]
    assert subprocess.run(command, check=False, timeout=300).returncode == -signal.SIGKILL
    published = workspace / "runs"
    assert not published.exists() or not any(
        p for p in published.iterdir() if not p.name.startswith(".")
    )


def as_if_nothing_had_been(workspace, undisturbed):
    run = finished(workspace)
    assert run.run_id == undisturbed.run_id
    assert run.manifest["outputs"] == undisturbed.manifest["outputs"]
    assert runs.find(workspace).run_id == run.run_id
    assert not (workspace / "staging").exists()
    verify_all(workspace)


def test_killed_twice_in_one_run(tmp_path, undisturbed):
    """Each attempt goes on where the one before was killed."""
    for step in ("prices", "publish"):
        killed_at(step, tmp_path)
    assert [e.event for e in attempts.read(tmp_path)] == ["begun"] * 2
    as_if_nothing_had_been(tmp_path, undisturbed)


@pytest.mark.long
@pytest.mark.parametrize("step", NAMES)
def test_killed_at_each_step(step, tmp_path, undisturbed):
    killed_at(step, tmp_path)
    as_if_nothing_had_been(tmp_path, undisturbed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(INSTANTS))
def test_killed_at_a_random_instant(seed, tmp_path, undisturbed):
    """With a good run already published: it stays published whatever the instant."""
    place = tmp_path / "w"
    shutil.copytree(undisturbed.folder.parent.parent, place)
    earlier = "2015-12-31"
    command = [sys.executable, "-m", "fraud_pipeline.cli.app", "score", "--data", str(TINY),
               "-w", str(place), "--as-of", earlier]  # fmt: skip
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    whole = time.monotonic() - begun
    wanted = runs.find(place).manifest
    shutil.rmtree(place)
    shutil.copytree(undisturbed.folder.parent.parent, place)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(random.Random(seed).uniform(0.3, 1.0) * whole)  # noqa: S311
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait()
    assert runs.find(place).run_id in (undisturbed.run_id, wanted["run_id"])
    runs.find(place).verify_files()
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    assert runs.find(place).manifest["outputs"] == wanted["outputs"]
    verify_all(place)


@pytest.mark.long
def test_two_runs_at_once(tmp_path, undisturbed):
    """One is turned away in one line, or comes after; the run is the same."""
    command = [sys.executable, "-m", "fraud_pipeline.cli.app", "score", "--data", str(TINY),
               "-w", str(tmp_path)]  # fmt: skip
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)]  # fmt: skip
    ended = [(*p.communicate(timeout=300), p.returncode) for p in both]
    codes = sorted(code for *_, code in ended)
    assert codes in ([0, 2], [0, 0])
    for _, error, code in ended:
        assert code == 0 or ("another run is using" in error and "Traceback" not in error)
    as_if_nothing_had_been(tmp_path, undisturbed)
