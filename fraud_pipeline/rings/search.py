"""Every seed climbed, the best of overlapping answers kept; and the same in chance worlds."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np

from fraud_pipeline.rings.ascent import State, ascend
from fraud_pipeline.rings.seeds import Seeds, all_seeds, next_institutions
from fraud_pipeline.rings.web import Web, rewired
from fraud_pipeline.settings import RingSettings


@dataclass(frozen=True)
class Candidate:
    """A set of parties and its surprise in nats, net of the cost of naming it."""

    surprise: float
    nodes: tuple[int, ...]
    seasons: tuple[int, int]
    level: int


@nb.njit(cache=True)  # type: ignore[misc]
def _climb_all(
    web: Web, ptr: np.ndarray, nodes: np.ndarray, level: np.ndarray, scratch: tuple, max_steps: int,  # type: ignore[type-arg]
    widest: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """The best answer from each seed: surprise, seasons, offsets and members.

    After a climb the answer is tried again with one more institution, until that stops paying.
    """
    n = level.size
    nets = np.empty(n)
    seasons = np.empty((n, 2), np.int64)
    out_ptr = np.zeros(n + 1, np.int64)
    out = np.empty(max(64, nodes.size * 2), np.int64)
    step = 0
    for i in range(n):
        net, members, q1, q2, step = ascend(
            web, level[i], scratch, nodes[ptr[i] : ptr[i + 1]], step, max_steps
        )
        better = level[i] > 0 and members.size > 0
        while better:
            better = False
            more_ptr, more = next_institutions(web, level[i], members, widest)
            for j in range(more_ptr.size - 1):
                net2, members2, r1, r2, step = ascend(
                    web, level[i], scratch, more[more_ptr[j] : more_ptr[j + 1]], step, max_steps
                )
                if net2 > net + 1e-9:
                    net, members, q1, q2, better = net2, members2, r1, r2, True
        nets[i] = net
        seasons[i, 0], seasons[i, 1] = q1, q2
        end = out_ptr[i] + members.size
        if end > out.size:
            grown = np.empty(2 * end, np.int64)
            grown[: out_ptr[i]] = out[: out_ptr[i]]
            out = grown
        out[out_ptr[i] : end] = members
        out_ptr[i + 1] = end
    return nets, seasons, out_ptr, out[: out_ptr[n]]


def climb(web: Web, seeds: Seeds, settings: RingSettings) -> list[Candidate]:
    """One candidate a seed, those below the floor of surprise left out."""
    ptr, nodes, level = seeds
    if level.size == 0:
        return []
    nets, seasons, out_ptr, out = _climb_all(
        web, ptr, nodes, level, State(web).arrays, settings.max_steps, settings.next_institutions
    )
    return [
        Candidate(
            float(nets[i]),
            tuple(out[out_ptr[i] : out_ptr[i + 1]].tolist()),
            (int(seasons[i, 0]), int(seasons[i, 1])),
            int(level[i]),
        )
        for i in np.flatnonzero(nets > settings.surprise_floor)
    ]


def seeds_of(web: Web, settings: RingSettings) -> Seeds:
    """The seeds of a web, real or rewired: the same search in both."""
    return all_seeds(
        web,
        settings.structure_seeds,
        settings.widest_firm,
        settings.largest_seed,
        settings.max_seeds,
    )


def chance_maxima(web: Web, settings: RingSettings) -> np.ndarray:
    """The best surprise of each chance world, float64 (worlds,); fewer for larger webs.

    Each world is searched exactly as the real one, so that comparing with its best is valid
    after the search (Westfall and Young 1993).
    """
    dealings = max(int(web.firm_inst.size), 1)
    worlds = min(settings.null_worlds, settings.null_budget // dealings)
    rng = np.random.default_rng(settings.seed)
    best = np.full(max(worlds, 0), -np.inf)
    for b in range(best.size):
        world = rewired(web, rng)
        ptr, nodes, level = seeds_of(world, settings)
        if level.size:
            scratch = State(web).arrays
            best[b] = _climb_all(
                world, ptr, nodes, level, scratch, settings.max_steps, settings.next_institutions
            )[0].max()
    return best
