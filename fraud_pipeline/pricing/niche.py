"""Titles with a price of their own: what a claim's title says beyond its service.

Most titles are the service said in other words; some name a niche that is truly dear or
cheap. Each title's effect is therefore drawn from two kinds, plain (close to none) or
special (wide), and the title's earlier claims decide which. A title nobody else has used
may be of either kind, so a high price under it proves less: its p-value is the mixture's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import t as student

from fraud_pipeline.pricing.forecast import Earlier
from fraud_pipeline.pricing.market import (
    MEDIAN_VARIANCE,
    Market,
    Prior,
    form_market,
    spread_of,
)
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.peers import Side, leave_out_quantiles

_UNSEEN = 1e9  # variance of an effect nobody has shown yet


@dataclass(frozen=True)
class Effect:
    """What each claim's title adds to its log price, under both readings.

    ``plain`` and ``special``: mean and standard deviation, each (n,); ``weight`` the
    probability of the special reading; ``n`` the peers with the same title.
    """

    plain: tuple[np.ndarray, np.ndarray]
    special: tuple[np.ndarray, np.ndarray]
    weight: np.ndarray
    n: np.ndarray

    @property
    def likelier(self) -> np.ndarray:
        return np.where(self.weight > 0.5, self.special[0], self.plain[0])


@dataclass(frozen=True)
class TitledMarket:
    """Two markets of each claim and how likely its title is of the second, special kind."""

    plain: Market
    special: Market
    weight: np.ndarray
    n_title: np.ndarray
    within: np.ndarray  # spread of the prices themselves, of equal title and surroundings

    @property
    def shown(self) -> Market:
        """The likelier of the two, to show a reviewer."""
        own = self.weight > 0.5
        return replace(
            self.plain,
            middle=np.where(own, self.special.middle, self.plain.middle),
            spread=np.where(own, self.special.spread, self.plain.spread),
        )

    def likelier_p(self, value: np.ndarray) -> np.ndarray:
        """One-sided p-values by the likelier reading alone."""
        return self.shown.too_dear(value)

    def mixed_p(self, value: np.ndarray, likelier: np.ndarray) -> np.ndarray:
        """One-sided p-values of both readings, ``likelier`` being that of the likelier one.

        How often an honest price would be as high or higher, the title being what it may be.
        """
        own = self.weight > 0.5
        other = np.where(own, self.plain.too_dear(value), self.special.too_dear(value))
        probability = np.where(own, self.weight, 1.0 - self.weight)
        return np.asarray(probability * likelier + (1.0 - probability) * other)


def titled_market(
    levels: list[np.ndarray], title: np.ndarray, value: np.ndarray, side: Side, prior: Prior,
    settings: PricingParameters,
) -> TitledMarket:  # fmt: skip
    """The market of every claim; ``levels`` and ``title`` are group codes, int64 (n,).

    First what the service costs, then what the title adds, then, with both taken off,
    what region and category add and how far honest prices stray.
    """
    service = form_market(levels[:1], value, side, prior, settings)
    rows = np.flatnonzero(np.isfinite(service.middle))
    few, apart = side.of(rows), value[rows] - service.middle[rows]
    effect = _effect(title[rows], apart, service.spread[rows], few, settings)
    spread = np.full(len(rows), np.nan) if not len(rows) else prior.spread[rows]
    at_zero = Prior(np.zeros(len(rows)), spread)
    rest = form_market([level[rows] for level in levels], apart - effect.likelier, few, at_zero,
                       settings)  # fmt: skip
    plain, special = (_moved(service, rest, rows, kind) for kind in (effect.plain, effect.special))
    weight, n_title = np.zeros(len(value)), np.zeros(len(value), dtype=np.int64)
    weight[rows], n_title[rows] = effect.weight, effect.n
    within = service.spread / service.doubt
    within[rows] = rest.spread / rest.doubt
    return _with_forecast(
        TitledMarket(plain, special, weight, n_title, within), levels[0], value, side,
        np.where(np.isfinite(prior.middle), prior.spread, np.nan), settings,
    )  # fmt: skip


def _with_forecast(
    market: TitledMarket, service: np.ndarray, value: np.ndarray, side: Side, range_: np.ndarray,
    settings: PricingParameters,
) -> TitledMarket:  # fmt: skip
    """Middle and spread of both readings, mended by how well earlier claims were foretold."""
    shown = market.shown
    rows = np.flatnonzero(np.isfinite(shown.middle) & market.plain.is_judged)
    doubt, within, range_ = shown.doubt[rows], market.within[rows], range_[rows]
    unsure = shown.spread[rows] / within
    error = (value[rows] - shown.middle[rows]) / unsure
    trust = (market.plain.n[rows] / (market.plain.n[rows] + settings.forecast_least)) ** 2
    earlier = Earlier(service[rows], side.of(rows), trust)
    lean, foretold, n0 = _foretold(error, within, range_, earlier, settings)
    readings = []
    for reading in (market.plain, market.special):
        middle, spread, freedom = (
            a.copy() for a in (reading.middle, reading.spread, reading.freedom)
        )
        beyond = np.maximum(spread[rows] ** 2 - (within * doubt) ** 2, 0.0)
        middle[rows] += lean
        spread[rows] = np.sqrt((np.maximum(foretold, settings.min_spread) * doubt) ** 2 + beyond)
        freedom[rows] = _freedom(freedom[rows], n0, np.isfinite(range_), earlier, settings)
        readings.append(replace(reading, middle=middle, spread=spread, freedom=freedom))
    return replace(market, plain=readings[0], special=readings[1])


def _foretold(
    error: np.ndarray, within: np.ndarray, range_: np.ndarray, earlier: Earlier,
    settings: PricingParameters,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """How far the middle leans, the spread to expect, and the claims its prior weighs like.

    A service in a catalogue is a standard one. The catalogue's range spans cities and years, so
    honest sellers of one programme are taken to differ by a share of it, until their errors
    say otherwise. ``range_``: the catalogue's spread, NaN where it is silent.
    """
    listed = np.isfinite(range_)
    observed = np.where(listed, settings.listed_seen_claims, settings.forecast_claims)
    assumed = np.where(listed, settings.listed_spread * range_, within) ** 2
    lean, foretold, n0 = np.zeros(len(error)), within, observed
    for _ in range(2):  # the second time errors are cut at a better spread
        lean = earlier.lean(error, foretold, settings.lean_claims)
        square = earlier.mean_square(error - lean, foretold)
        known = (observed * within**2 + earlier.number * square) / (observed + earlier.number)
        doubted = np.maximum(known / (settings.listed_grace * assumed), 1.0)
        trusted = np.where(listed, settings.listed_claims, 0.0) / doubted**2
        n0 = observed + trusted
        mixed = observed * within**2 + trusted * assumed + earlier.number * square
        foretold = np.sqrt(mixed / (n0 + earlier.number))
    return lean, foretold, n0


def _freedom(
    within_freedom: np.ndarray, n0: np.ndarray, listed: np.ndarray, earlier: Earlier,
    settings: PricingParameters,
) -> np.ndarray:  # fmt: skip
    """Degrees of freedom: many claims of few institutions still say little of what others take.

    Where no catalogue speaks, the spread rests on the service's own earlier prices, of which those
    above the middle are cut: a claim is worth a third of a degree (``benchmarks.pricing --null``).
    """
    each = np.where(listed, settings.listed_claim_freedom, settings.claim_freedom)
    learned = 2.0 + each * (n0 + earlier.number)
    learned = np.minimum(
        np.where(listed, np.maximum(within_freedom, learned), learned), settings.most_freedom
    )
    by_institutions = settings.institution_freedom * (
        earlier.n_institutions - settings.institutions_spent
    )
    least = np.where(listed, settings.listed_freedom, settings.least_freedom)
    return np.asarray(np.minimum(learned, np.maximum(by_institutions, least)))


def _effect(
    title: np.ndarray,
    apart: np.ndarray,
    spread: np.ndarray,
    side: Side,
    settings: PricingParameters,
) -> Effect:
    peers = leave_out_quantiles(title, apart, side)
    count, observed = np.nan_to_num(peers.n_effective), np.nan_to_num(peers.middle)
    own, n0 = np.nan_to_num(spread_of(peers)), settings.shrink_claims
    within = (count * own**2 + n0 * spread**2) / (count + n0)
    error = np.where(count > 0, MEDIAN_VARIANCE * within / np.maximum(count, 1.0), _UNSEEN)
    plain, special = (
        _shrunk(observed, error, width)
        for width in (settings.plain_title_spread, settings.special_title_spread)
    )
    return Effect(plain, special, _special_share(observed, error, settings), peers.n)


def _shrunk(observed: np.ndarray, error: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of an effect seen with variance ``error``, prior N(0, width²)."""
    share = width**2 / (width**2 + error)
    return share * observed, np.sqrt(width**2 * (1.0 - share))


