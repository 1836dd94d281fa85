"""The design of a plan: each claim's probability, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fraud_pipeline.audit.allocation import GREEDIEST, Problem, Rate, Rates
from fraud_pipeline.audit.draw import ONE, Units, whole
from fraud_pipeline.audit.floors import Floors, floors_of, least_audits, plain_floors
from fraud_pipeline.audit.frontier import FrontierPoint, frontier
from fraud_pipeline.audit.limits import Group, Load, limited, priced
from fraud_pipeline.audit.population import Population
from fraud_pipeline.audit.precision import (
    Precision,
    choose_precision,
    price_of,
    wanted_half_width,
)
from fraud_pipeline.errors import InputError
from fraud_pipeline.settings import AuditSettings

# When precision is planned no claim is taken to be safer than the first, nor more surely
# improper than the second, at which a yes or no is most uncertain. Assumptions: certainty
# is earned by what an audit would find, not by a number near 1.
BLIND_SPOT_PROB, MOST_BELIEVED = 0.02, 0.5
_TRIES = 12  # at planning fewer days, before limits and days are said to exclude each other


@dataclass(frozen=True)
class Part:
    """Claims drawn together, bool of shape (n,), and how many of them."""

    name: str
    members: np.ndarray
    size: int


@dataclass(frozen=True)
class Design:
    """Probabilities in whole units, shape (n,), the floors under them, what they promise."""

    units: Units
    floors: Floors
    precision: Precision
    parts: tuple[Part, ...]
    frontier: tuple[FrontierPoint, ...]  # without limits and promised enterprises

    @property
    def probabilities(self) -> np.ndarray:
        return np.asarray(self.units / ONE)

    @property
    def n(self) -> int:
        return sum(part.size for part in self.parts)


def design(
    claims: Population, settings: AuditSettings, n: int, covered: int, load: Load | None = None
) -> Design:
    """The design of ``n`` audits that reach at least ``covered`` enterprises for certain.

    With a ``load`` they may become fewer, so as to keep its days.
    """
    load = load or Load()
    while True:  # floors are shares of the audits that the days leave
        floors = floors_of(claims, n, settings)
        problem = problem_of(claims.amount, claims.risk, claims.loss, floors.all)
        precision = choose_precision(problem, n, settings)
        dear, affordable = _affordable(problem, n, precision.mu, load, 1 + (covered > 0))
        if affordable == n:
            break
        n = affordable
    parts, units = _within_days(claims, problem, dear, n, covered, precision.mu, load)
    widths = problem.half_widths(units / ONE, settings.confidence)
    met = precision.met and widths.larger <= wanted_half_width(settings)
    precision = replace(precision, widths=widths, met=met)
    points = frontier(problem, n, precision.mu, settings.confidence)
    return Design(units, floors, precision, parts, tuple(points))


def _within_days(
    claims: Population,
    problem: Problem,
    dear: Problem,
    n: int,
    covered: int,
    mu: float,
    load: Load,
) -> tuple[tuple[Part, ...], Units]:
    """Parts and probabilities whose expected days keep the budget.

    Limits and parts move audits to other claims than the price of days foresaw, so the
    days to plan for are lowered until they fit. ``dear`` is the problem with the days of
    the whole budget priced in. Raises InputError when they never do.
    """
    most = aim = load.day_budget(1 + (covered > 0))
    for _ in range(_TRIES):
        parts = _parts(claims, dear, n, covered, mu)
        units = _units(dear, parts, mu, load)
        if load.days is None:
            return parts, units
        spent = float(load.days @ (units / ONE))
        if spent <= most:
            return parts, units
        aim *= 0.999 * most / spent
        try:
            dear, fitting = priced(problem, n, mu, load.days, aim)
        except InputError:  # names the lowered days, which nobody asked for
            break
        if fitting < n:
            break
    raise InputError(
        f"{n} audits under these limits do not fit into {load.most_days or 0:g} auditor-days"
    )


def audits_within(claims: Population, settings: AuditSettings, load: Load, covered: int) -> int:
    """How many audits the days of ``load`` allow when the money found per day is best."""
    if load.days is None:
        return len(claims)
    most = load.day_budget(1 + (covered > 0))
    if most <= float(load.days.min()):
        raise InputError(f"{load.most_days:g} auditor-days are too few for one audit for certain")
    n = min(int(most / float(load.days.mean())) or 1, len(claims))
    floor = floors_of(claims, n, settings).all
    problem = problem_of(claims.amount, claims.risk, claims.loss, floor)
    if most >= float(load.days.sum()):
        return len(claims)
    pi = replace(problem, cost=load.days).probabilities(most, GREEDIEST)
    return max(int(pi.sum() + 1e-6), 1)


def _affordable(
    problem: Problem, n: int, mu: float, load: Load, n_parts: int
) -> tuple[Problem, int]:
    """The problem with days priced in, and the most audits up to ``n`` that they allow."""
    if load.days is None:
        return problem, n
    return priced(problem, n, mu, load.days, load.day_budget(n_parts))


def allocated(
    amount: np.ndarray, risk: np.ndarray, loss: np.ndarray, n: int, settings: AuditSettings
) -> np.ndarray:
    """Probabilities of ``n`` audits from amounts and expected losses (yuan) alone, shape (m,)."""
    floor = plain_floors(amount, n, settings)
    problem = problem_of(amount, risk, loss, floor)
    return problem.probabilities(n, price_of(problem, n, settings).mu)


def problem_of(
    amount: np.ndarray,
    risk: np.ndarray,
    loss: np.ndarray,
    floor: np.ndarray,
    blind_spot_prob: float = BLIND_SPOT_PROB,
) -> Problem:
    """Expected loss as the benefit; as the variance, that of the two rates.

    The spread of one claim is that of (improper size - rate x size), the residual of a ratio
    estimate. What is believed of a claim is cut to [``blind_spot_prob``, MOST_BELIEVED].
    """
    at_stake = risk * amount
    severity = np.divide(loss, at_stake, out=np.ones_like(loss), where=at_stake > 0)
    severity = np.clip(severity, 0.0, 1.0)
    improper_prob = np.clip(risk, blind_spot_prob, MOST_BELIEVED)
    money = _rate(amount, loss, severity, improper_prob)
    claims = _rate(np.ones(len(risk)), risk, np.ones(len(risk)), improper_prob)
    return Problem.of(loss, floor, Rates(money, claims))


def _rate(size: np.ndarray, improper: np.ndarray, severity: np.ndarray, prob: np.ndarray) -> Rate:
    """``severity`` of the ``size`` is improper with probability ``prob``; arrays (n,)."""
    total = float(size.sum())
    rate = min(float(improper.sum()) / total, 1.0) if total > 0 else 0.0
    variance = size**2 * (prob * severity * (severity - 2.0 * rate) + rate**2)
    return Rate(size, improper, np.sqrt(np.maximum(variance, 0.0)))


def _parts(
    claims: Population, problem: Problem, n: int, covered: int, mu: float
) -> tuple[Part, ...]:
    """One part, or heads and others apart when enterprises must be covered."""
    heads, floor = claims.heads, problem.floor
    if covered == 0:
        return (Part("all", np.ones(len(claims), dtype=bool), n),)
    pi = problem.probabilities(n, mu)
    low = max(covered, least_audits(floor[heads]), n - int((~heads).sum()))
    high = min(int(heads.sum()), n - least_audits(floor[~heads]))
    if low > high:
        raise InputError(f"{n} audits are too few for {covered} enterprises and a chance for all")
    n_heads = int(np.clip(round(float(pi[heads].sum())), low, high))
    both = (Part("heads", heads, n_heads), Part("others", ~heads, n - n_heads))
    return tuple(part for part in both if part.members.any())


def _units(problem: Problem, parts: tuple[Part, ...], mu: float, load: Load) -> Units:
    """Whole probabilities, each part by itself."""
    units = np.zeros(len(problem.benefit), dtype=np.int64)
    for part in parts:
        inner = problem.part(part.members)
        groups = _shares(load.groups, part, parts, problem, mu)
        pi = limited(inner, part.size, mu, groups)
        units[part.members] = whole(pi, inner.floor, part.size)
    return units


def _shares(
    groups: tuple[Group, ...], part: Part, parts: tuple[Part, ...], problem: Problem, mu: float
) -> list[Group]:
    """The limits within one part: whole audits each, so that the parts together keep them."""
    if len(parts) == 1 or not groups:
        return list(groups)
    place = np.cumsum(part.members) - 1  # row numbers within the part
    pi = problem.probabilities(sum(p.size for p in parts), mu)
    first = parts[0]
    shares = []
    for group in groups:
        inside = first.members[group.members]
        least = [_whole_floor(problem.floor[group.members][side]) for side in (inside, ~inside)]
        if sum(least) > group.most:
            raise InputError(
                f"the limit of {group.most:g} audits in {group.name} is too small to be kept "
                f"for certain together with the enterprises to cover: at least {sum(least)}"
            )
        wish = pi[group.members][inside].sum() / max(pi[group.members].sum(), 1e-12)
        n_first = int(np.clip(round(group.most * wish), least[0], group.most - least[1]))
        rows = group.members[part.members[group.members]]
        if len(rows):
            most = n_first if part is first else group.most - n_first
            shares.append(Group(group.name, place[rows], most))
    return shares


def _whole_floor(floor: np.ndarray) -> int:
    """Whole audits that floors take; a hair more, so that rounding cannot pass a limit."""
    return int(np.ceil(floor.sum() + 1e-3)) if len(floor) else 0
