"""Each price against the market as it is known on the day of the run: what the audit list is made from.

More is known on the day of the run than on a claim's own day, and the claims of its institution,
its ring and its pair say what a single price cannot. A claim's own institution has no say in the effect of its
title, a suspected ring and a claim found against none in anybody's market.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.stats import t as student

from fraud_pipeline.pricing import hedonic, variants
from fraud_pipeline.pricing.cell_codes import codes, combined, distinct_in
from fraud_pipeline.pricing.evidence import Evidence, Groups, running_mean, weigh
from fraud_pipeline.pricing.hedonic import Cells, Hedonic
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.titles import exact_titles

DAYS_OF_YEAR = 365.25
NEVER = 1_000_000  # unit_prices: the day on which an audit found against a claim, where none did
FREEDOMS = (3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 30.0)  # of the t distribution of honest prices
WIDTHS = np.exp(np.linspace(-0.5, 0.5, 21))
LEAST_WIDTH = 0.85  # of what the parts of the spread add up to: price lists make lower tails thin
TAIL_CLAIMS = 30.0  # weight of the t distribution beside a service's own honest prices, in claims
FURTHEST = 4.0  # spreads: beyond are slips and sham prices, left out of the shape (truncated fit)


@dataclass(frozen=True)
class RunDay:
    """One entry a priced claim, float64 (n,) unless said otherwise; prices in log yuan a unit.

    ``judged`` (bool): the market has enough claims, institutions or a catalogue price;
    ``spread``: of honest prices around ``middle``, their institutions' levels included.
    """

    middle: np.ndarray
    spread: np.ndarray
    freedom: float
    p_value: np.ndarray
    q_value: np.ndarray
    evidence: Evidence
    n: np.ndarray  # claims of other institutions for the service
    n_institutions: np.ndarray
    n_title: np.ndarray
    n_title_sellers: np.ndarray
    n_of_institution: np.ndarray  # other claims
    ratio_of_others: np.ndarray  # geometric mean of their ratios to the market
    enough: np.ndarray  # claims and institutions, without the catalogue (bool)
    is_judged: np.ndarray
    extreme: np.ndarray

    def band(self, confidence: float, side: int) -> np.ndarray:
        """Log price at the upper (side 1) or lower (-1) end of the central ``confidence``."""
        reach = float(student.ppf(0.5 + confidence / 2, self.freedom))
        return np.asarray(self.middle + side * reach * self.spread)


def judge_on_run_day(
    priced: pa.Table, ring: np.ndarray, reference: np.ndarray, settings: PricingParameters
) -> RunDay:
    """The verdicts on ``priced`` (:func:`unit_prices` with a price), in its order.

    ``ring``: int64 code of each claim's ring, -1 for none; ``reference``: the catalogue's log price
    on the claim's day, NaN for none.
    """
    price = priced["log_price"].to_numpy()
    cells = cells_of(priced)
    trusted = (ring < 0) & (priced["bad_day"].to_numpy() >= NEVER)
    model = hedonic.fit(
        price, np.log(priced["quantity"].to_numpy()), cells, trusted, reference,
        settings.catalogue_claims,
    )  # fmt: skip
    residual = price - model.middle
    at_own = combined(cells.service, cells.institution)
    n = np.bincount(cells.service)[cells.service] - np.bincount(at_own)[at_own]
    n_others = np.bincount(cells.institution)[cells.institution] - 1
    within = np.clip(residual, -np.log(settings.queue_ratio), np.log(settings.queue_ratio))
    of_others = np.bincount(cells.institution, within)[cells.institution] - within
    sellers = distinct_in(cells.service, cells.institution) - 1
    enough = (n >= settings.min_comparables) & (sellers >= settings.min_institutions)
    is_judged = enough | np.isfinite(reference)
    enterprise = codes(priced["enterprise_id"])
    pair = np.unique(cells.institution * (1 + enterprise.max(initial=0)) + enterprise,
                     return_inverse=True)[1]  # fmt: skip
    spread, freedom = predictive(residual, model, cells.service)
    kinds = variants.find(residual, spread, freedom, cells.service, cells.institution, trusted,
                          float(np.log(settings.queue_ratio)))  # fmt: skip
    groups = Groups(cells.institution, cells.service, pair, ring)
    evidence = weigh(residual, model, kinds, groups, settings)
    local = np.where(is_judged, evidence.local_fdr, np.nan)
    return RunDay(
        middle=model.middle, spread=spread, freedom=freedom,
        p_value=honest_tail(
            residual / spread, kinds.tail(residual, spread, freedom, cells.service),
            np.where(trusted, evidence.local_fdr, 0.0), cells.service,
        ),
        q_value=running_mean(local, codes(priced["programme"])), evidence=evidence, n=n,
        n_institutions=sellers, n_title=np.bincount(cells.title)[cells.title] - 1,
        n_title_sellers=model.n_title_sellers,
        n_of_institution=n_others, ratio_of_others=np.exp(of_others / np.maximum(n_others, 1)),
        enough=enough, is_judged=is_judged,
        extreme=is_judged & (residual > np.log(settings.queue_ratio)),
    )  # fmt: skip


def cells_of(priced: pa.Table) -> Cells:
    """The cells of the hedonic; codes follow the text, so that no order of rows matters."""
    service = combined(codes(priced["service_type"]), codes(priced["unit"]))
    region, category = codes(priced["region"]), codes(priced["category"])
    year = np.floor(priced["day"].to_numpy() / DAYS_OF_YEAR).astype(np.int64)
    year = year - year.min(initial=0)
    families = {
        "region": region, "category": category, "service_region": combined(service, region),
        "service_category": combined(service, category), "year": combined(year),
        "service_year": combined(service, year),
    }  # fmt: skip
    title = combined(service, codes(exact_titles(priced["title"], priced["from_title"])))
    return Cells(service, title, codes(priced["institution_id"]), families)


def predictive(residual: np.ndarray, model: Hedonic, service: np.ndarray) -> tuple[np.ndarray, float]:  # fmt: skip
    """Spread and degrees of freedom of honest prices around the middle, from residuals below it.

    Overpriced claims are above, so the lower half, mirrored, shows how honest prices fall; one shape
    for all services, a width for each.
    """
    spread = np.sqrt(model.spread**2 + model.title_variance + model.institution_sd**2)
    score = residual / spread
    width = hedonic.tail_width(score, service)[service]
    below = -(score / width)
    below = below[(below > 0) & (below < FURTHEST)]
    if len(below) < 30:
        return np.maximum(spread * np.maximum(width, LEAST_WIDTH), hedonic.LEAST_SPREAD), FREEDOMS[
            -1
        ]
    below = np.sort(below)[:: 1 + len(below) // 20_000]
    fits = [(float(np.mean(student.logpdf(below / w, f))
                   - np.log(w * (student.cdf(FURTHEST / w, f) - 0.5))), f, w)
            for f in FREEDOMS for w in WIDTHS]  # fmt: skip
    _, freedom, common = max(fits)
    width = np.maximum(width * common, LEAST_WIDTH)
    return np.maximum(spread * width, hedonic.LEAST_SPREAD), freedom


def honest_tail(score: np.ndarray, tail: np.ndarray, honest: np.ndarray, service: np.ndarray) -> np.ndarray:  # fmt: skip
    """p-value of each claim: how many honest claims of its service have so high a score.

    All float64 (n,): ``tail`` is the probability by the t distribution, which counts like TAIL_CLAIMS
    claims; ``honest`` the probability that a claim is honest (NaN: it has no say), its weight among the
    others of its ``service`` (int64 codes). The claim itself has no say; equal scores count. Below the
    middle the t distribution decides alone: its shape is that of the prices there, and sham prices
    and slips of the unit among them must not hide one another.

    >>> scores, codes = np.array([1.0, 2.0, 3.0]), np.zeros(3, dtype=np.int64)
    >>> (honest_tail(scores, np.zeros(3), np.ones(3), codes) * (TAIL_CLAIMS + 2)).tolist()
    [2.0, 1.0, 0.0]
    """
    weight = np.nan_to_num(honest)
    order = np.lexsort((-score, service))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(service[order]) != 0) | (np.diff(score[order]) != 0)
    tie = np.cumsum(fresh) - 1
    at_tie = np.cumsum(np.bincount(tie, weight[order]))
    total = np.bincount(service, weight)
    so_high = np.empty(len(order))
    so_high[order] = at_tie[tie]
    before = np.cumsum(total) - total
    others = np.maximum(so_high - before[service] - weight, 0.0)
    share = (others + TAIL_CLAIMS * tail) / (total[service] - weight + TAIL_CLAIMS)
    # fewer honest claims than one are no observation: below that the t distribution decides
    resolution = 1.0 / (total[service] - weight + 1.0)
    above = np.minimum(np.maximum(share, np.minimum(tail, resolution)), 0.5)
    return np.where(tail <= 0.5, above, tail)
