"""Several programmes in one night, each in a process of its own; a bad one stops no other."""

# No postponed annotations: see nightly.py.

import multiprocessing.context
import time
from datetime import date
from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow_in_subprocess
from pydantic import BaseModel, ConfigDict, Field

from flows.common import FLOW_SECONDS, tell_of_failure
from flows.nightly import nightly
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.store import attempts

_LOOK_SECONDS = 0.5
_ENDS_AFTER_SECONDS = 30


class Programme(BaseModel):
    """One programme's night: where its claims are and where its runs go."""

    model_config = ConfigDict(extra="forbid")

    name: str
    data: str
    workspace: str
    programme: str | None = None
    mapping: str | None = None
    as_of: date | None = None
    outcomes_until: date | None = None
    settings: str | None = None
    packs: str | None = None
    budget: int | None = None
    seed: int = 1
    cover_enterprises: float | None = Field(default=None, ge=0, le=1)


class SomeFailedError(FraudPipelineError):
    """Programmes whose night failed; the others are published."""


Process = multiprocessing.context.SpawnProcess


@flow(
    name="programmes", timeout_seconds=2 * FLOW_SECONDS,
    on_failure=[tell_of_failure], on_crashed=[tell_of_failure],
)  # fmt: skip
def programmes(
    programmes: list[Programme],
    at_once: int = 2,
    seconds_each: float = FLOW_SECONDS,
    notify: str | None = None,
) -> dict[str, str]:
    """The night of every programme, ``at_once`` at a time; what became of each, by name.

    A process of its own each: one that runs out of memory, crashes or takes longer than
    ``seconds_each`` takes no other with it. Raises SomeFailedError at the end, naming them.
    """
    log = get_run_logger()
    ended: dict[str, str] = {}
    waiting, at_work = list(programmes), dict[str, tuple[Programme, Process, float]]()
    while waiting or at_work:
        while waiting and len(at_work) < max(1, at_once):
            one = waiting.pop(0)
            at_work[one.name] = (one, _begin(one, notify), time.monotonic())
        for name, (one, process, since) in list(at_work.items()):
            if process.is_alive() and time.monotonic() - since < seconds_each:
                continue
            ended[name] = _end(one, process)
            log.info("%s: %s", name, ended[name])
            del at_work[name]
        time.sleep(_LOOK_SECONDS)
    rows = [{"programme": name, "ended": said} for name, said in sorted(ended.items())]
    create_table_artifact(rows, key="programmes", description="What became of each")
    bad = {name: said for name, said in sorted(ended.items()) if not said.startswith("run ")}
    if bad:
        raise SomeFailedError("; ".join(f"{name}: {said}" for name, said in bad.items()))
    return ended


def _begin(one: Programme, notify: str | None) -> Process:
    given = {**one.model_dump(exclude={"name"}), "notify": notify}
    with get_client(sync_client=True) as client:  # without a server: ours, not one more each
        api = {"PREFECT_API_URL": str(client.api_url).rstrip("/")}
    return run_flow_in_subprocess(nightly, parameters=given, env={**api})


def _end(one: Programme, process: Process) -> str:
    """``run <id>`` when the night was a success, else why it was not."""
    if process.is_alive():
        process.terminate()
        process.join(_ENDS_AFTER_SECONDS)
        if process.is_alive():
            process.kill()
        process.join()
        return "took too long and was stopped"
    process.join()
    diary = attempts.read(Path(one.workspace))
    last = diary[-1] if diary else None
    if process.exitcode == 0 and last is not None and last.run_id:
        return f"run {last.run_id}"
    if last is not None and last.reason:
        return last.reason
    return f"its process ended with {process.exitcode}"
