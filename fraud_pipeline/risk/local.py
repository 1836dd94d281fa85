"""What a run adds to a model: its surprisals, the weights its verdicts teach, an honest risk.

From the first verdicts on, every ``score`` learns how far each piece of evidence can be trusted in
this bureau (:mod:`fraud_pipeline.risk.ridge`). A verdict weighs 1 there: who is looked at depends on
what the evidence says, and the evidence is what is conditioned on. The level is another matter:
how many claims are improper can only be told from those that chance chose. So the line from
log-odds to probability is fitted to the random stratum alone, on scores of a ridge that had not
seen the verdict, and only from ``min_random`` such verdicts on is a risk called a probability.
Before that it is an order: the log-odds are shifted until their mean probability is the prior rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import minimize

from fraud_pipeline.core.threads import one_blas_thread
from fraud_pipeline.features.build import matrix
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.risk.interval import posterior
from fraud_pipeline.risk.labels import Labels, decided, labels_of
from fraud_pipeline.risk.model import CALIBRATED, ORDER, USUAL_RISK, Model, with_run
from fraud_pipeline.risk.ridge import Ridge, learn
from fraud_pipeline.risk.surprisal import Tails
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import RiskSettings

# Bands by place among the open claims: the share in high, and in high and middle together. An audit
# takes about a tenth; the second is what a longer look could take in. Conventions, not findings.
HIGH_BAND, MIDDLE_BAND = 0.10, 0.30
FOLDS = 5  # of enterprises, for scores that have not seen the verdict
_FEWEST_EITHER = 2  # improper and clean verdicts below which nothing is learned
# How far the line of the random stratum may lie from that of all verdicts: prior deviations of
# slope and intercept. Among tips and risk audits the level is their own, hence the wider second.
LINE_SPREAD = (0.1, 0.3)
_FIRST_DAY_SPREAD = (0.24, 0.38)  # lines of single simulated programmes, widened
_CHUNK = 200_000

_REPEATS = "T28"
_USUAL_SHARE = 0.99  # of the payments without a grave hit; an assumption


def fitted(
    model: Model, features: pa.Table, rules: pa.Table, tables: Tables, settings: RiskSettings
) -> Model:
    """``model`` with what the claims and verdicts known on this day add. Deterministic.

    ``features`` are those of all known claims, ``rules`` how often each rule hit.
    """
    return fitted_with_log_odds(model, features, rules, tables, settings)[0]


def fitted_with_log_odds(
    model: Model, features: pa.Table, rules: pa.Table, tables: Tables, settings: RiskSettings
) -> tuple[Model, np.ndarray]:
    """:func:`fitted`, and (n,) the log-odds by it of the claims without a verdict.

    The log-odds are in the order of ``features``. They cost as much as the rest of a fit, and
    :func:`fraud_pipeline.risk.score` needs them again.
    """
    tails, labels = Tails.of(features, rules), labels_of(features, tables)
    taught = taught_by(model, tails, labels, settings)
    open_rows = features.filter(pc.invert(pc.is_in(features["claim_id"], decided(tables))))
    log_odds = _log_odds(taught, open_rows)
    run = {
        **taught.run,
        "lost_share": lost_share(tables),
        "bands": _bands(log_odds),
        "rank_by": settings.rank_by,
    }
    if taught.kind == ORDER:
        run["line"] = [1.0, _shift_to(log_odds, settings.prior_rate)]
    if len(log_odds) and _of_plain_payments(rules):
        usual = np.array([_usual_of_payments(log_odds, open_rows)])
        run[USUAL_RISK] = float(with_run(model, run).probability(usual)[0])
    return with_run(model, run), log_odds


def _of_plain_payments(rules: pa.Table) -> bool:
    """Whether most claims are payments whose pack asks for repeats (rule T28).

    Their amounts differ by a factor of millions, so that the loss at the usual risk would rank
    the largest payments whatever speaks against them.
    """
    rows = [row for row in rules.to_pylist() if row["rule_code"] == _REPEATS]
    n_judged = sum(row["n_hit"] + row["n_pass"] for row in rows)
    return n_judged > sum(row["n_not_applicable"] + row["n_error"] for row in rows)


def _usual_of_payments(log_odds: np.ndarray, rows: pa.Table) -> float:
    """Log-odds that nearly all payments stay below against which no grave rule speaks.

    A hit has to exceed it too. What is merely unusual there (a new payee, the first weeks of a
    list) is no lead of its own (``risk.score``).
    """
    hits = pc.add(pc.fill_null(rows["hard_hits"], 0), pc.fill_null(rows["strong_hits"], 0))
    unhit = log_odds[pc.equal(hits, 0).to_numpy(zero_copy_only=False)]
    if not len(unhit):
        return float(np.median(log_odds))
    return float(max(np.median(log_odds), np.quantile(unhit, _USUAL_SHARE)))


def taught_by(model: Model, tails: Tails, labels: Labels, settings: RiskSettings) -> Model:
    """``model`` with surprisals and what the verdicts teach; of an order the level is left open."""
    run = first_day(model, tails)
    learning = Learning(with_run(model, run), labels)
    if learning.possible:
        run |= learning.weights()
        if enough_random(labels, settings):
            run |= learning.line()
    return with_run(model, run)


class Learning:
    """The ridge of all verdicts, and the line of those that chance chose."""

    def __init__(self, model: Model, labels: Labels):
        """``model`` has the surprisals of the run and the weights of the first day."""
        self._labels, self._first = labels, model.first_weights
        self._u = model.evidence(labels.x, labels.programme)
        self._offset = model.layered(labels.x)
        improper = int(labels.improper.sum())
        self.possible = min(improper, len(labels) - improper) >= _FEWEST_EITHER

    @cached_property
    def _ridge(self) -> Ridge:
        return self._learned(np.ones(len(self._labels), bool))

    def _learned(
        self, rows: np.ndarray, scatters: Sequence[tuple[float, float]] | None = None
    ) -> Ridge:
        return learn(self._u[rows], self._labels.improper[rows], np.ones(int(rows.sum())),
                     self._offset[rows], self._first, scatters)  # fmt: skip

    def weights(self) -> dict[str, Any]:
        ridge, labels = self._ridge, self._labels
        return {
            "base": ridge.level, "weights": weights_by_feature(ridge.weights),
            "learned_from": {
                "verdicts": len(labels), "improper": int(labels.improper.sum()),
                "random": int(labels.random.sum()), "strength": ridge.strength,
                "slope": round(ridge.slope, 6),
            },
        }  # fmt: skip

    @one_blas_thread
    def line(self) -> dict[str, Any]:
        """The line and its covariance, and the highest probability that can be borne out."""
        at_random = self._labels.random
        unseen, y = self.unseen()[at_random], self._labels.improper[at_random]
        spread = np.array(LINE_SPREAD)
        slope, intercept = _line(unseen, y, np.array([1.0, 0.0]), spread)
        fitted = 1 / (1 + np.exp(-(slope * unseen + intercept)))
        covariance = posterior(unseen, fitted, np.ones(len(y)), np.diag(spread**2))
        improper = float(self._labels.improper.sum())
        return {
            "kind": CALIBRATED, "line": [round(slope, 6), round(intercept, 6)],
            "covariance": np.round(covariance, 9).tolist(),
            "ceiling": round((improper + 1) / (improper + 2), 6),
        }  # fmt: skip

    @one_blas_thread
    def unseen(self) -> np.ndarray:
        """(m,) log-odds of each verdict's claim by a ridge without its enterprise's verdicts."""
        log_odds = np.zeros(len(self._labels))
        for k in range(FOLDS):
            out = self._labels.enterprise % FOLDS == k
            if out.any() and len(np.unique(self._labels.improper[~out])) == 2:
                ridge = self._learned(~out, self._ridge.scatters)
                log_odds[out] = ridge.log_odds(self._u[out], self._offset[out])
            else:
                log_odds[out] = self._ridge.log_odds(self._u[out], self._offset[out])
        return log_odds


def enough_random(labels: Labels, settings: RiskSettings) -> bool:
    """Whether chance chose enough verdicts, with anything found, to speak of probabilities."""
    return bool(labels.random.sum() >= settings.min_random and labels.improper[labels.random].any())


def lost_share(tables: Tables) -> float:
    """The share of the claimed money that audits disallowed where they found something; 1 if unknown."""
    outcomes = tables["outcomes"]
    rows = outcomes.filter(pc.and_(
        pc.is_in(outcomes["verdict"], pa.array(["fraud", "irregular"])),
        pc.is_valid(outcomes["disallowed_amount"]),
    ))  # fmt: skip
    claims = tables["claims"]
    at = pc.index_in(rows["claim_id"], value_set=claims["claim_id"].combine_chunks())
    claimed = claims["claimed_amount"].take(at.drop_null()).cast(pa.float64())
    lost = rows["disallowed_amount"].filter(pc.is_valid(at)).cast(pa.float64())
    total = pc.sum(claimed).as_py() or 0.0
    if total <= 0:
        return 1.0
    return round(min(1.0, max(0.0, pc.sum(lost).as_py() / total)), 6) or 1.0


def weights_by_feature(weights: np.ndarray) -> dict[str, float]:
    """Feature to weight, those of zero left out."""
    return {n: float(w) for n, w in zip(FEATURE_NAMES, weights, strict=True) if w}


def first_day(model: Model, tails: Tails) -> dict[str, Any]:
    """The run's part of a model before any verdict."""
    return {
        "kind": ORDER, "base": 0.0, "weights": weights_by_feature(model.first_weights), "tails": tails.as_tree(),
        "line": [1.0, 0.0], "covariance": np.diag(np.square(_FIRST_DAY_SPREAD)).tolist(),
        "ceiling": 0.99, "bands": [0.0, 0.0], "lost_share": 1.0, "learned_from": None,
    }  # fmt: skip


