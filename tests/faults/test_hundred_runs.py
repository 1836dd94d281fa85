"""A hundred runs in one process, as a scheduler makes them: memory, open files and disk do not grow."""

import os
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.store import retention
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.workspace import locked
from fraud_pipeline.workbench.db.verification import verify_all

TINY = str(data_samples() / "tiny")
RUNS = 12 if os.environ.get("FRAUD_LONG") == "reduced" else 100
WARM = RUNS // 4  # runs after which caches are full
KEPT = 3
MOST_GROWTH = 1.25


def used(workspace):
    status = Path("/proc/self/status").read_text()
    megabytes = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
    disk = sum(p.stat().st_size for p in workspace.rglob("*") if p.is_file())
    return megabytes, len(os.listdir("/proc/self/fd")), disk / 1e6


@pytest.mark.long
def test_nothing_grows(tmp_path):
    workspace, history = tmp_path / "w", []
    for k in range(RUNS):
        day = date(2015, 12, 1) + timedelta(days=k)
        with locked(workspace) as place:
            score(Request(data=TINY, workspace=workspace, as_of=day), place)
            retention.carry_out(place, retention.plan(place, keep=KEPT))
        history.append(used(workspace))
    (memory, files, disk), last = history[WARM], history[-1]
    assert last[0] < memory * MOST_GROWTH, history[:: max(1, RUNS // 10)]
    assert last[1] <= files + 2, history[:: max(1, RUNS // 10)]
    # manifests, rings and ledger lines of pruned runs stay for the proof
    remains = sum(p.stat().st_size for p in (workspace / "pruned").rglob("*") if p.is_file()) / 1e6
    assert last[2] - remains < disk * MOST_GROWTH, history[:: max(1, RUNS // 10)]
    assert (
        not list((workspace / "staging").glob("*/*"))
        and f"run {RUNS}" in verify_all(workspace).text
    )
    shutil.rmtree(workspace)
