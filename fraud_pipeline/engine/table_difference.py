"""How two tables with the same key differ: rows that came and went, and changed cells a column."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

_BEFORE, _NOW = "row before", "row now"  # no column of a contract has a blank in its name


def difference(before: pa.Table, now: pa.Table, key: Sequence[str]) -> str:
    """The difference in words, rows matched by ``key``; "bytes alone" when every cell is equal.

    >>> a = pa.table({"id": ["1", "2"], "x": [1, 2]})
    >>> difference(a, pa.table({"id": ["1", "3"], "x": [5, 2]}), ("id",))
    '1 rows less, 1 rows more, 1 of 1 other rows: x 1'
    """
    parts = [f"column {name} less" for name in before.column_names if name not in now.column_names]
    parts += [f"column {name} more" for name in now.column_names if name not in before.column_names]
    if not key or not set(key) <= {*before.column_names} & {*now.column_names}:
        return ", ".join([*parts, f"{before.num_rows} rows, now {now.num_rows}"])
    at_before, at_now = _matched(before, now, key)
    n_gone, n_new = before.num_rows - len(at_before), now.num_rows - len(at_now)
    parts += [f"{n_gone} rows less"] if n_gone else []
    parts += [f"{n_new} rows more"] if n_new else []
    parts += _changed_cells(before.take(at_before), now.take(at_now), key)
    return ", ".join(parts) or "bytes alone"


def _matched(before: pa.Table, now: pa.Table, key: Sequence[str]) -> tuple[pa.Array, pa.Array]:
    """Row numbers of the rows that both tables have, in the same order."""
    left = before.select(list(key)).append_column(_BEFORE, pa.array(range(before.num_rows)))
    right = now.select(list(key)).append_column(_NOW, pa.array(range(now.num_rows)))
    joined = left.join(right, list(key), join_type="inner").sort_by(_BEFORE)
    return joined[_BEFORE].combine_chunks(), joined[_NOW].combine_chunks()


def _changed_cells(before: pa.Table, now: pa.Table, key: Sequence[str]) -> list[str]:
    changed = pa.array([False] * before.num_rows)
    counts = []
    for name in before.column_names:
        if name in key or name not in now.column_names:
            continue
        is_changed = _is_different(before[name], now[name])
        if n := pc.sum(is_changed).as_py():
            counts.append(f"{name} {n}")
            changed = pc.or_(changed, is_changed)
    if not counts:
        return []
    return [f"{pc.sum(changed).as_py()} of {before.num_rows} other rows: {', '.join(counts)}"]


def _is_different(before: pa.ChunkedArray, now: pa.ChunkedArray) -> pa.Array:
    """Row by row; two missing values are equal, and so are two that are not numbers."""
    left, right = before.combine_chunks(), now.combine_chunks()
    if left.type != right.type:
        left, right = left.cast(pa.string()), right.cast(pa.string())
    is_equal = pc.fill_null(pc.equal(left, right), False)
    both_missing = pc.and_(pc.is_null(left, nan_is_null=True), pc.is_null(right, nan_is_null=True))
    return pc.invert(pc.or_(is_equal, both_missing))
