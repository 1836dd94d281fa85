"""The nightly run: one task a step, resumable, with or without a Prefect server.

The tasks pass names and folders, never tables. What a finished step made is staged in
the workspace under a key of everything that went into it, so a run that was killed
continues where it stopped, and a run that has nothing new to do says so. Prefect's own
view of a killed run may stay "Running" until the next one; the workspace is the truth.
"""

# No postponed annotations here: a scheduled run loads this file by its path, and
# pydantic then finds no module to look the flow's parameter types up in.

from collections.abc import Callable
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
    TASK_OPTIONS,
    mark_killed_runs_crashed,
    notify_alarms,
    notify_failure,
)
from flows.options import RunOptions
from fraud_pipeline import monitor
from fraud_pipeline.cli import run_summary
from fraud_pipeline.engine import runner
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.monitor import health
from fraud_pipeline.pipeline import STEPS, Step, concurrent_groups
from fraud_pipeline.store import attempts, runs
from fraud_pipeline.store.workspace import Workspace, locked
from fraud_pipeline.vocabulary.messages import one_of

TOP = 20  # claims shown in the orchestrator's table


@task(name="ingest", **TASK_OPTIONS)
def prepare_run(request: runner.Request, workspace: Workspace) -> runner.RunInProgress | runs.Run:
    return runner.prepare_run(request, workspace)


@task(name="step", task_run_name="{name}", **TASK_OPTIONS)
def run_step(name: str, run: runner.RunInProgress, step: Step) -> State[str]:
    staged, was_staged = runner.run_step(run, step)
    folder = staged.folder.name
    if was_staged:
        return Completed(name="Cached", message=f"found {folder}", data=folder)
    seconds, rows = staged.cost["seconds"], staged.cost["rows"]
    return Completed(message=f"{rows:,.0f} rows in {seconds:.1f} s", data=folder)


@task(name="publish", **TASK_OPTIONS)
def publish(run: runner.RunInProgress, workspace: Workspace) -> runs.Run:
    return runner.finish(run, workspace)


@task(name="artifacts", cache_policy=NO_CACHE)
def write_artifacts(folder: Path) -> None:
    """The top of the list and a summary, for Prefect's UI."""
    run = runs.Run(folder)
    columns = ["rank", "claim_id", "risk", "expected_loss", "claimed_amount",
               one_of("top_reason", "top_reason_en")]  # fmt: skip
    top = run.table("ranked_claims").select(columns).slice(0, TOP)
    rows = [{k: v if isinstance(v, int | str) else f"{v:.2f}" for k, v in row.items()}
            for row in top.to_pylist()]  # fmt: skip
    create_table_artifact(rows, key="top-claims", description=f"Top of {run.run_id}")
    fresh = monitor.as_text(health.freshness(folder.parent.parent))
    text = f"{run_summary.of_run(run).text}\n{fresh}".replace("\n", "\n\n")
    create_markdown_artifact(text, key="run-summary", description=run.run_id)


@flow(
    name="nightly", log_prints=False, timeout_seconds=FLOW_SECONDS,
    flow_run_name="nightly of {workspace}",
    on_failure=[notify_failure], on_crashed=[notify_failure],
)  # fmt: skip
def nightly(
    data: str,
    workspace: str = "workspace",
    options: RunOptions = RunOptions(),  # noqa: B008 - immutable
    notify: str | None = None,
) -> str:
    """Ingest, evidence, score, plan, explain, publish; returns the run's folder.

    ``notify`` names a notification block of Prefect's, ``type/name``: it is sent a failure
    and the alarms of the monitoring, nothing else.
    """
    request = options.request(data, workspace)
    run = run_as_tasks(request)
    try:
        notify_alarms(notify, request.workspace)
    except FraudPipelineError as error:  # the run is published; its monitoring failed
        get_run_logger().warning("not monitored: %s", error)
    return str(run.folder)


def run_as_tasks(
    request: runner.Request, progress: Callable[[str], None] = lambda step: None
) -> runs.Run:
    """The body of the flow: every step a task. ``progress`` is called with each step's name."""
    log = get_run_logger()
    with locked(request.workspace) as workspace, attempts.recorded(workspace.path) as attempt:
        for name in mark_killed_runs_crashed(workspace.path):
            log.warning("%s was killed and is now marked as crashed", name)
        progress("ingest")
        prepared = prepare_run(_opaque(request), _opaque(workspace))
        if isinstance(prepared, runs.Run):
            attempt.ended(prepared.run_id, new=False)
            log.info("nothing new since run %s", prepared.run_id)
            return prepared
        # The key by which dashboards already find the progress bar.
        bar = create_progress_artifact(0.0, key="night", description=prepared.run_id)
        n_done = 0
        for steps in concurrent_groups():
            for step in steps:
                progress(step.name)
            jobs = [run_step.submit(step.name, _opaque(prepared), _opaque(step)) for step in steps]
            for job in jobs:
                job.result()
            n_done += len(steps)
            update_progress_artifact(bar, 100.0 * n_done / (len(STEPS) + 1))  # type: ignore[arg-type]
        progress("publish")
        run = publish(_opaque(prepared), _opaque(workspace))
        attempt.ended(run.run_id, new=True)
        update_progress_artifact(bar, 100.0)  # type: ignore[arg-type]
    write_artifacts(run.folder)
    log.info("published %s", run.run_id)
    return run


def _opaque(value: Any) -> Any:
    """Keeps Prefect from searching the value for futures; the task gets it unwrapped."""
    return opaque(value)
