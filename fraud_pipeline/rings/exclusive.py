"""Evidence besides structure: are the members tied by things that nobody outside shares?

A dense group is an ordinary sight: a town buys from its suppliers, a sector from its own, and a
bookkeeper files for clients that meet at the busiest laboratory. None of that is a ring. A group
is shown as one only if something else than who deals with whom speaks for it, strongly enough
that chance would produce it less than once in the whole programme. Three kinds are looked at:

- **Exclusive values.** A phone, device, account, agent, address, name, person or text that two
  members share, whose carriers take their claims to the group's institutions: ``m`` of the ``n``
  edges of *all* carriers, where the institutions have the share ``s`` of the edges of the
  carriers' regions, give the log-likelihood ratio of m / n against s. A bookkeeper whose clients
  buy all over town has none, however many of them are in the group. Nor has one whose clients keep
  to the institutions of their town or sector: where a group has several institutions, ``s`` is at
  least the share that their other clients' further edges have there. The carriers of such values
  must be half of the group's enterprises or more: one family in a whole sector is not its reason.
- **Related parties.** Persons, holdings, accounts or contacts that tie an enterprise to the
  institution itself, against the share of edges with such a tie in the programme.
- **Money back**, likewise.

A value is one of V that were looked at, a group's institutions are some of N: ln V and ln N are
taken off, so what remains is above 0 for less than about one group by chance (a union bound).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array

from fraud_pipeline.core.sql import query
from fraud_pipeline.rings.further import binomial_ratio, lay_out
from fraud_pipeline.rings.kinds import IDENTITY
from fraud_pipeline.rings.parties import Parties
from fraud_pipeline.rings.web import Web

_COVERED = 0.5  # least share of the enterprises that carry the exclusive values
_CARRIERS = """
    WITH pairs AS (
        SELECT t.kind, l.n AS a, r.n AS b,
               CASE t.kind WHEN 'text' THEN concat(l.n, '|', r.n)
                           WHEN 'person' THEN split_part(t.detail, ' ', 1)
                           ELSE t.detail END AS value
          FROM ties t JOIN enterprises l ON l.id = t.left_id JOIN enterprises r ON r.id = t.right_id
         WHERE t.left_kind = 'enterprise' AND t.right_kind = 'enterprise' AND t.weight > 0
           AND (t.kind = 'text' OR t.kind IN (SELECT unnest($identity)))
    ), carriers AS (
        SELECT kind, value, a AS enterprise FROM pairs
         UNION SELECT kind, value, b FROM pairs
    )
    SELECT dense_rank() OVER (ORDER BY kind, value) AS value, enterprise FROM carriers ORDER BY ALL
"""
_TIED_EDGES = """
    SELECT DISTINCT CASE t.kind WHEN 'money_back' THEN 'money_back' ELSE 'related' END AS kind,
           e.enterprise, e.institution
      FROM ties t JOIN enterprises l ON l.id = t.left_id JOIN institutions r ON r.id = t.right_id
      JOIN edges e ON e.enterprise = l.n AND e.institution = r.n
     WHERE t.left_kind = 'enterprise' AND t.right_kind = 'institution' AND t.weight > 0
       AND t.kind NOT IN ('claim', 'payment', 'tenancy')
     ORDER BY ALL
"""
# Of each candidate and value that two of its dealing enterprises share: the edges of all carriers,
# those that fall on the candidate's institutions, how many would by their share of the regions'
# edges, and the carriers among the members.
_SHARED = """
    WITH shared AS (
        SELECT i.candidate, c.value, count(DISTINCT i.enterprise) AS n_members
          FROM inside i JOIN carriers c USING (enterprise) GROUP BY ALL HAVING n_members > 1
    ), regional AS (
        SELECT region, count(*) AS total FROM edges GROUP BY ALL
    ), held AS (
        SELECT s.candidate, e.region, count(*) / any_value(r.total) AS share
          FROM sellers s JOIN edges e USING (institution) JOIN regional r USING (region)
         GROUP BY ALL
    )
    SELECT s.candidate, s.value, s.n_members, count(*) AS n,
           count(*) FILTER (k.institution IS NOT NULL) AS m,
           sum(coalesce(h.share, 0.0) ORDER BY e.enterprise, e.institution) AS expected
      FROM shared s JOIN carriers c USING (value) JOIN edges e USING (enterprise)
      LEFT JOIN sellers k ON k.candidate = s.candidate AND k.institution = e.institution
      LEFT JOIN held h ON h.candidate = s.candidate AND h.region = e.region
     GROUP BY ALL ORDER BY ALL
