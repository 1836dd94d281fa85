"""The as-of date of a run, and what people had decided by then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.errors import InputError, WorkspaceError
from fraud_pipeline.rings.evidence.judgements import Judgement, known_by
from fraud_pipeline.store import files, ledger
from fraud_pipeline.store.workspace import RING_JUDGEMENTS, Workspace

_CLOCK_TOLERANCE = timedelta(days=1)


def latest_decision_date(workspace: Workspace) -> date | None:
    """Date of the latest exported decision (verdict or ring judgement); None without one.

    A run without a fixed date is as of that day at least: decisions made after the last claim
    was submitted would otherwise not count as known.
    """
    days = []
    for path in sorted((workspace.path / "decisions").glob("*.parquet")):
        table = files.read_table(path)
        if "decided_on" in table.column_names and table.num_rows:
            days.append(pc.max(table["decided_on"].cast(pa.date32())).as_py())
    return max(filter(None, days), default=None)


def judgements(workspace: Workspace, until: date) -> tuple[Judgement, ...]:
    """People's judgements about members of rings up to ``until``, as the workbench exports them."""
    path = workspace.path / RING_JUDGEMENTS
    if not path.is_file():
        return ()
    columns = ("ring_id", "party_id", "action", "decided_on")
    rows = zip(*(files.read_table(path)[c].to_pylist() for c in columns), strict=True)
    return known_by((Judgement(*row) for row in rows), until)


def check_clock(workspace: Workspace) -> None:
    """Refuses a clock far before the last publication: it would hide claims as not yet submitted.

    Raises WorkspaceError, which the flows retry: a clock is corrected in time.
    """
    now, last = datetime.now(UTC), ledger.last_at(workspace)
    if last is not None and last - now > _CLOCK_TOLERANCE:
        raise WorkspaceError(
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, before the last publication "
            f"({last:%Y-%m-%d %H:%M}); set it right or give the as-of date"
        )


def default_as_of_date(claims: pa.Table, latest_decision: date | None) -> date:
    """The last submission or decision, whichever is later, but never a day in the future.

    Raises InputError when no claim has a submission date.
    """
    today = datetime.now(ZoneInfo(TIME_ZONE)).date()
    latest = pc.max(claims["submitted_on"]).as_py()
    if latest is None:
        raise InputError("the claims have no submission date at all")
    return min(today, max(latest, latest_decision or latest))
