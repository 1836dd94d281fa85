"""Budgets in auditor-days and limits by place: what they do to the probabilities.

A limit on a group is kept for every seed, not on average: the claims of a group stand
together in the order of the draw, and of claims laid end to end whose probabilities add
up to at most m, systematic sampling hits at most m. A budget in days is kept the same way:
where claims stand in the order of their days, the days drawn differ from the expected
ones by no more than the longest audit is longer than the shortest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.audit.allocation import Problem
from fraud_pipeline.errors import InputError
from fraud_pipeline.schema import Tables

Floats = np.ndarray

_SPARE = 1e-4  # audits kept back below a limit, so that rounding to 2^-32 cannot pass it
_IDLE = 5e-4  # of the days may stay unspent
UNKNOWN = "未知"  # the place of a claim whose enterprise or institution is not in the tables


@dataclass(frozen=True)
class Limits:
    """What a plan must keep besides the number of audits; nothing given, nothing kept.

    ``days``: auditor-days in all. ``days_by_claim``: a table claim_id, days; a claim that is
    not in it costs the mean of those that are. ``region`` and ``institution``: most audits
    in the named ones; ``each_institution``: most audits in any one institution.
    """

    days: float | None = None
    days_by_claim: pa.Table | None = None
    region: Mapping[str, int] = field(default_factory=dict)
    institution: Mapping[str, int] = field(default_factory=dict)
    each_institution: int | None = None

    @property
    def by_place(self) -> bool:
        return bool(self.region or self.institution or self.each_institution is not None)

    def __bool__(self) -> bool:
        return self.days is not None or self.by_place


@dataclass(frozen=True)
class Group:
    """A set of claims with the most audits it may get."""

    name: str
    members: np.ndarray  # row numbers
    most: float


@dataclass(frozen=True)
class Load:
    """Limits as arrays over the claims of a list; what the design and the draw work with."""

    days: Floats | None = None  # shape (n,)
    most_days: float | None = None
    groups: tuple[Group, ...] = ()
    places: tuple[str, ...] | None = None  # "region/institution" of each claim
    apart: bool = False  # the parts of the draw must be written down

    @property
    def any(self) -> bool:
        return self.days is not None or self.places is not None or self.apart

    def day_budget(self, n_parts: int) -> float:
        """Expected days to plan for, so that no seed draws more than the budget.

        Where places decide the order the days are only kept on average.
        """
        if self.days is None or self.most_days is None:
            return float("inf")
        range_ = float(self.days.max() - self.days.min()) if self.places is None else 0.0
        return self.most_days - n_parts * range_


def load_of(table: pa.Table, tables: Tables, limits: Limits) -> Load:
    """The limits over ``table``, which is sorted by claim id.

    Raises InputError for limits that name nothing on the list or make no sense.
    """
    if limits.days is not None and limits.days <= 0:
        raise InputError(f"the budget must be above 0 auditor-days, not {limits.days:g}")
    if not limits.by_place:
        return Load(days_of(table, limits), limits.days)
    regions, institutions = places_of(table, tables)
    places = tuple(f"{r}/{i}" for r, i in zip(regions, institutions, strict=True))
    groups = tuple(groups_of(regions, institutions, limits))
    return Load(days_of(table, limits), limits.days, groups, places)


def days_of(table: pa.Table, limits: Limits) -> Floats | None:
    """Auditor-days of each claim of ``table``, shape (n,); None when they do not matter.

    Raises InputError for days that are not above zero.
    """
    if limits.days is None:
        return None
    days_by_claim = limits.days_by_claim
    if days_by_claim is None or days_by_claim.num_rows == 0:
        return np.ones(table.num_rows)
    days = days_by_claim["days"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    if not (np.isfinite(days) & (days > 0)).all():
        raise InputError("table days, column days: every audit takes more than 0 days")
    at = pc.index_in(table["claim_id"], value_set=days_by_claim["claim_id"].combine_chunks())
    row = at.fill_null(-1).to_numpy()
    return np.where(row >= 0, days[np.maximum(row, 0)], float(days.mean()))


def places_of(table: pa.Table, tables: Tables) -> tuple[list[str], list[str]]:
    """Region of the enterprise and institution of each claim of ``table``."""
    enterprises = tables["enterprises"]
    at = pc.index_in(table["enterprise_id"], value_set=enterprises["enterprise_id"])
    region = enterprises["region"].combine_chunks().take(at.combine_chunks())
    institution = table["institution_id"]
    return region.fill_null(UNKNOWN).to_pylist(), institution.fill_null(UNKNOWN).to_pylist()


def groups_of(regions: list[str], institutions: list[str], limits: Limits) -> list[Group]:
    """The limited groups, regions first. Raises InputError for a name that is nowhere."""
    groups: list[Group] = []
    region, institution = np.array(regions, dtype=object), np.array(institutions, dtype=object)
    most = dict(limits.institution)
    if limits.each_institution is not None:
        for name in set(institutions):
            most.setdefault(name, limits.each_institution)
    for kind, column, wanted in (
        ("region", region, limits.region), ("institution", institution, most),
    ):  # fmt: skip
        for name, limit in sorted(wanted.items()):
            members = np.flatnonzero(column == name)
            if len(members) == 0:
                raise InputError(f"a limit is given for {kind} {name}, which is not on the list")
            if limit < 0:
                raise InputError(f"the limit of {kind} {name} must not be below 0")
            groups.append(Group(f"{kind} {name}", members, limit))
    return groups


def limited(problem: Problem, n: int, mu: float, groups: Sequence[Group]) -> Floats:
    """Probabilities that add up to ``n`` with no group above its limit.

    A group above its limit gets the best probabilities that keep it, and the rest is
    solved again without it, until none is above. Raises InputError when the floors of
    a group alone pass its limit, or the limits leave no room for ``n``.
    """
    pi = problem.probabilities(n, mu)
    fixed = np.zeros(len(pi), dtype=bool)
    for _ in range(len(groups) + 1):
        over = [g for g in groups if pi[g.members].sum() > g.most]
        if not over:
            return pi
        for group in over:
            _hold(problem, mu, group, pi, fixed)
        left = n - float(pi[fixed].sum())
        if fixed.all() or left > (~fixed).sum() + 1e-9:
            raise InputError(f"{n} audits do not fit under the limits by region and institution")
        pi[~fixed] = problem.part(~fixed).probabilities(left, mu)
    raise InputError(f"{n} audits do not fit under the limits by region and institution")


def _hold(problem: Problem, mu: float, group: Group, pi: Floats, fixed: np.ndarray) -> None:
    """Brings ``group`` to its limit in ``pi`` and marks its claims as settled."""
    free = group.members[~fixed[group.members]]
    headroom = group.most - _SPARE - float(pi[group.members[fixed[group.members]]].sum())
    least = float(problem.floor[free].sum())
    if least > headroom or len(free) == 0:
        raise InputError(
            f"the limit of {group.most:g} audits in {group.name} is too small: chance alone "
            f"must give its claims {least + max(group.most - _SPARE - headroom, 0.0):.1f}"
        )
    pi[free] = problem.part(free).probabilities(headroom, mu)
    fixed[free] = True


def priced(problem: Problem, n: int, mu: float, days: Floats, most: float) -> tuple[Problem, int]:
    """The problem with days priced so that ``n`` audits cost at most ``most``; perhaps fewer.

    The benefit of an audit is lowered by what its days are worth, found by bisection.
    Raises InputError when not even one audit fits.
    """
    low, high = 0.0, 1.0
    base = days / days.mean()

    def at(worth: float) -> Problem:
        return replace(problem, benefit=problem.benefit - worth * base)

    def spent(worth: float, count: int) -> float:
        return float(days @ at(worth).probabilities(count, mu))

    dearest = float(1e3 * (problem.benefit.max() + 1.0))
    while n > 1 and spent(dearest, n) > most:
        n -= max(1, n // 200)
    while spent(high, n) > most and high < dearest:
        high *= 2.0
    if spent(0.0, n) <= most:
        return problem, n
    if spent(high, n) > most:
        raise InputError(f"no audit fits into {most:.1f} auditor-days at these floors")
    for _ in range(40):
        middle = (low + high) / 2.0
        cost = spent(middle, n)
        low, high = (middle, high) if cost > most else (low, middle)
        if 0.0 <= most - cost < _IDLE * most:
            break
    return at(high), n
