"""The deployments on a Prefect server: each programme's nightly run, training, audits, backtests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from prefect import serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.settings import get_current_settings

from flows.audit_round import audit_round
from flows.backtest import backtest
from flows.nightly import nightly
from flows.programmes import Programme, programmes
from flows.schedule import Schedule
from flows.train import train
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.vocabulary.messages import t


class ServerAwayError(FraudPipelineError):
    """The Prefect server does not answer."""


CONNECT_SECONDS = 10.0
ROOT = Path(__file__).resolve().parents[1]
# One writer a workspace. A nightly run that is due while the last one is still active is
# skipped, the other flows are queued.
SKIP_IF_ACTIVE = ConcurrencyLimitConfig(
    limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
)
QUEUE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


def deployments(plan: Schedule, *, local: bool = True) -> list[RunnerDeployment]:
    """``nightly``, ``train``, ``audit_round`` and ``backtest`` ``/<name>``, and ``programmes/all``.

    ``local``: run by the process that serves them; otherwise by workers, which load the code
    from the folder it has here.
    """
    each = [one for programme in plan.programme for one in _of(programme, plan, local)]
    parameters = {
        "programmes": [p.model_dump(mode="json") for p in plan.programme],
        "at_once": plan.at_once,
        "notify": plan.notify,
    }
    together: Any = _located(programmes, local).to_deployment(
        name="all", parameters=parameters, concurrency_limit=SKIP_IF_ACTIVE, tags=["fraud-pipeline"],
        description="The nightly runs of all programmes, on demand; a failed one stops no other.",
    )  # fmt: skip
    return [*each, together]


def _located(flow: Any, local: bool) -> Any:
    name = flow.name
    return flow if local else flow.from_source(str(ROOT), f"flows/{name}.py:{name}")


def _of(programme: Programme, plan: Schedule, local: bool) -> list[RunnerDeployment]:
    options: dict[str, Any] = programme.model_dump(mode="json", exclude={"name"}, exclude_none=True)
    workspace_options = {k: v for k, v in options.items() if k in ("workspace", "settings")}
    audit_options = {k: v for k, v in options.items() if k in ("budget", "cover_enterprises")}
    tags = ["fraud-pipeline", programme.name]

    def deployment(flow: Any, cron: str, parameters: dict[str, Any], limit: Any, text: str) -> Any:
        return _located(flow, local).to_deployment(
            name=programme.name, parameters={**parameters, "notify": plan.notify}, tags=tags,
            schedule=Cron(cron, timezone=plan.time_zone) if cron else None,
            concurrency_limit=limit, description=text,
        )  # fmt: skip

    audit_parameters = {**workspace_options, **audit_options}
    return [
        deployment(
            nightly, plan.nightly, programme.flow_parameters(), SKIP_IF_ACTIVE,
            "Claims in, ranked and explained audit list out.",
        ),
        deployment(train, plan.train, workspace_options, QUEUE, "Learns from what audits found."),
        deployment(
            audit_round, plan.audit_round, audit_parameters, QUEUE,
            "Fixes an audit plan; run again with a public seed to draw.",
        ),
        deployment(
            backtest, plan.backtest, workspace_options, QUEUE,
            "Past rankings, each computed from what was known by then.",
        ),
    ]  # fmt: skip


def require_server() -> None:
    """Raises ServerAwayError, in one line, when the named Prefect server does not answer.

    The server is named by PREFECT_API_URL or the active profile. Without one there is nothing
    to ask: Prefect then starts a temporary server itself.
    """
    url = get_current_settings().api.url
    if url is None:
        return
    with get_client(httpx_settings={"timeout": CONNECT_SECONDS}, sync_client=True) as client:
        failure = client.api_healthcheck()
    if failure is not None:
        reason = str(failure).split("\n", 1)[0] or type(failure).__name__
        address = _without_credentials(url)
        reason = reason.replace(url, address)  # an HTTP error quotes the address
        raise ServerAwayError(t("schedule.away", address=address, reason=reason))


def _without_credentials(url: str) -> str:
    """
    >>> _without_credentials("http://user:secret@server:4200/api")
    'http://server:4200/api'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def register_with_pool(plan: Schedule, pool: str) -> list[str]:
    """Registers all deployments with a work pool, made if need be; their names.

    Workers on any machine with this code at the same place run them:
    ``prefect worker start --pool POOL --limit N``.
    """
    with get_client(sync_client=True) as client:
        known = {one.name for one in client.read_work_pools(limit=200, offset=0)}
        if pool not in known:
            client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    registered = deployments(plan, local=False)
    for one in registered:
        one.apply(work_pool_name=pool)
    return [f"{one.flow_name}/{one.name}" for one in registered]


def serve_all(plan: Schedule) -> None:
    """Registers all deployments and runs what the server schedules; blocks until stopped.

    Needs a server (``prefect server start``) named by PREFECT_API_URL or the active profile.
    """
    serve(*deployments(plan), limit=plan.at_once, print_starting_message=os.isatty(1))
