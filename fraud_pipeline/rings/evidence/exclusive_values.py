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
from fraud_pipeline.rings.evidence.exclusive_queries import (
    CARRIERS,
    CLIENTS,
    COVER,
    DIRECT,
    LOYAL,
    SHARED,
    STARS,
    TIED_EDGES,
)
from fraud_pipeline.rings.evidence.supporting import (
    binomial_ratio,
    binomial_ratios,
    list_edges_inside,
)
from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.graph.parties import Parties
from fraud_pipeline.rings.graph.tie_kinds import IDENTITY

_COVERED = 0.5  # least share of the enterprises that carry the exclusive values


@dataclass(frozen=True)
class SharedValues:
    """Who shares what, in node numbers: what :func:`measure_evidence` compares a group with.

    ``carriers`` (value, enterprise), ``edges`` (enterprise, institution, region), a region being
    one within a segment of the market (:mod:`fraud_pipeline.rings.null.segments`), ``tied_edges``
    (kind, enterprise, institution) of kinds ``related`` and ``money_back``.
    """

    carriers: pa.Table
    edges: pa.Table
    tied_edges: pa.Table
    n_values: int
    habit: float = 1.0


def shared_values(parties: Parties, ties: pa.Table) -> SharedValues:
    """The shared identity values and the tied edges of a whole programme."""
    graph = parties.graph
    numbers = pa.array(np.arange(len(parties.ids), dtype=np.int32))
    ids = pa.array(parties.ids, pa.string())
    enterprise = np.repeat(np.arange(graph.n_enterprises), np.diff(graph.enterprise_ptr))
    edges = pa.table({
        "enterprise": pa.array(enterprise.astype(np.int32)),
        "institution": pa.array((graph.enterprise_institution + graph.n_enterprises).astype(np.int32)),
        "region": pa.array(graph.enterprise_region[enterprise].astype(np.int32)),
    })  # fmt: skip
    tables = {
        "ties": ties,
        "edges": edges,
        "enterprises": pa.table(
            {"id": ids[: graph.n_enterprises], "n": numbers[: graph.n_enterprises]}
        ),
        "institutions": pa.table(
            {"id": ids[graph.n_enterprises :], "n": numbers[graph.n_enterprises :]}
        ),
    }
    numbered = {name: tables[name] for name in ("ties", "enterprises")}
    carriers = query(CARRIERS, numbered, {"identity": sorted(IDENTITY)})
    n_values = int(carriers["value"].to_numpy().max(initial=0))
    return SharedValues(
        carriers, edges, query(TIED_EDGES, tables), n_values, usual_company(graph, carriers)
    )


def usual_company(graph: BipartiteGraph, carriers: pa.Table) -> float:
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
    shape = (int(value.max()) + 1, graph.n_enterprises)
    carrying = csr_array((np.ones(value.size), (value, enterprise)), shape=shape)
    n_edges = csr_array(
        (
            np.ones(graph.enterprise_institution.size),
            graph.enterprise_institution,
            graph.enterprise_ptr,
        ),
        shape=(graph.n_enterprises, graph.n_institutions),
    )
    degree = np.diff(graph.enterprise_ptr).astype(float)
    regions = np.arange(graph.n_enterprises), graph.enterprise_region
    region = csr_array((degree, regions), shape=(graph.n_enterprises, graph.region_total.shape[1]))
    total = np.maximum(region.sum(axis=0), 1.0)
    share = ((region > 0).astype(float).T @ n_edges).multiply(1.0 / total[:, None]).tocsr()
    alike = (share @ share.T).tocsr()
    volume = (carrying @ region).tocsr()
    own = carrying @ (degree**2 * alike.diagonal()[graph.enterprise_region])
    expected = ((volume @ alike).multiply(volume).sum(axis=1) - own) / 2.0
    met = (carrying @ n_edges).tocsr()
    met_pairs = (met.multiply(met).sum(axis=1) - met.sum(axis=1)) / 2.0
    ratio = np.append(met_pairs / np.maximum(expected, 1e-12), 1.0)
    weight = np.append(expected, expected.max())
    order = np.argsort(ratio, kind="stable")
    half = int(np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2.0))
    return max(1.0, float(ratio[order[min(half, order.size - 1)]]))


def exclusive_values(shared: SharedValues) -> pa.Table:
    """value, institution and nats of every value that is exclusive to one institution."""
    counts = query(STARS, {"carriers": shared.carriers, "edges": shared.edges})
    nats = _nats(counts, shared)
    rows = counts.select(["value", "institution"]).append_column("nats", pa.array(nats))
    return rows.filter(pa.array(nats >= 0.0, pa.bool_()))


