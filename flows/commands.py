"""Commands that need the orchestrator; the command line finds them by entry point."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import InputError

# As in flows.schedule, which is not imported before a command needs it.
NIGHTLY, TRAIN, AUDIT, BACKTEST = "0 2 * * *", "0 5 * * 0", "0 6 1 * *", "0 8 2 * *"
QUIET = {"PREFECT_LOGGING_LEVEL": "ERROR", "PREFECT_SERVER_LOGGING_LEVEL": "ERROR"}


def demo(
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", help="Where the run goes.")
    ] = Path("demo"),
) -> None:
    """The main job on the sample data: the nightly flow on a simulated Wuhan, with its truth.

    Example: fraud-pipeline demo -w demo
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    from flows.demonstration import demonstrate

    show(demonstrate(workspace))


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
    cron: Annotated[
        str, typer.Option(help="Nightly runs, as a cron line in Asia/Shanghai.")
    ] = NIGHTLY,
    train_cron: Annotated[str, typer.Option(help="Training; empty = on demand only.")] = TRAIN,
    audit_cron: Annotated[str, typer.Option(help="Audit rounds; empty = on demand only.")] = AUDIT,
    backtest_cron: Annotated[
        str, typer.Option(help="Backtests; empty = on demand only.")
    ] = BACKTEST,
    notify: Annotated[
        str | None, typer.Option(help="Notification block TYPE/NAME for failures and alarms.")
    ] = None,
    pool: Annotated[
        str | None, typer.Option(help="Leave the work to the workers of this work pool, and end.")
    ] = None,
) -> None:
    """Register nightly runs, training, audit rounds, backtests on a Prefect server; run them.

    Example: fraud-pipeline schedule --data data_samples/wuhan --programme wuhan -w demo
    """
    from flows.deploy import register_with_pool, require_server, serve_all
    from flows.programmes import Programme
    from flows.schedule import Schedule, read_schedule, with_absolute_paths

    if (data is None) == (plan is None):
        raise InputError("give either --data (one programme) or --plan (a file of several)")
    if plan is not None:
        timetable = read_schedule(plan)
    else:
        options = {
            "name": "nightly", "data": data, "workspace": str(workspace), "programme": programme,
            "mapping": _text(mapping), "settings": _text(settings), "packs": _text(packs),
            "budget": budget, "cover_enterprises": cover_enterprises,
        }  # fmt: skip
        one = Programme(**with_absolute_paths(options, Path.cwd()))
        timetable = Schedule(
            nightly=cron,
            train=train_cron,
            audit_round=audit_cron,
            backtest=backtest_cron,
            notify=notify,
            programme=[one],
        )
    require_server()
    if pool is None:
        serve_all(timetable)
    else:
        names = register_with_pool(timetable, pool)
        show(Report("\n".join(names), {"pool": pool, "deployments": names}))


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
