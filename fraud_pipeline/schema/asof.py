"""What was known on a date: the cut every step sees the world through."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.schema.inputs import INPUT_TABLES
from fraud_pipeline.schema.tables import Tables

# Columns of a row that tell of a later day than the row itself. Each is blanked
# together with its dependants when that day lies after the as-of date.
_LATER: dict[str, dict[str, tuple[str, ...]]] = {
    "claims": {
        "paid_on": ("paid_on", "paid_amount"),
        "confirmed_at": ("confirmed_at", "confirmed_by"),
    },
    "relations": {"until_on": ("until_on",)},
}


def known_by(tables: Tables, as_of: date, outcomes_until: date | None = None) -> Tables:
    """``tables`` as they stood at the end of ``as_of``.

    Dated rows later than ``as_of`` are dropped (outcomes later than
    ``outcomes_until`` when that is earlier), later columns of kept rows are
    blanked, a deliverable without a date goes with its claim, and a party stays
    only while some kept row names it: otherwise the mere presence of an enterprise
    that will file next year would change today's answers.
    """
    cut: dict[str, pa.Table] = {}
    for name, schema in INPUT_TABLES.items():
        table = tables[name]
        limit = as_of
        if name == "outcomes" and outcomes_until is not None:
            limit = min(as_of, outcomes_until)
        if schema.known_on is not None:
            day = table[schema.known_on]
            table = _only(table, pc.fill_null(pc.less_equal(day, pa.scalar(limit)), True))
        for day_column, blanked in _LATER.get(name, {}).items():
            table = _blank_after(table, day_column, blanked, as_of)
        cut[name] = table
    for child in ("deliverables", "outcomes"):
        known = pc.is_in(cut[child]["claim_id"], value_set=cut["claims"]["claim_id"])
        cut[child] = _only(cut[child], known)
    _drop_unnamed_parties(cut)
    return tables.replaced(**cut)


def _only(table: pa.Table, rows: pa.ChunkedArray) -> pa.Table:
    """The rows that are true; on most runs all are, and nothing is copied."""
    return table if pc.all(rows, min_count=0).as_py() else table.filter(rows)


def _blank_after(
    table: pa.Table, day_column: str, blanked: tuple[str, ...], as_of: date
) -> pa.Table:
    day = table[day_column]
    if pa.types.is_timestamp(day.type):
        # a plain cast would take the date in UTC; the day that counts is the local one
        day = pc.local_timestamp(day.cast(pa.timestamp("us", tz=TIME_ZONE))).cast(pa.date32())
    later = pc.fill_null(pc.greater(day, pa.scalar(as_of)), False)
    if not pc.any(later, min_count=0).as_py():
        return table
    for name in blanked:
        column = table[name]
        blanked_column = pc.if_else(later, pa.scalar(None, type=column.type), column)
        table = table.set_column(
            table.schema.get_field_index(name), table.schema.field(name), blanked_column
        )
    return table


def _drop_unnamed_parties(cut: dict[str, pa.Table]) -> None:
    for parties, key in (("enterprises", "enterprise_id"), ("institutions", "institution_id")):
        naming = [
            cut[name][key].combine_chunks()
            for name in ("claims", "vouchers", "contracts")
            if key in cut[name].column_names
        ]
        referenced = pa.chunked_array(naming, type=pa.string())
        cut[parties] = _only(cut[parties], pc.is_in(cut[parties][key], value_set=referenced))
