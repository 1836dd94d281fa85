"""The check before publication: a run that breaks the data contract is not published.

Pure; every violation raises IntegrityError with the table and what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.schema import INPUT_TABLES, OUTPUT_TABLES, Kind, TableSchema
from fraud_pipeline.schema.loaded import Account

_IN_ORDER = {"rule_results": ("rule_code", "claim_id")}  # sorted by these; fifty rows a claim
TOLERANCE = 1e-6  # log-odds; contributions must add up to the score within this


def checked_columns(schema: TableSchema, order: Sequence[str]) -> list[str]:
    """The columns whose values the contract restricts, alone or in ``order``; of the others only
    the type is checked."""
    return [
        column.name for column in schema.columns
        if column.required or column.codes or column.kind is Kind.SHARE or column.name in order
    ]  # fmt: skip


def check_table(
    types: pa.Schema, chunks: Iterable[pa.Table], schema: TableSchema, order: Sequence[str] = ()
) -> None:
    """Types, required columns, codes, ranges and key of one table.

    ``types`` are those of all its columns, ``chunks`` need hold the :func:`checked_columns` only.
    A table with an ``order`` is checked chunk by chunk: those columns must increase from row to
    row. Without an order the whole table is held in memory and its key must be unique.
    """
    _check_types(types, schema)  # before any chunk is read
    if not order:
        table = _concatenated(types, chunks, checked_columns(schema, schema.key))
        _check_values(table, schema)
        _check_key(table, schema)
        return
    last = None
    for chunk in chunks:
        _check_values(chunk, schema)
        key = chunk.select(list(order))
        if last is not None:
            key = pa.concat_tables([last, key])
        if not _is_increasing([key[name] for name in order]):
            raise IntegrityError(f"table {schema.name}: {', '.join(order)} does not rise")
        last = key.slice(max(key.num_rows - 1, 0))


def _concatenated(types: pa.Schema, chunks: Iterable[pa.Table], columns: Sequence[str]) -> pa.Table:
    empty = pa.schema([types.field(name) for name in columns]).empty_table()
    return pa.concat_tables([empty, *(chunk.select(columns) for chunk in chunks)])


def _check_key(table: pa.Table, schema: TableSchema) -> None:
    if not schema.key:
        return
    key = table.select(list(schema.key))
    if not _is_increasing(key.columns) and key.group_by(key.column_names).aggregate(
        []
    ).num_rows != len(key):
        raise IntegrityError(f"table {schema.name}: {', '.join(schema.key)} is not unique")


def _is_increasing(columns: Sequence[pa.ChunkedArray]) -> bool:
    """Whether every row is greater than the one before it, compared column by column from the first."""
    is_greater = np.zeros(max(len(columns[0]) - 1, 0), dtype=bool)
    for column in columns:
        before, now = column.slice(0, len(is_greater)), column.slice(1)
        if pc.any(pc.and_(pc.less(now, before), pa.array(~is_greater)), min_count=0).as_py():
            return False
        is_greater |= pc.fill_null(pc.greater(now, before), False).to_numpy()
    return bool(is_greater.all())


def _check_types(types: pa.Schema, schema: TableSchema) -> None:
    if types.names != list(schema.names) or types.types != schema.arrow.types:
        raise IntegrityError(f"table {schema.name}: columns or types are not the schema's")


def _check_values(table: pa.Table, schema: TableSchema) -> None:
    for column in schema.columns:
        if column.name not in table.column_names:
            continue
        values = table[column.name]
        where = f"table {schema.name}, column {column.name}"
        if column.required and values.null_count:
            raise IntegrityError(f"{where}: {values.null_count} values are missing")
        if column.kind is Kind.SHARE:
            _within(values, 0.0, 1.0, where)
        if column.kind is Kind.CODE and column.codes:
            is_known = pc.is_in(values, pa.array(column.codes))
            unknown = pc.filter(values, pc.invert(is_known)).drop_null()
            if len(unknown):
                raise IntegrityError(f"{where}: unknown code {unknown[0].as_py()!r}")


def _within(values: pa.ChunkedArray, low: float, high: float, where: str) -> None:
    if len(values) == values.null_count:
        return
    bounds = pc.min_max(values).as_py()
    if not low <= bounds["min"] <= bounds["max"] <= high:
        raise IntegrityError(f"{where}: {bounds} is outside [{low}, {high}]")
    if pc.any(pc.is_nan(values)).as_py():
        raise IntegrityError(f"{where}: holds values that are not numbers")


def check_accounts(accounts: Mapping[str, Account]) -> None:
    """Row accounting: rows in = rows clean + rows quarantined, for every table."""
    for name, account in accounts.items():
        if account.rows_in != account.rows_clean + account.rows_quarantined:
            raise IntegrityError(
                f"table {name}: {account.rows_in} rows in, but {account.rows_clean} clean "
                f"and {account.rows_quarantined} quarantined"
            )


class Stored(Protocol):
    """The tables of a run: the types of their columns, and some columns chunk by chunk; a chunk is
    read when it is asked for and not before."""

    def types(self, name: str) -> pa.Schema: ...
    def chunks(self, name: str, columns: Sequence[str]) -> Iterable[pa.Table]: ...


def check_run(stored: Stored) -> None:
    """Checks the data contract on the tables of a run; only columns that it restricts are read."""

    def check(name: str, schema: TableSchema) -> None:
        order = _IN_ORDER.get(name, ())
        columns = checked_columns(schema, order or schema.key)
        check_table(stored.types(name), stored.chunks(name, columns), schema, order)

    with ThreadPoolExecutor(N_THREADS) as pool:
        checked = [pool.submit(check, *item) for item in OUTPUT_TABLES.items()]
        checked += [pool.submit(check, f"clean/{n}", schema) for n, schema in INPUT_TABLES.items()]
        try:
            for one in checked:
                one.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    _check_together(stored)


def _check_together(stored: Stored) -> None:
    """What the contract says of one table about another."""

    def read(name: str, *columns: str) -> pa.Table:
        return _concatenated(stored.types(name), stored.chunks(name, columns), columns)

    ranked = read("ranked_claims", "claim_id", "rank", "log_odds")
    ranks = np.sort(ranked["rank"].to_numpy())
    if not np.array_equal(ranks, np.arange(1, len(ranks) + 1)):
        raise IntegrityError("table ranked_claims: ranks are not 1 to n, each once")
    explanations = read("explanations", "claim_id", "contribution")
    _check_reference(read("audit_plan", "claim_id"), ranked, "audit_plan")
    _check_reference(explanations, ranked, "explanations")
    _check_reference(
        read("ring_claims", "claim_id"), read("clean/claims", "claim_id"), "ring_claims"
    )
    _check_sums(explanations, ranked)


def _check_reference(child: pa.Table, parent: pa.Table, name: str) -> None:
    known = pc.is_in(child["claim_id"], value_set=parent["claim_id"].combine_chunks())
    if not pc.all(known, min_count=0).as_py():
        raise IntegrityError(f"table {name}: names a claim that is not there")


def _check_sums(explanations: pa.Table, ranked: pa.Table) -> None:
    sums = explanations.group_by("claim_id").aggregate([("contribution", "sum")])
    joined = sums.join(ranked.select(["claim_id", "log_odds"]), "claim_id")
    error = np.abs(joined["contribution_sum"].to_numpy() - joined["log_odds"].to_numpy())
    if len(error) and not error.max() <= TOLERANCE:
        worst = joined["claim_id"][int(error.argmax())].as_py()
        raise IntegrityError(
            f"table explanations: the contributions of claim {worst} miss its score "
            f"by {error.max():.2e}"
        )
