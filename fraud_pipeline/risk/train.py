"""Learning from outcomes: few, late, and only where somebody looked.

Weights undo part of how claims were chosen: the square root of the inverse
inclusion probability, clipped, because full inverse weights are too noisy at
audit sample sizes. The last stretch in time is held back to fit the calibration.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.linear_model import LogisticRegression

from fraud_pipeline.records import Tables
from fraud_pipeline.records.features import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.features import matrix
from fraud_pipeline.risk.model import Model
from fraud_pipeline.settings import RiskSettings

MOST_WEIGHT = 40.0  # an inclusion probability below 1/40 counts as 1/40
HELD_BACK = 0.25  # the latest claims, for calibration


@dataclass(frozen=True)
class TrainingRefused:
    """Why nothing was learned; the documented evidence weights stay in use."""

    reason: str


@dataclass(frozen=True)
class _Labels:
    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    day: np.ndarray


def train(features: pa.Table, tables: Tables, settings: RiskSettings) -> Model | TrainingRefused:
    """A LightGBM model of the verdicts known, or the reason why there is none.

    Deterministic: one thread, fixed seeds, rows in order of claim id. Monotone
    where a feature's direction is law. Source of the objective: Ke et al. 2017.
    """
    labels = _labels(features, tables)
    positives = int(labels.y.sum())
    if len(labels.y) < settings.min_labels or positives < settings.min_positives:
        return TrainingRefused(
            f"{len(labels.y)} 条结论、{positives} 条有问题，少于 {settings.min_labels} 和 "
            f"{settings.min_positives} / {len(labels.y)} verdicts, {positives} improper; "
            f"{settings.min_labels} and {settings.min_positives} are needed"
        )
    cut = np.quantile(labels.day, 1 - HELD_BACK, method="lower")
    early, late = labels.day < cut, labels.day >= cut
    if len(np.unique(labels.y[early])) < 2 or len(np.unique(labels.y[late])) < 2:
        return TrainingRefused(
            "前后两段时间内结论单一，无法校准 / one kind of verdict only in one part of the period"
        )
    booster = _fit(labels, early, settings)
    line = _calibrate(booster.predict(labels.x[late], raw_score=True, num_threads=1), labels, late)
    files = {
        "features.json": json.dumps(FEATURE_NAMES),
        "booster.txt": booster.model_to_string(),
        "calibration.json": json.dumps(line, sort_keys=True),
        "card.md": _card(labels, positives, line),
    }
    unnamed = Model("learned", files)
    return Model(f"learned-{unnamed.sha256[:12]}", files)


def _labels(features: pa.Table, tables: Tables) -> _Labels:
    outcomes = tables["outcomes"].filter(
        pc.not_equal(tables["outcomes"]["verdict"], "undetermined")
    )
    outcomes = outcomes.sort_by([("claim_id", "ascending"), ("decided_on", "descending"),
                                 ("outcome_id", "ascending")])  # fmt: skip
    at = pc.index_in(features["claim_id"], value_set=outcomes["claim_id"].combine_chunks())
    known = pc.is_valid(at)
    last = outcomes.take(at.drop_null())  # the newest verdict of each claim: appeals come later
    claims = tables["claims"]
    when = claims.take(pc.index_in(last["claim_id"], value_set=claims["claim_id"].combine_chunks()))
    prob = pc.fill_null(last["inclusion_prob"], np.nan).to_numpy()
    usual = np.nanmedian(prob) if np.isfinite(prob).any() else 1.0
    prob = np.where(np.isnan(prob), usual, prob)  # legacy audits: as if of the usual rate
    return _Labels(
        matrix(features.filter(known)),
        pc.is_in(last["verdict"], pa.array(["fraud", "irregular"])).to_numpy().astype(np.int64),
        np.sqrt(np.minimum(1.0 / np.maximum(prob, 1e-9), MOST_WEIGHT)),
        when["submitted_on"].cast(pa.int32()).to_numpy(),
    )


def _fit(labels: _Labels, rows: np.ndarray, settings: RiskSettings) -> lgb.Booster:
    parameters = {
        "objective": "binary", "num_leaves": 15, "min_data_in_leaf": 10, "learning_rate": 0.05,
        "lambda_l2": 5.0, "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1,
        "seed": settings.seed, "deterministic": True, "force_row_wise": True, "num_threads": 1,
        "monotone_constraints": [f.direction for f in FEATURES], "verbosity": -1,
    }  # fmt: skip
    data = lgb.Dataset(labels.x[rows], labels.y[rows], weight=labels.weight[rows],
                       feature_name=list(FEATURE_NAMES), free_raw_data=False)  # fmt: skip
    return lgb.train(parameters, data, num_boost_round=settings.rounds)


def _calibrate(raw: np.ndarray, labels: _Labels, rows: np.ndarray) -> dict[str, float]:
    line = LogisticRegression(C=10.0).fit(
        raw[:, None], labels.y[rows], sample_weight=labels.weight[rows]
    )
    # a falling line would turn the ranking round; then only the level is kept
    return {"slope": max(float(line.coef_[0, 0]), 0.05), "intercept": float(line.intercept_[0])}


def _card(labels: _Labels, positives: int, line: dict[str, float]) -> str:
    return (
        "# Learned risk model\n\n"
        f"- verdicts: {len(labels.y)}, of them improper: {positives}\n"
        f"- features: {len(FEATURE_NAMES)}; monotone where a direction is law\n"
        f"- calibration on the latest quarter: slope {line['slope']:.3f}, "
        f"intercept {line['intercept']:.3f}\n"
        "- weights: square root of the inverse inclusion probability, at most sqrt(40)\n"
        "- limits: verdicts exist only where somebody looked\n"
    )
