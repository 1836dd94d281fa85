"""Models as data: documented evidence weights, and boosted trees laid on top of them.

A score is a sum in log-odds: what the documented weights say, plus what each layer of
trees adds to it. Each layer was fitted with everything below it as its starting point, so
it holds only what the layers below do not know. A stored line turns log-odds into a
calibrated probability (Platt 1999). Contributions add up exactly: by construction for the
weights, by exact TreeSHAP for the trees (Lundberg et al. 2020).
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
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.risk.shapley import Leaves, leaves_of


@dataclass(frozen=True)
class Layer:
    """Trees whose raw output, times ``share``, is added to the log-odds."""

    name: str
    share: float
    booster: lgb.Booster

    @cached_property
    def columns(self) -> list[int]:
        """Where the features its trees know stand in the catalogue."""
        return [FEATURE_NAMES.index(name) for name in self.booster.feature_name()]

    @cached_property
    def _leaves(self) -> Leaves | None:
        return leaves_of(self.booster)

    def contributions(self, seen: np.ndarray) -> tuple[float, np.ndarray]:
        """The trees' base and (n, columns) contributions to their raw score, by exact TreeSHAP."""
        if self._leaves is not None:
            return self._leaves.base, self._leaves.contributions(seen)
        shares = self.booster.predict(seen, pred_contrib=True, num_threads=2)
        return float(shares[0, -1]), shares[:, :-1]


@dataclass(frozen=True)
class Model:
    """A named model; ``files`` are all it consists of, text by name.

    features.json     the features it was made for, in order; those the catalogue has gained since
                      say nothing in this model
    weights.json      base and terms of the documented evidence
    layers.json       list of {"name", "share"}, lowest first; trees in <name>.txt
    calibration.json  slope and intercept of the line from log-odds to probability
    """

    name: str
    files: Mapping[str, str]

    def __post_init__(self) -> None:
        named = tuple(json.loads(self.files["features.json"]))
        if named != tuple(n for n in FEATURE_NAMES if n in set(named)):
            odd = sorted(set(named) - set(FEATURE_NAMES)) or ["their order"]
            raise IntegrityError(
                f"model {self.name} was made for other features: {', '.join(odd[:5])}"
            )

    @cached_property
    def sha256(self) -> str:
        parts = json.dumps(sorted(self.files.items())).encode()
        return hashlib.sha256(parts).hexdigest()

    @cached_property
    def knows(self) -> frozenset[str]:
        """Features that can move a score of this model: weighed, or split on by a tree."""
        split = {
            name
            for layer in self.layers
            for name, n in zip(layer.booster.feature_name(),
                               layer.booster.feature_importance("split"), strict=True)
            if n > 0
        }  # fmt: skip
        return frozenset(split | {term["feature"] for term in self._weights["terms"]})

    @property
    def learned(self) -> bool:
        """Whether outcomes of this workspace went into it."""
        return any(layer.name == LOCAL for layer in self.layers)

    def log_odds(self, matrix: np.ndarray) -> np.ndarray:
        """(n,) log-odds of (n, k) features."""
        base, parts = self._weigh(matrix)
        total: np.ndarray = base + parts.sum(axis=1)
        for layer in self.layers:
            seen = matrix[:, layer.columns]
            total += layer.share * layer.booster.predict(seen, raw_score=True, num_threads=2)
        return total

    def contributions(self, matrix: np.ndarray) -> tuple[float, np.ndarray]:
        """The base and (n, k) contributions; base + row sum = log-odds of the row."""
        base, parts = self._weigh(matrix)
        if len(matrix) == 0:
            return base, parts
        for layer in self.layers:
            seen = matrix[:, layer.columns]
            start, shares = layer.contributions(seen)
            base += layer.share * start
            parts[:, layer.columns] += layer.share * shares
        return base, parts

    def probability(self, log_odds: np.ndarray) -> np.ndarray:
        """(n,) calibrated probability that an audit finds something improper."""
        return 1.0 / (1.0 + np.exp(-self.calibrated(log_odds)))

    def calibrated(self, log_odds: np.ndarray) -> np.ndarray:
        """(n,) log-odds of the calibrated probability."""
        calibrated: np.ndarray = self.line[0] * log_odds + self.line[1]
        return calibrated

    @cached_property
    def line(self) -> tuple[float, float]:
        """Slope and intercept of the calibration."""
        line = json.loads(self.files["calibration.json"])
        return float(line["slope"]), float(line["intercept"])

    @cached_property
    def line_covariance(self) -> np.ndarray:
        """(2, 2) of slope and intercept: what verdicts left uncertain, else the first day's."""
        line = json.loads(self.files["calibration.json"])
        return np.array(line.get("covariance", FIRST_DAY_COVARIANCE), dtype=float)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        return tuple(
            Layer(row["name"], float(row["share"]),
                  lgb.Booster(model_str=self.files[f"{row['name']}.txt"]))
            for row in json.loads(self.files.get("layers.json", "[]"))
        )  # fmt: skip

    @cached_property
    def _weights(self) -> dict[str, Any]:
        return dict(json.loads(self.files["weights.json"]))

    def _weigh(self, matrix: np.ndarray) -> tuple[float, np.ndarray]:
        parts = np.zeros(matrix.shape)
        for term in self._weights["terms"]:
            at = FEATURE_NAMES.index(term["feature"])
            parts[:, at] += term["weight"] * shaped(matrix[:, at], term["from"], term["to"])
        return float(self._weights["base"]), parts


# Lines fitted to single held-out simulated programmes scatter about the shipped one by 0.16 in the
# slope and 0.31 in the intercept, correlation 0.7 (`python -m benchmarks._train_base --scatter`). Here
# stand 0.24, 0.38 and 0.8, of the base before it: real programmes differ by more than simulated ones.
FIRST_DAY_COVARIANCE = ((0.0576, 0.073), (0.073, 0.1444))

LOCAL = "local"  # the layer learned from a workspace's own outcomes


def with_layer(below: Model, name: str, booster: lgb.Booster, share: float) -> dict[str, str]:
    """The files of ``below`` with one more layer on top."""
    layers = [*json.loads(below.files.get("layers.json", "[]")), {"name": name, "share": share}]
    return {
        **below.files,
        "features.json": json.dumps(FEATURE_NAMES),
        "layers.json": json.dumps(layers, sort_keys=True),
        f"{name}.txt": booster.model_to_string(),
    }


def shaped(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 at ``start``, 1 at ``end``, straight between and flat outside; unknown says nothing."""
    return np.nan_to_num(np.clip((values - start) / (end - start), 0.0, 1.0), nan=0.0)
