"""Learning from outcomes: a layer of trees on the model that was there, trusted as it proves.

The layer starts from the log-odds of the model below, so with few verdicts it can only
adjust. How far it is trusted is decided on later claims than it learned from; where it
does not beat the model below by more than chance its share is zero, and the ranking stays
what it was. Korea's published experience (docs/risk.md) is why the floor comes first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from scipy.optimize import minimize

from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.gate import Gate, mean_and_error
from fraud_pipeline.risk.interval import posterior
from fraud_pipeline.risk.labels import Labels, labels_of, softened
from fraud_pipeline.risk.model import LOCAL, Model, with_layer
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import RiskSettings

HELD_BACK = 0.3  # the latest claims, to decide how far the layer is trusted
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_FEWEST_LATER = 20
_LINE_PULL = 20.0  # verdicts' worth of trust in the calibration that was there
# Improper verdicts at which a learned layer is trusted by half; an assumption.
_TRUST_SHRINK = 20.0

# The trees of a layer: few, small and slow, for verdicts are few. Chosen by hand; what a layer of
# them gains on verdicts of later claims is measured by `python -m benchmarks.learning`.
ROUNDS = 150
_LEAVES = 7
_LEAST_LEAF = 15
_LEARNING_RATE = 0.04
_SEED = 7  # of the samples of rows and features that a tree sees


@dataclass(frozen=True)
class TrainingRefused:
    """Why nothing was learned; the model that was there stays in use."""

    reason: str


@dataclass(frozen=True)
class Learned:
    """A challenger, how far its own layer is trusted, and whether it may be promoted."""

    model: Model
    trust: Trust
    gate: Gate


@dataclass(frozen=True)
class Trust:
    """How a layer did on later claims: share chosen, log-loss without and with it."""

    share: float
    without: float
    with_it: float
    n_later: int


def train(
    features: pa.Table, tables: Tables, below: Model, champion: Model, settings: RiskSettings
) -> Learned | TrainingRefused:
    """``below`` with a layer of the verdicts known, or the reason why there is none.

    ``below`` is the model that ships, not an earlier learned one: verdicts would count
    twice. ``champion`` is the one in use. Deterministic: one thread, fixed seeds, rows in
    order of claim id.
    """
    labels = labels_of(features, tables)
    positives = int(labels.improper.sum())
    if len(labels) < settings.min_labels or positives < settings.min_positives:
        return TrainingRefused(
            f"{len(labels)} 条结论、{positives} 条有问题，少于 {settings.min_labels} 和 "
            f"{settings.min_positives} / {len(labels)} verdicts, {positives} improper; "
            f"{settings.min_labels} and {settings.min_positives} are needed"
        )
    trust = trusted(labels, below, settings)
    model = layered(labels, below, trust, settings)
    files = {**model.files, "card.md": _card(labels, below, model, trust)}
    unnamed = Model("learned", files)
    named = Model(f"learned-{unnamed.sha256[:12]}", files)
    return Learned(named, trust, gate(labels, below, champion, trust, settings))


def layered(labels: Labels, below: Model, trust: Trust, settings: RiskSettings) -> Model:
    """``below`` on the level of these verdicts, with a layer of them as far as it is trusted."""
    below = recalibrated(below, labels)
    if trust.share == 0:
        return below
    booster = fit_layer(labels, below, settings)
    return Model("unnamed", with_layer(below, LOCAL, booster, trust.share / below.line[0]))


def gate(
    labels: Labels, below: Model, champion: Model, trust: Trust, settings: RiskSettings
) -> Gate:
    """The challenger as it would have been before the latest claims, against the champion.

    It passes unless it is worse by more than a standard error, on all later verdicts or on
    the random stratum among them. Without later claims to judge by there is nothing to say
    for a change, and it does not pass.
    """
    early, late = _split(labels)
    if not _enough(labels, early, late, settings):
        return Gate(False, float("nan"), float("nan"), int(late.sum()))
    challenger = layered(labels.where(early), below, trust, settings)
    later = labels.where(late)
    was, would = (
        _loss(m.calibrated(m.log_odds(later.x)), later.improper) for m in (champion, challenger)
    )
    difference, error = mean_and_error(would - was, later.weight**2)
    drawn, n_random = later.random, int(later.random.sum())
    if n_random < _FEWEST_LATER:
        return Gate(difference <= error, difference, error, len(later), n_random=n_random)
    apart, doubt = mean_and_error((would - was)[drawn], np.ones(n_random))
    passed = difference <= error and apart <= doubt
    return Gate(passed, difference, error, len(later), apart, doubt, n_random)


def _split(labels: Labels) -> tuple[np.ndarray, np.ndarray]:
    """Early: decided before the latest claims were even submitted. Late: those claims."""
    cut = np.quantile(labels.submitted, 1 - HELD_BACK, method="lower")
    return labels.decided < cut, labels.submitted >= cut


def _enough(labels: Labels, early: np.ndarray, late: np.ndarray, settings: RiskSettings) -> bool:
    both = len(np.unique(labels.improper[early])) == 2
    return bool(both and early.sum() >= settings.min_labels / 2 and late.sum() >= _FEWEST_LATER)


def trusted(labels: Labels, below: Model, settings: RiskSettings) -> Trust:
    """The share of the layer that later claims bear out, beyond chance.

    The layer learns from verdicts known before the latest claims were even submitted:
    what is submitted before and decided after is in neither part. A share above zero must
    beat no layer by more than two standard errors of the difference, and it is shrunk by
    the number of improper verdicts it rests on.
    """
    early, late = _split(labels)
    if not _enough(labels, early, late, settings):
        return Trust(0.0, float("nan"), float("nan"), int(late.sum()))
    below = recalibrated(below, labels.where(early))
    booster = fit_layer(labels.where(early), below, settings)
    later = labels.where(late)
    start = below.calibrated(below.log_odds(later.x))
    added = booster.predict(later.x, raw_score=True, num_threads=1)
    losses = np.array([_loss(start + share * added, later.improper) for share in SHARES])
    weight = later.weight / later.weight.sum()
    mean = losses @ weight
    best = int(mean.argmin())
    # beyond chance: two standard errors, because several shares were tried
    gain = losses[0] - losses[best]
    error = float(np.sqrt((weight**2 * (gain - gain @ weight) ** 2).sum()))
    if gain @ weight <= 2 * error:
        return Trust(0.0, float(mean[0]), float(mean[best]), int(late.sum()))
    positives = float(labels.improper[early].sum())
    shrunk = SHARES[best] * positives / (positives + _TRUST_SHRINK)
    return Trust(shrunk, float(mean[0]), float(mean[best]), int(late.sum()))


def fit_layer(labels: Labels, below: Model, settings: RiskSettings) -> lgb.Booster:
    """Trees on top of ``below``; monotone where a feature's direction is law.

    Targets are softened for what auditors miss, hence cross-entropy on probabilities.
    Source of the method: Ke et al. 2017.
    """
    start = below.calibrated(below.log_odds(labels.x))
    target = softened(labels.improper, 1.0 / (1.0 + np.exp(-start)), settings.missed)
    data = lgb.Dataset(
        labels.x, target, weight=labels.weight * labels.money, init_score=start,
        feature_name=list(FEATURE_NAMES), free_raw_data=False,
    )  # fmt: skip
    return lgb.train(tree_parameters(), data, num_boost_round=ROUNDS)


def tree_parameters() -> dict[str, object]:
    """Small trees with strong shrinkage: verdicts are few and noisy."""
    return {
        "objective": "cross_entropy", "num_leaves": _LEAVES,
        "min_data_in_leaf": _LEAST_LEAF, "learning_rate": _LEARNING_RATE,
        "lambda_l2": 10.0, "feature_fraction": 0.6, "bagging_fraction": 0.8, "bagging_freq": 1,
        "seed": _SEED, "deterministic": True, "force_row_wise": True, "num_threads": 1,
        "monotone_constraints": [f.direction for f in FEATURES], "verbosity": -1,
    }  # fmt: skip


def recalibrated(model: Model, labels: Labels) -> Model:
    """The model with its line refitted to verdicts, pulled towards the line that was there.

    A bureau's share of improper claims is its own. The slope stays above zero: a falling
    line would turn the ranking round.
    """
    z = model.log_odds(labels.x)
    inverse = labels.weight**2  # a level needs the full weights, and they are very unequal:
    effective = inverse.sum() ** 2 / (inverse**2).sum()  # so many equal verdicts say as much (Kish)
    weight = inverse / inverse.sum() * effective
    was = np.array(model.line)

    def cost(p: np.ndarray) -> float:
        fit = (weight * _loss(p[0] * z + p[1], labels.improper)).sum()
        return float(fit + _LINE_PULL * ((p - was) ** 2).sum())

    found = minimize(cost, was, bounds=[(0.05, None), (None, None)], method="L-BFGS-B").x
    fitted = 1.0 / (1.0 + np.exp(-(found[0] * z + found[1])))
    # what the line before was unsure of is the prior; pulled towards, but not for certain
    spread = posterior(z, fitted, weight, model.line_covariance)
    line = {
        "slope": round(float(found[0]), 4),
        "intercept": round(float(found[1]), 4),
        "covariance": [[round(float(v), 6) for v in row] for row in spread],
    }
    return Model(model.name, {**model.files, "calibration.json": json.dumps(line, sort_keys=True)})


def _loss(log_odds: np.ndarray, target: np.ndarray) -> np.ndarray:
    loss: np.ndarray = np.logaddexp(0.0, log_odds) - target * log_odds
    return loss


def _card(labels: Labels, below: Model, model: Model, trust: Trust) -> str:
    slope, intercept = model.line
    return (
        "# Learned risk model\n\n"
        f"- below: {below.name} ({below.sha256[:12]})\n"
        f"- verdicts: {len(labels)}, of them improper: {int(labels.improper.sum())}\n"
        f"- trust in the layer learned from them: {trust.share:.0%} "
        f"(log-loss on {trust.n_later} later claims {trust.without:.4f} without, "
        f"{trust.with_it:.4f} with it)\n"
        f"- features: {len(FEATURE_NAMES)}; monotone where a direction is law\n"
        f"- calibration: slope {slope:.3f}, intercept {intercept:.3f}\n"
        "- weights: square root of the inverse inclusion probability, at most sqrt(40), times "
        "the square root of the amount against the median, within 0.5 and 2\n"
        "- limits: verdicts exist only where somebody looked\n"
    )
