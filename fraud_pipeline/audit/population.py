"""The population an audit is drawn from, as arrays in the order of the claim ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.money import to_fen
from fraud_pipeline.core.sql import query
from fraud_pipeline.errors import InputError
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import AuditSettings

Floats = np.ndarray
Flags = np.ndarray

HUZHOU = ("large_subsidy", "many_services", "busy_institution")

_HUZHOU_SQL = """
    WITH enterprise AS (
        SELECT enterprise_id, sum(claimed_amount) AS subsidy, count(*) AS services
        FROM claims GROUP BY enterprise_id),
    place AS (
        SELECT institution_id, count(*) AS served FROM claims GROUP BY institution_id)
    SELECT r.claim_id,
        coalesce(f.subsidy >= (SELECT quantile_disc(subsidy, $at) FROM enterprise), false)
            AS large_subsidy,
        coalesce(f.services >= (SELECT quantile_disc(services, $at) FROM enterprise), false)
            AS many_services,
        coalesce(p.served >= (SELECT quantile_disc(served, $at) FROM place), false)
            AS busy_institution
    FROM ranked r LEFT JOIN enterprise f USING (enterprise_id) LEFT JOIN place p USING (institution_id)
    ORDER BY r.claim_id
"""


@dataclass(frozen=True)
class Population:
    """Claims sorted by id. ``loss`` and ``amount`` in yuan, all arrays of shape (n,)."""

    table: pa.Table  # claim_id, enterprise_id, expected_loss, claimed_amount, rank
    risk: Floats
    loss: Floats
    amount: Floats
    heads: Flags  # one claim an enterprise: the one with the highest expected loss
    mandatory: Flags
    huzhou: Flags  # shape (n, 3), in the order of HUZHOU

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def n_enterprises(self) -> int:
        return int(self.heads.sum())


def population(
    ranked: pa.Table, tables: Tables, settings: AuditSettings, mandatory: pa.Array | None
) -> Population:
    """The frame's raw material from the ranked list; unknown losses are an error, never zero.

    Raises InputError when a mandatory claim is not on the list.
    """
    table = ranked.sort_by("claim_id").combine_chunks()
    must = pa.array([], pa.string()) if mandatory is None else mandatory.cast(pa.string())
    strangers = must.filter(pc.invert(pc.is_in(must, value_set=table["claim_id"])))
    if len(strangers):
        raise InputError(f"claim {strangers[0].as_py()} must be audited but is not on the list")
    return Population(
        table=table,
        risk=table["risk"].to_numpy(),
        loss=to_fen(table["expected_loss"]) / 100.0,
        amount=to_fen(table["claimed_amount"]) / 100.0,
        heads=head_claims(table),
        mandatory=pc.is_in(table["claim_id"], value_set=must).to_numpy(),
        huzhou=_huzhou(table, tables, settings),
    )


def head_claims(frame: pa.Table) -> Flags:
    """Which claim stands for its enterprise: highest expected loss, then smallest claim id.

    ``frame`` is sorted by claim id. One head an enterprise makes "m enterprises
    covered" the same as "m heads drawn", which a stratum of fixed size guarantees.
    """
    n = frame.num_rows
    if n == 0:
        return np.zeros(0, dtype=bool)
    enterprise = pc.dictionary_encode(frame["enterprise_id"].combine_chunks()).indices.to_numpy()
    order = np.lexsort((np.arange(n), -to_fen(frame["expected_loss"]), enterprise))
    first = np.ones(n, dtype=bool)
    first[1:] = enterprise[order][1:] != enterprise[order][:-1]
    heads = np.zeros(n, dtype=bool)
    heads[order[first]] = True
    return heads


_HUZHOU_TOP_SHARE = 0.10  # large, many or busy: Huzhou names no number; an assumption


def _huzhou(table: pa.Table, tables: Tables, settings: AuditSettings) -> Flags:
    """Huzhou's strata, as its science and finance offices describe them (published 2017)."""
    if settings.huzhou_share == 0.0 or table.num_rows == 0:
        return np.zeros((table.num_rows, len(HUZHOU)), dtype=bool)
    marked = query(
        _HUZHOU_SQL,
        {"claims": tables["claims"], "ranked": table},
        {"at": 1.0 - _HUZHOU_TOP_SHARE},
    )
    return np.column_stack([marked[name].to_numpy(zero_copy_only=False) for name in HUZHOU])
