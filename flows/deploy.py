"""The deployments on a Prefect server: each programme's night, training, audits, looks back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from prefect import serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron

from flows.audit_round import audit_round
from flows.backtest import backtest
from flows.nightly import nightly
from flows.programmes import Programme, programmes
from flows.schedule import Schedule
from flows.train import train

ROOT = Path(__file__).resolve().parents[1]
# One writer a workspace. A night that is due while the last is still at work is skipped,
# what else there is waits its turn.
SKIP = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
WAIT = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


def deployments(plan: Schedule, *, here: bool = True) -> list[RunnerDeployment]:
    """``nightly``, ``train``, ``audit_round`` and ``backtest`` ``/<name>``, and ``programmes/all``.

    ``here``: run by the process that serves them; otherwise by workers, which are told in
    which folder the code lies.
    """
    made = [one for programme in plan.programme for one in _of(programme, plan, here)]
    every = {"programmes": [p.model_dump(mode="json") for p in plan.programme],
             "at_once": plan.at_once, "notify": plan.notify}  # fmt: skip
    together: Any = _placed(programmes, here).to_deployment(
        name="all", parameters=every, concurrency_limit=SKIP, tags=["fraud-pipeline"],
        description="All programmes in one night, on demand; a bad one stops no other.",
    )  # fmt: skip
    return [*made, together]


def _placed(flow: Any, here: bool) -> Any:
    name = flow.name
    return flow if here else flow.from_source(str(ROOT), f"flows/{name}.py:{name}")


def _of(programme: Programme, plan: Schedule, here: bool) -> list[RunnerDeployment]:
    given: dict[str, Any] = programme.model_dump(mode="json", exclude={"name"}, exclude_none=True)
    after = {k: v for k, v in given.items() if k in ("workspace", "settings")}
    chosen = {k: v for k, v in given.items() if k in ("budget", "cover_enterprises")}
    tags = ["fraud-pipeline", programme.name]

    def made(flow: Any, cron: str, parameters: dict[str, Any], limit: Any, said: str) -> Any:
        return _placed(flow, here).to_deployment(
            name=programme.name, parameters={**parameters, "notify": plan.notify}, tags=tags,
            schedule=Cron(cron, timezone=plan.time_zone) if cron else None,
            concurrency_limit=limit, description=said,
        )  # fmt: skip

    return [
        made(nightly, plan.nightly, given, SKIP, "Claims in, ranked and explained audit list out."),
        made(train, plan.train, after, WAIT, "Learns from what audits found."),
        made(audit_round, plan.audit_round, {**after, **chosen}, WAIT,
             "Fixes an audit plan; run again with a public seed to draw."),
        made(backtest, plan.backtest, after, WAIT, "The past with only what was known then."),
    ]  # fmt: skip


def hand_to_pool(plan: Schedule, pool: str) -> list[str]:
    """Registers all deployments with a work pool, made if need be; their names.

    Workers on any machine with this code at the same place run them:
    ``prefect worker start --pool POOL --limit N``.
    """
    with get_client(sync_client=True) as client:
        known = {one.name for one in client.read_work_pools(limit=200, offset=0)}
        if pool not in known:
            client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    made = deployments(plan, here=False)
    for one in made:
        one.apply(work_pool_name=pool)
    return [f"{one.flow_name}/{one.name}" for one in made]


def serve_all(plan: Schedule) -> None:
    """Registers all deployments and runs what the server schedules; blocks until stopped.

    Needs a server (``prefect server start``) named by PREFECT_API_URL or the active profile.
    """
    serve(*deployments(plan), limit=plan.at_once, print_starting_message=os.isatty(1))
