"""Further evidence: what null samples cannot weigh because it comes with dealing itself.

Money paid back, one amount for everybody and each kind of shared identity mark edges: those
of enterprises that share the thing with another client of the same institution. A kind speaks by
the log-likelihood ratio of its share of marked edges inside a set against outside. The
search picks sets for being tied, so the kind that says most is left out: only what a second,
third, fourth kind adds moves a ring up the list. Nothing here touches a p-value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.sql import query
from fraud_pipeline.rings.graph.parties import Parties
from fraud_pipeline.rings.graph.tie_kinds import IDENTITY
from fraud_pipeline.schema.outputs import TIES

_WIDEST = 30  # clients with one price: beyond, a price list
_DEALT = """
    SELECT DISTINCT f.n AS enterprise, i.n AS institution, amount FROM claims
      JOIN enterprises f ON f.id = enterprise_id JOIN institutions i ON i.id = institution_id
     ORDER BY ALL
"""
_PRICED = """
    SELECT enterprise, institution, amount FROM dealt WHERE amount IS NOT NULL
   QUALIFY count(*) OVER (PARTITION BY institution, amount) BETWEEN 2 AND $widest
     ORDER BY ALL
"""
_TIED = """
    WITH one AS (
        SELECT DISTINCT t.kind, l.n AS a, r.n AS b FROM ties t
          JOIN enterprises l ON l.id = t.left_id JOIN enterprises r ON r.id = t.right_id
         WHERE t.left_kind = 'enterprise' AND t.right_kind = 'enterprise' AND t.weight > 0
           AND t.kind IN (SELECT unnest($identity))
    )
    SELECT kind, a, b FROM one UNION SELECT kind, b, a FROM one ORDER BY ALL
"""
_MARKED = """
    SELECT DISTINCT t.kind, l.enterprise, l.institution FROM tied t JOIN dealt l ON l.enterprise = t.a
      SEMI JOIN dealt r ON r.enterprise = t.b AND r.institution = l.institution
     UNION SELECT 'amount', enterprise, institution FROM priced
     UNION SELECT 'money_back', f.n, i.n FROM ties t
             JOIN enterprises f ON f.id = t.left_id JOIN institutions i ON i.id = t.right_id
            WHERE t.kind = 'money_back'
     ORDER BY ALL
"""
# SEMI JOIN: as an ordinary join the planner may begin with all pairs of an institution's clients.
# Of an inside edge: is it marked at all, and does a member share the thing? Money paid back
# needs no other.
_INSIDE = """
    WITH hit AS (
        SELECT i.candidate, t.kind, i.enterprise, i.institution FROM inside i
          JOIN tied t ON t.a = i.enterprise
          JOIN members m ON m.candidate = i.candidate AND m.enterprise = t.b
          SEMI JOIN dealt d ON d.enterprise = t.b AND d.institution = i.institution
         UNION
        SELECT i.candidate, 'amount', i.enterprise, i.institution FROM inside i
          JOIN priced l ON l.enterprise = i.enterprise AND l.institution = i.institution
          JOIN priced r ON r.institution = l.institution AND r.amount = l.amount AND r.enterprise <> l.enterprise
          JOIN members m ON m.candidate = i.candidate AND m.enterprise = r.enterprise
    )
    SELECT i.candidate, k.kind, count(*) AS marked,
           count(*) FILTER (k.kind = 'money_back' OR h.enterprise IS NOT NULL) AS hits
      FROM inside i JOIN marked k USING (enterprise, institution)
      LEFT JOIN hit h ON (h.candidate, h.kind, h.enterprise, h.institution) = (i.candidate, k.kind, i.enterprise, i.institution)
     GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True)
class Marks:
    """Who shares what with another client of the same institution, in node numbers.

    ``dealt`` (enterprise, institution), ``priced`` (enterprise, institution, amount) where 2 to 30 clients have the
    amount, ``tied`` (kind, a, b) both ways, ``marked`` (kind, enterprise, institution): the edges. Pairs
    of edges are never written out: of popular institutions there are too many.
    """

    dealt: pa.Table
    priced: pa.Table
    tied: pa.Table
    marked: pa.Table


