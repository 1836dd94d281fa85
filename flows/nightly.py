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
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed
from prefect.utilities.annotations import opaque

from flows.common import (
    FLOW_SECONDS,
    PATIENT,
    bury_zombies,
    path_of,
    tell_of_alarms,
    tell_of_failure,
)
from fraud_pipeline import monitor
from fraud_pipeline.cli import run_summary
from fraud_pipeline.engine import runner
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.monitor import health
from fraud_pipeline.pipeline import STEPS, Step, concurrent_groups
from fraud_pipeline.store import attempts, runs
from fraud_pipeline.store.workspace import Workspace, locked

TOP = 20  # claims shown in the orchestrator's table


@task(name="ingest", **PATIENT)
def begin(request: runner.Request, workspace: Workspace) -> runner.RunInProgress | runs.Run:
    return runner.prepare_run(request, workspace)


@task(name="step", task_run_name="{name}", **PATIENT)
def run_step(name: str, night: runner.RunInProgress, step: Step) -> State[str]:
    staged, found = runner.run_step(night, step)
    where = staged.folder.name
    if found:
        return Completed(name="Cached", message=f"found {where}", data=where)
    seconds, rows = staged.cost["seconds"], staged.cost["rows"]
    return Completed(message=f"{rows:,.0f} rows in {seconds:.1f} s", data=where)


@task(name="publish", **PATIENT)
def publish(night: runner.RunInProgress, workspace: Workspace) -> runs.Run:
    return runner.finish(night, workspace)


@task(name="artifacts", cache_policy=NO_CACHE)
def show(folder: Path) -> None:
    """The top of the list and a summary, for Prefect's UI."""
    run = runs.Run(folder)
    columns = ["rank", "claim_id", "risk", "expected_loss", "claimed_amount", "top_reason"]
    top = run.table("ranked_claims").select(columns).slice(0, TOP)
    rows = [{k: v if isinstance(v, int | str) else f"{v:.2f}" for k, v in row.items()}
            for row in top.to_pylist()]  # fmt: skip
    create_table_artifact(rows, key="top-claims", description=f"Top of {run.run_id}")
    fresh = monitor.as_text(health.freshness(folder.parent.parent))
    text = f"{run_summary.of_run(run)}\n{fresh}".replace("\n", "\n\n")
    create_markdown_artifact(text, key="run-summary", description=run.run_id)


@flow(
    name="nightly", log_prints=False, timeout_seconds=FLOW_SECONDS,
    flow_run_name="nightly of {workspace}",
    on_failure=[tell_of_failure], on_crashed=[tell_of_failure],
)  # fmt: skip
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
    notify: str | None = None,
) -> str:
    """Ingest, evidence, score, plan, explain, publish; returns the run's folder.

    ``notify`` names a notification block of Prefect's, ``type/name``: it hears of a
    failure and of the alarms of the monitoring, nothing else.
    """
    request = runner.Request(
        data=data, workspace=Path(workspace), programme=programme, mapping=path_of(mapping),
        as_of=as_of, outcomes_until=outcomes_until, settings=path_of(settings),
        packs=path_of(packs), budget=budget, seed=seed, cover_enterprises=cover_enterprises,
    )  # fmt: skip
    run = night_of(request)
    try:
        tell_of_alarms(notify, request.workspace)
    except FraudPipelineError as error:  # the run is published; watching it is another matter
        get_run_logger().warning("not watched: %s", error)
    return str(run.folder)


def night_of(
    request: runner.Request, progress: Callable[[str], None] = lambda step: None
) -> runs.Run:
    """The body of the flow: every step a task. ``progress`` hears each step's name."""
    log = get_run_logger()
    with locked(request.workspace) as workspace, attempts.recorded(workspace.path) as diary:
        for name in bury_zombies(workspace.path):
            log.warning("%s was killed and is now marked as crashed", name)
        progress("ingest")
        night = begin(_as_is(request), _as_is(workspace))
        if isinstance(night, runs.Run):
            diary.ended(night.run_id, new=False)
            log.info("nothing new since run %s", night.run_id)
            return night
        bar = create_progress_artifact(0.0, key="night", description=night.run_id)
        done = 0
        for steps in concurrent_groups():
            for step in steps:
                progress(step.name)
            jobs = [run_step.submit(step.name, _as_is(night), _as_is(step)) for step in steps]
            for job in jobs:
                job.result()
            done += len(steps)
            update_progress_artifact(bar, 100.0 * done / (len(STEPS) + 1))  # type: ignore[arg-type]
        progress("publish")
        run = publish(_as_is(night), _as_is(workspace))
        diary.ended(run.run_id, new=True)
        update_progress_artifact(bar, 100.0)  # type: ignore[arg-type]
    show(run.folder)
    log.info("published %s", run.run_id)
    return run


def _as_is(value: Any) -> Any:
    """Keeps Prefect from searching the value for futures; the task gets it unwrapped."""
    return opaque(value)
