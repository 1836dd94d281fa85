"""``status``, ``monitor``, ``prune``, ``verify``: what looks after the nights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.commands.options import WORKSPACE, RunId, Workspace_

Database = Annotated[
    str | None,
    typer.Option(help="The workbench's database URL or env:NAME, when not in the workspace."),
]
MaxAge = Annotated[float, typer.Option(help="Hours after which a missing success is an alarm.")]
MaxDataAge = Annotated[
    int | None, typer.Option(help="Days the data may lie back; default: not judged.")
]
ALARM = 1  # exit status: all went well, and what was found is not well


def status(
    workspace: Workspace_ = WORKSPACE,
    max_age_hours: MaxAge = 30.0,
    max_data_days: MaxDataAge = None,
) -> None:
    """Data as of, freshness, missing nights; exit status 1 when something is wrong."""
    from fraud_pipeline import monitor
    from fraud_pipeline.monitor import health

    fresh = health.freshness(workspace, max_age_hours, max_data_days)
    typer.echo(monitor.as_text(fresh))
    if fresh.problems:
        raise typer.Exit(ALARM)


def watch_run(
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    against: Annotated[
        str | None, typer.Option(help="Run to compare with; default the one before.")
    ] = None,
    page: Annotated[Path | None, typer.Option("--out", help="HTML page to write.")] = None,
    prometheus: Annotated[
        Path | None, typer.Option(help="Text file for Prometheus' node exporter (.prom).")
    ] = None,
    listen: Annotated[
        str | None, typer.Option(help="ADDRESS:PORT; serve / and /metrics until stopped.")
    ] = None,
    max_age_hours: MaxAge = 30.0,
    max_data_days: MaxDataAge = None,
) -> None:
    """Volumes, missing values, drift, hit rates, rules, queue; exit status 1 with an alarm."""
    from fraud_pipeline import monitor
    from fraud_pipeline.monitor import health
    from fraud_pipeline.store import files

    if listen is not None:
        from fraud_pipeline.cli.commands.endpoint import serve

        serve(listen, workspace, max_age_hours, max_data_days)
        return
    seen = health.report(workspace, run, against, max_age_hours, max_data_days)
    if page is not None:
        files.write_bytes(page, monitor.as_page(seen.measures, seen.fresh, seen.alarms).encode())
    if prometheus is not None:
        text = monitor.as_prometheus(seen.measures, seen.fresh, seen.alarms)
        files.write_bytes(prometheus, text.encode())
    typer.echo(monitor.as_text(seen.fresh))
    for alarm in seen.alarms:
        typer.echo(f"! {alarm}")
    if not seen.alarms:
        typer.echo("无警报 no alarms")
    for written in (page, prometheus):
        if written is not None:
            typer.echo(str(written))
    if seen.alarms:
        raise typer.Exit(ALARM)


def prune(
    keep: Annotated[int, typer.Option(min=1, help="How many of the last runs stay in any case.")],
    workspace: Workspace_ = WORKSPACE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    database: Database = None,
) -> None:
    """Remove the tables of old runs; what decisions, plans, models or pointers name stays."""
    from fraud_pipeline.store import places, registration, retention
    from fraud_pipeline.store.workspace import locked

    address = places.source_address(database) if database else None
    with locked(workspace) as place:
        registration.register_artefacts(place)
        what = retention.plan(place, keep, address)
        if not dry_run:
            retention.carry_out(place, what)
    for kept in what.kept_runs:
        typer.echo(f"保留 kept     {kept.run_id}  {kept.why}")
    word = "将删除 would go" if dry_run else "已删除 removed"
    for run_id in what.removed:
        typer.echo(f"{word} {run_id}")
    typer.echo(f"{word}: {len(what.removed)} runs, {what.bytes_freed / 1e6:.1f} MB")


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
    """Check that what is stored is what was published, and that it can be repeated."""
    from fraud_pipeline.engine import verification
    from fraud_pipeline.store import places
    from fraud_pipeline.store.hash_chain import Receipt
    from fraud_pipeline.workbench.db.verification import verify_all

    if everything:
        address = places.source_address(database) if database else None
        noted = Receipt.parse(receipt) if receipt else None
        typer.echo(verify_all(workspace, address, noted))
    if claim is not None:
        typer.echo(verification.verify_claim(workspace, run, claim))
    if replay or not (everything or claim):
        typer.echo(verification.verify_run(workspace, run, replay=replay))


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line; ``verify`` takes the place of a plainer one."""
    app.command()(status)
    app.command("monitor")(watch_run)
    app.command()(prune)
    app.command()(verify)


__all__ = ["prune", "register", "status", "verify", "watch_run"]
