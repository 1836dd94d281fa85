"""The nightly run: one task a step, resumable, with or without a Prefect server.

The tasks pass names and folders, never tables. What a finished step made lies in
the workspace under a key of everything that went into it, so a night that was
killed goes on where it stopped, and a night that has nothing new to do says so.
Prefect's own view of a killed run may stay "Running"; the workspace is the truth.
"""

# No postponed annotations here: a scheduled run loads this file by its path, and
# pydantic then finds no module to look the flow's parameter types up in.

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed
from prefect.utilities.annotations import opaque

from fraud_pipeline import conduct, summary
from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.pipeline import STEPS, Step
from fraud_pipeline.store import runs
from fraud_pipeline.store.workspace import Workspace, locked

TOP = 20  # claims shown in the orchestrator's table


def _worth_retrying(task: Any, run: Any, state: State[Any]) -> bool:
    """Only what time can heal: a database away, a disk that is full for a while."""
    failure = state.result(raise_on_failure=False)
    return isinstance(failure, OSError | WorkspaceError | ConnectionError)


_IO: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [2, 10, 60],
    "retry_condition_fn": _worth_retrying,
    "cache_policy": NO_CACHE,
}


@task(name="ingest", **_IO)
def begin(request: conduct.Request, workspace: Workspace) -> conduct.Night | runs.Run:
    return conduct.begin(request, workspace)


@task(name="step", task_run_name="{name}", **_IO)
def run_step(name: str, night: conduct.Night, step: Step) -> State[str]:
    staged, found = conduct.run_step(night, step)
    where = staged.folder.name
    if found:
        return Completed(name="Cached", message=f"found {where}", data=where)
    seconds, rows = staged.cost["seconds"], staged.cost["rows"]
    return Completed(message=f"{rows:,.0f} rows in {seconds:.1f} s", data=where)


@task(name="publish", **_IO)
def publish(night: conduct.Night, workspace: Workspace) -> runs.Run:
    return conduct.finish(night, workspace)


@task(name="artifacts", cache_policy=NO_CACHE)
def show(folder: Path) -> None:
    """The top of the list and a summary, for Prefect's UI."""
    run = runs.Run(folder)
    columns = ["rank", "claim_id", "risk", "expected_loss", "claimed_amount", "top_reason"]
    top = run.table("ranked_claims").select(columns).slice(0, TOP)
    rows = [{k: v if isinstance(v, int | str) else f"{v:.2f}" for k, v in row.items()}
            for row in top.to_pylist()]  # fmt: skip
    create_table_artifact(rows, key="top-claims", description=f"Top of {run.run_id}")
    create_markdown_artifact(
        summary.of_run(run).replace("\n", "\n\n"), key="run-summary", description=run.run_id
    )


@flow(name="nightly", log_prints=False)
def nightly(
    data: str,
    workspace: str = "workspace",
    programme: str | None = None,
    mapping: str | None = None,
    as_of: date | None = None,
    outcomes_until: date | None = None,
    settings: str | None = None,
    packs: str | None = None,
    budget: int | None = None,
    seed: int = 1,
    cover_enterprises: float | None = None,
) -> str:
    """Ingest, evidence, score, plan, explain, publish; returns the run's folder."""
    request = conduct.Request(
        data=data, workspace=Path(workspace), programme=programme, mapping=_path(mapping),
        as_of=as_of, outcomes_until=outcomes_until, settings=_path(settings),
        packs=_path(packs), budget=budget, seed=seed, cover_enterprises=cover_enterprises,
    )  # fmt: skip
    return str(night_of(request).folder)


def night_of(
    request: conduct.Request, progress: Callable[[str], None] = lambda step: None
) -> runs.Run:
    """The body of the flow: every step a task. ``progress`` hears each step's name."""
    log = get_run_logger()
    with locked(request.workspace) as workspace:
        progress("ingest")
        night = begin(_as_is(request), _as_is(workspace))
        if isinstance(night, runs.Run):
            log.info("nothing new since run %s", night.run_id)
            return night
        for step in STEPS:
            progress(step.name)
            run_step(step.name, _as_is(night), _as_is(step))
        progress("publish")
        run = publish(_as_is(night), _as_is(workspace))
    show(run.folder)
    log.info("published %s", run.run_id)
    return run


def _as_is(value: Any) -> Any:
    """Keeps Prefect from searching the value for futures; the task gets it unwrapped."""
    return opaque(value)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
