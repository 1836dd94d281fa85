"""What every flow shares: retries of transient failures, notifications, killed runs marked as crashed."""

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
MAX_KILLED_RUNS = 100
STEP_SECONDS = 4 * 3600.0
FLOW_SECONDS = 10 * 3600.0  # a nightly run that takes longer meets the next one


def is_retryable(task: Any, run: Any, state: State[Any]) -> bool:
    """Transient failures only: a database away, a disk that is full, a file still being written.

    A step that timed out is not among them: it would time out again.
    """
    failure = state.result(raise_on_failure=False)
    transient = (OSError, WorkspaceError, ConnectionError, SourceAwayError)
    return isinstance(failure, transient) and not isinstance(failure, TimeoutError)


TASK_OPTIONS: dict[str, Any] = {
    "retries": RETRIES,
    "retry_delay_seconds": exponential_backoff(BACKOFF_SECONDS),
    "retry_jitter_factor": JITTER,
    "retry_condition_fn": is_retryable,
    "timeout_seconds": STEP_SECONDS,
    "cache_policy": NO_CACHE,
}


def optional_path(text: str | None) -> Path | None:
    return Path(text) if text else None


def notify_block(block: str | None, subject: str, body: str) -> None:
    """Sends a message through a notification block of Prefect's, named ``type/name``.

    Nothing is sent without a block. A message that cannot be sent is logged and stops
    nothing. Bodies hold run ids and counts, never names of parties.
    """
    if not block:
        return
    log = get_run_logger()
    try:
        loaded: Any = Block.load(block)
        with loaded.raise_on_failure():
            loaded.notify(body, subject)
    except Exception as error:  # blocks raise errors of any kind
        log.warning("no message sent through %s: %s", block, type(error).__name__)


def notify_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A hook of every flow: sends in one line what failed, to the block its parameters name."""
    block = (flow_run.parameters or {}).get("notify")
    if block:
        with contextlib.suppress(Exception):  # a hook that raises would hide the failure itself
            loaded: Any = Block.load(block)
            loaded.notify(
                (state.message or "").split("\n", 1)[0][:500],
                f"fraud-pipeline: {flow_run.name} of {flow.name}: {state.name}",
            )


def notify_alarms(block: str | None, workspace: Path) -> int:
    """Logs and sends the grouped alarms of the last run; returns how many there were."""
    raised = health.report(workspace).alarms
    if raised:
        text = "\n".join(str(alarm) for alarm in raised)
        get_run_logger().warning("%s", text)
        notify_block(block, f"fraud-pipeline: {len(raised)} alarms", text)
    return len(raised)


def mark_killed_runs_crashed(workspace: Path) -> list[str]:
    """Marks as crashed what Prefect shows as Running on this workspace although we hold its lock.

    A flow killed with its process cannot report its end. Whoever holds the workspace's lock
    knows that no other run is active. Returns the names of the flow runs marked.
    """
    running = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING]))
    own_id = this_flow_run.get_id()
    flow_name = str(this_flow_run.get_flow_name())
    marked = []
    try:
        with get_client(sync_client=True) as client:
            for run in client.read_flow_runs(
                flow_filter=FlowFilter(name=FlowFilterName(any_=[flow_name])),
                flow_run_filter=FlowRunFilter(state=running),
                sort=FlowRunSort.START_TIME_DESC,
                limit=MAX_KILLED_RUNS,
            ):
                folder = (run.parameters or {}).get("workspace")
                is_other = str(run.id) != own_id
                if is_other and folder and Path(folder).resolve() == workspace.resolve():
                    state: State[Any] = Crashed(message="killed; a later run holds the workspace")
                    client.set_flow_run_state(run.id, state, force=True)
                    marked.append(run.name)
    except Exception as error:  # correcting the display must not stop a run
        get_run_logger().warning("could not look for killed runs: %s", type(error).__name__)
    return marked