"""
# Of each value and institution that two of its carriers deal with: as _SHARED, for that one.
_STARS = """
    WITH carried AS (
        SELECT value, enterprise, institution, region FROM carriers JOIN edges USING (enterprise)
    ), regional AS (
        SELECT region, count(*) AS total FROM edges GROUP BY ALL
    ), held AS (
        SELECT institution, region, count(*) / any_value(total) AS share
          FROM edges JOIN regional USING (region) GROUP BY ALL
    ), hits AS (
        SELECT value, institution, count(*) AS m FROM carried GROUP BY ALL HAVING m > 1
    ), volume AS (
        SELECT value, region, count(*) AS n FROM carried GROUP BY ALL
    )
    SELECT h.value, h.institution, any_value(h.m) AS m, sum(v.n)::BIGINT AS n,
           sum(v.n * coalesce(d.share, 0.0) ORDER BY v.region) AS expected
      FROM hits h JOIN volume v USING (value)
      LEFT JOIN held d ON d.institution = h.institution AND d.region = v.region
     GROUP BY ALL ORDER BY ALL
"""
_CLIENTS = """
    SELECT DISTINCT x.institution, c.enterprise FROM exclusive x JOIN carriers c USING (value)
      JOIN edges e ON e.enterprise = c.enterprise AND e.institution = x.institution
     ORDER BY ALL
"""
# Whoever deals with one of a set's several institutions, other than by an exclusive value: how many
# of its further edges stay among them. In a town or a sector that share is near one.
_LOYAL = """
    WITH several AS (
        SELECT candidate FROM sellers GROUP BY ALL HAVING count(*) > 1
    ), wanted AS (
        SELECT DISTINCT candidate FROM exclusive SEMI JOIN several USING (candidate)
    ), carrying AS (
        SELECT DISTINCT x.candidate, c.enterprise FROM exclusive x JOIN carriers c USING (value)
    ), clients AS (
        SELECT s.candidate, e.enterprise, count(*) AS m
          FROM sellers s SEMI JOIN wanted USING (candidate) JOIN edges e USING (institution)
         GROUP BY ALL
    ), volume AS (
        SELECT enterprise, count(*) AS n FROM edges GROUP BY ALL
    )
    SELECT candidate, sum(m - 1)::BIGINT AS inside, sum(n - 1)::BIGINT AS further
      FROM clients JOIN volume USING (enterprise) ANTI JOIN carrying USING (candidate, enterprise)
     GROUP BY ALL ORDER BY ALL
"""
_COVER = """
    SELECT e.candidate, count(DISTINCT i.enterprise) AS covered
      FROM exclusive e JOIN carriers c USING (value)
      JOIN inside i ON i.candidate = e.candidate AND i.enterprise = c.enterprise
     GROUP BY ALL ORDER BY ALL
"""
_DIRECT = """
    SELECT i.candidate, t.kind, count(*) AS hits FROM inside i
      JOIN tied_edges t ON t.enterprise = i.enterprise AND t.institution = i.institution
     GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True)
class SharedValues:
    """Who shares what, in node numbers: what :func:`evidence` compares a group with.

    ``carriers`` (value, enterprise), ``edges`` (enterprise, institution, region), a region being
    one within a segment of the market (:mod:`fraud_pipeline.rings.segments`), ``tied_edges``
    (kind, enterprise, institution) of kinds ``related`` and ``money_back``.
    """

    carriers: pa.Table
    edges: pa.Table
    tied_edges: pa.Table
    n_values: int
    habit: float = 1.0


def shared_values(parties: Parties, ties: pa.Table) -> SharedValues:
    """The shared identity values and the tied edges of a whole programme."""
    graph = parties.web
    numbers = pa.array(np.arange(len(parties.ids), dtype=np.int32))
    ids = pa.array(parties.ids, pa.string())
    enterprise = np.repeat(np.arange(graph.n_firms), np.diff(graph.firm_ptr))
    edges = pa.table({
        "enterprise": pa.array(enterprise.astype(np.int32)),
        "institution": pa.array((graph.firm_inst + graph.n_firms).astype(np.int32)),
        "region": pa.array(graph.firm_region[enterprise].astype(np.int32)),
    })  # fmt: skip
    tables = {
        "ties": ties,
        "edges": edges,
        "enterprises": pa.table({"id": ids[: graph.n_firms], "n": numbers[: graph.n_firms]}),
        "institutions": pa.table({"id": ids[graph.n_firms :], "n": numbers[graph.n_firms :]}),
    }
    named = {name: tables[name] for name in ("ties", "enterprises")}
    carriers = query(_CARRIERS, named, {"identity": sorted(IDENTITY)})
    n_values = int(carriers["value"].to_numpy().max(initial=0))
    return SharedValues(
        carriers, edges, query(_TIED_EDGES, tables), n_values, usual_company(graph, carriers)
    )


