"""What every flow shares: retries for what time can heal, word to people, no zombies."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from prefect import Flow, get_run_logger
from prefect.blocks.core import Block
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.runtime import flow_run as this_flow_run
from prefect.states import Crashed
from prefect.tasks import exponential_backoff

from fraud_pipeline.errors import SourceAwayError, WorkspaceError
from fraud_pipeline.monitor import health

RETRIES = 4
BACKOFF_SECONDS = 5  # then 10, 20, 40: a minute and a quarter in all
JITTER = 0.2
ZOMBIES_AT_ONCE = 100
STEP_SECONDS = 4 * 3600.0
FLOW_SECONDS = 10 * 3600.0  # a night that takes longer meets the next one


def worth_retrying(task: Any, run: Any, state: State[Any]) -> bool:
    """Only what time can heal: a database away, a disk full for a while, a file on its way.

    A step that ran out of time is not among them: it would run out of time again.
    """
    failure = state.result(raise_on_failure=False)
    healing = (OSError, WorkspaceError, ConnectionError, SourceAwayError)
    return isinstance(failure, healing) and not isinstance(failure, TimeoutError)


PATIENT: dict[str, Any] = {
    "retries": RETRIES,
    "retry_delay_seconds": exponential_backoff(BACKOFF_SECONDS),
    "retry_jitter_factor": JITTER,
    "retry_condition_fn": worth_retrying,
    "timeout_seconds": STEP_SECONDS,
    "cache_policy": NO_CACHE,
}


def path_of(text: str | None) -> Path | None:
    return Path(text) if text else None


def tell(block: str | None, subject: str, body: str) -> None:
    """Sends word through a notification block of Prefect's, named ``type/name``.

    Nobody is told where no block is named. A message that cannot be sent is logged and
    stops nothing. Bodies hold run ids and counts, never names of parties.
    """
    if not block:
        return
    log = get_run_logger()
    try:
        loaded: Any = Block.load(block)
        with loaded.raise_on_failure():
            loaded.notify(body, subject)
    except Exception as error:  # whatever a messenger raises
        log.warning("no word sent through %s: %s", block, type(error).__name__)


def tell_of_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A flow's hook: says in one line what failed, to the block its parameters name."""
    block = (flow_run.parameters or {}).get("notify")
    if block:
        with contextlib.suppress(Exception):  # a hook has nobody to complain to
            loaded: Any = Block.load(block)
            loaded.notify(
                (state.message or "").split("\n", 1)[0][:500],
                f"fraud-pipeline: {flow_run.name} of {flow.name}: {state.name}",
            )


def tell_of_alarms(block: str | None, workspace: Path) -> int:
    """Logs and sends the grouped alarms of the last run; how many there were."""
    raised = health.report(workspace).alarms
    if raised:
        text = "\n".join(str(alarm) for alarm in raised)
        get_run_logger().warning("%s", text)
        tell(block, f"fraud-pipeline: {len(raised)} alarms", text)
    return len(raised)


def bury_zombies(workspace: Path) -> list[str]:
    """Marks as crashed what Prefect calls Running on this workspace though its lock is ours.

    A flow killed with its process never says so. Whoever holds the workspace's lock knows
    that nobody else is at work on it. Returns the names of the runs buried.
    """
    running = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING]))
    mine = this_flow_run.get_id()
    flow_name = str(this_flow_run.get_flow_name())
    buried = []
    try:
        with get_client(sync_client=True) as client:
            for run in client.read_flow_runs(
                flow_filter=FlowFilter(name=FlowFilterName(any_=[flow_name])),
                flow_run_filter=FlowRunFilter(state=running),
                sort=FlowRunSort.START_TIME_DESC,
                limit=ZOMBIES_AT_ONCE,
            ):
                there = (run.parameters or {}).get("workspace")
                if str(run.id) != mine and there and Path(there).resolve() == workspace.resolve():
                    state: State[Any] = Crashed(message="killed; a later run holds the workspace")
                    client.set_flow_run_state(run.id, state, force=True)
                    buried.append(run.name)
    except Exception as error:  # tidying the display never costs a night
        get_run_logger().warning("could not look for killed runs: %s", type(error).__name__)
    return buried
