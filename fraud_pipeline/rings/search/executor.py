"""Pieces of a search that need nothing of one another, and who does them.

A search asks for its tasks by list and never says where they are done: in this process, which is
the default (:data:`fraud_pipeline.rings.search.tasks.LOCAL_EXECUTOR`), or as the tasks of a cluster
(:mod:`fraud_pipeline.engine.spark.rings`). Either does them with the same function, so a result does
not depend on into how many tasks a list was split, on their order, or on one being done twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.parameters import RingParameters

Arrays = Mapping[str, np.ndarray]  # of one dimension, int64 or float64: anything can carry them


@dataclass(frozen=True)
class Task:
    """What to do (a kind :func:`fraud_pipeline.rings.search.tasks.done` knows) and with what."""

    kind: str
    arrays: Arrays


class Executor(Protocol):
    """Runs tasks of one kind on one graph; the results come in the order of the tasks."""

    @property
    def parts(self) -> int:
        """Into how many tasks a list is worth splitting."""
        ...

    def __call__(
        self, graph: BipartiteGraph, settings: RingParameters, batch: Sequence[Task]
    ) -> list[Arrays]: ...


class CandidateSets(NamedTuple):
    """CandidateSets of parties, each reached from a seed; ``nodes`` one after the other, ``ptr`` between."""

    row: np.ndarray  # int64 (n,): the number of the seed
    net: np.ndarray  # float64 (n,): score in nats
    level: np.ndarray  # int64 (n,): of ties
    first: np.ndarray  # int64 (n,): season
    last: np.ndarray
    ptr: np.ndarray  # int64 (n + 1,)
    nodes: np.ndarray  # int64


_ONE_A_SET = ("row", "net", "level", "first", "last")


def partition(n: int, parts: int) -> list[np.ndarray]:
    """The numbers below ``n`` dealt out like cards, so that dear neighbours part; none empty."""
    return [np.arange(first, n, parts) for first in range(min(n, parts))]


def select_lists(
    ptr: np.ndarray, nodes: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Offsets and nodes of the lists in ``rows``, in that order."""
    size = ptr[rows + 1] - ptr[rows]
    fresh = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    at = np.repeat(ptr[rows] - fresh[:-1], size) + np.arange(fresh[-1])
    return fresh, nodes[at]


def select(sets: CandidateSets, rows: np.ndarray) -> CandidateSets:
    """The sets at ``rows`` (places, not numbers of seeds)."""
    ptr, nodes = select_lists(sets.ptr, sets.nodes, rows)
    one = {name: getattr(sets, name)[rows] for name in _ONE_A_SET}
    return CandidateSets(**one, ptr=ptr, nodes=nodes)


def concatenate_sets(parts: Sequence[CandidateSets]) -> CandidateSets:
    """All of them, by the number of their seed."""
    if len(parts) == 1:
        return parts[0]
    size = np.concatenate([np.diff(part.ptr) for part in parts])
    one = {name: np.concatenate([getattr(p, name) for p in parts]) for name in _ONE_A_SET}
    ptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    whole = CandidateSets(**one, ptr=ptr, nodes=np.concatenate([part.nodes for part in parts]))
    return select(whole, np.argsort(whole.row, kind="stable"))