def usual_company(graph: Web, carriers: pa.Table) -> float:
    """How much oftener than their regions' other enterprises carriers of one value meet, at least 1.

    Of each value: the pairs of its carriers' edges that fall on one institution, over how many would
    if each carrier dealt as its region does. Returned is the median over all values, each weighing as
    many pairs as it was expected to have, with one more value of the largest weight that has no
    habit: one value makes none. Where clients of a bookkeeper, tenants of a house or members
    of a family keep to the same institutions everywhere, it is no evidence that some do.
    """
    value, enterprise = carriers["value"].to_numpy() - 1, carriers["enterprise"].to_numpy()
    if value.size == 0:
        return 1.0
    shape = (int(value.max()) + 1, graph.n_firms)
    carrying = csr_array((np.ones(value.size), (value, enterprise)), shape=shape)
    dealing = csr_array(
        (np.ones(graph.firm_inst.size), graph.firm_inst, graph.firm_ptr),
        shape=(graph.n_firms, graph.n_insts),
    )
    degree = np.diff(graph.firm_ptr).astype(float)
    regions = np.arange(graph.n_firms), graph.firm_region
    region = csr_array((degree, regions), shape=(graph.n_firms, graph.region_total.shape[1]))
    total = np.maximum(region.sum(axis=0), 1.0)
    share = ((region > 0).astype(float).T @ dealing).multiply(1.0 / total[:, None]).tocsr()
    alike = (share @ share.T).tocsr()
    volume = (carrying @ region).tocsr()
    own = carrying @ (degree**2 * alike.diagonal()[graph.firm_region])
    expected = ((volume @ alike).multiply(volume).sum(axis=1) - own) / 2.0
    met = (carrying @ dealing).tocsr()
    met_pairs = (met.multiply(met).sum(axis=1) - met.sum(axis=1)) / 2.0
    ratio = np.append(met_pairs / np.maximum(expected, 1e-12), 1.0)
    weight = np.append(expected, expected.max())
    order = np.argsort(ratio, kind="stable")
    half = int(np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2.0))
    return max(1.0, float(ratio[order[min(half, order.size - 1)]]))


def exclusive_values(shared: SharedValues) -> pa.Table:
    """value, institution and nats of every value that is exclusive to one institution."""
    counts = query(_STARS, {"carriers": shared.carriers, "edges": shared.edges})
    nats = _nats(counts, shared)
    found = counts.select(["value", "institution"]).append_column("nats", pa.array(nats))
    return found.filter(pa.array(nats >= 0.0, pa.bool_()))


def stars(shared: SharedValues, min_enterprises: int) -> list[list[int]]:
    """Candidates: each institution with the clients whose values are exclusive to it, as nodes."""
    tables = {"carriers": shared.carriers, "edges": shared.edges}
    clients = query(_CLIENTS, {**tables, "exclusive": exclusive_values(shared)})
    if clients.num_rows == 0:
        return []
    institution, enterprise = (clients[n].to_numpy() for n in ("institution", "enterprise"))
    starts = np.flatnonzero(np.diff(institution, prepend=-1))
    groups = zip(institution[starts], np.split(enterprise, starts[1:]), strict=True)
    return [[*map(int, of), int(at)] for at, of in groups if len(of) >= min_enterprises]


@dataclass(frozen=True)
class Evidence:
    """Nats of each set above what chance gives, (n,) each; -inf where there is none at all.

    ``exclusive``: of the strongest exclusive value; ``direct``: of related parties or money back.
    """

    exclusive: np.ndarray
    direct: np.ndarray

    @property
    def best(self) -> np.ndarray:
        """(n,) nats of the stronger of the two."""
        best: np.ndarray = np.maximum(self.exclusive, self.direct)
        return best

    def of(self, rows: np.ndarray) -> Evidence:
        return Evidence(self.exclusive[rows], self.direct[rows])


