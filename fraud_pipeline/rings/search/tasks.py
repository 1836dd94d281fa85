"""Every seed climbed, the best of overlapping answers kept; and the same in chance worlds.

All of it is asked for in pieces (:mod:`fraud_pipeline.rings.search.executor`): lists of seeds, climbs,
climbs begun again with one more institution, chance worlds. A climb reads the web around its
seed and the totals of the whole country, writes nothing and leaves its scratch clean, so it is
the same whichever climbs stand beside it. Pieces are seeds and not connected components: popular
institutions join nearly all parties of a programme into one component.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numba as nb
import numpy as np

from fraud_pipeline.core.threads import N_THREADS
from fraud_pipeline.rings.graph.bipartite import Web
from fraud_pipeline.rings.null.rewiring import chance_world
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.search.executor import (
    Arrays,
    Piece,
    Sets,
    Work,
    cut,
    some,
    taken,
    together,
)
from fraud_pipeline.rings.search.expansion import next_institutions
from fraud_pipeline.rings.search.local_search import ascend
from fraud_pipeline.rings.search.regional_score import given_regions
from fraud_pipeline.rings.search.search_state import MAX_MEMBERS, State
from fraud_pipeline.rings.search.seeds import (
    Seeds,
    all_seeds,
    listed_seeds,
    one_after_another,
    seed_lists,
)

_IS_SET = -1e17  # a net below is no set that may be a ring


@dataclass(frozen=True)
class Candidate:
    """A set of parties and its surprise in nats, net of the cost of naming it."""

    surprise: float
    nodes: tuple[int, ...]
    seasons: tuple[int, int]
    level: int


@dataclass(frozen=True)
class Here:
    """Pieces done in this process, ``parts`` at a time: their kernels hold no lock."""

    parts: int

    def __call__(self, web: Web, settings: RingParameters, pieces: Sequence[Piece]) -> list[Arrays]:
        one = partial(done, web, settings)
        if self.parts == 1:
            return list(map(one, pieces))
        with ThreadPoolExecutor(self.parts) as pool:
            return list(pool.map(one, pieces))


HERE = Here(N_THREADS)
ALONE = Here(1)  # within a piece


def done(web: Web, settings: RingParameters, piece: Piece) -> Arrays:
    """The answer to a piece: a function of the arguments, on whatever machine."""
    return _KINDS[piece.kind](web, settings, piece.arrays)


def _limits(settings: RingParameters) -> tuple[int, int, int]:
    return settings.max_steps, settings.min_enterprises, settings.widest_institution


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _climb_all(
    web: Web, ptr: np.ndarray, nodes: np.ndarray, level: np.ndarray, scratch: tuple, limits: tuple[int, int, int],  # type: ignore[type-arg]
    out: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """The answer from each seed: surprise, seasons, offsets; members are written to ``out``."""
    net = np.empty(level.size)
    first, last = np.empty(level.size, np.int64), np.empty(level.size, np.int64)
    ends = np.zeros(level.size + 1, np.int64)
    step = 0
    for i in range(level.size):
        net[i], members, first[i], last[i], step = ascend(
            web, level[i], scratch, nodes[ptr[i] : ptr[i + 1]], step, limits
        )
        ends[i + 1] = ends[i] + members.size
        out[ends[i] : ends[i + 1]] = members
    return net, first, last, ends


def _climbed(web: Web, settings: RingParameters, given: Arrays) -> Arrays:
    """Seeds (``row``, ``ptr``, ``nodes``, ``level``) climbed; what can become nothing is left out."""
    level = given["level"]
    out = np.empty(level.size * MAX_MEMBERS, np.int64)
    net, first, last, ptr = _climb_all(
        web, given["ptr"], given["nodes"], level, State(web).arrays, _limits(settings), out
    )
    found = Sets(given["row"], net, level, first, last, ptr, out)
    worth = net > settings.surprise_floor
    worth[_to_widen(found, settings)] = True
    return taken(found, np.flatnonzero(worth))._asdict()


def _to_widen(found: Sets, settings: RingParameters) -> np.ndarray:
    """Places of the best answers at a level with ties, best first; equal ones as their seeds.

    The best of all are among the best of each piece, however the seeds were dealt out.
    """
    best = np.lexsort((found.row, -found.net))
    best = best[(found.level[best] > 0) & (found.net[best] > _IS_SET)]
    return best[: settings.widened]


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _widen(
    web: Web, level: int, scratch: tuple, limits: tuple[int, int, int], widest: int,  # type: ignore[type-arg]
    net: float, nodes: np.ndarray, first: int, last: int, step: int,
) -> tuple[float, np.ndarray, int, int, int]:  # fmt: skip
    """Try an answer again with one more institution, until that stops paying."""
    better = True
    while better:
        better = False
        more_ptr, more = next_institutions(web, level, nodes, widest)
        for j in range(more_ptr.size - 1):
            other, wider, q1, q2, step = ascend(
                web, level, scratch, more[more_ptr[j] : more_ptr[j + 1]], step, limits
            )
            if other > net + 1e-9:
                net, nodes, first, last, better = other, wider, q1, q2, True
    return net, nodes, first, last, step


def _widened(web: Web, settings: RingParameters, given: Arrays) -> Arrays:
    """Answers as wide as pays."""
    sets, scratch, step = Sets(**given), State(web).arrays, 0
    net, first, last = sets.net.copy(), sets.first.copy(), sets.last.copy()
    members = []
    for i in range(net.size):
        nodes = sets.nodes[sets.ptr[i] : sets.ptr[i + 1]].copy()
        net[i], nodes, first[i], last[i], step = _widen(
            web, sets.level[i], scratch, _limits(settings), settings.next_institutions,
            net[i], nodes, first[i], last[i], step,
        )  # fmt: skip
        members.append(nodes)
    ptr = np.concatenate([[0], np.cumsum([nodes.size for nodes in members])]).astype(np.int64)
    return Sets(
        sets.row, net, sets.level, first, last, ptr,
        np.concatenate([np.zeros(0, np.int64), *members]),
    )._asdict()  # fmt: skip


def _answers(web: Web, seeds: Seeds, settings: RingParameters, work: Work = HERE) -> Sets:
    """The answers that may count, by the number of their seed."""
    ptr, nodes, level = seeds
    pieces = []
    for rows in cut(level.size, work.parts):
        part_ptr, part = some(ptr, nodes, rows)
        arrays = {"row": rows, "ptr": part_ptr, "nodes": part, "level": level[rows]}
        pieces.append(Piece("climb", arrays))
    if not pieces:
        none = np.zeros(0, np.int64)
        return Sets(none, np.zeros(0), none, none, none, np.zeros(1, np.int64), none)
    found = together([Sets(**answer) for answer in work(web, settings, pieces)])
    best = _to_widen(found, settings)
    if best.size:
        pieces = [
            Piece("widen", taken(found, best[places])._asdict())
            for places in cut(best.size, work.parts)
        ]
        others = np.setdiff1d(np.arange(found.row.size), best)
        wider = [Sets(**answer) for answer in work(web, settings, pieces)]
        found = together([taken(found, others), *wider])
    return given_regions(web, found, settings.surprise_floor)


def seeds_of(web: Web, settings: RingParameters, work: Work = HERE) -> Seeds:
    """:func:`all_seeds`, each list a piece."""
    numbers = range(seed_lists(web))
    pieces = [Piece("seeds", {"number": np.array([number])}) for number in numbers]
    answers = work(web, settings, pieces)
    return one_after_another([(a["ptr"], a["nodes"], a["level"]) for a in answers])


def _listed(web: Web, settings: RingParameters, given: Arrays) -> Arrays:
    ptr, nodes, level = listed_seeds(web, settings, int(given["number"][0]))
    return {"ptr": ptr, "nodes": nodes, "level": level}


def climb(
    web: Web, seeds: Seeds, settings: RingParameters, as_they_are: bool = False, work: Work = HERE
) -> list[Candidate]:
    """One candidate a seed, those below the floor of surprise left out.

    ``as_they_are`` weighs the seeds without changing them, whatever their surprise.
    """
    if as_they_are:
        settings = settings.model_copy(
            update={"max_steps": 0, "widened": 0, "surprise_floor": _IS_SET}
        )
    found = _answers(web, seeds, settings, work)
    return [
        Candidate(
            float(found.net[i]),
            tuple(found.nodes[found.ptr[i] : found.ptr[i + 1]].tolist()),
            (int(found.first[i]), int(found.last[i])),
            int(found.level[i]),
        )
        for i in np.flatnonzero(found.net > settings.surprise_floor)
    ]


def chance_maxima(web: Web, settings: RingParameters, work: Work = HERE) -> np.ndarray:
    """The best surprise of each chance world, float64 (worlds,); fewer for larger webs.

    A world without any answer counts as one at the floor of surprise.
    Each world is searched exactly as the real one, so that comparing with its best is valid
    after the search (Westfall and Young 1993).
    """
    dealings = max(int(web.firm_inst.size), 1)
    worlds = max(min(settings.null_samples, settings.null_budget // dealings), 0)
    best = np.full(worlds, settings.surprise_floor)
    dealt = cut(worlds, work.parts)
    pieces = [Piece("worlds", {"number": numbers}) for numbers in dealt]
    if pieces:
        for numbers, answer in zip(dealt, work(web, settings, pieces), strict=True):
            best[numbers] = answer["best"]
    return best


def _best_of_worlds(web: Web, settings: RingParameters, given: Arrays) -> Arrays:
    """The best surprise of each of the worlds; nothing else of a world is kept."""
    best = np.full(given["number"].size, settings.surprise_floor)
    for place, number in enumerate(given["number"].tolist()):
        world = chance_world(web, settings, number)
        net = _answers(world, all_seeds(world, settings), settings, ALONE).net
        best[place] = net.max(initial=settings.surprise_floor)
    return {"best": best}


_KINDS: dict[str, Callable[[Web, RingParameters, Arrays], Arrays]] = {
    "seeds": _listed,
    "climb": _climbed,
    "widen": _widened,
    "worlds": _best_of_worlds,
}
