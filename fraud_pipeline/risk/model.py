"""Models as data: weights of evidence, trees laid on top of them, and what one run learned.

A score is a sum in log-odds: a base, a weight times the evidence of each feature, and what each
layer of trees adds. The evidence of a feature is its surprisal in the programme on the day of the
run (:mod:`fraud_pipeline.risk.surprisal`) beyond a stated number of nats, so a model as it ships
cannot score yet: :func:`fraud_pipeline.risk.fitted` adds the surprisals of a run, the weights its
verdicts teach and the line from log-odds to probability, all as the text ``run.json``.
Contributions add up exactly: by construction for the weights, by exact TreeSHAP for the trees
(Lundberg et al. 2020).
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
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.shapley import Leaves, leaves_of
from fraud_pipeline.risk.surprisal import Tails

LOCAL = "local"  # the layer learned from a workspace's own outcomes
RUN = "run.json"
USUAL_RISK = "usual_risk"  # of a run: what a payment's risk has to exceed to count as a loss
ORDER, CALIBRATED = "order", "calibrated"  # kinds of risk
BANDS = ("high", "middle", "low")


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

    def contributions(self, columns: np.ndarray) -> tuple[float, np.ndarray]:
        """The trees' base and (n, columns) contributions to their raw score, by exact TreeSHAP."""
        if self._leaves is not None:
            return self._leaves.base, self._leaves.contributions(columns)
        shares = self.booster.predict(columns, pred_contrib=True, num_threads=2)
        return float(shares[0, -1]), shares[:, :-1]