def _log_odds(model: Model, rows: pa.Table) -> np.ndarray:
    parts = [rows.slice(k, _CHUNK) for k in range(0, rows.num_rows, _CHUNK)]
    return np.concatenate(
        [np.zeros(0), *(model.log_odds(matrix(p), programmes_of(p)) for p in parts)]
    )


def programmes_of(features: pa.Table) -> np.ndarray:
    """(n,) the programme of each row of features."""
    programmes: np.ndarray = pc.fill_null(features["programme"], "").to_numpy(zero_copy_only=False)
    return programmes


def _shift_to(log_odds: np.ndarray, rate: float) -> float:
    """What must be added for the mean probability to be ``rate``."""
    if len(log_odds) == 0:
        return 0.0
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        if np.mean(1 / (1 + np.exp(-(log_odds + middle)))) < rate:
            low = middle
        else:
            high = middle
    return round((low + high) / 2, 6)


def _bands(log_odds: np.ndarray) -> list[float]:
    """Scores from which the bands high and middle begin."""
    if len(log_odds) == 0:
        return [0.0, 0.0]
    cuts = np.quantile(log_odds, [1 - HIGH_BAND, 1 - MIDDLE_BAND], method="higher")
    return [round(float(c), 9) for c in cuts]


def _line(
    z: np.ndarray, y: np.ndarray, centre: np.ndarray, spread: np.ndarray
) -> tuple[float, float]:
    """Slope and intercept of most posterior probability; the slope stays above zero."""

    def cost(p: np.ndarray) -> tuple[float, np.ndarray]:
        q, apart = p[0] * z + p[1], (p - centre) / spread
        error = 1 / (1 + np.exp(-q)) - y
        loss = (np.logaddexp(0.0, q) - y * q).sum() + apart @ apart / 2
        return float(loss), np.array([error @ z, error.sum()]) + apart / spread

    best = minimize(cost, centre, jac=True, bounds=[(0.05, None), (None, None)], method="L-BFGS-B")
    return float(best.x[0]), float(best.x[1])
