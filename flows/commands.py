"""Commands that need the orchestrator; the command line finds them by entry point."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.options import WORKSPACE, Budget, Cover, Reading, Workspace_
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


@dataclass(frozen=True)
class Timetable:
    """When each flow runs, as cron lines in Asia/Shanghai."""

    cron: Annotated[str, typer.Option(help="Nightly runs, as a cron line in Asia/Shanghai.")] = (
        NIGHTLY
    )
    train_cron: Annotated[str, typer.Option(help="Training; empty = on demand only.")] = TRAIN
    audit_cron: Annotated[str, typer.Option(help="Audit rounds; empty = on demand only.")] = AUDIT
    backtest_cron: Annotated[str, typer.Option(help="Backtests; empty = on demand only.")] = (
        BACKTEST
    )


@dataclass(frozen=True)
class Audited:
    """How much of each run's list is audited."""

    budget: Budget = None
    cover_enterprises: Cover = None


def schedule(
    reading: Reading,
    audited: Audited,
    timetable: Timetable,
    data: Annotated[
        str | None, typer.Option(help="Folder, workbook, file or database URL of one programme.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help="TOML file of several programmes; see docs/nightly.md.")
    ] = None,
    workspace: Workspace_ = WORKSPACE,
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
        wanted = read_schedule(plan)
    else:
        options = {
            "name": "nightly", "data": data, "workspace": str(workspace),
            "programme": reading.programme, "mapping": _text(reading.mapping),
            "settings": _text(reading.settings), "packs": _text(reading.packs), **asdict(audited),
        }  # fmt: skip
        one = Programme(**with_absolute_paths(options, Path.cwd()))
        wanted = Schedule(
            nightly=timetable.cron, train=timetable.train_cron, audit_round=timetable.audit_cron,
            backtest=timetable.backtest_cron, notify=notify, programme=[one],
        )  # fmt: skip
    require_server()
    if pool is None:
        serve_all(wanted)
    else:
        names = register_with_pool(wanted, pool)
        show(Report("\n".join(names), {"pool": pool, "deployments": names}))


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
