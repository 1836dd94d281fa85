"""Rows added, blanked or picked out of tables for one claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.behaviour import Crowd
from fraud_pipeline.schema import INPUT_TABLES, Tables


def with_rows(known: Tables, filed: Mapping[str, pa.Table]) -> Tables:
    """``known`` with the rows filed; a row whose key is known already replaces that one."""
    changed = {}
    for name, rows in filed.items():
        table, schema = known[name], INPUT_TABLES[name]
        if rows.num_rows == 0:
            continue
        if len(schema.key) == 1:
            key = schema.key[0]
            again = pc.is_in(table[key], value_set=rows[key].combine_chunks())
            table = table.filter(pc.invert(again))
        changed[name] = pa.concat_tables([table, schema.conform(rows)])
    return known.replaced(**changed)


def rows_of_claim(table: pa.Table, claim_id: str) -> pa.Table:
    return table.filter(pc.equal(table["claim_id"], claim_id))


def align_prices(near: Tables, price: pa.Table) -> pa.Table:
    """The price among the claims near, whose own are not asked for."""
    ids = near["claims"]["claim_id"].combine_chunks()
    rows = price.take(pc.index_in(ids, value_set=price["claim_id"].combine_chunks()))
    return rows.set_column(rows.schema.get_field_index("claim_id"), "claim_id", ids)


def with_null_column(table: pa.Table, column: str) -> pa.Table:
    at = table.schema.get_field_index(column)
    return table.set_column(at, table.schema.field(at), pa.nulls(table.num_rows, pa.string()))


def strongest(ties: pa.Table) -> pa.Table:
    """One tie a pair, the heaviest."""
    ordered = ties.sort_by(
        [("left_id", "ascending"), ("right_id", "ascending"), ("weight", "descending")]
    )
    left, right = ordered["left_id"].to_pylist(), ordered["right_id"].to_pylist()
    first = [k == 0 or (left[k], right[k]) != (left[k - 1], right[k - 1]) for k in range(len(left))]
    return ordered.filter(pa.array(first, pa.bool_()))


@dataclass(frozen=True)
class OneInTheCrowd(Crowd):
    """The crowd, asked about one claim: its forest is slow, and nobody reads the others' place."""

    claim_id: str = ""

    @classmethod
    def among(cls, crowd: Crowd, claim_id: str) -> OneInTheCrowd:
        return cls(**{f.name: getattr(crowd, f.name) for f in fields(Crowd)}, claim_id=claim_id)

    def outlyingness(self, table: pa.Table) -> pa.Array:
        """(n,) place of the claim, null for all others."""
        is_own = pc.equal(table["claim_id"], self.claim_id).combine_chunks()
        place = super().outlyingness(table.filter(is_own))
        return pc.replace_with_mask(pa.nulls(table.num_rows, pa.float64()), is_own, place)
