"""Rows that came twice: the same row again, or the same key with changes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from fraud_pipeline.records import TableSchema


@dataclass(frozen=True)
class Repeat:
    """A row to set aside: its position, why, and what differs from the one kept."""

    position: int
    reason: str  # duplicate_row | superseded
    detail: str


def find_repeats(table: pa.Table, schema: TableSchema) -> list[Repeat]:
    """Rows of ``table`` that another row stands for.

    Of exact repetitions the first stays. Of rows with one key and different
    content the newest stays (by the table's date, then by position), because a
    bureau uploads corrections as whole rows.
    """
    content = [n for n in schema.names if not n.startswith("source_")]
    key = list(schema.key) or content
    frame = table.select(key).to_pandas()
    suspects = frame.duplicated(keep=False).to_numpy().nonzero()[0]
    if not len(suspects):
        return []
    rows = table.select(content).take(suspects).to_pandas().astype(object)
    rows = rows.where(rows.notna(), None)
    rows.index = pd.Index(suspects)
    repeats = []
    for _, group in rows.groupby(key, sort=True, dropna=False):
        repeats += _in_group(group, schema)
    return repeats


def _in_group(group: pd.DataFrame, schema: TableSchema) -> list[Repeat]:
    copies = group.astype(str).duplicated()
    found = [Repeat(int(p), "duplicate_row", "the same row stands earlier") for p in group.index[copies]]
    versions = group[~copies]
    if len(versions) < 2:
        return found
    order = list(versions.index)
    if schema.known_on is not None:
        days = versions[schema.known_on]
        order.sort(key=lambda p: (str(days[p] or ""), p))
    newest = versions.loc[order[-1]]
    for position in order[:-1]:
        changed = [c for c in versions if str(versions.at[position, c]) != str(newest[c])]
        found.append(Repeat(int(position), "superseded", "newer row differs in: " + ", ".join(changed)))
    return found
