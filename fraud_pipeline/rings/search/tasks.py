"""Every seed searched, the best of overlapping answers kept; and the same in null samples.

All of it is split into tasks (:mod:`fraud_pipeline.rings.search.executor`): lists of seeds, searches,
searches begun again with one more institution, null samples. A search reads the graph around its
seed and the totals of the whole country, writes nothing and leaves its scratch clean, so it is
the same whichever searches stand beside it. Tasks are seeds and not connected components: popular
institutions join nearly all parties of a programme into one component.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numba as nb
import numpy as np

from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.rings.graph.bipartite import BipartiteGraph
from fraud_pipeline.rings.null.rewiring import null_sample
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.executor import (
    Arrays,
    CandidateSets,
    Executor,
    Task,
    concatenate_sets,
    partition,
    select,
    select_lists,
)
from fraud_pipeline.rings.search.expansion import propose_institutions
from fraud_pipeline.rings.search.local_search import SearchLimits, ascend
from fraud_pipeline.rings.search.regional_score import score_by_region
from fraud_pipeline.rings.search.search_state import MAX_MEMBERS, SearchState, new_search_state
from fraud_pipeline.rings.search.seeds import (
    Seeds,
    all_seeds,
    concatenate_seeds,
    count_seed_lists,
    make_seed_list,
)

_VALID_FLOOR = -1e17  # a net below is no set that may be a ring


@dataclass(frozen=True)
class Candidate:
    """A set of parties and its score in nats, net of the code length of naming it."""

    structure_nats: float
    nodes: tuple[int, ...]
    seasons: tuple[int, int]
    level: int


@dataclass(frozen=True)
class LocalExecutor:
    """Pieces done in this process, ``parts`` at a time: their kernels hold no lock."""

    parts: int

    def __call__(
        self, graph: BipartiteGraph, settings: RingParameters, batch: Sequence[Task]
    ) -> list[Arrays]:
        one = partial(run_task, graph, settings)
        if self.parts == 1:
            return list(map(one, batch))
        with ThreadPoolExecutor(self.parts) as pool:
            return list(pool.map(one, batch))


LOCAL_EXECUTOR = LocalExecutor(N_THREADS)
SEQUENTIAL_EXECUTOR = LocalExecutor(1)  # within a task


def run_task(graph: BipartiteGraph, settings: RingParameters, task: Task) -> Arrays:
    """The result of a task: a function of the arguments, on whatever machine."""
    return _KINDS[task.kind](graph, settings, task.arrays)


def _limits(settings: RingParameters) -> SearchLimits:
    return SearchLimits(settings.max_steps, settings.min_enterprises, settings.widest_institution)


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _search_all(
    graph: BipartiteGraph, ptr: np.ndarray, nodes: np.ndarray, level: np.ndarray, state: SearchState, limits: SearchLimits,
    out: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """The answer from each seed: score, seasons, offsets; members are written to ``out``."""
    net = np.empty(level.size)
    first, last = np.empty(level.size, np.int64), np.empty(level.size, np.int64)
    ends = np.zeros(level.size + 1, np.int64)
    step = 0
    for i in range(level.size):
        net[i], members, first[i], last[i], step = ascend(
            graph, level[i], state, nodes[ptr[i] : ptr[i + 1]], step, limits
        )
        ends[i + 1] = ends[i] + members.size
        out[ends[i] : ends[i + 1]] = members
    return net, first, last, ends


def _search_task(graph: BipartiteGraph, settings: RingParameters, arrays: Arrays) -> Arrays:
    """Seeds (``row``, ``ptr``, ``nodes``, ``level``) searched; what can become nothing is left out."""
    level = arrays["level"]
    out = np.empty(level.size * MAX_MEMBERS, np.int64)
    net, first, last, ptr = _search_all(
        graph,
        arrays["ptr"],
        arrays["nodes"],
        level,
        new_search_state(graph),
        _limits(settings),
        out,
    )
    sets = CandidateSets(arrays["row"], net, level, first, last, ptr, out)
    worth = net > settings.score_floor
    worth[_best_for_expansion(sets, settings)] = True
    return select(sets, np.flatnonzero(worth))._asdict()


def _best_for_expansion(sets: CandidateSets, settings: RingParameters) -> np.ndarray:
    """Places of the best answers at a level with ties, best first; equal ones as their seeds.

    The best of all are among the best of each task, however the seeds were dealt out.
    """
    best = np.lexsort((sets.row, -sets.net))
    best = best[(sets.level[best] > 0) & (sets.net[best] > _VALID_FLOOR)]
    return best[: settings.widened]


class LocalOptimum(NamedTuple):
    """Where a local search ended."""

    net: float  # nats
    nodes: np.ndarray  # int64, sorted
    first: int  # season
    last: int


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _expand(
    graph: BipartiteGraph, level: int, state: SearchState, limits: SearchLimits, widest: int,
    best: LocalOptimum, step: int,
) -> tuple[LocalOptimum, int]:  # fmt: skip
    """Search again from ``best`` with one more institution, until that stops paying."""
    better = True
    while better:
        better = False
        more_ptr, more = propose_institutions(graph, level, best.nodes, widest)
        for j in range(more_ptr.size - 1):
            net, nodes, first, last, step = ascend(
                graph, level, state, more[more_ptr[j] : more_ptr[j + 1]], step, limits
            )
            if net > best.net + 1e-9:
                best, better = LocalOptimum(net, nodes, first, last), True
    return best, step


def _expand_task(graph: BipartiteGraph, settings: RingParameters, arrays: Arrays) -> Arrays:
    """Answers as wide as pays."""
    sets, state, step = CandidateSets(**arrays), new_search_state(graph), 0
    net, first, last = sets.net.copy(), sets.first.copy(), sets.last.copy()
    members = []
    for i in range(net.size):
        nodes = sets.nodes[sets.ptr[i] : sets.ptr[i + 1]].copy()
        best = LocalOptimum(net[i], nodes, first[i], last[i])
        best, step = _expand(
            graph, sets.level[i], state, _limits(settings), settings.next_institutions, best, step
        )
        net[i], first[i], last[i] = best.net, best.first, best.last
        members.append(best.nodes)
    ptr = np.concatenate([[0], np.cumsum([nodes.size for nodes in members])]).astype(np.int64)
    return CandidateSets(
        sets.row, net, sets.level, first, last, ptr,
        np.concatenate([np.zeros(0, np.int64), *members]),
    )._asdict()  # fmt: skip


def _search(
    graph: BipartiteGraph,
    seeds: Seeds,
    settings: RingParameters,
    executor: Executor = LOCAL_EXECUTOR,
) -> CandidateSets:
    """The answers that may count, by the number of their seed."""
    ptr, nodes, level = seeds
    tasks = []
    for rows in partition(level.size, executor.parts):
        part_ptr, part = select_lists(ptr, nodes, rows)
        arrays = {"row": rows, "ptr": part_ptr, "nodes": part, "level": level[rows]}
        tasks.append(Task("climb", arrays))
    if not tasks:
        none = np.zeros(0, np.int64)
        return CandidateSets(none, np.zeros(0), none, none, none, np.zeros(1, np.int64), none)
    sets = concatenate_sets(
        [CandidateSets(**answer) for answer in executor(graph, settings, tasks)]
    )
    best = _best_for_expansion(sets, settings)
    if best.size:
        tasks = [
            Task("widen", select(sets, best[places])._asdict())
            for places in partition(best.size, executor.parts)
        ]
        others = np.setdiff1d(np.arange(sets.row.size), best)
        wider = [CandidateSets(**answer) for answer in executor(graph, settings, tasks)]
        sets = concatenate_sets([select(sets, others), *wider])
    return score_by_region(graph, sets, settings.score_floor)


def find_seeds(
    graph: BipartiteGraph, settings: RingParameters, executor: Executor = LOCAL_EXECUTOR
) -> Seeds:
    """:func:`all_seeds`, each list a task."""
    numbers = range(count_seed_lists(graph))
    tasks = [Task("seeds", {"number": np.array([number])}) for number in numbers]
    answers = executor(graph, settings, tasks)
    return concatenate_seeds([(a["ptr"], a["nodes"], a["level"]) for a in answers])


def _seed_task(graph: BipartiteGraph, settings: RingParameters, arrays: Arrays) -> Arrays:
    ptr, nodes, level = make_seed_list(graph, settings, int(arrays["number"][0]))
    return {"ptr": ptr, "nodes": nodes, "level": level}


def local_search(
    graph: BipartiteGraph,
    seeds: Seeds,
    settings: RingParameters,
    unchanged: bool = False,
    executor: Executor = LOCAL_EXECUTOR,
) -> list[Candidate]:
    """One candidate a seed, those below the floor of the score left out.

    ``unchanged`` weighs the seeds without changing them, whatever their score.
    """
    if unchanged:
        settings = settings.model_copy(
            update={"max_steps": 0, "widened": 0, "score_floor": _VALID_FLOOR}
        )
    sets = _search(graph, seeds, settings, executor)
    return [
        Candidate(
            float(sets.net[i]),
            tuple(sets.nodes[sets.ptr[i] : sets.ptr[i + 1]].tolist()),
            (int(sets.first[i]), int(sets.last[i])),
            int(sets.level[i]),
        )
        for i in np.flatnonzero(sets.net > settings.score_floor)
    ]


def null_maxima(
    graph: BipartiteGraph, settings: RingParameters, executor: Executor = LOCAL_EXECUTOR
) -> np.ndarray:
    """The best score of each null sample, float64 (null samples,); fewer for larger graphs.

    A null sample without any answer counts as one at the floor of the score.
    Each null sample is searched exactly as the real one, so that comparing with its best is valid
    after the search (Westfall and Young 1993).
    """
    n_edges = max(int(graph.enterprise_institution.size), 1)
    n_samples = max(min(settings.null_samples, settings.null_budget // n_edges), 0)
    best = np.full(n_samples, settings.score_floor)
    parts = partition(n_samples, executor.parts)
    tasks = [Task("worlds", {"number": numbers}) for numbers in parts]
    if tasks:
        for numbers, answer in zip(parts, executor(graph, settings, tasks), strict=True):
            best[numbers] = answer["best"]
    return best


def _null_task(graph: BipartiteGraph, settings: RingParameters, arrays: Arrays) -> Arrays:
    """The best score of each of the null samples; nothing else of them is returned."""
    best = np.full(arrays["number"].size, settings.score_floor)
    for place, number in enumerate(arrays["number"].tolist()):
        sample = null_sample(graph, settings, number)
        net = _search(sample, all_seeds(sample, settings), settings, SEQUENTIAL_EXECUTOR).net
        best[place] = net.max(initial=settings.score_floor)
    return {"best": best}


_KINDS: dict[str, Callable[[BipartiteGraph, RingParameters, Arrays], Arrays]] = {
    "seeds": _seed_task,
    "climb": _search_task,
    "widen": _expand_task,
    "worlds": _null_task,
}
