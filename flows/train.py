"""Learning from what audits found: a model for the next runs, or the reason why not."""

# No postponed annotations: see nightly.py.

from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact

from flows.common import TASK_OPTIONS, notify_block, notify_failure, optional_path
from fraud_pipeline.engine import runner, training
from fraud_pipeline.store import registration
from fraud_pipeline.store.workspace import locked

TRAIN_SECONDS = 4 * 3600.0


@task(name="learn", **TASK_OPTIONS)
def learn(workspace: Path, run: str | None, settings: Path | None) -> str:
    with locked(workspace) as place:
        result = training.train(place, run, runner.read_settings(settings)).text
        registration.register_artefacts(place)
    return result


@flow(
    name="train", timeout_seconds=TRAIN_SECONDS, flow_run_name="train in {workspace}",
    on_failure=[notify_failure], on_crashed=[notify_failure],
)  # fmt: skip
def train(
    workspace: str = "workspace",
    run: str | None = None,
    settings: str | None = None,
    notify: str | None = None,
) -> str:
    """Learns from the outcomes a run knew; says why not when they are too few or no better."""
    result: str = learn(Path(workspace), run, optional_path(settings))
    get_run_logger().info("%s", result)
    create_markdown_artifact(result, key="training")
    notify_block(notify, "fraud-pipeline: training", result)
    return result