def _special_share(
    observed: np.ndarray, error: np.ndarray, settings: PricingParameters
) -> np.ndarray:
    """Posterior probability that a title is special.

    Student's t with four degrees of freedom in place of the normal: one overpriced claim
    among a title's first must not make its title special by itself.
    """
    narrow = np.sqrt(error + settings.plain_title_spread**2)
    wide = np.sqrt(error + settings.special_title_spread**2)
    likelihood = (
        student.pdf(observed / wide, 4) / wide / (student.pdf(observed / narrow, 4) / narrow)
    )
    prior = settings.special_title_share
    odds = prior / (1.0 - prior) * np.where(error < _UNSEEN, likelihood, 1.0)
    return np.asarray(odds / (1.0 + odds))


def _moved(
    service: Market, rest: Market, rows: np.ndarray, effect: tuple[np.ndarray, np.ndarray]
) -> Market:
    """The service's market moved by the title's effect and by what region and category add."""
    middle, spread, freedom = service.middle.copy(), service.spread.copy(), service.freedom.copy()
    n_narrow, level = service.n_narrow.copy(), service.level.copy()
    middle[rows] += effect[0] + rest.middle
    spread[rows], freedom[rows] = np.hypot(rest.spread, effect[1]), rest.freedom
    n_narrow[rows], level[rows] = rest.n_narrow, rest.level
    doubt = service.doubt.copy()
    doubt[rows] = rest.doubt
    return replace(service, middle=middle, spread=spread, freedom=freedom, n_narrow=n_narrow,
                   level=level, doubt=doubt)  # fmt: skip
