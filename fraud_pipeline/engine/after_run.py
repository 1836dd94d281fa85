"""What follows a run: another sample, a model learned from outcomes, a proof by repetition."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fraud_pipeline import audit, risk
from fraud_pipeline.engine import run_queries, runner
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import files, models, runs, version
from fraud_pipeline.store.exports import export_tables
from fraud_pipeline.store.staging import Staged, Staging
from fraud_pipeline.store.workspace import Workspace


def plan_audit(
    workspace: Workspace,
    run_id: str | None,
    settings: Settings,
    budget: int,
    seed: int,
    cover_enterprises: float | None,
) -> str:
    """Draws a sample from a run's ranking into ``<workspace>/plans/``; text for a person."""
    run = runs.find(workspace.path, run_id)
    known = run_queries.known_to(run)
    drawn = audit.make_plan(
        run.table("ranked_claims"),
        known,
        settings.audit,
        budget=budget,
        seed=seed,
        as_of=run_queries.as_of(run),
        cover_enterprises=cover_enterprises,
    )
    folder = workspace.path / "plans" / f"{run.run_id}-n{budget}-s{seed}"
    files.write_table(folder / "audit_plan.parquet", drawn.plan)
    files.write_table(folder / "audit_frame.parquet", drawn.frame)
    files.write_json(folder / "plan.json", drawn.summary)
    export_tables({"audit_plan": drawn.plan}, folder)
    lines = [
        f"{name}: {value}" for name, value in drawn.summary.items() if not isinstance(value, dict)
    ]
    return "\n".join([*lines, str(folder)])


def train(workspace: Workspace, run_id: str | None, settings: Settings) -> str:
    """Learns from the outcomes a run knew; says why not when they are too few."""
    run = runs.find(workspace.path, run_id)
    learned = risk.train(
        run.table("features"), run_queries.known_to(run), models.shipped_model(),
        models.load_model(workspace.models), settings.risk,
    )  # fmt: skip
    if isinstance(learned, risk.TrainingRefused):
        return f"没有训练 not trained: {learned.reason}"
    name, words = learned.model.name, learned.gate.words
    models.save_model(workspace.models, learned.model)
    said = f"模型 model {name}：本地经验信任度 trust in own outcomes {learned.trust.share:.0%}；{words}"
    if learned.gate.passed:
        models.use_model(workspace.models, name, words)
        return f"{said}；下次评分起使用 used from the next run on"
    return f"{said}；可用 fraud-pipeline model use {name} 手动启用 to use it anyway"


def verify(path: Path, run_id: str | None, *, replay: bool) -> str:
    """Compares every file of a run with its published hash; with ``replay`` repeats the run.

    Raises IntegrityError naming the first file that differs.
    """
    run = runs.find(path, run_id)
    run.verify_files()
    said = f"{run.run_id}: {len(run.manifest['outputs'])} files as published"
    if not replay:
        return said
    return f"{said}; {_repeat(run, Workspace(path))} recomputed byte for byte"


def _repeat(run: runs.Run, workspace: Workspace) -> int:
    """Recomputes every step from the run's clean tables; the number of equal files."""
    manifest = run.manifest
    if manifest["code"] != version.code_version():
        raise IntegrityError(f"run {run.run_id} was made by other code than is installed here")
    setup = run_queries.setup_of(run, workspace, None)
    compared = 0
    with tempfile.TemporaryDirectory() as scratch:
        staging = Staging(Path(scratch))
        supplied = {"tables": manifest["supplied"]}
        clean = run.tables()
        loaded = staging.keep(
            "ingest", "replay",
            {**{f"clean/{n}": clean[n] for n in clean}, "quarantine": run.table("quarantine"),
             "repairs": run.table("repairs"), "accounts": manifest["tables"], "supplied": supplied},
            dict,
        )  # fmt: skip
        night = runner.Night(run.run_id, setup, staging, "replay", loaded, {})
        for step in STEPS:
            compared += _compare(run, runner.run_step(night, step)[0])
    return compared


def _compare(run: runs.Run, step: Staged) -> int:
    outputs = run.manifest["outputs"]
    compared = 0
    for name, path in step.published().items():
        if name not in outputs:
            continue
        if files.sha256_of(path) != outputs[name]:
            raise IntegrityError(f"run {run.run_id}: {name} comes out differently")
        compared += 1
    return compared
