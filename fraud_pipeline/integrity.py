"""The gate before publication: a run is checked as a whole, or it is not published.

Pure; every failed promise raises IntegrityError with the table and what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.records import INPUT_TABLES, OUTPUT_TABLES, Kind, TableSchema
from fraud_pipeline.records.loaded import Account

TOLERANCE = 1e-6  # log-odds; contributions must add up to the score within this


def check_table(table: pa.Table, schema: TableSchema) -> None:
    """Types, required columns, keys, codes and ranges of one table."""
    if table.schema.names != list(schema.names) or table.schema.types != schema.arrow.types:
        raise IntegrityError(f"table {schema.name}: columns or types are not the schema's")
    for column in schema.columns:
        values = table[column.name]
        where = f"table {schema.name}, column {column.name}"
        if column.required and values.null_count:
            raise IntegrityError(f"{where}: {values.null_count} values are missing")
        if column.kind is Kind.SHARE:
            _within(values, 0.0, 1.0, where)
        if column.kind is Kind.CODE and column.codes:
            strange = pc.filter(values, pc.invert(pc.is_in(values, pa.array(column.codes))))
            strange = strange.drop_null()
            if len(strange):
                raise IntegrityError(f"{where}: unknown code {strange[0].as_py()!r}")
    if schema.key:
        distinct = table.select(list(schema.key)).group_by(list(schema.key)).aggregate([])
        if distinct.num_rows != table.num_rows:
            raise IntegrityError(f"table {schema.name}: {', '.join(schema.key)} is not unique")


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


def check_run(table: Callable[[str], pa.Table]) -> None:
    """Every promise of the data contract on the tables of a run, ``table(name)``."""
    for name, schema in OUTPUT_TABLES.items():
        check_table(table(name), schema)
    for name, schema in INPUT_TABLES.items():
        check_table(table(f"clean/{name}"), schema)
    ranked = table("ranked_claims")
    ranks = np.sort(ranked["rank"].to_numpy())
    if not np.array_equal(ranks, np.arange(1, len(ranks) + 1)):
        raise IntegrityError("table ranked_claims: ranks are not 1 to n, each once")
    _refers(table("audit_plan"), ranked, "audit_plan")
    _refers(table("explanations"), ranked, "explanations")
    _refers(table("ring_claims"), table("clean/claims"), "ring_claims")
    _adds_up(table("explanations"), ranked)


def _refers(child: pa.Table, parent: pa.Table, name: str) -> None:
    known = pc.is_in(child["claim_id"], value_set=parent["claim_id"].combine_chunks())
    if not pc.all(known, min_count=0).as_py():
        raise IntegrityError(f"table {name}: names a claim that is not there")


def _adds_up(explanations: pa.Table, ranked: pa.Table) -> None:
    sums = explanations.group_by("claim_id").aggregate([("contribution", "sum")])
    both = sums.join(ranked.select(["claim_id", "log_odds"]), "claim_id")
    off = np.abs(both["contribution_sum"].to_numpy() - both["log_odds"].to_numpy())
    if len(off) and not off.max() <= TOLERANCE:
        worst = both["claim_id"][int(off.argmax())].as_py()
        raise IntegrityError(
            f"table explanations: the contributions of claim {worst} miss its score "
            f"by {off.max():.2e}"
        )
