"""The health of a workspace, read from its attempt log and its last runs; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fraud_pipeline import monitor
from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.store import attempts, ledger, runs
from fraud_pipeline.store.runs import Run
from fraud_pipeline.store.workspace import Workspace, is_locked

MAX_AGE_HOURS = 30.0  # a scheduled run that is late is not yet one that is missing


@dataclass(frozen=True)
class HealthReport:
    """Freshness, measures and alarms of a workspace; measures are None before the first run."""

    fresh: monitor.Freshness
    measures: monitor.Measures | None
    alarms: list[monitor.Alarm]


def freshness(
    path: Path, max_age_hours: float = MAX_AGE_HOURS, max_data_days: int | None = None,
    now: datetime | None = None,
) -> monitor.Freshness:  # fmt: skip
    """How fresh the last good run is, judged now."""
    try:
        manifest = runs.find(path).manifest
    except UnknownRecordError:
        manifest = None
    return monitor.freshness(
        manifest, attempts.read(path), now or datetime.now(UTC), running=is_locked(path),
        max_age_hours=max_age_hours, max_data_days=max_data_days,
    )  # fmt: skip


def report(
    path: Path, run_id: str | None = None, against: str | None = None,
    max_age_hours: float = MAX_AGE_HOURS, max_data_days: int | None = None,
) -> HealthReport:  # fmt: skip
    """Measures and alarms of a run (default the last) against the one before it.

    Raises UnknownRecordError for a named run that is not there.
    """
    fresh = freshness(path, max_age_hours, max_data_days)
    if fresh.run_id is None and run_id is None:
        return HealthReport(fresh, None, [])
    run = runs.find(path, run_id)
    before = runs.find(path, against) if against else run_to_compare_with(Workspace(path), run)
    measures = monitor.measure(run, before)
    return HealthReport(fresh, measures, monitor.alarms(measures, fresh))


def run_to_compare_with(workspace: Workspace, run: Run) -> Run | None:
    """The run to compare with: the last earlier entry of the ledger that is of an earlier
    as-of date and still has its tables.
    """
    order = [line.subject for line in ledger.read(workspace) if line.kind == "run"]
    earlier = order[: order.index(run.run_id)] if run.run_id in order else []
    as_of = run.manifest["as_of"]
    for run_id in reversed(earlier):
        candidate = runs.existing(workspace, run_id)
        try:
            if candidate is not None and candidate.manifest["as_of"] < as_of:
                return candidate
        except IntegrityError:
            continue  # `verify --all` names it; monitoring compares with the run before
    return None
