"""``status`` and ``monitor``: are the runs fresh, and did anything move?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.options import WORKSPACE, RunId, Workspace_
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.vocabulary.messages import t

MaxAge = Annotated[float, typer.Option(help="Hours after which a missing success is an alarm.")]
MaxDataAge = Annotated[
    int | None, typer.Option(help="Days the data may lie back; default: not judged.")
]
ALARM = 1  # exit status: the command worked, and what it found needs a person


def status(
    workspace: Workspace_ = WORKSPACE,
    max_age_hours: MaxAge = 30.0,
    max_data_days: MaxDataAge = None,
) -> None:
    """Data as of, freshness, missing nightly runs; exit status 1 when something is wrong.

    Example: fraud-pipeline status -w demo --max-age-hours 30
    """
    from fraud_pipeline.monitor import as_text, health

    fresh = health.freshness(workspace, max_age_hours, max_data_days)
    show(Report(as_text(fresh), vars(fresh)))
    if fresh.problems:
        raise typer.Exit(ALARM)


def monitor(
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
    """Volumes, missing values, drift, hit rates, rules, queue; exit status 1 with an alarm.

    Example: fraud-pipeline monitor -w demo --out monitoring.html
    """
    from fraud_pipeline import monitor as monitoring
    from fraud_pipeline.monitor import health
    from fraud_pipeline.store import files

    if listen is not None:
        from fraud_pipeline.cli.endpoint import serve

        serve(listen, workspace, max_age_hours, max_data_days)
        return
    health_report = health.report(workspace, run, against, max_age_hours, max_data_days)
    if page is not None:
        text = monitoring.as_page(health_report.measures, health_report.fresh, health_report.alarms)
        files.write_bytes(page, text.encode())
    if prometheus is not None:
        text = monitoring.as_prometheus(
            health_report.measures, health_report.fresh, health_report.alarms
        )
        files.write_bytes(prometheus, text.encode())
    written = [path for path in (page, prometheus) if path is not None]
    alarms = [f"! {alarm}" for alarm in health_report.alarms] or [t("monitor.no_alarms")]
    text = "\n".join([monitoring.as_text(health_report.fresh), *alarms, *map(str, written)])
    facts = {"freshness": health_report.fresh, "alarms": health_report.alarms, "measures": health_report.measures,
             "written": written}  # fmt: skip
    show(Report(text, facts))
    if health_report.alarms:
        raise typer.Exit(ALARM)
