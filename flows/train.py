"""Learning from what audits found: a model for the nights to come, or the reason why not."""

# No postponed annotations: see nightly.py.

from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact

from flows.common import PATIENT, path_of, tell, tell_of_failure
from fraud_pipeline.engine import runner, training
from fraud_pipeline.store import registration
from fraud_pipeline.store.workspace import locked

TRAIN_SECONDS = 4 * 3600.0


@task(name="learn", **PATIENT)
def learn(workspace: Path, run: str | None, settings: Path | None) -> str:
    with locked(workspace) as place:
        said = training.train(place, run, runner.read_settings(settings))
        registration.register_artefacts(place)
    return said


@flow(
    name="train", timeout_seconds=TRAIN_SECONDS, flow_run_name="train in {workspace}",
    on_failure=[tell_of_failure], on_crashed=[tell_of_failure],
)  # fmt: skip
def train(
    workspace: str = "workspace",
    run: str | None = None,
    settings: str | None = None,
    notify: str | None = None,
) -> str:
    """Learns from the outcomes a run knew; says why not when they are too few or no better."""
    said: str = learn(Path(workspace), run, path_of(settings))
    get_run_logger().info("%s", said)
    create_markdown_artifact(said, key="training")
    tell(notify, "fraud-pipeline: training", said)
    return said
