"""Every seed climbed, the best of overlapping answers kept; and the same in chance worlds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numba as nb
import numpy as np

from fraud_pipeline.rings.ascent import ascend
from fraud_pipeline.rings.books import MAX_MEMBERS, State
from fraud_pipeline.rings.regional import given_regions
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


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _climb_all(
    web: Web, ptr: np.ndarray, nodes: np.ndarray, level: np.ndarray, scratch: tuple, limits: tuple[int, int, int],  # type: ignore[type-arg]
    out: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The answer from each seed: surprise and size; members and seasons are written to ``out``."""
    nets = np.empty(level.size)
    sizes = np.empty(level.size, np.int64)
    step = 0
    for i in range(level.size):
        net, members, q1, q2, step = ascend(
            web, level[i], scratch, nodes[ptr[i] : ptr[i + 1]], step, limits
        )
        nets[i], sizes[i] = net, members.size
        out[i, 0], out[i, 1] = q1, q2
        out[i, 2 : 2 + members.size] = members
    return nets, sizes


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _widen(
    web: Web, level: np.ndarray, scratch: tuple, limits: tuple[int, int, int], widest: int,  # type: ignore[type-arg]
    nets: np.ndarray, sizes: np.ndarray, out: np.ndarray, rows: np.ndarray,
) -> None:  # fmt: skip
    """Try the answers in ``rows`` again with one more institution, until that stops paying."""
    step = 1 << 40  # stamps of the first climbs lie below
    for i in rows:
        better = True
        while better:
            better = False
            members = out[i, 2 : 2 + sizes[i]].copy()
            more_ptr, more = next_institutions(web, level[i], members, widest)
            for j in range(more_ptr.size - 1):
                net, wider, q1, q2, step = ascend(
                    web, level[i], scratch, more[more_ptr[j] : more_ptr[j + 1]], step, limits
                )
                if net > nets[i] + 1e-9:
                    nets[i], sizes[i], better = net, wider.size, True
                    out[i, 0], out[i, 1] = q1, q2
                    out[i, 2 : 2 + wider.size] = wider


def _answers(
    web: Web, seeds: Seeds, settings: RingSettings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ptr, nodes, level = seeds
    scratch = State(web).arrays
    limits = (settings.max_steps, settings.min_firms, settings.widest_institution)
    out = np.empty((level.size, MAX_MEMBERS + 2), np.int64)
    nets, sizes = _climb_all(web, ptr, nodes, level, scratch, limits, out)
    rows = np.lexsort((np.arange(nets.size), -nets))
    rows = rows[(level[rows] > 0) & (nets[rows] > -1e17)][: settings.widened]
    _widen(
        web, level, scratch, limits, settings.next_institutions,
        nets, sizes, out, rows,
    )  # fmt: skip
    return given_regions(web, nets, sizes, out, settings.surprise_floor), sizes, out


def climb(
    web: Web, seeds: Seeds, settings: RingSettings, as_they_are: bool = False
) -> list[Candidate]:
    """One candidate a seed, those below the floor of surprise left out.

    ``as_they_are`` weighs the seeds without changing them, whatever their surprise.
    """
    if as_they_are:
        settings = replace(settings, max_steps=0, widened=0, surprise_floor=-1e17)
    nets, sizes, out = _answers(web, seeds, settings)
    return [
        Candidate(
            float(nets[i]),
            tuple(out[i, 2 : 2 + sizes[i]].tolist()),
            (int(out[i, 0]), int(out[i, 1])),
            int(seeds[2][i]),
        )
        for i in np.flatnonzero(nets > settings.surprise_floor)
    ]


def chance_maxima(web: Web, settings: RingSettings) -> np.ndarray:
    """The best surprise of each chance world, float64 (worlds,); fewer for larger webs.

    A world without any answer counts as one at the floor of surprise.
    Each world is searched exactly as the real one, so that comparing with its best is valid
    after the search (Westfall and Young 1993).
    """
    dealings = max(int(web.firm_inst.size), 1)
    worlds = min(settings.null_worlds, settings.null_budget // dealings)
    rng = np.random.default_rng(settings.seed)
    best = np.full(max(worlds, 0), -np.inf)
    for b in range(best.size):
        world = rewired(web, rng)
        seeds = all_seeds(world, settings)
        if seeds[2].size:
            best[b] = _answers(world, seeds, settings)[0].max()
    floored: np.ndarray = np.maximum(best, settings.surprise_floor)
    return floored
