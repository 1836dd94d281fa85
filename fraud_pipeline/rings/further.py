"""Further evidence: what chance worlds cannot weigh because it comes with dealing itself.

Money paid back, one amount for everybody and each kind of shared identity mark dealings: those
of firms that share the thing with another client of the same institution. A kind speaks by
the log-likelihood ratio of its share of marked dealings inside a set against outside. The
search picks sets for being tied, so the kind that says most is left out: only what a second,
third, fourth kind adds moves a ring up the list. Nothing here touches a p-value.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fraud_pipeline.records.outputs import TIES
from fraud_pipeline.rings.kinds import IDENTITY
from fraud_pipeline.rings.parties import Parties
from fraud_pipeline.sql import query

_WIDEST = 30  # clients with one price: beyond, a price list
_PAIRS = """
    WITH dealt AS (
        SELECT DISTINCT enterprise_id AS firm, institution_id AS inst FROM claims
         WHERE enterprise_id IS NOT NULL AND institution_id IS NOT NULL
           AND submitted_on IS NOT NULL
    ), alike AS (
        SELECT l.firm, l.inst, t.kind, r.firm AS other
          FROM ties t
          JOIN dealt l ON l.firm = t.left_id JOIN dealt r ON r.firm = t.right_id AND r.inst = l.inst
         WHERE t.left_kind = 'enterprise' AND t.right_kind = 'enterprise' AND t.weight > 0
           AND t.kind IN (SELECT unnest($identity))
    ), priced AS (
        SELECT DISTINCT enterprise_id AS firm, institution_id AS inst, amount FROM claims
         WHERE amount IS NOT NULL
       QUALIFY count(DISTINCT enterprise_id) OVER (PARTITION BY institution_id, amount)
               BETWEEN 2 AND $widest
    )
    SELECT firm, inst, kind, other FROM alike
     UNION ALL SELECT other, inst, kind, firm FROM alike
     UNION ALL SELECT left_id, right_id, kind, NULL FROM ties WHERE kind = 'money_back'
     UNION ALL SELECT l.firm, l.inst, 'amount', r.firm FROM priced l
                 JOIN priced r ON l.inst = r.inst AND l.amount = r.amount AND l.firm <> r.firm
     ORDER BY ALL
"""

Marks = dict[str, dict[tuple[int, int], frozenset[int]]]


def marked(parties: Parties, claims: pa.Table, ties: pa.Table | None) -> Marks:
    """kind -> (firm, institution) -> the other clients it shares the thing with, as node numbers.

    Of money paid back the others are empty: the dealing is marked by itself.
    """
    web = parties.web
    firm = {party: n for n, party in enumerate(parties.ids[: web.n_firms])}
    inst = {party: n + web.n_firms for n, party in enumerate(parties.ids[web.n_firms :])}
    price = "contract_amount" if "contract_amount" in claims.column_names else "claimed_amount"
    columns = ["enterprise_id", "institution_id", "submitted_on", price]
    rows = query(
        _PAIRS,
        {
            "claims": claims.select(columns).rename_columns([*columns[:3], "amount"]),
            "ties": TIES.empty() if ties is None else ties,
        },
        {"identity": sorted(IDENTITY), "widest": _WIDEST},
    )
    found: dict[str, dict[tuple[int, int], set[int]]] = {}
    for left, right, kind, other in zip(*(c.to_pylist() for c in rows.columns), strict=True):
        if left in firm and right in inst:
            others = found.setdefault(kind, {}).setdefault((firm[left], inst[right]), set())
            if other in firm:
                others.add(firm[other])
    return {
        kind: {pair: frozenset(others) for pair, others in pairs.items()}
        for kind, pairs in sorted(found.items())
    }


def further_nats(parties: Parties, marks: Marks, sets: list[tuple[int, ...]]) -> list[float]:
    """Nats of all kinds but the loudest, for each set of nodes."""
    web = parties.web
    total = int(web.firm_inst.size)
    nats = []
    for nodes in sets:
        members = set(nodes)
        inside = [
            (f, int(k) + web.n_firms)
            for f in nodes
            if f < web.n_firms
            for k in web.firm_inst[web.firm_ptr[f] : web.firm_ptr[f + 1]]
            if int(k) + web.n_firms in members
        ]
        said = [0.0]
        for pairs in marks.values():
            at = [pairs[d] for d in inside if d in pairs]
            hits = sum(not others or not members.isdisjoint(others) for others in at)
            outside = (len(pairs) - len(at) + 1.0) / (total - len(inside) + 2.0)
            said.append(_binomial_ratio(hits, len(inside), min(outside, 1.0)))
        nats.append(sum(said) - max(said))
    return nats


def _binomial_ratio(hits: int, n: int, share: float) -> float:
    if n == 0 or hits <= n * share:
        return 0.0
    ratio = hits * np.log(hits / (n * share))
    if hits < n:
        ratio += (n - hits) * np.log((1.0 - hits / n) / (1.0 - share))
    return float(ratio)
