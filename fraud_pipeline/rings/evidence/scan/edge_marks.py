"""Which edges carry evidence of which kind, and how usual that is among like edges.

A kind is one source of evidence: the price, related parties, money that comes back, verdicts of
past audits with the sanctions that follow them, how new the institution is. Of each kind an edge is
marked or not; of the price level at three levels, the highest 2, 5 and 10 % of all edges, because nobody knows
beforehand how far a ring goes. New is an institution whose age at its first claim is in the lowest 2 % of all edges:
one fact about the institution, whatever the number of its clients. How usual a mark is, is counted in this programme
among institutions with about as many clients (powers of two), that money comes back also among edges of about as
many claims, drawn towards the share of all edges where they are few.

A table that is missing marks nothing, and a kind that marks nothing says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.rings.evidence.exclusive_values import SharedValues
from fraud_pipeline.rings.evidence.scan.mark_frequency import intraclass_correlation, usual_shares
from fraud_pipeline.rings.graph.parties import Parties

PRICE_TAILS = (0.02, 0.05, 0.10)  # levels of the price: conventional tail probabilities
NEWNESS_TAILS = (0.02,)
_FEWEST_PEERS = 10  # claims of one service, at ...
_FEWEST_SELLERS = 5  # institutions, before they make a usual price

_NUMBERED = """
    SELECT x.*, e.n AS enterprise, i.n AS institution FROM claims x
      JOIN enterprises e ON e.id = x.enterprise_id JOIN institutions i ON i.id = x.institution_id
     ORDER BY ALL
"""
# The price of a unit against the median of its title, or of its service where the title is rare.
_PRICE = r"""
    WITH priced AS (
        SELECT enterprise, institution, service_type, unit,
               regexp_replace(lower(coalesce(service_title, '')), '[0-9\s]', '', 'g') AS title,
               ln(contract_amount::DOUBLE / quantity::DOUBLE) AS price
          FROM numbered WHERE quantity > 0 AND contract_amount > 0
    ), by_title AS (
        SELECT service_type, unit, title, median(price) AS usual FROM priced GROUP BY ALL
        HAVING count(*) >= $peers AND count(DISTINCT institution) >= $sellers
    ), by_service AS (
        SELECT service_type, unit, median(price) AS usual FROM priced GROUP BY ALL
        HAVING count(*) >= $peers AND count(DISTINCT institution) >= $sellers
    )
    SELECT enterprise, institution, max(price - coalesce(t.usual, s.usual)) AS value
      FROM priced p
      LEFT JOIN by_title t ON t.service_type = p.service_type AND t.title = p.title
                          AND t.unit IS NOT DISTINCT FROM p.unit
      LEFT JOIN by_service s ON s.service_type = p.service_type
                            AND s.unit IS NOT DISTINCT FROM p.unit
     WHERE coalesce(t.usual, s.usual) IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
