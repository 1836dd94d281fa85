"""How unusual a value is among the claims of its programme on the day of the run, in nats.

The surprisal of a value is −ln of the share of claims whose value is at least as suspicious, ties
counted: 0 for what everybody has, ln n for what one claim of n has. A rule is a value like any
other, so one that hits a fifth of the claims says little whatever its severity. Unknown says
nothing. Values are compared within the programme; a programme the run has not seen is compared
with all claims of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES, flag_feature

ALL = ""  # the key of the tails over all programmes of a run
_STEP = 0.02  # nats; of values that differ by less only the lowest is kept

# Steps of one feature: ascending values in the direction of suspicion, and the nats from each on.
Steps = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Tails:
    """``steps[programme][feature]``; features without a direction have none."""

    steps: Mapping[str, Mapping[str, Steps]]

    @classmethod
    def of(cls, features: pa.Table, rules: pa.Table) -> Tails:
        """Of all claims in ``features``; ``rules`` says how many claims each rule could judge."""
        judged_shares = _judged_shares(rules)
        names = features["programme"]
        steps = {ALL: _steps_of(features, judged_shares)}
        present = sorted(n for n in pc.unique(names).to_pylist() if n is not None)
        if len(present) > 1:
            for name in present:
                steps[name] = _steps_of(features.filter(pc.equal(names, name)), judged_shares)
        return cls(steps)

    def nats(self, x: np.ndarray, programmes: np.ndarray | None = None) -> np.ndarray:
        """(n, k) surprisals of (n, k) features; ``programmes`` (n,) ids, None = one programme."""
        surprisals = np.zeros(x.shape)
        if programmes is None or len(self.steps) == 1:
            _fill(surprisals, x, slice(None), self.steps[ALL])
            return surprisals
        for name in np.unique(programmes.astype(str)):
            rows = np.flatnonzero(programmes == name)
            _fill(surprisals, x, rows, self.steps.get(str(name), self.steps[ALL]))
        return surprisals

    def as_tree(self) -> dict[str, dict[str, list[list[float]]]]:
        return {
            programme: {name: [v.tolist(), s.tolist()] for name, (v, s) in sorted(by.items())}
            for programme, by in sorted(self.steps.items())
        }

    @classmethod
    def from_tree(cls, tree: Mapping[str, Mapping[str, list[list[float]]]]) -> Tails:
        return cls({
            programme: {n: (np.array(v), np.array(s)) for n, (v, s) in by.items()}
            for programme, by in tree.items()
        })  # fmt: skip


def _fill(
    out: np.ndarray, x: np.ndarray, rows: np.ndarray | slice, steps: Mapping[str, Steps]
) -> None:
    for k, feature in enumerate(FEATURES):
        if feature.name not in steps:
            continue
        values, nats = steps[feature.name]
        column = feature.direction * x[rows, k]
        at = np.searchsorted(values, column, side="right") - 1
        known = np.isfinite(column) & (at >= 0)
        out[rows, k] = np.where(known, nats[np.maximum(at, 0)], 0.0)


def _steps_of(features: pa.Table, judged_shares: Mapping[str, float]) -> dict[str, Steps]:
    steps = {}
    for feature in FEATURES:
        if feature.direction == 0:
            continue
        column = pc.fill_null(features[feature.name], np.nan).to_numpy()
        values = np.sort(feature.direction * column[np.isfinite(column)])
        if len(values):
            share = judged_shares.get(feature.name, 1.0)
            steps[feature.name] = _thinned(*_steps(values, share))
    return steps


def _steps(ordered: np.ndarray, judged_share: float) -> Steps:
    """Every distinct value with −ln of the share at least as high; ``judged``: see below."""
    values, first = np.unique(ordered, return_index=True)
    n = len(ordered)
    share = (n - first) / n
    # a rule's column has 0 where it could not judge: those claims are no peers
    share[1:] = np.minimum(share[1:] / max(judged_share, 1.0 / n), 1.0)
    return values, -np.log(share)


def _thinned(values: np.ndarray, nats: np.ndarray) -> Steps:
    """Fewer steps: a value between two kept ones counts as the lower, never as rarer than it is."""
    kept_rows = np.unique(np.floor(nats / _STEP), return_index=True)[1]
    return values[kept_rows] + 0.0, nats[kept_rows] + 0.0


def _judged_shares(rules: pa.Table) -> dict[str, float]:
    """Feature of a rule to the share of claims the rule could judge."""
    shares = {}
    for rule in rules.select(
        ["rule_code", "n_hit", "n_pass", "n_not_applicable", "n_error"]
    ).to_pylist():
        n_judged = rule["n_hit"] + rule["n_pass"]
        n = n_judged + rule["n_not_applicable"] + rule["n_error"]
        name = flag_feature(rule["rule_code"])
        if name in FEATURE_NAMES and n:
            shares[name] = n_judged / n
    return shares
