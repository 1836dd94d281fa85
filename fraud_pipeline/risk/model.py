"""Models as data: documented evidence weights, or a LightGBM booster as text.

Both turn the feature matrix into log-odds that are an exact sum of contributions,
and log-odds into a calibrated probability by a stored line (Platt 1999).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.records.features import FEATURE_NAMES


@dataclass(frozen=True)
class Model:
    """A named model; ``files`` are all it consists of, text by name.

    evidence: features.json, weights.json, calibration.json
    booster:  features.json, booster.txt, calibration.json
    """

    name: str
    files: Mapping[str, str]

    def __post_init__(self) -> None:
        named = tuple(json.loads(self.files["features.json"]))
        if named != FEATURE_NAMES:
            odd = sorted(set(named) ^ set(FEATURE_NAMES)) or ["their order"]
            raise IntegrityError(
                f"model {self.name} was made for other features: {', '.join(odd[:5])}"
            )

    @cached_property
    def sha256(self) -> str:
        parts = json.dumps(sorted(self.files.items())).encode()
        return hashlib.sha256(parts).hexdigest()

    @property
    def learned(self) -> bool:
        """Whether it was trained on outcomes (else it weighs the evidence as documented)."""
        return "booster.txt" in self.files

    def log_odds(self, matrix: np.ndarray) -> np.ndarray:
        """(n,) log-odds of (n, k) features."""
        if self.learned:
            raw: np.ndarray = self._booster.predict(matrix, raw_score=True, num_threads=1)
            return raw
        base, parts = self.contributions(matrix)
        return base + parts.sum(axis=1)

    def contributions(self, matrix: np.ndarray) -> tuple[float, np.ndarray]:
        """The base and (n, k) contributions; base + row sum = log-odds of the row.

        For a booster these are exact Shapley values of its trees (Lundberg et al. 2020).
        """
        if not self.learned:
            return self._weigh(matrix)
        if len(matrix) == 0:
            return 0.0, np.zeros(matrix.shape)
        shares = self._booster.predict(matrix, pred_contrib=True, num_threads=1)
        return float(shares[0, -1]), shares[:, :-1]

    def probability(self, log_odds: np.ndarray) -> np.ndarray:
        """(n,) calibrated probability that an audit finds something improper."""
        line = json.loads(self.files["calibration.json"])
        return 1.0 / (1.0 + np.exp(-(line["slope"] * log_odds + line["intercept"])))

    @cached_property
    def _booster(self) -> lgb.Booster:
        return lgb.Booster(model_str=self.files["booster.txt"])

    @cached_property
    def _weights(self) -> dict[str, Any]:
        return dict(json.loads(self.files["weights.json"]))

    def _weigh(self, matrix: np.ndarray) -> tuple[float, np.ndarray]:
        parts = np.zeros(matrix.shape)
        for term in self._weights["terms"]:
            at = FEATURE_NAMES.index(term["feature"])
            parts[:, at] += term["weight"] * shaped(matrix[:, at], term["from"], term["to"])
        return float(self._weights["base"]), parts


def shaped(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 at ``start``, 1 at ``end``, straight between and flat outside; unknown says nothing."""
    return np.nan_to_num(np.clip((values - start) / (end - start), 0.0, 1.0), nan=0.0)