def stars(shared: SharedValues, min_enterprises: int) -> list[list[int]]:
    """Candidates: each institution with the clients whose values are exclusive to it, as nodes."""
    tables = {"carriers": shared.carriers, "edges": shared.edges}
    clients = query(CLIENTS, {**tables, "exclusive": exclusive_values(shared)})
    if clients.num_rows == 0:
        return []
    institution, enterprise = (clients[n].to_numpy() for n in ("institution", "enterprise"))
    starts = np.flatnonzero(np.diff(institution, prepend=-1))
    groups = zip(institution[starts], np.split(enterprise, starts[1:]), strict=True)
    return [[*map(int, of), int(at)] for at, of in groups if len(of) >= min_enterprises]


@dataclass(frozen=True)
class SetEvidence:
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

    def of(self, rows: np.ndarray) -> SetEvidence:
        return SetEvidence(self.exclusive[rows], self.direct[rows])


def measure_evidence(
    parties: Parties, shared: SharedValues, sets: list[tuple[int, ...]]
) -> SetEvidence:
    """What speaks for each set of nodes besides who deals with whom.

    A programme without ties has no such evidence for anybody.
    """
    nothing = np.full(len(sets), -np.inf)
    if not sets:
        return SetEvidence(nothing, nothing)
    inside, sellers = _inside(parties, sets)
    members = np.array([sum(n < parties.graph.n_enterprises for n in nodes) for nodes in sets])
    return SetEvidence(
        _exclusive(shared, inside, sellers, members),
        _direct(shared, inside, sellers, parties.graph.n_institutions, len(sets)),
    )


def _inside(parties: Parties, sets: list[tuple[int, ...]]) -> tuple[pa.Table, pa.Table]:
    """(candidate, enterprise, institution) of the edges inside; (candidate, institution)."""
    _, inside = list_edges_inside(parties, sets)
    node = np.concatenate([np.asarray(nodes, dtype=np.int64) for nodes in sets])
    candidate = np.repeat(np.arange(len(sets)), [len(nodes) for nodes in sets])
    seller = node >= parties.graph.n_enterprises
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
    counts = query(SHARED, {**tables, "edges": shared.edges, "sellers": sellers})
    candidate, nats = counts["candidate"].to_numpy(), _nats(counts, shared)
    exclusive = counts.select(["candidate", "value"]).filter(pa.array(nats >= 0.0, pa.bool_()))
    loyal = query(LOYAL, {"exclusive": exclusive, "edges": shared.edges, "sellers": sellers,
                           "carriers": shared.carriers})  # fmt: skip
    usual = np.zeros(len(members))
    usual[loyal["candidate"].to_numpy()] = loyal["inside"].to_numpy() / (
        loyal["further"].to_numpy() + 1.0
    )
    nats = _nats(counts, shared, usual[candidate])
    exclusive = counts.select(["candidate", "value"]).filter(pa.array(nats >= 0.0, pa.bool_()))
    covers = query(COVER, {**tables, "exclusive": exclusive})
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
    less: np.ndarray = binomial_ratios(m, n, share) - math.log(max(shared.n_values, 1))
    return less


def _direct(
    shared: SharedValues, inside: pa.Table, sellers: pa.Table, n_institutions: int, n_sets: int
) -> np.ndarray:
    """(n,) nats of ties to the institution or of money back, commoner inside than outside.

    Money back also against the other clients of the same institutions: one that buys from its clients
    pays them all.
    """
    total = shared.edges.num_rows
    n = np.bincount(inside["candidate"].to_numpy(), minlength=n_sets)
    kinds = shared.tied_edges["kind"].value_counts().to_pylist()
    everywhere = {row["values"]: row["counts"] for row in kinds}
    hits = query(DIRECT, {"inside": inside, "tied_edges": shared.tied_edges,
                          "edges": shared.edges, "sellers": sellers})  # fmt: skip
    best = np.full(n_sets, -np.inf)
    for row in hits.to_pylist():  # a row a candidate and kind
        i = row["candidate"]
        outside = (everywhere[row["kind"]] - row["hits"] + 1.0) / (total - n[i] + 2.0)
        if row["kind"] == "money_back":
            others = row["at_all"] - row["hits"] + outside
            outside = max(outside, others / (row["clients"] - n[i] + 1.0))
        nats = binomial_ratio(row["hits"], int(n[i]), min(outside, 1.0))
        best[i] = max(best[i], nats - math.log(max(n_institutions, 1)))
    return best
