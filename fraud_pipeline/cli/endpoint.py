"""The monitoring page and the Prometheus text over HTTP, on an address of one's choice."""

from __future__ import annotations

from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from fraud_pipeline import monitor
from fraud_pipeline.errors import FraudPipelineError, SettingsError
from fraud_pipeline.monitor import health

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def application(workspace: Path, max_age_hours: float, max_data_days: int | None) -> Starlette:
    """Two read-only routes, no names of parties in either: ``/`` and ``/metrics``.

    The measures of a run are made once; freshness is judged at every request.
    """
    reports: dict[str | None, health.HealthReport] = {}

    def now() -> health.HealthReport:
        fresh = health.freshness(workspace, max_age_hours, max_data_days)
        if fresh.run_id not in reports:
            reports.clear()
            reports[fresh.run_id] = health.report(
                workspace, None, None, max_age_hours, max_data_days
            )
        measures = reports[fresh.run_id].measures
        raised = monitor.alarms(measures, fresh) if measures else []
        return health.HealthReport(fresh, measures, raised)

    def page(_request: Request) -> Response:
        one = now()
        return HTMLResponse(monitor.as_page(one.measures, one.fresh, one.alarms))

    def metrics(_request: Request) -> Response:
        try:
            one = now()
        except FraudPipelineError as error:
            return PlainTextResponse(f"# {error}\n", status_code=503)
        text = monitor.as_prometheus(one.measures, one.fresh, one.alarms)
        return PlainTextResponse(text, media_type=TEXT)

    return Starlette(routes=[Route("/", page), Route("/metrics", metrics)])


def serve(listen: str, workspace: Path, max_age_hours: float, max_data_days: int | None) -> None:
    """Serves until stopped. Raises SettingsError for what is not ADDRESS:PORT."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise SettingsError(f"--listen takes ADDRESS:PORT, not {listen!r}")
    app = application(workspace, max_age_hours, max_data_days)
    uvicorn.run(app, host=host, port=int(port), log_level="warning", server_header=False)
