"""Overlap of candidates: with rings of the previous run, and with better candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np


def overlaps_known(sets: list[tuple[int, ...]], known: Sequence[frozenset[int]]) -> np.ndarray:
    """Whether each set shares half or more of its parties with a known one (Jaccard)."""
    holders: dict[int, list[int]] = {}
    for place, members in enumerate(known):
        for n in members:
            holders.setdefault(n, []).append(place)
    stays = np.zeros(len(sets), bool)
    for i, nodes in enumerate(sets):
        common = Counter(place for n in nodes for place in holders.get(n, ()))
        stays[i] = any(
            3 * c >= len(nodes) + len(known[place]) for place, c in common.items()
        )  # c / (a + b - c) >= 1/2
    return stays


def without_overlap(sets: list[tuple[int, ...]], most: float) -> list[int]:
    """Places of the sets that share no more than ``most`` of the smaller one with a better one."""
    places: list[int] = []
    sizes = [len(nodes) for nodes in sets]
    little = most * min(sizes, default=0)  # whatever the other's size: most sets share no more
    holders: dict[int, list[int]] = {}
    for place, nodes in enumerate(sets):
        common = Counter(chain.from_iterable(holders.get(n, ()) for n in nodes))
        if max(common.values(), default=0) <= little or all(
            c <= most * min(len(nodes), sizes[other]) for other, c in common.items()
        ):
            places.append(place)
            for n in nodes:
                holders.setdefault(n, []).append(place)
    return places
