"""From marks and exclusive values to groups: the best beginnings, grown to whole membership."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.rings.evidence.exclusive_values import SharedValues, exclusive_values
from fraud_pipeline.rings.evidence.scan.edge_marks import EdgeMarks
from fraud_pipeline.rings.evidence.scan.kinds import CONVINCING, edges_inside
from fraud_pipeline.rings.evidence.scan.membership import members
from fraud_pipeline.rings.evidence.scan.pools import Pools, make_pools
from fraud_pipeline.rings.evidence.scan.prefixes import MarkArrays, Stars, best_prefixes
from fraud_pipeline.rings.graph.parties import Parties

_NAMED_FIRST = 3.0  # nats by which a carrier of an exclusive value comes earlier in the order

_APART = frozenset({"related", "verdict"})  # kinds that no fact about an institution explains

_CARRIERS = """
    SELECT x.institution, x.value, x.nats, e.place FROM exclusive x JOIN carriers c USING (value)
      JOIN places e ON e.enterprise = c.enterprise AND e.institution = x.institution
     ORDER BY x.institution, x.nats DESC, x.value, e.place
"""


@dataclass(frozen=True)
class OtherEvidence:
    """What speaks for a group besides who deals with whom: values that are shared, marks of edges."""

    shared: SharedValues
    marks: EdgeMarks


@dataclass(frozen=True)
class Group:
    """Clients of one institution that evidence singles out, as nodes (the institution last).

    ``core``: those that alone give ``nats``, the evidence left after what the choice cost.
    """

    nodes: tuple[int, ...]
    core: tuple[int, ...]
    nats: float


def find_groups(parties: Parties, other: OtherEvidence, fewest: int) -> list[Group]:
    """Groups of at least ``fewest`` clients whose evidence exceeds what the choice cost.

    Two kinds at least convince by themselves, where an exclusive value is one kind. Of groups of
    one institution that share a client, the stronger stays.
    """
    graph, marks = parties.graph, other.marks
    if graph.enterprise_institution.size == 0:
        return []
    stars = _stars(parties, other.shared)
    weight = np.zeros(graph.enterprise_institution.size)
    for first, last in zip(marks.level_ptr[:-1], marks.level_ptr[1:], strict=True):
        for level in range(first, last):
            weight -= np.where(marks.marked[level], np.log(marks.usual[level]), 0.0) / (
                last - first
            )
    carries_value = np.zeros(weight.size, bool)
    carries_value[stars.carrier] = True
    weight += _NAMED_FIRST * carries_value
    pools = make_pools(parties, marks.reviewer, weight, fewest)
    arrays = MarkArrays(
        marks.marked, marks.usual, marks.alike, marks.level_ptr.astype(np.int64),
        np.array([kind in _APART for kind in marks.kinds], bool), _paid_at_all(parties, marks),
        np.diff(graph.institution_ptr),
    )  # fmt: skip
    nats, length = best_prefixes(pools, stars, arrays, graph.log_factorial, fewest, CONVINCING)
    pool_order = np.flatnonzero(nats >= 0.0)
    pool_order = pool_order[
        np.lexsort((pool_order, -nats[pool_order], pools.institution[pool_order]))
    ]
    return _grow_groups(parties, stars, marks, pools, pool_order, nats, length)


def _paid_at_all(parties: Parties, marks: EdgeMarks) -> np.ndarray:
    """float64 (levels, institutions): edges of each institution on which money came back.

    Nought for other kinds. An institution that buys from its clients pays all of them, so what
    the others have is no sign of some.
    """
    graph = parties.graph
    at_all = np.zeros((len(marks.marked), graph.n_institutions))
    if "money_back" in marks.kinds:
        kind = marks.kinds.index("money_back")
        for row in range(int(marks.level_ptr[kind]), int(marks.level_ptr[kind + 1])):
            weights = marks.marked[row].astype(float)
            at_all[row] = np.bincount(
                graph.enterprise_institution, weights=weights, minlength=graph.n_institutions
            )
    return at_all


def _grow_groups(
    parties: Parties, stars: Stars, marks: EdgeMarks, pools: Pools, pool_order: np.ndarray,
    nats: np.ndarray, length: np.ndarray,
) -> list[Group]:  # fmt: skip
    """The best beginnings of each institution, the strongest first, those that repeat left out."""
    graph = parties.graph
    by_institution = np.argsort(graph.enterprise_institution, kind="stable")
    clients = np.split(by_institution, graph.institution_ptr[1:-1])
    groups: list[Group] = []
    accepted: list[set[int]] = []
    before = -1
    for pool in pool_order.tolist():
        institution = int(pools.institution[pool])
        if institution != before:
            accepted, before = [], institution
        first = pools.ptr[pool]
        best = pools.edge[first : first + length[pool]]
        core = set(best.tolist())
        if any(
            core & other for other in accepted
        ):  # what is left of it is another group's evidence
            continue
        whole = members(clients[institution], best, marks, stars.at(institution))
        accepted.append(core | set(whole.tolist()))
        groups.append(
            Group(_nodes(parties, whole, institution),
                  _nodes(parties, np.array(sorted(core)), institution), float(nats[pool]))
        )  # fmt: skip
    return groups


def whole_membership(
    parties: Parties, other: OtherEvidence, sets: Sequence[tuple[int, ...]]
) -> list[tuple[int, ...]]:
    """Each set of nodes with the clients of its institutions that carry the same evidence.

    A search stops where more members are no more surprising; who else belongs is seen from the marks and
    values of those it found (:mod:`fraud_pipeline.rings.evidence.scan.membership`). Nobody leaves.
    """
    graph, stars = parties.graph, _stars(parties, other.shared)
    clients = np.split(
        np.argsort(graph.enterprise_institution, kind="stable"), graph.institution_ptr[1:-1]
    )
    grown = []
    for nodes in sets:
        institutions = [n - graph.n_enterprises for n in nodes if n >= graph.n_enterprises]
        _, inside = edges_inside(parties, nodes)
        pool = np.sort(np.concatenate([clients[k] for k in institutions]))
        values = [value for k in institutions for value in stars.at(k)]
        whole = members(pool, inside, other.marks, values)
        enterprises = np.searchsorted(graph.enterprise_ptr, whole, side="right") - 1
        grown.append(tuple(sorted({*nodes, *enterprises.tolist()})))
    return grown


def _nodes(parties: Parties, edges: np.ndarray, institution: int) -> tuple[int, ...]:
    graph = parties.graph
    enterprise = np.searchsorted(graph.enterprise_ptr, edges, side="right") - 1
    return (*sorted(enterprise.tolist()), graph.n_enterprises + institution)


def _stars(parties: Parties, shared: SharedValues) -> Stars:
    """The exclusive values of the programme, laid out by institution."""
    graph = parties.graph
    places = shared.edges.append_column("place", pa.array(np.arange(shared.edges.num_rows)))
    tables = {"carriers": shared.carriers, "places": places, "exclusive": exclusive_values(shared)}
    rows = query(_CARRIERS, tables)
    institution = rows["institution"].to_numpy().astype(np.int64) - graph.n_enterprises
    value, place = (rows[name].to_numpy().astype(np.int64) for name in ("value", "place"))
    new = np.ones(value.size, bool)
    new[1:] = (np.diff(value) != 0) | (np.diff(institution) != 0)
    starts = np.flatnonzero(new)
    per_institution = np.bincount(institution[starts], minlength=graph.n_institutions)
    return Stars(
        np.concatenate([[0], np.cumsum(per_institution)]).astype(np.int64),
        rows["nats"].to_numpy()[starts].astype(float),
        np.append(starts, value.size).astype(np.int64),
        place,
    )
