"""How likely each claim is overpriced, given its price, its institution's others, its ring and its pair.

A two-level mixture. Institutions differ in price level, in scale and in the share of their claims
that are overpriced; how often each level, scale and share occurs, how large the excess of an
overpriced claim is, and so the share of honest claims, are estimated from the claims themselves by
EM. The posterior of a claim uses the other claims of its institution and its own price once. Its
ring and its pair (enterprise and institution) then multiply its odds by a factor whose
distribution over all rings, or pairs, is estimated in the same way.

What is known of how often shares occur is taken for each institution from the others: a single dear
institution is otherwise its own proof that institutions here overprice.

The result is the local false discovery rate, the probability that the claim is not overpriced; the
running mean of the smallest is the false discovery rate of a list (Efron 2010). A claim that is
more likely honest than not is on no list, however sure the other claims of the list are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from fraud_pipeline.pricing.hedonic import Hedonic
from fraud_pipeline.pricing.institution_mixture import Claims, Grid, Prior, posteriors, verdicts
from fraud_pipeline.pricing.parameters import PricingParameters
from fraud_pipeline.pricing.shares import side_by_side
from fraud_pipeline.pricing.variants import MOST, Variants

STEP = 0.05  # of the grid, in log price
# An institution further from the market than this, and than so many standard deviations of
# institutions, is not honest. A single one within may be dear and honest; its level is said in words.
MOST_LEVEL, MOST_DEVIATIONS = 0.45, 3.0
LEVEL_FREEDOM = 4.0  # honest levels: one institution in some hundreds is far from all others
SCALES = np.array([0.5, 0.8, 1.25, 2.0])  # times the spread
SHARES = np.array([0.0, 0.01, 0.03, 0.07, 0.15, 0.3, 0.5, 0.75, 0.9])
FACTORS = np.array([0.1, 0.3, 0.6, 1.0, 1.7, 3.0, 6.0, 12.0, 30.0, 100.0])  # of the odds
SHARE_INSTITUTIONS = 0.1  # weight of each share before any institution is seen
START_INSTITUTIONS = 40.0  # that the shares of the first round are believed like
LIKELY_HONEST = 0.5  # local rate above which a claim is no finding
ROUNDS, FACTOR_ROUNDS = 8, 60  # of EM
SAMPLE = 30_000  # claims of whole institutions that the distributions are estimated from
# The excess before any claim speaks, worth five claims: 1.8 times the market, most within 1.1 to 3.
EXCESS_MEAN, EXCESS_VARIANCE, EXCESS_CLAIMS = 0.6, 0.06, 5.0
LEAST_VARIANCE = 0.02
ANY_EXCESS = 0.1  # of the overpriced claims may have any excess: a higher price never proves less
TOO_CHEAP = -1.2  # log ratio: a slip of the pen or of the unit says nothing of an institution
_MOST_BAYES = 30.0  # nats


@dataclass(frozen=True)
class Evidence:
    """For each claim, float64 (n,): ``local_fdr``, NaN where the price is too high to be a price;
    ``share``: expected share of overpriced claims at its institution and ``level``: the
    institution's log price level, both from the institution's other claims."""

    local_fdr: np.ndarray
    share: np.ndarray
    level: np.ndarray


@dataclass(frozen=True)
class Groups:
    """Integer codes (n,) of each claim's institution, service, pair and ring (-1: none)."""

    institution: np.ndarray
    service: np.ndarray
    pair: np.ndarray
    ring: np.ndarray


def weigh(residual: np.ndarray, model: Hedonic, variants: Variants, groups: Groups,
          settings: PricingParameters) -> Evidence:  # fmt: skip
    """The evidence on each claim, from the log ratio ``residual`` of its price to the market."""
    spread = np.sqrt(model.spread**2 + model.title_variance)
    extreme = residual > np.log(settings.queue_ratio)
    # a title that is known from too few others makes all its seller's residuals wrong together
    counts = ~extreme & (residual > TOO_CHEAP) & (model.title_variance < model.spread**2)
    order = np.lexsort((groups.service, groups.institution))
    claims = _claims(groups.institution[order], groups.service[order], residual[order],
                     spread[order], counts[order])  # fmt: skip
    claims = _with_variants(claims, variants, groups.service[order])
    mixture = _Mixture(model.institution_sd, settings)
    sample = _sample(claims)
    mixture.estimate(sample)
    densities = np.empty((len(residual), 4))
    densities[order] = mixture.of_all(claims, is_known=sample is claims)
    prior = np.clip(densities[:, 0], 1e-9, 1 - 1e-9)
    odds = np.log(prior / (1 - prior))
    bayes = np.clip(np.log(densities[:, 2] / densities[:, 1]) - odds, -_MOST_BAYES, _MOST_BAYES)
    for code in (groups.pair, groups.ring):
        odds = with_group(odds, bayes, np.where(counts, code, -1), code)
    local = 1.0 / (1.0 + np.exp(odds + bayes))
    local = np.where(residual < np.log(settings.overpriced_from), 1.0, local)
    return Evidence(np.where(extreme, np.nan, local), densities[:, 0], densities[:, 3])


