"""``verify`` and ``prune``: what is stored is what was published; old tables make room."""

from __future__ import annotations

from typing import Annotated

import typer

from fraud_pipeline.cli.options import WORKSPACE, Workspace_
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.vocabulary.messages import t

Database = Annotated[
    str | None,
    typer.Option(help="The workbench's database URL or env:NAME, when not in the workspace."),
]


def prune(
    keep: Annotated[int, typer.Option(min=1, help="How many of the last runs stay in any case.")],
    workspace: Workspace_ = WORKSPACE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    database: Database = None,
) -> None:
    """Remove the tables of old runs; what decisions, plans, models or pointers name stays.

    Example: fraud-pipeline prune --keep 30 --dry-run -w demo
    """
    from fraud_pipeline.store import places, registration, retention
    from fraud_pipeline.store.workspace import locked

    address = places.source_address(database) if database else None
    with locked(workspace) as place:
        registration.register_artefacts(place)
        plan = retention.plan(place, keep, address)
        if not dry_run:
            retention.carry_out(place, plan)
    done = "would" if dry_run else "removed"
    lines = [t("prune.kept", run_id=run.run_id, why=run.why) for run in plan.kept_runs]
    lines += [t(f"prune.{done}", run_id=run_id) for run_id in plan.removed]
    lines.append(t(f"prune.total_{done}", n=len(plan.removed), megabytes=plan.bytes_freed / 1e6))
    show(Report("\n".join(lines), {"dry_run": dry_run, **vars(plan)}))


def verify(
    run: Annotated[str | None, typer.Argument(help="Run id; default the last one.")] = None,
    workspace: Workspace_ = WORKSPACE,
    replay: Annotated[bool, typer.Option(help="Also recompute the run and compare bytes.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every run, model, pack, plan, and the chains over them.")
    ] = False,
    claim: Annotated[str | None, typer.Option(help="Score this claim again and compare.")] = None,
    receipt: Annotated[
        str | None, typer.Option(help="With --all: NUMBER:HASH noted earlier; finds a cut-off end.")
    ] = None,
    database: Database = None,
) -> None:
    """Check that what is stored is what was published, and that it can be repeated.

    Example: fraud-pipeline verify --all -w demo
    """
    from fraud_pipeline.engine import verification
    from fraud_pipeline.store import places
    from fraud_pipeline.store.hash_chain import Receipt
    from fraud_pipeline.workbench.db.verification import verify_all

    reports = {}
    if everything:
        address = places.source_address(database) if database else None
        noted = Receipt.parse(receipt) if receipt else None
        reports["workspace"] = verify_all(workspace, address, noted)
    if claim is not None:
        reports["claim"] = verification.verify_claim(workspace, run, claim)
    if replay or not (everything or claim):
        reports["run"] = verification.verify_run(workspace, run, replay=replay)
    text = "\n".join(report.text for report in reports.values())
    show(Report(text, {name: report.facts for name, report in reports.items()}))
