"""From tables to the web: parties numbered in sorted order, dealings dated, ties in levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fraud_pipeline.records.outputs import TIES
from fraud_pipeline.rings.kinds import HARD, IDENTITY, STRONG
from fraud_pipeline.rings.web import Web, build_web
from fraud_pipeline.settings import RingSettings
from fraud_pipeline.sql import query

# A tenant buys at its own incubator because it sits there: no dealing to wonder at.
_DEALINGS = """
    SELECT enterprise_id, institution_id, min(submitted_on) AS first_on FROM claims
     WHERE enterprise_id IS NOT NULL AND institution_id IS NOT NULL AND submitted_on IS NOT NULL
       AND (enterprise_id, institution_id) NOT IN (
               SELECT left_id, right_id FROM ties WHERE kind = 'tenancy')
     GROUP BY 1, 2 ORDER BY 1, 2
"""

# A corroborated name carries more than a namesake; the table's weight says which, once the
# hub discount is undone.
_PAIRS = """
    SELECT coalesce(lf.n, li.n) AS a, coalesce(rf.n, ri.n) AS b,
           count(DISTINCT kind) AS n_kinds,
           bool_or(kind IN (SELECT unnest($hard)) AND weight * (n_sharing - 1) >= 0.5) AS hard,
           bool_or(kind IN (SELECT unnest($strong)) OR
                   (kind = 'legal_representative' AND weight * (n_sharing - 1) >= 0.5)) AS strong
      FROM ties t
      LEFT JOIN firms lf ON t.left_kind = 'enterprise' AND lf.id = t.left_id
      LEFT JOIN insts li ON t.left_kind = 'institution' AND li.id = t.left_id
      LEFT JOIN firms rf ON t.right_kind = 'enterprise' AND rf.id = t.right_id
      LEFT JOIN insts ri ON t.right_kind = 'institution' AND ri.id = t.right_id
     WHERE kind IN (SELECT unnest($identity)) AND weight > 0
       AND coalesce(lf.n, li.n) IS NOT NULL AND coalesce(rf.n, ri.n) IS NOT NULL
     GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Parties:
    """The web and the ids its numbers stand for (enterprises first, then institutions)."""

    web: Web
    ids: tuple[str, ...]
    first_day: int  # days since 1970 of the first season's first day


def build(ties: pa.Table | None, claims: pa.Table, settings: RingSettings) -> Parties:
    """Number the parties of ``claims``, date their dealings and sort their ties into levels."""
    ties = TIES.empty() if ties is None else ties
    dealings = query(_DEALINGS, {"claims": claims, "ties": ties})
    firm_ids, firm = _numbered(dealings["enterprise_id"])
    inst_ids, inst = _numbered(dealings["institution_id"])
    day = dealings["first_on"].cast(pa.int32()).to_numpy().astype(np.int64)
    origin = int(day.min()) // settings.season_days if day.size else 0
    season = day // settings.season_days - origin
    levels = _levels(ties, firm_ids, inst_ids)
    web = build_web(len(firm_ids), len(inst_ids), firm, inst, season, levels)
    return Parties(web, (*firm_ids, *inst_ids), origin * settings.season_days)


def _numbered(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    values, codes = np.unique(np.asarray(column.to_pylist(), dtype=object), return_inverse=True)
    return values.tolist(), codes.astype(np.int64)


def _levels(ties: pa.Table, firms: list[str], insts: list[str]) -> list[np.ndarray]:
    number = np.arange(len(firms) + len(insts))
    pairs = query(
        _PAIRS,
        {
            "ties": ties,
            "firms": pa.table({"id": pa.array(firms, pa.string()), "n": number[: len(firms)]}),
            "insts": pa.table({"id": pa.array(insts, pa.string()), "n": number[len(firms) :]}),
        },
        {"identity": sorted(IDENTITY), "strong": sorted(STRONG), "hard": sorted(HARD)},
    )
    both = np.column_stack([pairs["a"].to_numpy(), pairs["b"].to_numpy()]).astype(np.int64)
    twice = (pairs["n_kinds"].to_numpy() >= 2) | pairs["hard"].to_numpy().astype(bool)
    strong = pairs["strong"].to_numpy().astype(bool)
    return [both[:0], both[twice], both[strong | twice], both]
