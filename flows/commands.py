"""Commands that need the orchestrator; the command line finds them by entry point."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.errors import InputError

# As in flows.schedule, which is not imported before a command needs it.
NIGHTLY, TRAIN, AUDIT, BACKTEST = "0 2 * * *", "0 5 * * 0", "0 6 1 * *", "0 8 2 * *"
QUIET = {"PREFECT_LOGGING_LEVEL": "ERROR", "PREFECT_SERVER_LOGGING_LEVEL": "ERROR"}


def demo(
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", help="Where the run goes.")
    ] = Path("demo"),
) -> None:
    """The main job on the sample data: the nightly flow on a simulated Wuhan, with its truth."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    from flows.demonstration import demonstrate

    typer.echo(demonstrate(workspace))


def schedule(
    data: Annotated[
        str | None, typer.Option(help="Folder, workbook, file or database URL of one programme.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help="TOML file of several programmes; see docs/nightly.md.")
    ] = None,
    workspace: Annotated[Path, typer.Option("--workspace", "-w")] = Path("workspace"),
    programme: Annotated[str | None, typer.Option()] = None,
    mapping: Annotated[Path | None, typer.Option()] = None,
    settings: Annotated[Path | None, typer.Option("--settings")] = None,
    packs: Annotated[Path | None, typer.Option()] = None,
    budget: Annotated[int | None, typer.Option(min=1)] = None,
    cover_enterprises: Annotated[float | None, typer.Option(min=0.0, max=1.0)] = None,
    cron: Annotated[str, typer.Option(help="Nights, as a cron line in Asia/Shanghai.")] = NIGHTLY,
    train_cron: Annotated[str, typer.Option(help="Training; empty = on demand only.")] = TRAIN,
    audit_cron: Annotated[str, typer.Option(help="Audit rounds; empty = on demand only.")] = AUDIT,
    backtest_cron: Annotated[
        str, typer.Option(help="Looks back; empty = on demand only.")
    ] = BACKTEST,
    notify: Annotated[
        str | None, typer.Option(help="Notification block TYPE/NAME told of failures and alarms.")
    ] = None,
    pool: Annotated[
        str | None, typer.Option(help="Hand the work to this work pool's workers, and end.")
    ] = None,
) -> None:
    """Register nights, training, audit rounds, looks back on a Prefect server; stay to run them."""
    from flows.deploy import hand_to_pool, serve_all
    from flows.programmes import Programme
    from flows.schedule import Schedule, placed_at, read_schedule

    if (data is None) == (plan is None):
        raise InputError("give either --data (one programme) or --plan (a file of several)")
    if plan is not None:
        when = read_schedule(plan)
    else:
        given = {
            "name": "nightly", "data": data, "workspace": str(workspace), "programme": programme,
            "mapping": _text(mapping), "settings": _text(settings), "packs": _text(packs),
            "budget": budget, "cover_enterprises": cover_enterprises,
        }  # fmt: skip
        one = Programme(**placed_at(given, Path.cwd()))
        when = Schedule(
            nightly=cron,
            train=train_cron,
            audit_round=audit_cron,
            backtest=backtest_cron,
            notify=notify,
            programme=[one],
        )
    if pool is None:
        serve_all(when)
    else:
        typer.echo("\n".join(hand_to_pool(when, pool)))


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
