"""A round of the sampled audit: fix the plan now, draw when the public seed is known."""

# No postponed annotations: see nightly.py.

from pathlib import Path

import pyarrow as pa
from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact

from flows.common import TASK_OPTIONS, notify_block, notify_failure, optional_path
from fraud_pipeline.audit.limits import Limits
from fraud_pipeline.engine import audit_rounds as plans
from fraud_pipeline.engine import runner
from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.store import files, ledger, registration, runs
from fraud_pipeline.store.workspace import locked
from fraud_pipeline.vocabulary.messages import t

ROUND_SECONDS = 3600.0
_SPARES = 10


@task(name="commit", **TASK_OPTIONS)
def commit(
    workspace: Path, run: str | None, budget: int | None, cover: float | None, settings: Path | None
) -> tuple[str, str]:
    """Fixes a run's frame in ``<workspace>/plans/``; the folder and the hash to publish.

    A plan once fixed is not fixed again: the hash that stands in the ledger is returned.
    """
    with locked(workspace) as place:
        chosen = runs.find(workspace, run)
        folder = workspace / "plans" / f"{chosen.run_id}-n{budget or 'share'}"
        if (folder / plans.COMMITMENT).is_file():
            return str(folder), str(files.read_json(folder / plans.COMMITMENT)["frame_sha256"])
        audit = runner.read_settings(settings).audit
        root = plans.commit(chosen, audit, budget, cover, Limits(), folder)
        ledger.append(place, "commitment", f"{chosen.run_id} {folder.name}", root)
    return str(folder), root


@task(name="draw", **TASK_OPTIONS)
def draw(workspace: Path, folder: Path, seed: int) -> str:
    """Draws the committed plan with the public seed, proves the draw and enters it."""
    with locked(workspace) as place:
        if not (folder / plans.COMMITMENT).is_file():
            raise UnknownRecordError(f"{folder}: nothing was committed to here")
        if (folder / "plan.json").is_file():
            seed_used = files.read_json(folder / "plan.json")["seed"]
            if seed_used != seed:
                raise IntegrityError(
                    f"{folder}: was drawn with seed {seed_used}; a plan is drawn once"
                )
            return f"{folder}: {plans.verify(folder, None)}"
        no_auditors = pa.table(
            {"auditor_id": pa.array([], pa.string()), "days": pa.array([], pa.float64())}
        )
        no_conflicts = pa.table(
            {"auditor_id": pa.array([], pa.string()), "party_id": pa.array([], pa.string())}
        )
        plans.draw(workspace, folder, seed, no_auditors, no_conflicts, _SPARES)
        root = plans.verify(folder, None)
        registration.register_artefacts(place)
    return f"{folder}: {root}"


@flow(
    name="audit_round", timeout_seconds=ROUND_SECONDS, flow_run_name="audit round in {workspace}",
    on_failure=[notify_failure], on_crashed=[notify_failure],
)  # fmt: skip
def audit_round(
    workspace: str = "workspace",
    run: str | None = None,
    budget: int | None = None,
    cover_enterprises: float | None = None,
    settings: str | None = None,
    seed: int | None = None,
    notify: str | None = None,
) -> str:
    """Commits to a plan; with ``seed``, the public number taken afterwards, draws it too."""
    root_folder = Path(workspace)
    folder, root = commit(root_folder, run, budget, cover_enterprises, optional_path(settings))
    summary = f"{t('audit.publish', root=root)}\n\n{folder}"
    if seed is not None:
        summary = draw(root_folder, Path(folder), seed)
    get_run_logger().info("%s", summary)
    create_markdown_artifact(summary, key="audit-round")
    notify_block(notify, "fraud-pipeline: audit round", summary)
    return folder
