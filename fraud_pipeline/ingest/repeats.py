"""Rows that came twice: the same row again, or the same key with changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest.keys import compare, is_no_key
from fraud_pipeline.schema import TableSchema


@dataclass(frozen=True)
class Repeats:
    """Rows to quarantine: their positions, why, and what differs from the row kept."""

    positions: np.ndarray
    reasons: list[str]  # duplicate_row | superseded | same_key_other_parties
    details: list[str]
    no_key: int = 0  # rows that bear the number of another row, where that number is no key


def find_repeats(table: pa.Table, schema: TableSchema) -> Repeats:
    """Rows of ``table`` that another row stands for.

    Of exact repetitions the first stays. Of rows with one key and different
    content the newest stays (by the table's date, then by position), because a
    bureau uploads corrections as whole rows. A table without a key knows only
    exact repetitions. Where many rows of one key are of other parties, days and amounts, it
    is no key: ``no_key`` counts them, and the caller refuses the file.
    """
    content = [n for n in schema.names if not n.startswith("source_")]
    suspects = _with_equals(table, list(schema.key) or content)
    if not len(suspects):
        return Repeats(suspects, [], [])
    rows = table.select(content).take(pa.array(suspects)).combine_chunks()
    coded = pd.DataFrame({name: _codes(rows[name]) for name in content}, index=suspects)
    copies = coded.duplicated(keep="first").to_numpy()
    repeats = [(int(p), "duplicate_row", "the same row stands earlier") for p in suspects[copies]]
    no_key = 0
    if schema.key:
        places = table.select(["source_file", "source_sheet"]).take(pa.array(suspects[~copies]))
        older, no_key = _superseded(
            coded[~copies], rows.filter(pa.array(~copies)), places, schema, table.num_rows
        )
        repeats += older
    repeats.sort()
    return Repeats(
        np.array([f[0] for f in repeats], dtype=np.int64),
        [f[1] for f in repeats],
        [f[2] for f in repeats],
        no_key,
    )


def _with_equals(table: pa.Table, names: list[str]) -> np.ndarray:
    """Positions of rows that share their values in ``names`` with another row."""
    coded = pd.DataFrame({name: _codes(table[name]) for name in names})
    return np.flatnonzero(coded.duplicated(keep=False).to_numpy())


def _codes(column: pa.ChunkedArray) -> np.ndarray:
    """Equal numbers for equal values; null is a value of its own."""
    coded = column.combine_chunks().dictionary_encode()
    indices: np.ndarray = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return indices


def _superseded(
    coded: pd.DataFrame, rows: pa.Table, places: pa.Table, schema: TableSchema, n_rows: int
) -> tuple[list[tuple[int, str, str]], int]:
    """Of each key all versions but the newest, with the columns in which they differ; and how
    many they are where the key is none."""
    if schema.known_on is not None:
        days = pc.fill_null(rows[schema.known_on].cast(pa.int32()), np.iinfo(np.int32).min)
        age = days.to_numpy()
    else:
        age = np.zeros(len(coded), dtype=np.int64)
    group = coded.groupby(list(schema.key), sort=False).ngroup().to_numpy()
    order = np.lexsort((coded.index.to_numpy(), age, group))
    last = np.ones(len(order), dtype=bool)
    last[:-1] = group[order][1:] != group[order][:-1]
    newest = np.zeros(group.max(initial=-1) + 1, dtype=np.int64)
    newest[group[order[last]]] = order[last]
    older = np.sort(order[~last])
    newer = newest[group[older]]
    values = coded.to_numpy()
    differs = values[older] != values[newer]
    where = pd.DataFrame({name: _codes(places[name]) for name in places.column_names})
    versions = compare(coded, where, older, newer, schema)
    names = np.array(coded.columns)
    entries = [
        (
            int(coded.index[p]),
            "same_key_other_parties" if other else "superseded",
            "a newer row differs in: " + ", ".join(names[d]),
        )
        for p, d, other in zip(older, differs, versions.party, strict=True)
    ]
    return entries, len(older) if is_no_key(versions, n_rows) else 0
