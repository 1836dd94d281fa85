"""Alpha spending: each run that looks for rings spends error probability.

A ring that was not there yesterday is tested among all sets there are, every run again. Were
each run allowed alpha, a year of runs would certify something by chance almost surely. So
a year has one budget, spent in proportion to what is new: a run may certify at

    level = budget * (edges that are new now) / (edges a year, at least those seen)

(Lan and DeMets 1983, linear in information). To the first look everything is new: it gets half
of the budget, and the runs of the year after it share the rest. The levels of a year add up to the budget at most,
and so does, by Boole's inequality, the probability that chance alone certifies anything on any of
its runs, however alike the runs are. A run without new claims costs and tests nothing; what
was certified stays certified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.schema import RingSet

_YEAR = timedelta(days=365)
_FIRST_LOOK = 0.5  # of the budget


@dataclass(frozen=True)
class Look:
    """One look: its day, the edges that were new in it, and the level it was given."""

    day: date
    new_edges: int
    level: float


def spend_alpha(
    past: Sequence[Look],
    today: date,
    new_edges: int,
    edges_per_year: int,
    budget: float = 0.05,
) -> Look:
    """this look with the p-value up to which a ring not certified before may be certified.

    ``past``: all runs before, in any order; those of the last 365 days are charged.
    ``dealings_a_year``: foreseen number of new pairs of enterprise and institution; when more
    come, the rest of the year gets what is left, down to nothing. SettingsError for a budget
    outside (0, 1) or numbers below zero.

    >>> first = spend_alpha([], date(2016, 1, 1), 40, 1000)
    >>> first.level
    0.002
    >>> spend_alpha([first], date(2016, 1, 2), 5000, 1000).level  # never above what is left
    0.048
    """
    if not 0.0 < budget < 1.0 or new_edges < 0 or edges_per_year < 1:
        raise SettingsError("the error budget must lie between 0 and 1, dealings at 0 or above")
    charged = [look for look in past if today - _YEAR < look.day < today]
    spent = sum(look.level for look in charged)
    share = min(1.0, new_edges / edges_per_year)
    if not past:
        return Look(today, new_edges, budget * min(share, _FIRST_LOOK))
    first = min(past, key=lambda look: look.day)
    rate = budget - (first.level if first in charged else 0.0)
    return Look(today, new_edges, max(0.0, min(rate * share, budget - spent)))


def certified_rings(ring_set: RingSet, level: float, before: Sequence[str] = ()) -> list[str]:
    """Ids of the rings certified by now: p at most ``level``, or certified ``before``."""
    rings: pa.Table = ring_set.rings
    certified_now = rings.filter(pc.less_equal(rings["p_value"], level))["ring_id"].to_pylist()
    still_certified = set(before) & set(rings["ring_id"].to_pylist())
    return sorted(still_certified | (set(certified_now) if level > 0.0 else set()))
