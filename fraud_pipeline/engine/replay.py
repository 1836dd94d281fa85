"""Repeats a published run from its clean tables and compares every file byte for byte."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fraud_pipeline.engine import runner
from fraud_pipeline.engine.manifest import recorded
from fraud_pipeline.engine.setup import setup_of_run
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.store import files, runs, version
from fraud_pipeline.store.staging import Staged, Staging
from fraud_pipeline.store.workspace import Workspace


def replay(run: runs.Run, workspace: Workspace) -> int:
    """Recomputes every step in a temporary folder; returns the number of equal files.

    Raises IntegrityError when the run was made by other code, or naming the first file that
    comes out differently.
    """
    require_same_code(run)
    setup, manifest = setup_of_run(run, workspace), run.manifest
    with tempfile.TemporaryDirectory() as scratch:
        staging = Staging(Path(scratch))
        clean = run.tables()
        loaded = staging.keep(
            "ingest", "replay",
            {**{f"clean/{name}": clean[name] for name in clean},
             "quarantine": run.table("quarantine"), "repairs": run.table("repairs"),
             "accounts": manifest["tables"], "supplied": {"tables": manifest["supplied"]}},
            dict,
        )  # fmt: skip
        repeated = runner.RunInProgress(run.run_id, setup, staging, "replay", loaded, {})
        outputs = manifest["outputs"]
        return sum(_compare(run, outputs, runner.run_step(repeated, step)[0]) for step in STEPS)


def require_same_code(run: runs.Run) -> None:
    """Raises IntegrityError when the run was made by other code than is installed here."""
    if recorded(run, "code") != version.code_version():
        raise IntegrityError(f"run {run.run_id} was made by other code than is installed here")


def _compare(run: runs.Run, outputs: dict[str, str], step: Staged) -> int:
    """The number of published files of the step, all of them with the hash in ``outputs``."""
    compared = 0
    for name, path in step.published().items():
        if name not in outputs:
            continue
        if files.sha256_of(path) != outputs[name]:
            raise IntegrityError(f"run {run.run_id}: {name} comes out differently")
        compared += 1
    return compared
