"""The nightly runs of several programmes, each in its own process; a failed one stops no other."""

# No postponed annotations: see nightly.py.

import multiprocessing.context
import time
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow_in_subprocess

from flows.common import FLOW_SECONDS, notify_failure
from flows.nightly import nightly
from flows.options import RunOptions
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.store import attempts

_POLL_SECONDS = 0.5
_TERMINATION_SECONDS = 30


class Programme(RunOptions):
    """One programme's nightly run: where its claims are and where its runs go."""

    name: str
    data: str
    workspace: str

    def flow_parameters(self) -> dict[str, Any]:
        """The parameters of the flow ``nightly`` in JSON; what has its default is left out."""
        fields = self.model_dump(mode="json", exclude={"name"}, exclude_none=True)
        options = {key: fields.pop(key) for key in list(fields) if key in RunOptions.model_fields}
        return {**fields, "options": options}


class SomeFailedError(FraudPipelineError):
    """Programmes whose run failed; the others are published."""


Process = multiprocessing.context.SpawnProcess


@flow(
    name="programmes", timeout_seconds=2 * FLOW_SECONDS,
    on_failure=[notify_failure], on_crashed=[notify_failure],
)  # fmt: skip
def programmes(
    programmes: list[Programme],
    at_once: int = 2,
    seconds_each: float = FLOW_SECONDS,
    notify: str | None = None,
) -> dict[str, str]:
    """The run of every programme, ``at_once`` at a time; returns the outcome of each, by name.

    Each has its own process: one that runs out of memory, crashes or takes longer than
    ``seconds_each`` does not affect the others. Raises SomeFailedError at the end, naming them.
    """
    log = get_run_logger()
    outcomes: dict[str, str] = {}
    waiting, running = list(programmes), dict[str, tuple[Programme, Process, float]]()
    while waiting or running:
        while waiting and len(running) < max(1, at_once):
            one = waiting.pop(0)
            running[one.name] = (one, _start(one, notify), time.monotonic())
        for name, (one, process, since) in list(running.items()):
            if process.is_alive() and time.monotonic() - since < seconds_each:
                continue
            outcomes[name] = _outcome(one, process)
            log.info("%s: %s", name, outcomes[name])
            del running[name]
        time.sleep(_POLL_SECONDS)
    rows = [{"programme": name, "ended": text} for name, text in sorted(outcomes.items())]
    create_table_artifact(rows, key="programmes", description="Outcome of each")
    failed = {name: text for name, text in sorted(outcomes.items()) if not text.startswith("run ")}
    if failed:
        raise SomeFailedError("; ".join(f"{name}: {text}" for name, text in failed.items()))
    return outcomes


def _start(one: Programme, notify: str | None) -> Process:
    parameters = {**one.flow_parameters(), "notify": notify}
    with get_client(sync_client=True) as client:  # without a server: one temporary server for all
        api = {"PREFECT_API_URL": str(client.api_url).rstrip("/")}
    return run_flow_in_subprocess(nightly, parameters=parameters, env={**api})


def _outcome(one: Programme, process: Process) -> str:
    """``run <id>`` of a success, else why it failed; a process still running is stopped."""
    if process.is_alive():
        process.terminate()
        process.join(_TERMINATION_SECONDS)
        if process.is_alive():
            process.kill()
        process.join()
        return "took too long and was stopped"
    process.join()
    events = attempts.read(Path(one.workspace))
    last = events[-1] if events else None
    if process.exitcode == 0 and last is not None and last.run_id:
        return f"run {last.run_id}"
    if last is not None and last.reason:
        return last.reason
    return f"its process ended with {process.exitcode}"
