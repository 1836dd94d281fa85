"""Another audit sample from a published run, drawn into ``<workspace>/plans/``."""

from __future__ import annotations

from fraud_pipeline import audit
from fraud_pipeline.core.report import Report
from fraud_pipeline.engine import run_queries
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.exports import export_tables
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.vocabulary.messages import LANGUAGES, language, t


def plan_audit(
    workspace: Workspace,
    run_id: str | None,
    settings: Settings,
    budget: int,
    seed: int,
    cover_enterprises: float | None,
) -> Report:
    """Draws ``budget`` claims from a run's ranking; returns the plan's figures and its folder.

    ``run_id``: None = the last run. ``cover_enterprises``: share of the enterprises that the
    sample must reach, 0 to 1. ``workspace`` must be locked.
    """
    run = runs.find(workspace.path, run_id)
    plan = audit.make_plan(
        run.table("ranked_claims"),
        run_queries.known_to(run),
        settings.audit,
        budget=budget,
        seed=seed,
        as_of=run_queries.as_of(run),
        requirements=audit.Requirements(cover_enterprises),
    )
    folder = workspace.path / "plans" / f"{run.run_id}-n{budget}-s{seed}"
    files.write_table(folder / "audit_plan.parquet", plan.plan)
    files.write_table(folder / "audit_frame.parquet", plan.frame)
    files.write_json(folder / "plan.json", plan.summary)
    export_tables({"audit_plan": plan.plan}, folder)
    facts = {"run_id": run.run_id, **plan.summary, "folder": folder}
    others = tuple(f"_{name}" for name in LANGUAGES if name != language())
    lines = [
        f"{name}: {value}"
        for name, value in plan.summary.items()
        if not isinstance(value, dict) and not name.endswith(others)
    ]
    return Report("\n".join([*lines, t("plan.drawn", folder=folder)]), facts)