def find_marks(parties: Parties, claims: pa.Table, ties: pa.Table | None) -> Marks:
    """The edges with further evidence, of everybody on the graph."""
    graph = parties.graph
    price = "contract_amount" if "contract_amount" in claims.column_names else "claimed_amount"
    undated = claims.filter(pc.is_valid(claims["submitted_on"]))
    names = undated.select(["enterprise_id", "institution_id", price])
    ids = pa.array(parties.ids), pa.array(np.arange(len(parties.ids), dtype=np.int32))
    tables = {
        "claims": names.rename_columns(["enterprise_id", "institution_id", "amount"]),
        "ties": TIES.empty() if ties is None else ties,
        "enterprises": pa.table(
            {"id": ids[0][: graph.n_enterprises], "n": ids[1][: graph.n_enterprises]}
        ),
        "institutions": pa.table(
            {"id": ids[0][graph.n_enterprises :], "n": ids[1][graph.n_enterprises :]}
        ),
    }
    dealt = query(_DEALT, tables)
    priced = query(_PRICED, {"dealt": dealt}, {"widest": _WIDEST})
    tied = query(_TIED, tables, {"identity": sorted(IDENTITY)})
    dealt = dealt.group_by(["enterprise", "institution"], use_threads=False).aggregate([])
    known = {**tables, "dealt": dealt, "priced": priced, "tied": tied}
    return Marks(dealt, priced, tied, query(_MARKED, known))


def supporting_nats(parties: Parties, marks: Marks, sets: list[tuple[int, ...]]) -> list[float]:
    """Nats of all kinds but the loudest, for each set of nodes."""
    if not sets:
        return []
    total = int(parties.graph.enterprise_institution.size)
    members, inside = list_edges_inside(parties, sets)
    counts = query(
        _INSIDE,
        {"members": members, "inside": inside, "dealt": marks.dealt, "priced": marks.priced,
         "tied": marks.tied, "marked": marks.marked},
    )  # fmt: skip
    everywhere = dict(
        (row["values"], row["counts"]) for row in pc.value_counts(marks.marked["kind"]).to_pylist()
    )
    n_inside = np.bincount(inside["candidate"].to_numpy(), minlength=len(sets))
    nats: list[list[float]] = [[0.0] for _ in sets]
    for row in counts.to_pylist():
        n = int(n_inside[row["candidate"]])
        outside = (everywhere[row["kind"]] - row["marked"] + 1.0) / (total - n + 2.0)
        nats[row["candidate"]].append(binomial_ratio(row["hits"], n, min(outside, 1.0)))
    return [sum(kinds) - max(kinds) for kinds in nats]


def list_edges_inside(parties: Parties, sets: list[tuple[int, ...]]) -> tuple[pa.Table, pa.Table]:
    """(candidate, enterprise) of the member enterprises, (candidate, enterprise, institution) of their inside edges."""
    graph = parties.graph
    node = np.concatenate([np.asarray(nodes, dtype=np.int64) for nodes in sets])
    candidate = np.repeat(np.arange(len(sets)), [len(nodes) for nodes in sets])
    is_enterprise = node < graph.n_enterprises
    enterprise, of = node[is_enterprise], candidate[is_enterprise]
    first, n = (
        graph.enterprise_ptr[enterprise],
        graph.enterprise_ptr[enterprise + 1] - graph.enterprise_ptr[enterprise],
    )
    at = np.repeat(first - np.cumsum(n) + n, n) + np.arange(n.sum())
    institution = graph.enterprise_institution[at].astype(np.int64) + graph.n_enterprises
    whose, dealer = np.repeat(of, n), np.repeat(enterprise, n)
    width = np.int64(len(parties.ids))
    own = candidate[~is_enterprise] * width + node[~is_enterprise]
    inside = np.isin(whose * width + institution, own)
    columns = {
        "candidate": whose[inside],
        "enterprise": dealer[inside],
        "institution": institution[inside],
    }
    return _small({"candidate": of, "enterprise": enterprise}), _small(columns)


def _small(columns: dict[str, np.ndarray]) -> pa.Table:
    return pa.table({name: pa.array(column.astype(np.int32)) for name, column in columns.items()})


def binomial_ratios(hits: np.ndarray, n: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Log-likelihood ratios (nats) of ``hits`` of ``n`` against ``share``, elementwise; 0 where not larger."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = hits * np.log(hits / (n * share))
        outside = np.where(hits < n, (n - hits) * np.log((1.0 - hits / n) / (1.0 - share)), 0.0)
    nats: np.ndarray = np.where((n > 0) & (hits > n * share), inside + outside, 0.0)
    return nats


def binomial_ratio(hits: int, n: int, share: float) -> float:
    """:func:`binomial_ratios` of a single set."""
    return float(binomial_ratios(np.asarray(float(hits)), np.asarray(float(n)), np.asarray(share)))