_VERDICT = """
    SELECT DISTINCT enterprise, institution FROM numbered
     WHERE claim_id IN (SELECT claim_id FROM outcomes WHERE verdict = 'fraud')
     ORDER BY ALL
"""
# How young the institution was when its first claim came: minus its age in days. One fact about
# the institution and not one about each client: the early clients of a large one are no group.
_NEWNESS = """
    WITH began AS (
        SELECT n.institution, any_value(f.founded_on) - min(n.submitted_on) AS value
          FROM numbered n JOIN founded f ON f.institution_id = n.institution_id
         WHERE f.founded_on IS NOT NULL GROUP BY ALL
    )
    SELECT DISTINCT n.enterprise, n.institution, b.value::DOUBLE AS value
      FROM numbered n JOIN began b ON b.institution = n.institution AND b.value <= 0 ORDER BY ALL
"""
_SANCTION = """
    SELECT DISTINCT e.enterprise, e.institution FROM edges e
      JOIN enterprises x ON x.n = e.enterprise
      SEMI JOIN sanctions s ON s.party_id = x.id ORDER BY ALL
"""
# From the institution to somebody and from there to its client within a year. Whoever pays more
# than 30 parties is a hub (a bank, a tax office) and joins nobody.
_OVER_HOPS = """
    WITH paid AS (
        SELECT payer_id, payee_id, paid_on FROM payments
         WHERE payer_id IS NOT NULL AND payee_id IS NOT NULL AND payer_id <> payee_id
    ), hubs AS (
        SELECT payer_id FROM paid GROUP BY ALL HAVING count(DISTINCT payee_id) > 30
    ), out AS (
        SELECT i.n AS institution, p.payee_id AS via, p.paid_on
          FROM paid p JOIN institutions i ON i.id = p.payer_id
         WHERE p.payee_id NOT IN (SELECT payer_id FROM hubs)
    ), back AS (
        SELECT e.n AS enterprise, p.payer_id AS via, p.paid_on
          FROM paid p JOIN enterprises e ON e.id = p.payee_id
    )
    SELECT DISTINCT g.enterprise, g.institution
      FROM out o JOIN back b ON b.via = o.via
                            AND b.paid_on BETWEEN o.paid_on AND o.paid_on + INTERVAL 365 DAY
      JOIN edges g ON g.enterprise = b.enterprise AND g.institution = o.institution
     ORDER BY ALL
"""
# What an institution paid a client directly, where it is little of what they contracted for: a
# refund or a corrected invoice, as every honest account has.
_SMALL_REFUNDS = """
    WITH refunded AS (
        SELECT e.n AS enterprise, i.n AS institution, sum(p.amount)::DOUBLE AS amount
          FROM payments p JOIN institutions i ON i.id = p.payer_id
          JOIN enterprises e ON e.id = p.payee_id GROUP BY ALL
    ), contracted AS (
        SELECT enterprise, institution, sum(contract_amount)::DOUBLE AS amount
          FROM numbered GROUP BY ALL
    )
    SELECT r.enterprise, r.institution FROM refunded r
      JOIN contracted c USING (enterprise, institution)
     WHERE r.amount < $material * c.amount ORDER BY ALL
"""
_MATERIAL = 0.05  # share of the contracts: the usual materiality of an audit
_PRICE_COLUMNS = frozenset({"service_type", "unit", "service_title", "quantity", "contract_amount"})
_COLUMNS = (
    *sorted(_PRICE_COLUMNS), "claim_id", "enterprise_id", "institution_id", "reviewer_id",
    "submitted_on",
)  # fmt: skip


@dataclass(frozen=True)
class EdgeMarks:
    """Marks of every edge; edges in the order of the graph, by enterprise.

    ``kinds`` names the kinds; those of kind ``i`` are the rows ``level_ptr[i]`` to
    ``level_ptr[i + 1]`` of ``marked`` (bool) and of ``usual`` (float64, share of marked edges at
    institutions of like volume), both (levels, edges). ``alike`` float64 (levels,): how far marks of
    one institution's clients go together (intraclass correlation). ``reviewer`` int64 (edges,): who approved
    the first claim, -1 where nobody is named.
    """

    kinds: tuple[str, ...]
    level_ptr: np.ndarray
    marked: np.ndarray
    usual: np.ndarray
    alike: np.ndarray
    reviewer: np.ndarray


def edge_marks(
    parties: Parties, shared: SharedValues, claims: pa.Table, records: Mapping[str, pa.Table]
) -> EdgeMarks:
    """The marks of a programme.

    ``records``, where there are any: payments, outcomes, sanctions and institutions.
    """
    tables = _named_tables(parties, shared, claims, records)
    tied = shared.tied_edges
    related = _rows(parties, tied.filter(pa.compute.equal(tied["kind"], "related")))
    back = _rows(parties, tied.filter(pa.compute.equal(tied["kind"], "money_back")))
    payments = records.get("payments")
    if payments is not None:
        if "amount" in payments.column_names and "contract_amount" in claims.column_names:
            back &= ~_rows(parties, query(_SMALL_REFUNDS, tables, {"material": _MATERIAL}))
        back = back | _rows(parties, query(_OVER_HOPS, tables))
    levels: dict[str, list[np.ndarray]] = {"related": [related], "money_back": [back]}
    if set(claims.column_names) >= _PRICE_COLUMNS:
        peers = {"peers": _FEWEST_PEERS, "sellers": _FEWEST_SELLERS}
        levels["price"] = _levels(_values(parties, query(_PRICE, tables, peers)), PRICE_TAILS)
    if records.get("institutions") is not None:
        # one level: an institution that is merely rather new is new to all its clients alike
        levels["newness"] = _levels(_values(parties, query(_NEWNESS, tables)), NEWNESS_TAILS)
    known = (("outcomes", _VERDICT), ("sanctions", _SANCTION))  # one source: one follows the other
    levels["verdict"] = [
        _rows(parties, query(sql, tables)) for name, sql in known if records.get(name) is not None
    ]
    levels = {kind: rows for kind, rows in levels.items() if any(row.any() for row in rows)}
    n_edges = parties.graph.enterprise_institution.size
    marked = np.array([row for rows in levels.values() for row in rows], bool)
    marked = marked.reshape(-1, n_edges)
    ends = np.cumsum([0, *(len(rows) for rows in levels.values())])
    refunds = range(0)
    if "money_back" in levels:
        at = list(levels).index("money_back")
        refunds = range(int(ends[at]), int(ends[at + 1]))
    usual = usual_shares(parties, marked, _claims(parties, tables), refunds)
    alike = intraclass_correlation(parties, marked)
    if "newness" in levels:
        first = int(ends[list(levels).index("newness")])
        for row, tail in enumerate(NEWNESS_TAILS, first):
            usual[row], alike[row] = np.maximum(usual[row], tail), 1.0
    return EdgeMarks(
        tuple(levels), ends, marked, usual, alike, _reviewers(parties, tables)
    )  # fmt: skip


