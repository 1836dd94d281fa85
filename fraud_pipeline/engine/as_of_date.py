"""Which day a night is as of, and what people had decided by then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.errors import InputError, WorkspaceError
from fraud_pipeline.rings.judgements import Judgement, known_by
from fraud_pipeline.schema.table_schema import TIME_ZONE
from fraud_pipeline.store import files, ledger
from fraud_pipeline.store.workspace import RING_JUDGEMENTS, Workspace

_CLOCK_TOLERANCE = timedelta(days=1)


def last_word(workspace: Workspace) -> date | None:
    """The day of the last verdict or judgement the workbench handed over.

    A night of today is as of that day at least: decisions made after the last claim came in
    would teach nothing otherwise.
    """
    days = []
    for path in sorted((workspace.path / "decisions").glob("*.parquet")):
        table = files.read_table(path)
        if "decided_on" in table.column_names and table.num_rows:
            days.append(pc.max(table["decided_on"].cast(pa.date32())).as_py())
    return max(filter(None, days), default=None)


def judgements(workspace: Workspace, until: date) -> tuple[Judgement, ...]:
    """What people had judged about rings' members by ``until``, as the workbench keeps it."""
    path = workspace.path / RING_JUDGEMENTS
    if not path.is_file():
        return ()
    columns = ("ring_id", "party_id", "action", "decided_on")
    rows = zip(*(files.read_table(path)[c].to_pylist() for c in columns), strict=True)
    return known_by((Judgement(*row) for row in rows), until)


def clock_is_sound(workspace: Workspace) -> None:
    """A clock far before the last publication would hide claims as not submitted yet.

    Raises WorkspaceError: clocks are set right, so this is worth another try.
    """
    now, last = datetime.now(UTC), ledger.last_at(workspace)
    if last is not None and last - now > _CLOCK_TOLERANCE:
        raise WorkspaceError(
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, before the last publication "
            f"({last:%Y-%m-%d %H:%M}); set it right or give the as-of date"
        )


def of_data(claims: pa.Table, last_word: date | None) -> date:
    """The last day the data or a decision tells of, but never a day that has not come yet."""
    today = datetime.now(ZoneInfo(TIME_ZONE)).date()
    latest = pc.max(claims["submitted_on"]).as_py()
    if latest is None:
        raise InputError("the claims have no submission date at all")
    return min(today, max(latest, last_word or latest))
