"""Fits the shipped evidence model to simulated worlds: weights first, then the line.

    python -m benchmarks._calibrate

Development seeds 1-7 at camouflage 0 and 1. Every weight is pulled towards the one that
was reasoned (`reasoned` in weights.json) and cannot turn negative, so a world's accident
cannot overrule the meaning of a flag. The worlds' share of improper claims (about one in
eight) is an assumption; a bureau's own outcomes replace it once there are enough.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from fraud_pipeline.benchmark.case import Case, Tools, make_case
from fraud_pipeline.records.features import FEATURE_NAMES
from fraud_pipeline.risk.model import shaped
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import files, places
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs

SEEDS = range(1, 8)
N_CLAIMS = 1071
PULL = 0.002  # of squared distance from the reasoned weights, against mean log-loss


def main() -> None:
    folder = places.models() / "risk" / "evidence-1"
    weights = files.read_json(folder / "weights.json")
    tools = Tools(Settings(), load_packs(None), shipped_model())
    cases = [make_case("wuhan", N_CLAIMS, seed, level, tools) for seed in SEEDS for level in (0, 1)]
    y = np.concatenate([case.answer["improper"] for case in cases]).astype(float)
    worlds = [_features_of(case) for case in cases]
    x = np.column_stack([_column(worlds, t) for t in weights["terms"]])
    base, fitted = _fit(x, y, np.array([t["reasoned"] for t in weights["terms"]]))
    weights["base"] = round(base, 2)
    for term, weight in zip(weights["terms"], fitted, strict=True):
        term["weight"] = round(float(weight), 2)
    rounded = np.array([t["weight"] for t in weights["terms"]])
    line = LogisticRegression(C=1e6).fit((weights["base"] + x @ rounded)[:, None], y)
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    files.write_json(folder / "weights.json", weights)
    files.write_json(
        folder / "calibration.json", {"slope": round(slope, 3), "intercept": round(intercept, 3)}
    )
    files.write_json(folder / "features.json", list(FEATURE_NAMES))
    names = sorted(p.name for p in folder.iterdir() if p.name != "manifest.json")
    files.write_json(folder / "manifest.json", {n: files.sha256_of(folder / n) for n in names})
    print(f"base {weights['base']}, slope {slope:.3f}, intercept {intercept:.3f}")


def _features_of(case: Case) -> pd.DataFrame:
    """The features of the claims to be ranked, in the order of ``case.answer``."""
    features = case.evidence.features.to_pandas().set_index("claim_id")
    return features.loc[case.claims["claim_id"]]


def _column(worlds: list[pd.DataFrame], term: dict[str, Any]) -> np.ndarray:
    values = [w[term["feature"]].to_numpy(dtype=float) for w in worlds]
    return shaped(np.concatenate(values), term["from"], term["to"])


def _fit(x: np.ndarray, y: np.ndarray, reasoned: np.ndarray) -> tuple[float, np.ndarray]:
    def loss(p: np.ndarray) -> tuple[float, np.ndarray]:
        z = p[0] + x @ p[1:]
        off = 1 / (1 + np.exp(-z)) - y
        away = p[1:] - reasoned
        value = (np.logaddexp(0, z) - y * z).mean() + PULL * (away**2).sum()
        return value, np.r_[off.mean(), x.T @ off / len(y) + 2 * PULL * away]

    start = np.r_[-3.2, reasoned]
    bounds = [(None, None)] + [(0, None)] * len(reasoned)
    found = minimize(loss, start, jac=True, bounds=bounds)
    return float(found.x[0]), found.x[1:]


if __name__ == "__main__":
    main()
