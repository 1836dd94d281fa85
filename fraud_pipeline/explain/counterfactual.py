"""What would have to be different for a claim to leave the list, in words."""

from __future__ import annotations

import math
from collections import defaultdict
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.explain.words import percent
from fraud_pipeline.vocabulary.features import FEATURE_GROUPS
from fraud_pipeline.vocabulary.risk import BANDS


class Calibration(Protocol):
    """What is asked of a fitted model (:class:`fraud_pipeline.risk.Model`)."""

    @property
    def kind(self) -> str: ...
    def probability(self, log_odds: np.ndarray) -> np.ndarray: ...
    def band(self, log_odds: np.ndarray) -> np.ndarray: ...


def counterfactuals(
    reasons: pa.Table, ranked: pa.Table, last_loss: Decimal, model: Calibration
) -> list[tuple[str, str]]:
    """Sentences (Chinese, English) on one claim, holding everything else fixed.

    ``reasons`` are its EXPLANATIONS, ``ranked`` its row of RANKED_CLAIMS, ``last_loss`` the
    expected loss (yuan) of the last claim on the list, ``model`` the one fitted to the run. A
    kind of evidence is taken away by leaving its contributions out, which is exact because
    they add up. Where the risk is an order only, bands are named and no probability.
    """
    claim = ranked.to_pylist()[0]
    loss, amount = claim["expected_loss"], claim["claimed_amount"]
    if loss < last_loss or loss <= 0:
        return [(f"不在名单内：涉险 {loss:,} 元，名单最后一件 {last_loss:,} 元",
                 f"Not on the list: {loss:,} yuan at risk, the last one listed has {last_loss:,}")]  # fmt: skip
    below = (amount * last_loss / loss).quantize(Decimal(1), rounding=ROUND_DOWN)
    sentences = [(f"其他不变，申请金额低于 {below:,} 元即不在名单内",
             f"All else equal, below {below:,} yuan claimed it would not be on the list")]  # fmt: skip
    weights: dict[str, float] = defaultdict(float)
    for row in reasons.to_pylist():
        if row["group"] is not None:
            weights[row["group"]] += row["contribution"]
    for group, weight in sorted(weights.items(), key=lambda item: -item[1]):
        if weight > 0:
            sentences += _without(group, weight, claim, last_loss, model)
    return sentences


def what_ifs(
    reasons: pa.Table, ranked: pa.Table, claim_ids: list[str], top_share: float, model: Calibration
) -> dict[str, list[tuple[str, str]]]:
    """:func:`counterfactuals` of several claims against the last one of the list's first part."""
    if ranked.num_rows == 0:
        return {}
    top = math.ceil(top_share * ranked.num_rows)
    last = ranked.filter(pc.equal(ranked["rank"], top))["expected_loss"][0].as_py()
    return {
        claim: counterfactuals(
            reasons.filter(pc.equal(reasons["claim_id"], claim)),
            ranked.filter(pc.equal(ranked["claim_id"], claim)), last, model,
        )
        for claim in claim_ids
    }  # fmt: skip


def _without(
    group: str, weight: float, claim: dict[str, object], last_loss: Decimal, model: Calibration
) -> list[tuple[str, str]]:
    """One sentence; none where what a reader sees would stay as it is."""
    log_odds, risk, loss = (float(str(claim[k])) for k in ("log_odds", "risk", "expected_loss"))
    lower = np.array([log_odds - weight])
    left, band = float(model.probability(lower)[0]), str(model.band(lower)[0])
    stays = loss * left / risk >= float(last_loss)
    zh, en = (
        ("仍在名单内", "it would stay") if stays else ("即不在名单内", "it would leave the list")
    )
    calibrated = model.kind == "calibrated"
    same = percent(risk) == percent(left) if calibrated else band == claim["band"]
    if stays and same:
        return []
    if calibrated:
        return [(
            f"没有{FEATURE_GROUPS[group].zh}方面的依据，概率由 {percent(risk)} 降为 {percent(left)}，{zh}",
            f"Without the evidence of {FEATURE_GROUPS[group].en} the probability falls from {percent(risk)} "
            f"to {percent(left)}: {en}",
        )]  # fmt: skip
    return [(
        f"没有{FEATURE_GROUPS[group].zh}方面的依据，风险档为“{BANDS[band].zh}”，{zh}",
        f"Without the evidence of {FEATURE_GROUPS[group].en} its band would be {BANDS[band].en}: {en}",
    )]  # fmt: skip
