"""Institutions a ring may draw in: the quiet ones, in order, by their kind."""

from __future__ import annotations

import numpy as np

from fraud_pipeline.simulate.world.margins import Margins


class LowVolumeInstitutions:
    """A queue of institutions for each kind; taking from it costs what is taken.

    ``quiet`` are row numbers of institutions, quietest first; ``category`` the kind by row.
    Who is taken is always at the head of its kind, so heads are all that is kept.
    """

    def __init__(self, quiet: np.ndarray, category: np.ndarray):
        kinds = category[quiet]
        self._order = quiet
        self._places = {kind: np.flatnonzero(kinds == kind) for kind in dict.fromkeys(kinds)}

    def take(self, able: np.ndarray, margins: Margins, n: int) -> tuple[np.ndarray, np.ndarray]:
        """``n`` institutions of one kind and what such institutions sell of ``able``.

        A ring whose institution sold what its kind never sells would be known by that
        alone. Where no kind has ``n`` left, the quietest of any kind (fewer at the end).
        """
        sold = {kind for k in able for kind in margins.lines[k].categories}
        heads = {
            kind: places[0]
            for kind, places in self._places.items()
            if kind in sold and len(places) >= max(n, 1)
        }
        if heads:
            kind = min(heads, key=lambda k: heads[k])
            lines = [k for k in able if kind in margins.lines[k].categories]
            return self._remove(self._places[kind][:n]), np.array(lines)
        none = np.zeros(0, np.int64)
        first = np.sort(np.concatenate([none, *(at[:n] for at in self._places.values())]))
        return self._remove(first[:n]), able

    def _remove(self, chosen: np.ndarray) -> np.ndarray:
        gone = set(chosen.tolist())
        for kind, places in self._places.items():
            self._places[kind] = places[sum(place in gone for place in places[: len(chosen)]) :]
        return self._order[chosen]
