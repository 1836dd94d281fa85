"""A robust hedonic price model of the whole table, as of the day of the run.

The logarithm of a unit price is the sum of a level of its service and unit, effects of its title,
region, institution category (each also within the service), year (also within the service),
institution, and a slope on the logarithm of the quantity. Each family of effects is shrunk towards
0 by a variance component that is estimated from its own cells (empirical Bayes, Morris 1983), so
that a family that tells little is shrunk away and one that tells much is believed. Overpriced
claims are among the prices: residuals are cut, above sooner than below, and no single claim can
move a cell by more than the cut. Claims of suspected rings and claims found against carry no weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

ROUNDS = 8  # of backfitting; the effects then change by less than a hundredth of the spread
CUT_ABOVE, CUT_BELOW = 1.5, 2.5  # residuals are cut at so many spreads
LEAST_SPREAD = 0.06  # of log prices
START_SPREAD = 0.3
SERVICE_CLAIMS = 20.0  # weight of the common spread against a service's own, in claims
TITLE_CLAIMS = 15.0  # weight of the service's spread against a title's own
SLOPE_SD = 0.05  # prior standard deviation of a service's and a title's quantity slope
MOST_TAU, LEAST_TAU = 3.0, 1e-3
MOST_Z2 = 9.0  # a cell further out than 3 standard deviations counts as 3
MAD_TO_SD = 1.4826
_TAILS = np.array([0.16, 0.10, 0.05])
_Z = np.array([0.9945, 1.2816, 1.6449])  # of a normal distribution at _TAILS


@dataclass(frozen=True)
class Cells:
    """Integer codes of each claim, int64 (n,): ``service`` is service and unit, ``title`` within it."""

    service: np.ndarray
    title: np.ndarray
    institution: np.ndarray
    families: Mapping[str, np.ndarray]  # further families of effects


@dataclass(frozen=True)
class Hedonic:
    """For each claim, in log yuan, float64 (n,).

    ``middle``: the market's price, without what the institution's own claims say of it and without
    the institution's level; ``title_variance``: how uncertain the effect of its title is;
    ``spread``: standard deviation of an honest price around its institution's level;
    ``institution``: the institution's level, a shrunk mean; ``institution_sd``: its variance
    component; ``n_title_sellers``: other institutions with the title.
    """

    middle: np.ndarray
    title_variance: np.ndarray
    spread: np.ndarray
    institution: np.ndarray
    institution_sd: float
    n_title_sellers: np.ndarray


def shrunk_effects(
    residual: np.ndarray, precision: np.ndarray, cell: np.ndarray
) -> tuple[np.ndarray, float]:
    """Effect of each cell, shrunk to 0 by the variance component of the family; and that (as sd).

    ``precision`` is that of each residual; 0 for claims without a say.
    """
    size = int(cell.max(initial=-1)) + 1
    weight = np.bincount(cell, precision, size)
    mean = np.bincount(cell, precision * residual, size) / np.maximum(weight, 1e-12)
    known = weight > 0
    tau = variance_component(mean[known], 1.0 / weight[known])
    return mean * weight / (weight + tau**-2), tau


def variance_component(mean: np.ndarray, variance: np.ndarray) -> float:
    """Standard deviation between cells whose means have these sampling variances.

    The moment estimate of Paule and Mandel (1982), each cell weighted by what it can tell and
    none counted as more than three standard deviations out.
    """
    tau = 0.05
    for _ in range(30):
        total = tau**2 + variance
        information = (tau**2 + 1e-4) / (total + 1e-4)
        ratio = float(
            np.sum(information * np.minimum(mean**2 / total, MOST_Z2))
            / max(information.sum(), 1e-12)
        )
        tau = float(np.clip(tau * np.sqrt(np.clip(ratio, 0.25, 4.0)), LEAST_TAU, MOST_TAU))
    return tau


def fit(log_price: np.ndarray, log_quantity: np.ndarray, cells: Cells, trusted: np.ndarray,
        reference: np.ndarray, reference_claims: float) -> Hedonic:  # fmt: skip
    """The model of these claims; ``trusted`` (bool) are those that may form prices.

    ``reference`` is the catalogue's log price, NaN where it has none; it counts towards the level of
    a service like ``reference_claims`` claims.
    """
    model = _Backfit(log_price, log_quantity, cells, trusted, reference, reference_claims)
    for number in range(ROUNDS):
        model.improve(first=number == 0)
    return model.result()


class _Backfit:
    """Effects by family, improved in turn (backfitting, Hastie and Tibshirani 1990)."""

    def __init__(self, log_price: np.ndarray, log_quantity: np.ndarray, cells: Cells,
                 trusted: np.ndarray, reference: np.ndarray, reference_claims: float):  # fmt: skip
        self.price, self.cells = log_price, cells
        # an institution's n claims for a service weigh like the root of n: it is one opinion
        turn, many = turns(cells.service, cells.institution)
        self.trusted = trusted / np.sqrt(many)
        self.opinion = turn < np.sqrt(many)
        listed = np.isfinite(reference)
        self.listed = np.bincount(cells.service, listed)
        self.reference = np.bincount(cells.service, np.where(listed, reference, 0.0)) / np.maximum(
            self.listed, 1.0
        )
        self.reference_weight = np.where(self.listed > 0, reference_claims, 0.0)
        count = np.maximum(np.bincount(cells.title), 1)
        self.log_quantity = (
            log_quantity - (np.bincount(cells.title, log_quantity) / count)[cells.title]
        )
        self.families = {"title": cells.title, **cells.families, "institution": cells.institution}
        self.effects = {name: np.zeros(len(log_price)) for name in self.families}
        self.tau = dict.fromkeys(self.families, 0.0)
        self.spread = np.full(len(log_price), START_SPREAD)
        self.slope = np.zeros(len(log_price))
        level = self._medians(log_price, cells.service)
        self.level = np.where(np.isfinite(level), level, self.reference)

    def residual(self) -> np.ndarray:
        total = self.level[self.cells.service] + self.slope
        for effect in self.effects.values():
            total = total + effect
        return np.asarray(self.price - total)

    def _cut(self, residual: np.ndarray) -> np.ndarray:
        return np.clip(residual, -CUT_BELOW * self.spread, CUT_ABOVE * self.spread)

    def _medians(self, values: np.ndarray, cell: np.ndarray) -> np.ndarray:
        """Median of each cell over as many claims of an institution as it has opinions."""
        size = int(cell.max(initial=-1)) + 1
        medians = np.full(size, np.nan)
        rows = self.opinion
        some = group_quantiles(values[rows], cell[rows], np.array([0.5]))[:, 0]
        medians[: len(some)] = some
        return medians

    def improve(self, first: bool) -> None:
        if first:  # from medians, because a title's effect may be larger than any cut
            start = self._medians(self.residual(), self.cells.title)[self.cells.title]
            self.effects["title"] = np.nan_to_num(start)
        self.spread = service_spread(self.residual(), self.cells.service)[self.cells.service]
        self._improve_level()
        residual = self.residual()
        for name, cell in self.families.items():
            precision = self.trusted / self.spread**2
            values, self.tau[name] = shrunk_effects(
                self._cut(residual) + self.effects[name], precision, cell
            )
            residual = residual + self.effects[name] - values[cell]
            self.effects[name] = values[cell]
        self._improve_slope(residual)

    def _improve_level(self) -> None:
        cell = self.cells.service
        weight = np.bincount(cell, self.trusted, len(self.level))
        total = np.bincount(cell, self.trusted * self._cut(self.residual()), len(self.level))
        pull = self.reference_weight * (self.reference - self.level)
        change = (total + pull) / np.maximum(weight + self.reference_weight, 1.0)
        self.level = self.level + change

    def _improve_slope(self, residual: np.ndarray) -> None:
        x, precision = self.log_quantity, self.trusted / self.spread**2
        y = self._cut(residual) + self.slope
        slope = np.full(len(x), np.sum(precision * x * y) / (np.sum(precision * x * x) + 10.0))
        for cell in (self.cells.service, self.cells.title):
            left = y - slope * x
            size = int(cell.max(initial=-1)) + 1
            above = np.bincount(cell, precision * x * left, size)
            below = np.bincount(cell, precision * x * x, size) + SLOPE_SD**-2
            slope = slope + (above / below)[cell]
        self.slope = slope * x

    def result(self) -> Hedonic:
        residual = self.residual()
        honest = service_spread(residual, self.cells.service)[self.cells.service]
        spread = title_spread(residual, self.cells.title, honest)
        effect, variance, sellers = self._title_of_others(residual)
        middle = (
            self.price - residual - self.effects["institution"] - self.effects["title"] + effect
        )
        middle = middle + self._level_of_others(residual)
        return Hedonic(
            middle, variance, spread, self.effects["institution"],
            max(self.tau["institution"], 0.05), sellers,
        )  # fmt: skip

    def _level_of_others(self, residual: np.ndarray) -> np.ndarray:
        """What the level of the service changes by without the claim's own institution."""
        service = self.cells.service
        own = np.unique(service * (1 + int(self.cells.institution.max(initial=0)))
                        + self.cells.institution, return_inverse=True)[1]  # fmt: skip
        value = self.trusted * self._cut(residual + self.effects["institution"])
        weight = np.bincount(service, self.trusted)[service] - np.bincount(own, self.trusted)[own]
        others = np.bincount(service, value)[service] - np.bincount(own, value)[own]
        return others / np.maximum(np.maximum(weight, 0.0) + self.reference_weight[service], 1.0)

    def _title_of_others(self, residual: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The title's effect without the claims of the claim's own institution; its variance; sellers."""
        title, institution = self.cells.title, self.cells.institution
        precision = self.trusted / self.spread**2
        value = precision * (self._cut(residual) + self.effects["title"])
        own = np.unique(title * (1 + int(institution.max(initial=0))) + institution,
                        return_inverse=True)[1]  # fmt: skip
        weight = np.bincount(title, precision)[title] - np.bincount(own, precision)[own]
        total = np.bincount(title, value)[title] - np.bincount(own, value)[own]
        first = np.zeros(len(own))
        first[np.unique(own, return_index=True)[1]] = 1.0
        sellers = np.bincount(title, first)[title] - 1.0
        known = np.maximum(weight, 0.0) + self.tau["title"] ** -2
        return total / known, 1.0 / known, sellers


def turns(cell: np.ndarray, key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place of each row among those of its cell and key (from 0), and how many these are."""
    code = np.unique(cell * (1 + int(key.max(initial=0))) + key, return_inverse=True)[1]
    order = np.argsort(code, kind="stable")
    many = np.bincount(code)
    start = np.cumsum(many) - many
    turn = np.empty(len(code), dtype=np.int64)
    turn[order] = np.arange(len(code)) - start[code[order]]
    return turn, many[code]


def group_quantiles(values: np.ndarray, cell: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Quantiles of each cell, (cells, shares); linear between order statistics, NaN where empty."""
    size = int(cell.max(initial=-1)) + 1
    order = np.lexsort((values, cell))
    ordered = values[order]
    count = np.bincount(cell, minlength=size)
    start = np.cumsum(count) - count
    place = start[:, None] + shares[None, :] * np.maximum(count - 1, 0)[:, None]
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, (start + np.maximum(count - 1, 0))[:, None])
    last = max(len(values) - 1, 0)
    low, high = np.clip(low, 0, last), np.clip(high, 0, last)
    between = ordered[low] + (place - low) * (ordered[high] - ordered[low])
    return np.where(count[:, None] > 0, between, np.nan)


def service_spread(residual: np.ndarray, service: np.ndarray) -> np.ndarray:
    """Spread of each service from the lower tail of its residuals, shrunk towards that of all.

    Overpriced claims stand above the middle, so the distances below it tell how far honest prices
    stray. Where work at sham prices widens the lower tail beyond the upper one, the upper one is taken.
    """
    shares = np.concatenate([[0.5], _TAILS, 1.0 - _TAILS])
    at = group_quantiles(residual, service, shares)
    lower = np.max((at[:, :1] - at[:, 1:4]) / _Z, axis=1)
    upper = np.max((at[:, 4:] - at[:, :1]) / _Z, axis=1)
    own = np.nan_to_num(np.minimum(lower, upper))
    count = np.bincount(service, minlength=len(own))
    common = np.exp(np.average(np.log(own + 1e-3), weights=np.maximum(count, 1e-9)))
    common = np.sqrt((count.sum() * common**2 + SERVICE_CLAIMS * START_SPREAD**2)
                     / (count.sum() + SERVICE_CLAIMS))  # fmt: skip
    variance = (count * own**2 + SERVICE_CLAIMS * common**2) / (count + SERVICE_CLAIMS)
    return np.asarray(np.maximum(np.sqrt(variance), LEAST_SPREAD))


def title_spread(residual: np.ndarray, title: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """The service's spread, widened for titles whose own prices lie further apart."""
    distance = MAD_TO_SD * group_quantiles(np.abs(residual), title, np.array([0.5]))[:, 0][title]
    count = np.bincount(title)[title]
    wider = np.maximum(distance, spread) ** 2
    return np.sqrt((count * wider + TITLE_CLAIMS * spread**2) / (count + TITLE_CLAIMS))


def tail_width(score: np.ndarray, service: np.ndarray) -> np.ndarray:
    """How wide each service's lower tail of ``score`` is, shrunk towards 1."""
    at = group_quantiles(score, service, np.concatenate([[0.5], _TAILS]))
    own = np.nan_to_num(np.mean((at[:, :1] - at[:, 1:]) / _Z, axis=1), nan=1.0)
    count = np.bincount(service, minlength=len(own))
    return np.sqrt((count * own**2 + SERVICE_CLAIMS) / (count + SERVICE_CLAIMS))