def evidence(parties: Parties, shared: SharedValues, sets: list[tuple[int, ...]]) -> Evidence:
    """What speaks for each set of nodes besides who deals with whom.

    A programme without ties has no such evidence for anybody.
    """
    nothing = np.full(len(sets), -np.inf)
    if not sets:
        return Evidence(nothing, nothing)
    inside, sellers = _inside(parties, sets)
    members = np.array([sum(n < parties.web.n_firms for n in nodes) for nodes in sets])
    return Evidence(
        _exclusive(shared, inside, sellers, members),
        _direct(shared, inside, parties.web.n_insts, len(sets)),
    )


def _inside(parties: Parties, sets: list[tuple[int, ...]]) -> tuple[pa.Table, pa.Table]:
    """(candidate, enterprise, institution) of the edges inside; (candidate, institution)."""
    _, inside = lay_out(parties, sets)
    node = np.concatenate([np.asarray(nodes, dtype=np.int64) for nodes in sets])
    candidate = np.repeat(np.arange(len(sets)), [len(nodes) for nodes in sets])
    seller = node >= parties.web.n_firms
    sellers = {"candidate": candidate[seller], "institution": node[seller]}
    return (
        inside.rename_columns(["candidate", "enterprise", "institution"]),
        pa.table({name: pa.array(column.astype(np.int32)) for name, column in sellers.items()}),
    )


def _exclusive(
    shared: SharedValues, inside: pa.Table, sellers: pa.Table, members: np.ndarray
) -> np.ndarray:
    """(n,) nats of the strongest value where exclusive ones cover half of a set's enterprises."""
    tables = {"inside": inside, "carriers": shared.carriers}
    counts = query(_SHARED, {**tables, "edges": shared.edges, "sellers": sellers})
    candidate, nats = counts["candidate"].to_numpy(), _nats(counts, shared)
    exclusive = counts.select(["candidate", "value"]).filter(pa.array(nats >= 0.0, pa.bool_()))
    loyal = query(_LOYAL, {"exclusive": exclusive, "edges": shared.edges, "sellers": sellers,
                           "carriers": shared.carriers})  # fmt: skip
    usual = np.zeros(len(members))
    usual[loyal["candidate"].to_numpy()] = loyal["inside"].to_numpy() / (
        loyal["further"].to_numpy() + 1.0
    )
    nats = _nats(counts, shared, usual[candidate])
    exclusive = counts.select(["candidate", "value"]).filter(pa.array(nats >= 0.0, pa.bool_()))
    covers = query(_COVER, {**tables, "exclusive": exclusive})
    covered = np.zeros(len(members))
    covered[covers["candidate"].to_numpy()] = covers["covered"].to_numpy()
    enough = (covered >= _COVERED * members)[candidate]
    best = np.full(len(members), -np.inf)
    np.maximum.at(best, candidate[enough], nats[enough])
    return best


def _nats(counts: pa.Table, shared: SharedValues, usual: np.ndarray | float = 0.0) -> np.ndarray:
    """(rows,) nats of ``m`` of ``n`` edges against ``expected``, less those for V values.

    ``usual``: the share that other clients of the same institutions have there, if that is more.
    """
    n, m = counts["n"].to_numpy(), counts["m"].to_numpy()
    share = np.maximum(counts["expected"].to_numpy() / n, usual)
    share = np.clip(share + np.sqrt(share * (shared.habit - 1.0)), 1e-9, 1.0)
    nats = np.array([binomial_ratio(*row) for row in zip(m, n, share, strict=True)], float)
    less: np.ndarray = nats - math.log(max(shared.n_values, 1))
    return less


def _direct(shared: SharedValues, inside: pa.Table, n_institutions: int, n_sets: int) -> np.ndarray:
    """(n,) nats of ties to the institution or of money back, commoner inside than outside."""
    total = shared.edges.num_rows
    n = np.bincount(inside["candidate"].to_numpy(), minlength=n_sets)
    kinds = shared.tied_edges["kind"].value_counts().to_pylist()
    everywhere = {row["values"]: row["counts"] for row in kinds}
    hits = query(_DIRECT, {"inside": inside, "tied_edges": shared.tied_edges})
    best = np.full(n_sets, -np.inf)
    for row in hits.to_pylist():  # a row a candidate and kind
        i = row["candidate"]
        outside = (everywhere[row["kind"]] - row["hits"] + 1.0) / (total - n[i] + 2.0)
        nats = binomial_ratio(row["hits"], int(n[i]), min(outside, 1.0))
        best[i] = max(best[i], nats - math.log(max(n_institutions, 1)))
    return best
