"""Who audits what: six ways to spend the same number of audits, as inclusion probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks._audit_worlds import SEVERITY, Month
from fraud_pipeline.audit.design import allocated
from fraud_pipeline.audit.draw import ONE, hits, whole
from fraud_pipeline.settings import AuditSettings

Floats = np.ndarray
Policy = Callable[[Month, Floats, int], Floats]


def top_list(month: Month, risk: Floats, n: int) -> Floats:
    """The first n by expected loss, for certain."""
    pi = np.zeros(len(risk))
    pi[np.argsort(-risk * month.amount, kind="stable")[:n]] = 1.0
    return pi


def simple_random(month: Month, risk: Floats, n: int) -> Floats:
    return np.full(len(risk), n / len(risk))


def huzhou(month: Month, risk: Floats, n: int) -> Floats:
    """Equal chances among large subsidies, many services and clients of busy institutions."""
    return equal_among_top_tenths((month.amount, month.firm_services, month.place_clients), n)


def equal_among_top_tenths(figures: Sequence[Floats], n: int) -> Floats:
    """Equal probabilities of ``n`` audits among the claims in the top tenth of any figure."""
    group = np.any([figure >= np.quantile(figure, 0.9) for figure in figures], axis=0)
    return np.where(group, min(n / group.sum(), 1.0), 0.0)


def stratified_random(month: Month, risk: Floats, n: int) -> Floats:
    """Four classes of amount, sizes in proportion to the money in them, equal chances within."""
    cut = np.quantile(month.amount, [0.5, 0.8, 0.95])
    code = np.searchsorted(cut, month.amount)
    money = np.bincount(code, month.amount, 4)
    return capped(money[code] / np.bincount(code, minlength=4)[code], n)


def adaptive_bins(month: Month, risk: Floats, n: int) -> Floats:
    """Adaptive bin sampling after Henderson et al. 2023 (own reading; their code is not public).

    A logistic curve around the n-th expected loss smooths the reward; claims are cut into
    bins of it; a bin gets audits in proportion to its smoothed reward, equal chances within.
    """
    loss = risk * month.amount
    edge, scale = np.sort(loss)[-n], max(float(np.std(loss)), 1e-9)
    smooth = 1.0 / (1.0 + np.exp(-np.clip(4.0 * (loss - edge) / scale, -50.0, 50.0)))
    order = np.argsort(smooth, kind="stable")
    code = np.empty(len(loss), dtype=np.int64)
    code[order] = np.arange(len(loss)) * min(20, len(loss)) // len(loss)
    mean = np.bincount(code, smooth) / np.bincount(code)
    return capped(mean[code], n)


def capped(weight: Floats, n: int) -> Floats:
    """Probabilities in proportion to ``weight``, cut at one, that add up to n."""
    pi, open_ = np.zeros(len(weight)), np.ones(len(weight), dtype=bool)
    while True:
        pi[open_] = (n - (~open_).sum()) * weight[open_] / weight[open_].sum()
        if (pi <= 1.0).all():
            return np.maximum(pi, 1e-9)
        open_ &= pi < 1.0
        pi[~open_] = 1.0


def ours(settings: AuditSettings) -> Policy:
    """The product's plan."""

    def probabilities(month: Month, risk: Floats, n: int) -> Floats:
        loss = risk * SEVERITY * month.amount
        return allocated(month.amount, risk, loss, n, settings)

    return probabilities


def draw(pi: Floats, rng: np.random.Generator) -> np.ndarray:
    """Row numbers of the drawn: the product's systematic draw in random order."""
    if (pi >= 1.0).sum() == round(pi.sum()):
        return np.flatnonzero(pi >= 1.0)
    units = whole(pi, np.minimum(pi, 1e-9), round(pi.sum()))
    order = rng.permutation(np.flatnonzero(units))
    return order[hits(units[order], int(rng.integers(ONE)))]


# A year of twelve lists, known as well as 4 % of the money can buy.
MONTHLY = AuditSettings(rounds_per_year=12, target_half_width=0.015)

POLICIES: dict[str, Policy] = {
    "plan": ours(MONTHLY),
    "top of the list": top_list,
    "random": simple_random,
    "Huzhou's groups": huzhou,
    "stratified random": stratified_random,
    "adaptive bins": adaptive_bins,
}
