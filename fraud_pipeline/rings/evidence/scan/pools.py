"""Lists of clients in which a group is looked for: all of an institution, some seasons, one reviewer.

A ring at a busy institution is few among many, and naming few of many is what makes a group cheap
to find by chance. Among the clients of some seasons, or among those that one reviewer approved, it
is more of the list; that the list is one of several counts against it instead.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fraud_pipeline.rings.graph.parties import Parties

_WINDOWS = ((1, 1), (2, 1), (4, 2))  # seasons, step: quarters, half years and years


class Pools(NamedTuple):
    """``edge[ptr[i]:ptr[i + 1]]`` are the edges of pool ``i`` at ``institution[i]`` (0-based).

    ``cost`` float64: ln of the number of pools of that institution. ``whole``: all its clients.
    """

    ptr: np.ndarray
    edge: np.ndarray
    institution: np.ndarray
    cost: np.ndarray
    whole: np.ndarray


def make_pools(parties: Parties, reviewer: np.ndarray, weight: np.ndarray, fewest: int) -> Pools:
    """All pools of at least ``fewest`` edges, each in falling order of ``weight`` (edges,)."""
    graph = parties.graph
    edge, key, part = _memberships(graph.enterprise_season, reviewer)
    institution = graph.enterprise_institution[edge]
    order = np.lexsort((edge, -weight[edge], key, part, institution))
    edge, key, part, institution = (a[order] for a in (edge, key, part, institution))
    new = np.ones(edge.size, bool)
    new[1:] = (np.diff(institution) != 0) | (np.diff(part) != 0) | (np.diff(key) != 0)
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, edge.size))
    clients = np.diff(graph.institution_ptr)[institution[starts]]
    large_enough = (sizes >= fewest) & ((part[starts] == 0) | (sizes < clients))
    owner = institution[starts][large_enough]
    per_institution = np.bincount(owner, minlength=graph.n_institutions)
    return Pools(
        np.concatenate([[0], np.cumsum(sizes[large_enough])]).astype(np.int64),
        edge[np.repeat(large_enough, sizes)],
        owner,
        np.log(np.maximum(per_institution[owner], 1)),
        part[starts][large_enough] == 0,
    )


def _memberships(season: np.ndarray, reviewer: np.ndarray) -> tuple[np.ndarray, ...]:
    """(edge, key, part) of each edge in each of its pools; part 0 is all clients."""
    edges = np.arange(season.size)
    rows = [(edges, np.zeros_like(edges), np.zeros_like(edges))]
    for number, (width, step) in enumerate(_WINDOWS):
        for back in range(0, width, step):
            first = (season - back) // step * step
            rows.append((edges, first, np.full_like(edges, number + 1)))
    approved = np.flatnonzero(reviewer >= 0)
    part = np.full_like(approved, len(_WINDOWS) + 1)
    rows.append((approved, reviewer[approved], part))
    edge, key, part = (np.concatenate(columns) for columns in zip(*rows, strict=True))
    return edge, key, part