def running_mean(local_fdr: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """q-values: mean of the local rates up to each claim's own, within each ``batch``; NaN stays NaN.

    A claim that is more likely honest than not keeps its own rate: claims that are surer do not
    pay for it.

    >>> running_mean(np.array([0.3, 0.1, np.nan, 0.8]), np.zeros(4)).round(2).tolist()
    [0.2, 0.1, nan, 0.8]
    """
    rows = np.flatnonzero(np.isfinite(local_fdr))
    order = rows[np.lexsort((local_fdr[rows], batch[rows]))]
    start = _starts(batch[order])
    length = np.diff(start)
    total = np.cumsum(local_fdr[order])
    before = (
        np.repeat(total[start[:-1]] - local_fdr[order][start[:-1]], length) if len(order) else 0.0
    )
    rank = np.arange(len(order)) - np.repeat(start[:-1], length) + 1
    q_value = np.full(len(local_fdr), np.nan)
    q_value[order] = np.clip((total - before) / rank, 0.0, 1.0)
    return np.where(local_fdr > LIKELY_HONEST, np.fmax(q_value, local_fdr), q_value)


def with_group(
    odds: np.ndarray, bayes: np.ndarray, says: np.ndarray, code: np.ndarray
) -> np.ndarray:
    """Log odds of each claim after what the other claims of its group say.

    ``odds`` are before the claim's own price, ``bayes`` is the log Bayes factor of that. Groups
    (``code``; -1 for none) multiply the odds of their claims by one of FACTORS; how often each
    occurs is estimated over the groups of two claims or more. ``says`` is the code of the claims
    that count.
    """
    many = np.bincount(says[says >= 0], minlength=int(code.max(initial=0)) + 1)
    rows = np.flatnonzero((code >= 0) & (many[np.maximum(code, 0)] >= 2))
    if not len(rows):
        return odds
    group = np.unique(code[rows], return_inverse=True)[1]
    speaks = (says[rows] >= 0)[:, None]
    raised = 1.0 / (1.0 + np.exp(-(odds[rows, None] + np.log(FACTORS))))
    likelihood = np.where(speaks, 1.0 + raised * np.expm1(bayes[rows])[:, None], 1.0)
    log_likelihood = np.log(np.maximum(likelihood, 1e-300))
    size = int(group.max()) + 1
    total = np.stack([np.bincount(group, column, size) for column in log_likelihood.T], axis=1)
    total = np.exp(total - total.max(axis=1, keepdims=True))
    plain = np.where(FACTORS == 1.0, 2.0, 0.1)  # groups that change nothing, before any is seen
    weight = plain / plain.sum()
    post = total
    for _ in range(FACTOR_ROUNDS):
        post = total * weight
        post = post / post.sum(axis=1, keepdims=True)
        weight = (post.sum(axis=0) + plain) / (len(post) + plain.sum())
    others = post[group] / likelihood
    others = others / others.sum(axis=1, keepdims=True)
    chance_over = np.clip(np.sum(others * raised, axis=1), 1e-12, 1 - 1e-12)
    changed = odds.copy()
    changed[rows] = np.log(chance_over / (1 - chance_over))
    return changed


class _Mixture:
    """The distributions over institutions and excesses, estimated by EM."""

    def __init__(self, institution_sd: float, settings: PricingParameters):
        furthest = max(MOST_LEVEL, MOST_DEVIATIONS * institution_sd)
        n_side = round(furthest / STEP)
        least = int(np.ceil(np.log(settings.overpriced_from) / STEP))
        most = max(least + 1, int(np.log(settings.queue_ratio) / STEP))
        offset = np.arange(-n_side, n_side + most + 1) * STEP
        self.grid = Grid(offset, SCALES, SHARES, 2 * n_side + 1, least)
        level = student.pdf(offset[: self.grid.n_level] / institution_sd, LEVEL_FREEDOM)
        self.excesses = np.arange(least, most + 1) * STEP
        share = np.full(len(SHARES), 0.5 / (len(SHARES) - 1))
        share[0] = 0.5
        self.institutions = share * START_INSTITUTIONS
        self.prior = Prior(
            np.full(len(SCALES), 1.0 / len(SCALES)), level / level.sum(), share,
            _bell(self.excesses, EXCESS_MEAN, EXCESS_VARIANCE),
        )  # fmt: skip

    def _posteriors(self, claims: Claims) -> np.ndarray:
        out = np.empty((len(claims.rows) - 1, *self._shape()))

        def work(part: slice) -> None:
            cells = claims.cells[part.start : part.stop + 1]
            posteriors(claims._replace(cells=cells), self.grid, self.prior, out)

        side_by_side(work, claims.rows[claims.cells])
        return out

    def estimate(self, claims: Claims) -> None:
        for _ in range(ROUNDS):
            post = self._posteriors(claims)
            self._as_others_tell(post, claims.cells)
            weight = np.zeros(len(self.excesses))
            out = np.empty((len(claims.residual), 4))
            verdicts(claims, self.grid, self.prior, post, out, weight)
            self.institutions = post[claims.cells[:-1]].sum(axis=(0, 1, 2))
            share = self.institutions + SHARE_INSTITUTIONS
            scale = (post.sum(axis=(0, 2, 3)) + 1.0) / (len(post) + len(SCALES))
            self.prior = Prior(scale, self.prior.level, share / share.sum(), self._excess(weight))

    def _as_others_tell(self, post: np.ndarray, cells: np.ndarray) -> None:
        """Change ``post`` (cells, v, u, p) to what it is where other institutions alone tell the shares."""
        own = post[cells[:-1]].sum(axis=(1, 2))
        others = np.maximum(self.institutions - own, 0.0) + SHARE_INSTITUTIONS
        others /= others.sum(axis=1, keepdims=True)
        post *= np.repeat(others / self.prior.share, np.diff(cells), axis=0)[:, None, None, :]
        post /= post.sum(axis=(1, 2, 3), keepdims=True)

    def _excess(self, weight: np.ndarray) -> np.ndarray:
        n = weight.sum()
        mean = (weight @ self.excesses + EXCESS_CLAIMS * EXCESS_MEAN) / (n + EXCESS_CLAIMS)
        square = weight @ (self.excesses - weight @ self.excesses / max(n, 1e-9)) ** 2
        variance = (square + EXCESS_CLAIMS * EXCESS_VARIANCE) / (n + EXCESS_CLAIMS)
        return _bell(self.excesses, mean, max(float(variance), LEAST_VARIANCE))

    def of_all(self, claims: Claims, is_known: bool) -> np.ndarray:
        """Densities of every claim, (n, 4); the posteriors of a share of institutions at a time.

        ``is_known``: the distributions were estimated from these claims, not from a sample so large
        that no institution matters.
        """
        out = np.empty((len(claims.residual), 4))

        def work(part: slice) -> None:
            cells = claims.cells[part.start : part.stop + 1]
            of_part = slice(cells[0], cells[-1])
            inside = claims._replace(
                cells=cells - cells[0], rows=claims.rows[cells[0] : cells[-1] + 1],
                shift=claims.shift[of_part], share=claims.share[of_part],
            )  # fmt: skip
            post = np.empty((cells[-1] - cells[0], *self._shape()))
            posteriors(inside, self.grid, self.prior, post)
            if is_known:
                self._as_others_tell(post, inside.cells)
            verdicts(inside, self.grid, self.prior, post, out, np.zeros(0))

        side_by_side(work, claims.rows[claims.cells])
        return out

    def _shape(self) -> tuple[int, int, int]:
        return len(SCALES), self.grid.n_level, len(SHARES)


def _bell(at: np.ndarray, mean: float, variance: float) -> np.ndarray:
    weight = np.exp(-0.5 * (at - mean) ** 2 / variance)
    return np.asarray((1.0 - ANY_EXCESS) * weight / weight.sum() + ANY_EXCESS / len(at))


def _starts(code: np.ndarray) -> np.ndarray:
    if not len(code):
        return np.zeros(1, dtype=np.int64)
    return np.append(np.flatnonzero(np.diff(code, prepend=code[0] - 1)), len(code))


def _claims(institution: np.ndarray, service: np.ndarray, residual: np.ndarray,
            spread: np.ndarray, counts: np.ndarray) -> Claims:  # fmt: skip
    """Columns in the order of institution and service, with the bounds of both."""
    n = len(institution)
    fresh = np.ones(n, dtype=bool)
    fresh[1:] = (np.diff(institution) != 0) | (np.diff(service) != 0)
    rows = np.append(np.flatnonzero(fresh), n)
    cells = np.searchsorted(rows, _starts(institution))
    none = np.zeros((len(rows) - 1, MOST))
    return Claims(cells, rows, none.astype(np.int64), none, residual, spread, counts)


def _with_variants(claims: Claims, variants: Variants, service: np.ndarray) -> Claims:
    """``claims`` with the kinds of each cell's service; ``service`` of each row."""
    of_cell = service[claims.rows[:-1]]
    shift = np.round(variants.offset[of_cell] / STEP).astype(np.int64)
    return claims._replace(shift=shift, share=variants.share[of_cell])


def _sample(claims: Claims) -> Claims:
    """Every k-th institution with all its claims, so that about SAMPLE claims are left."""
    every = -(-len(claims.residual) // SAMPLE)
    if every <= 1:
        return claims
    length = np.diff(claims.cells)
    institution = np.repeat(np.arange(len(length)), length)
    row_length = np.diff(claims.rows)
    cell = np.repeat(np.arange(len(row_length)), row_length)
    is_sampled = institution[cell] % every == 0
    chosen = _claims(institution[cell][is_sampled], cell[is_sampled], claims.residual[is_sampled],
                     claims.spread[is_sampled], claims.counts[is_sampled])  # fmt: skip
    cells = cell[is_sampled][chosen.rows[:-1]]
    return chosen._replace(shift=claims.shift[cells], share=claims.share[cells])