@dataclass(frozen=True)
class Model:
    """A named model; ``files`` are all it consists of, text by name.

    features.json   the features it was made for, in order
    evidence.json   {"beyond": nats, "weights": {feature: weight per nat}, "common": weight per nat of
                    features that the catalogue has gained since} of the first day; without "common" it
                    is the mean weight of the flags that have one
    layers.json     list of {"name", "share"}, lowest first; trees in <name>.txt; may be absent
    run.json        what a run added (``with_run``); absent in a model on disk
    """

    name: str
    files: Mapping[str, str]

    def __post_init__(self) -> None:
        if "evidence.json" not in self.files:
            raise IntegrityError(
                f"model {self.name} is of an earlier version and cannot score any more: "
                "`fraud-pipeline model use evidence-2`, then train again"
            )
        made_for = tuple(json.loads(self.files["features.json"]))
        if made_for != tuple(n for n in FEATURE_NAMES if n in set(made_for)):
            odd = sorted(set(made_for) - set(FEATURE_NAMES)) or ["their order"]
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
        return frozenset(split | {FEATURE_NAMES[k] for k in np.flatnonzero(self.weights)})

    @property
    def learned(self) -> bool:
        """Whether ``train`` laid a layer of this workspace's outcomes on it."""
        return any(layer.name == LOCAL for layer in self.layers)

    # --- what was there on the first day

    @cached_property
    def first_weights(self) -> np.ndarray:
        """(k,) log-odds per nat of evidence before any verdict, in catalogue order."""
        evidence, made_for = (json.loads(self.files[n]) for n in ("evidence.json", "features.json"))
        gained = {f.name for f in FEATURES if f.direction} - set(made_for)
        weights = evidence["weights"]
        flags = [w for name, w in weights.items() if name.startswith("flag_") and w > 0]
        common = evidence.get("common", sum(flags) / len(flags) if flags else 0.0)
        return _in_order({**dict.fromkeys(gained, float(common)), **weights})

    @property
    def beyond(self) -> float:
        """Nats of surprisal that say nothing yet."""
        return float(json.loads(self.files["evidence.json"])["beyond"])

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        return tuple(
            Layer(row["name"], float(row["share"]),
                  lgb.Booster(model_str=self.files[f"{row['name']}.txt"]))
            for row in json.loads(self.files.get("layers.json", "[]"))
        )  # fmt: skip

    # --- what a run added

    @cached_property
    def run(self) -> dict[str, Any]:
        """The run's part. Raises IntegrityError in a model that was not fitted to a run."""
        if RUN not in self.files:
            raise IntegrityError(f"model {self.name} was not fitted to the claims of a run")
        return dict(json.loads(self.files[RUN]))

    @property
    def usual_risk(self) -> float:
        """The risk that says nothing, in runs of plain payments; elsewhere 0."""
        return float(self.run.get(USUAL_RISK, 0.0))

    @property
    def kind(self) -> str:
        """``calibrated`` or ``order``: whether its risk is a probability or only an order."""
        return str(self.run["kind"])

    @cached_property
    def weights(self) -> np.ndarray:
        """(k,) log-odds per nat of evidence, in catalogue order: the run's, else the first day's."""
        return _in_order(self.run["weights"]) if RUN in self.files else self.first_weights

    @cached_property
    def tails(self) -> Tails:
        return Tails.from_tree(self.run["tails"])

    @property
    def lost_share(self) -> float:
        """The share of the claimed money that is lost where something improper is found."""
        return float(self.run["lost_share"])

    @property
    def rank_by(self) -> str:
        """What the list is ordered by: ``expected_loss`` or ``risk``; runs of before knew only the first."""
        return str(self.run.get("rank_by", "expected_loss"))

    @cached_property
    def line(self) -> tuple[float, float]:
        """Slope and intercept of the line from log-odds to those of the probability."""
        slope, intercept = self.run["line"]
        return float(slope), float(intercept)

    @cached_property
    def line_covariance(self) -> np.ndarray:
        """(2, 2) of slope and intercept."""
        return np.array(self.run["covariance"], dtype=float)

    # --- scores

    def evidence(self, matrix: np.ndarray, programmes: np.ndarray | None = None) -> np.ndarray:
        """(n, k) nats beyond those that say nothing."""
        return np.maximum(self.tails.nats(matrix, programmes) - self.beyond, 0.0)

    def layered(self, matrix: np.ndarray) -> np.ndarray:
        """(n,) log-odds that the layers of trees add."""
        total = np.zeros(len(matrix))
        for layer in self.layers if len(matrix) else ():
            columns = matrix[:, layer.columns]
            total += layer.share * layer.booster.predict(columns, raw_score=True, num_threads=2)
        return total

    def log_odds(self, matrix: np.ndarray, programmes: np.ndarray | None = None) -> np.ndarray:
        """(n,) log-odds of (n, k) features; ``programmes`` (n,) ids, None = all of one."""
        total: np.ndarray = (
            self.evidence(matrix, programmes) * self.weights).sum(axis=1) + self.run["base"]  # fmt: skip
        return total + self.layered(matrix)

    def contributions(
        self, matrix: np.ndarray, programmes: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """The base and (n, k) contributions; base + row sum = log-odds of the row."""
        base, parts = float(self.run["base"]), self.evidence(matrix, programmes) * self.weights
        if len(matrix) == 0:
            return base, parts
        for layer in self.layers:
            columns = matrix[:, layer.columns]
            start, shares = layer.contributions(columns)
            base += layer.share * start
            parts[:, layer.columns] += layer.share * shares
        return base, parts

    def calibrated(self, log_odds: np.ndarray) -> np.ndarray:
        """(n,) log-odds of the probability."""
        calibrated: np.ndarray = self.line[0] * log_odds + self.line[1]
        return calibrated

    def probability(self, log_odds: np.ndarray) -> np.ndarray:
        """(n,) probability that an audit finds something improper; never beyond ``ceiling``."""
        return self.bounded(1.0 / (1.0 + np.exp(-self.calibrated(log_odds))))

    def bounded(self, probability: np.ndarray) -> np.ndarray:
        """No probability nearer to certainty than the verdicts bear out (rule of succession)."""
        return np.minimum(probability, float(self.run["ceiling"]))

    def band(self, log_odds: np.ndarray) -> np.ndarray:
        """(n,) of ``BANDS``, by where the score stands among the open claims of the run."""
        high, middle = self.run["bands"]
        bands: np.ndarray = np.select([log_odds >= high, log_odds >= middle], BANDS[:2], BANDS[2])
        return bands


def with_run(model: Model, run: Mapping[str, Any]) -> Model:
    """The model with what a run added, in place of what an earlier one did."""
    return Model(model.name, {**model.files, RUN: json.dumps(run, sort_keys=True)})


def with_layer(below: Model, name: str, booster: lgb.Booster, share: float) -> dict[str, str]:
    """The files of ``below``, without a run's part, with one more layer on top."""
    layers = [*json.loads(below.files.get("layers.json", "[]")), {"name": name, "share": share}]
    return {
        **{n: text for n, text in below.files.items() if n != RUN},
        "features.json": json.dumps(FEATURE_NAMES),
        "layers.json": json.dumps(layers, sort_keys=True),
        f"{name}.txt": booster.model_to_string(),
    }


def _in_order(weights: Mapping[str, float]) -> np.ndarray:
    return np.array([float(weights.get(name, 0.0)) for name in FEATURE_NAMES])
