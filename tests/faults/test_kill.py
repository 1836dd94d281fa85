"""A run killed at any step leaves no half run, and the next one ends with the same bytes."""

import os
import signal
import subprocess
import sys

import pytest

from fraud_pipeline.conduct import Request, score
from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.store import runs
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.workspace import locked

TINY = data_samples() / "tiny"

KILL_AT = """
import os, signal, sys
from pathlib import Path
from fraud_pipeline.conduct import Request, score
from fraud_pipeline.store.workspace import locked
def tell(step):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
with locked(Path(sys.argv[2])) as place:
    score(Request(data=sys.argv[1], workspace=place.path), place, tell)
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = tmp_path_factory.mktemp("undisturbed")
    with locked(path) as place:
        return score(Request(data=str(TINY), workspace=path), place)


@pytest.mark.parametrize("step", [*(s.name for s in STEPS), "publish"])
def test_killed_at_each_step(step, tmp_path, undisturbed):
    killed = subprocess.run(
        [sys.executable, "-c", KILL_AT, str(TINY), str(tmp_path), step], check=False, timeout=300
    )
    assert killed.returncode == -signal.SIGKILL
    published = tmp_path / "runs"
    assert not published.exists() or not any(
        p for p in published.iterdir() if not p.name.startswith(".")
    )
    with locked(tmp_path) as place:
        run = score(Request(data=str(TINY), workspace=tmp_path), place)
    assert run.run_id == undisturbed.run_id
    assert run.manifest["outputs"] == undisturbed.manifest["outputs"]
    assert runs.find(tmp_path).run_id == run.run_id
    assert not (tmp_path / "staging").exists()
    assert os.listdir(tmp_path / "runs")
