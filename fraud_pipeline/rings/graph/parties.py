"""From tables to the graph: parties numbered in sorted order, edges dated, ties in levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fraud_pipeline.core.sql import query
from fraud_pipeline.rings.graph.bipartite import BipartiteGraph, build_graph
from fraud_pipeline.rings.graph.tie_kinds import HARD, IDENTITY, STRONG
from fraud_pipeline.rings.null.segments import within_segments
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.schema.outputs import TIES

# A tenant buys at its own incubator because it sits there: no edge to wonder at. A group of
# companies decides once: of its edges with an institution the first counts.
_EDGES = """
    WITH dealt AS (
        SELECT enterprise_id, institution_id, min(submitted_on) AS first_on FROM claims
         WHERE enterprise_id IS NOT NULL AND institution_id IS NOT NULL
           AND submitted_on IS NOT NULL
           AND (enterprise_id, institution_id) NOT IN (
                   SELECT left_id, right_id FROM ties WHERE kind = 'tenancy')
         GROUP BY 1, 2
    )
    SELECT enterprise_id, institution_id, first_on, region
      FROM dealt LEFT JOIN buyers USING (enterprise_id)
           LEFT JOIN (SELECT left_id AS enterprise_id, min(detail) AS region FROM ties
                       WHERE kind = 'claim' GROUP BY 1) USING (enterprise_id)
   QUALIFY row_number() OVER (PARTITION BY coalesce(buyer, enterprise_id), institution_id
                              ORDER BY first_on, enterprise_id) = 1
     ORDER BY 1, 2
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
      LEFT JOIN enterprises lf ON t.left_kind = 'enterprise' AND lf.id = t.left_id
      LEFT JOIN institutions li ON t.left_kind = 'institution' AND li.id = t.left_id
      LEFT JOIN enterprises rf ON t.right_kind = 'enterprise' AND rf.id = t.right_id
      LEFT JOIN institutions ri ON t.right_kind = 'institution' AND ri.id = t.right_id
     WHERE kind IN (SELECT unnest($identity)) AND weight > 0
       AND coalesce(lf.n, li.n) IS NOT NULL AND coalesce(rf.n, ri.n) IS NOT NULL
     GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Parties:
    """The graph and the ids its numbers stand for (enterprises first, then institutions)."""

    graph: BipartiteGraph
    ids: tuple[str, ...]
    first_day: int  # days since 1970 of the first season's first day


def build(ties: pa.Table | None, claims: pa.Table, settings: RingParameters) -> Parties:
    """Number the parties of ``claims``, date their edges and sort their ties into levels."""
    ties = TIES.empty() if ties is None else ties
    edges = query(_EDGES, {"claims": claims, "ties": ties, "buyers": _buyers(ties)})
    enterprise_ids, enterprise = _numbered(edges["enterprise_id"])
    institution_ids, institution = _numbered(edges["institution_id"])
    day = edges["first_on"].cast(pa.int32()).to_numpy().astype(np.int64)
    origin = int(day.min()) // settings.season_days if day.size else 0
    season = day // settings.season_days - origin
    levels = _levels(ties, enterprise_ids, institution_ids)
    region = np.zeros(len(enterprise_ids), np.int64)
    _, codes = np.unique(
        np.array([r or "" for r in edges["region"].to_pylist()], dtype=object),
        return_inverse=True,
    )
    region[enterprise] = codes
    graph = build_graph(
        len(enterprise_ids), len(institution_ids), enterprise, institution, season, levels, region
    )
    graph = within_segments(graph, settings.seed)
    return Parties(graph, (*enterprise_ids, *institution_ids), origin * settings.season_days)


def _buyers(ties: pa.Table) -> pa.Table:
    """enterprise_id and buyer, the smallest id of the group of companies it is in."""
    pairs = ties.filter(pc.equal(ties["kind"], "group"))
    left, right = (pairs[c].to_pylist() for c in ("left_id", "right_id"))
    ids, codes = np.unique(np.array([*left, *right], dtype=object), return_inverse=True)
    links = coo_array((np.ones(len(left)), np.split(codes, 2)), shape=(ids.size, ids.size))
    label = connected_components(links, directed=False)[1] if ids.size else codes
    _, where = np.unique(label, return_index=True)
    return pa.table(
        {
            "enterprise_id": pa.array(ids.tolist(), pa.string()),
            "buyer": pa.array(ids[where[label]].tolist(), pa.string()),
        }
    )


def _numbered(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    values, codes = np.unique(np.asarray(column.to_pylist(), dtype=object), return_inverse=True)
    return values.tolist(), codes.astype(np.int64)


def _levels(ties: pa.Table, enterprises: list[str], institutions: list[str]) -> list[np.ndarray]:
    number = np.arange(len(enterprises) + len(institutions))
    pairs = query(
        _PAIRS,
        {
            "ties": ties,
            "enterprises": pa.table(
                {"id": pa.array(enterprises, pa.string()), "n": number[: len(enterprises)]}
            ),
            "institutions": pa.table(
                {"id": pa.array(institutions, pa.string()), "n": number[len(enterprises) :]}
            ),
        },
        {"identity": sorted(IDENTITY), "strong": sorted(STRONG), "hard": sorted(HARD)},
    )
    both = np.column_stack([pairs["a"].to_numpy(), pairs["b"].to_numpy()]).astype(np.int64)
    twice = (pairs["n_kinds"].to_numpy() >= 2) | pairs["hard"].to_numpy().astype(bool)
    strong = pairs["strong"].to_numpy().astype(bool)
    return [both[:0], both[twice], both[strong | twice], both]
