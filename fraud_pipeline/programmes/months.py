"""Dates of which only the month is known: what a rule would say on other days of that month."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.programmes.rule import RuleContext
from fraud_pipeline.schema import INPUT_TABLES, Kind, Tables

_KINDS = (Kind.DATE, Kind.INSTANT)
Chosen = Callable[[str, str, int], np.ndarray]  # table, column, rows -> which rows are moved


def contexts_of_other_days(context: RuleContext) -> list[RuleContext]:
    """The context with the dates that name a month only on other days of it; none without such.

    On their first day they stand already. All are put on the last day; every other row; the rows
    between them; and, where several columns have such dates, one column alone. Differences of two dates are
    least and greatest in these.
    """
    columns = list(_columns(context.tables))
    if not columns:
        return []
    choices: list[Chosen] = [
        lambda _t, _c, n: np.ones(n, dtype=bool),
        lambda _t, _c, n: np.arange(n) % 2 == 0,
        lambda _t, _c, n: np.arange(n) % 2 == 1,
    ]
    if len(columns) > 1:
        choices += [_one(table, column) for table, column in columns]
    return [_moved(context, columns, chosen) for chosen in choices]


def open_where_days_decide(
    answer: pa.Table, context: RuleContext, others: list[RuleContext],
    evaluate: Callable[[RuleContext], pa.Table],
) -> pa.Table:  # fmt: skip
    """``answer`` with ``why`` = month_only for claims of which another day would change ``hit``."""
    ids = context.claims_to_judge["claim_id"].combine_chunks()
    changes = np.zeros(answer.num_rows, dtype=bool)
    for other in others:
        rows = pc.is_in(other.claims_to_judge["claim_id"], value_set=ids)
        hit = evaluate(other.of(rows.combine_chunks()).within(context.scope))["hit"]
        changes |= _codes(hit) != _codes(answer["hit"])
    why = answer["why"].cast(pa.string())
    open_now = pc.if_else(pc.and_(pa.array(changes), pc.is_null(why)), "month_only", why)
    return answer.set_column(answer.column_names.index("why"), "why", open_now)


def _codes(hit: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(pc.fill_null(hit.cast(pa.int8()), -1).to_numpy())


def _columns(tables: Tables) -> Iterator[tuple[str, str]]:
    """The date columns that name a month only in some row."""
    for name, schema in INPUT_TABLES.items():
        months = tables[name]["source_months"]
        if months.null_count == len(months):
            continue
        month_columns = {
            c for text in pc.unique(months).drop_null().to_pylist() for c in text.split(";")
        }
        yield from (
            (name, c.name) for c in schema.columns if c.kind in _KINDS and c.name in month_columns
        )


def _one(table: str, column: str) -> Chosen:
    return lambda t, c, n: np.full(n, (t, c) == (table, column))


def _moved(context: RuleContext, columns: list[tuple[str, str]], chosen: Chosen) -> RuleContext:
    tables = context.tables
    for table, column in columns:
        rows = chosen(table, column, tables[table].num_rows)
        tables = tables.replaced(**{table: _on_last_day(tables[table], column, rows)})
    claims = context.claims_to_judge
    place = pc.index_in(claims["claim_id"], value_set=tables["claims"]["claim_id"].combine_chunks())
    for table, column in columns:
        if table == "claims" and column in claims.column_names:
            days = tables["claims"][column].take(place)
            claims = claims.set_column(claims.column_names.index(column), column, days)
    return dataclasses.replace(context, tables=tables, claims_to_judge=claims, cache={})


def _on_last_day(table: pa.Table, column: str, chosen: np.ndarray) -> pa.Table:
    """``table`` with the months of ``column`` in the chosen rows on the last day of them."""
    pattern = rf"(^|;){column}(;|$)"
    month_only = pc.fill_null(pc.match_substring_regex(table["source_months"], pattern), False)
    first = table[column]
    local = pc.local_timestamp(first) if pa.types.is_timestamp(first.type) else first
    days = local.cast(pa.date32(), safe=False).cast(pa.int32()).fill_null(0).to_numpy()
    month = days.astype("datetime64[D]").astype("datetime64[M]")
    lengths = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    seconds = pc.multiply(pa.array(lengths - 1), 86_400).cast(pa.duration("s"))
    last = pc.add(first.cast(pa.timestamp("us")) if first.type == pa.date32() else first, seconds)
    moved = pc.if_else(pc.and_(pa.array(chosen), month_only), last.cast(first.type), first)
    return table.set_column(table.column_names.index(column), column, moved)