def _named_tables(
    parties: Parties, shared: SharedValues, claims: pa.Table, records: Mapping[str, pa.Table]
) -> dict[str, pa.Table]:
    n, ids = parties.graph.n_enterprises, pa.array(parties.ids, pa.string())
    numbers = pa.array(np.arange(len(parties.ids), dtype=np.int64))
    names = ("payments", "outcomes", "sanctions")
    registered = records.get("institutions")
    founded = {} if registered is None else {"founded": registered}
    parts = {
        "claims": claims.select([c for c in _COLUMNS if c in claims.column_names]),
        "enterprises": pa.table({"id": ids[:n], "n": numbers[:n]}),
        "institutions": pa.table({"id": ids[n:], "n": numbers[n:]}),
    }
    return {
        **{name: records[name] for name in names if records.get(name) is not None},
        **founded,
        **parts,
        "edges": shared.edges,
        "numbered": query(_NUMBERED, parts),
    }


def _places(parties: Parties, rows: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Which rows are edges, and the place of each of those."""
    graph = parties.graph
    width = np.int64(len(parties.ids))
    enterprise = np.repeat(np.arange(graph.n_enterprises), np.diff(graph.enterprise_ptr))
    keys = enterprise * width + graph.enterprise_institution + graph.n_enterprises
    wanted = rows["enterprise"].to_numpy() * width + rows["institution"].to_numpy()
    at = np.minimum(np.searchsorted(keys, wanted), max(keys.size - 1, 0))
    is_edge = keys[at] == wanted if keys.size else np.zeros(wanted.size, bool)
    return is_edge, at[is_edge]


def _rows(parties: Parties, rows: pa.Table) -> np.ndarray:
    """(edges,) whether the edge is among the rows."""
    marked = np.zeros(parties.graph.enterprise_institution.size, bool)
    marked[_places(parties, rows)[1]] = True
    return marked


def _values(parties: Parties, rows: pa.Table) -> np.ndarray:
    """(edges,) the value of each edge, nan where there is none."""
    values = np.full(parties.graph.enterprise_institution.size, np.nan)
    is_edge, at = _places(parties, rows)
    values[at] = rows["value"].to_numpy()[is_edge]
    return values


def _levels(values: np.ndarray, tails: tuple[float, ...]) -> list[np.ndarray]:
    """For each tail probability, the edges whose value is so high among all known values."""
    known = np.sort(values[~np.isnan(values)])
    at_least = known.size - np.searchsorted(known, values, side="left")  # nan sorts last: 0
    tail = np.where(np.isnan(values), 1.0, (at_least + 1.0) / (known.size + 2.0))
    return [tail <= most for most in tails]


_N_CLAIMS = """
    SELECT enterprise, institution, count(*)::DOUBLE AS value FROM numbered
     GROUP BY ALL ORDER BY ALL
"""
_REVIEWER = """
    SELECT enterprise, institution, dense_rank() OVER (ORDER BY reviewer) - 1 AS value FROM (
        SELECT enterprise, institution, arg_min(reviewer_id, (submitted_on, claim_id)) AS reviewer
          FROM numbered WHERE reviewer_id IS NOT NULL GROUP BY ALL) ORDER BY ALL
"""


def _claims(parties: Parties, tables: Mapping[str, pa.Table]) -> np.ndarray:
    """(edges,) how many claims each edge stands for."""
    values = _values(parties, query(_N_CLAIMS, tables))
    return np.where(np.isnan(values), 1, np.nan_to_num(values)).astype(np.int64)


def _reviewers(parties: Parties, tables: Mapping[str, pa.Table]) -> np.ndarray:
    if not {"reviewer_id", "claim_id"} <= set(tables["claims"].column_names):
        return np.full(parties.graph.enterprise_institution.size, -1, np.int64)
    values = _values(parties, query(_REVIEWER, tables))
    return np.where(np.isnan(values), -1, np.nan_to_num(values)).astype(np.int64)
