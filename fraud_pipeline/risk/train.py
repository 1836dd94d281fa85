"""Learning from outcomes: a layer of trees on what every score learns, trusted as it proves.

Every ``score`` weighs the evidence by the verdicts known (:mod:`fraud_pipeline.risk.local`). What
``train`` adds is a layer of trees for what weights cannot say, such as which signs matter
together. It starts from log-odds that have not seen the verdict, so with few verdicts it can only
adjust. How far it is trusted is decided on later claims than it learned from; where it does not
beat the weights alone by more than chance its share is zero and the model in use stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.gate import Gate, mean_and_error
from fraud_pipeline.risk.labels import Labels, labels_of, softened
from fraud_pipeline.risk.local import Learning, first_day, taught_by
from fraud_pipeline.risk.model import LOCAL, Model, with_layer, with_run
from fraud_pipeline.risk.surprisal import Tails
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import RiskSettings

HELD_BACK = 0.3  # the latest claims, to decide how far the layer is trusted
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_FEWEST_LATER = 20
_MIN_POSITIVES = 10  # improper verdicts to train on; `python -m benchmarks.learning`
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
    features: pa.Table, rules: pa.Table, tables: Tables, below: Model, champion: Model,
    settings: RiskSettings,
) -> Learned | TrainingRefused:  # fmt: skip
    """``below`` with a layer of the verdicts known, or the reason why there is none.

    ``below`` is the model that ships, not an earlier learned one: verdicts would count
    twice. ``champion`` is the one in use. Deterministic: one thread, fixed seeds, rows in
    order of claim id.
    """
    labels = labels_of(features, tables)
    positives = int(labels.improper.sum())
    if len(labels) < settings.min_labels or positives < _MIN_POSITIVES:
        return TrainingRefused(
            f"{len(labels)} 条结论、{positives} 条有问题，少于 {settings.min_labels} 和 "
            f"{_MIN_POSITIVES} / {len(labels)} verdicts, {positives} improper; "
            f"{settings.min_labels} and {_MIN_POSITIVES} are needed"
        )
    tails = Tails.of(features, rules)
    trust = trusted(labels, tails, below, settings)
    model = layered(labels, tails, below, trust, settings)
    files = {**model.files, "card.md": _card(labels, below, trust)}
    unnamed = Model("learned", files)
    learned_model = Model(f"learned-{unnamed.sha256[:12]}", files)
    return Learned(learned_model, trust, gate(labels, tails, below, champion, trust, settings))


def layered(
    labels: Labels, tails: Tails, below: Model, trust: Trust, settings: RiskSettings
) -> Model:
    """``below`` with a layer of these verdicts as far as it is trusted, not fitted to a run."""
    if trust.share == 0:
        return Model("unnamed", below.files)
    booster = fit_layer(labels, tails, below, settings)
    return Model("unnamed", with_layer(below, LOCAL, booster, trust.share))


def gate(
    labels: Labels, tails: Tails, below: Model, champion: Model, trust: Trust,
    settings: RiskSettings,
) -> Gate:  # fmt: skip
    """The challenger as it would have been before the latest claims, against the champion.

    Judged is what would have been published: both are taught by the early verdicts, and their
    probabilities are compared on the late ones. It must not be worse on all later verdicts, nor on
    the random stratum among them. A challenger without a layer is no change, and without later
    claims to judge by there is nothing to say for one: neither passes.
    """
    early, late = _split(labels)
    if trust.share == 0 or not _enough(labels, early, late, settings):
        return Gate(False, float("nan"), float("nan"), int(late.sum()))
    before, later = labels.where(early), labels.where(late)
    challenger = layered(before, tails, below, trust, settings)
    was, would = (
        _published(taught_by(m, tails, before, settings), later) for m in (champion, challenger)
    )
    difference, error = mean_and_error(would - was, later.weight**2)
    at_random, n_random = later.random, int(later.random.sum())
    if n_random < _FEWEST_LATER:
        return Gate(difference <= 0, difference, error, len(later), n_random=n_random)
    apart, doubt = mean_and_error((would - was)[at_random], np.ones(n_random))
    return Gate(
        difference <= 0 and apart <= 0, difference, error, len(later), apart, doubt, n_random
    )


def _published(model: Model, later: Labels) -> np.ndarray:
    """(m,) log-loss of the risk as it would be published, its ceiling included."""
    risk = model.probability(model.log_odds(later.x, later.programme))
    return -np.log(np.where(later.improper > 0, risk, 1 - risk))


def _split(labels: Labels) -> tuple[np.ndarray, np.ndarray]:
    """Early: decided before the latest claims were even submitted. Late: those claims."""
    cut = np.quantile(labels.submitted, 1 - HELD_BACK, method="lower")
    return labels.decided < cut, labels.submitted >= cut


def _enough(labels: Labels, early: np.ndarray, late: np.ndarray, settings: RiskSettings) -> bool:
    both = len(np.unique(labels.improper[early])) == 2
    return bool(both and early.sum() >= settings.min_labels / 2 and late.sum() >= _FEWEST_LATER)


def trusted(labels: Labels, tails: Tails, below: Model, settings: RiskSettings) -> Trust:
    """The share of the layer that later claims bear out, beyond chance.

    The layer learns from verdicts known before the latest claims were even submitted:
    what is submitted before and decided after is in neither part. A share above zero must
    beat no layer by more than two standard errors of the difference, and it is shrunk by
    the number of improper verdicts it rests on.
    """
    early, late = _split(labels)
    if not _enough(labels, early, late, settings):
        return Trust(0.0, float("nan"), float("nan"), int(late.sum()))
    before, later = labels.where(early), labels.where(late)
    taught = taught_by(below, tails, before, settings)
    booster = fit_layer(before, tails, below, settings)
    start = taught.calibrated(taught.log_odds(later.x, later.programme))
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
    positives = float(before.improper.sum())
    shrunk = SHARES[best] * positives / (positives + _TRUST_SHRINK)
    return Trust(shrunk, float(mean[0]), float(mean[best]), int(late.sum()))


def fit_layer(labels: Labels, tails: Tails, below: Model, settings: RiskSettings) -> lgb.Booster:
    """Trees on top of what the verdicts teach ``below``; monotone where a feature's direction is law.

    They start from log-odds by a ridge that had not seen the verdict: what it only remembers is not
    for them to mend. Targets are softened for what auditors miss, hence cross-entropy on
    probabilities. Source of the method: Ke et al. 2017.
    """
    learning = Learning(with_run(below, first_day(below, tails)), labels)
    start = learning.unseen()
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


def _loss(log_odds: np.ndarray, target: np.ndarray) -> np.ndarray:
    loss: np.ndarray = np.logaddexp(0.0, log_odds) - target * log_odds
    return loss


def _card(labels: Labels, below: Model, trust: Trust) -> str:
    return (
        "# Learned risk model\n\n"
        f"- below: {below.name} ({below.sha256[:12]}), its weights learned anew in every score\n"
        f"- verdicts: {len(labels)}, of them improper: {int(labels.improper.sum())}\n"
        f"- trust in the layer learned from them: {trust.share:.0%} "
        f"(log-loss on {trust.n_later} later claims {trust.without:.4f} without, "
        f"{trust.with_it:.4f} with it)\n"
        f"- features: {len(FEATURE_NAMES)}; monotone where a direction is law\n"
        "- weights: square root of the inverse inclusion probability where one is recorded, at most "
        "sqrt(40), else 1; times the square root of the amount against the median, within 0.5 and 2\n"
        "- limits: verdicts exist only where somebody looked\n"
    )
