"""How a feature's value, its peers' value and its weight are said in two languages."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.features.catalogue import Feature
from fraud_pipeline.vocabulary.features import FEATURE_GROUPS
from fraud_pipeline.vocabulary.risk import BANDS
from fraud_pipeline.vocabulary.term import Term, label

UNKNOWN = Term("未知", "unknown")


def percent(probability: float, digits: int = 0) -> str:
    """A probability in per cent; never 100 %, which no evidence bears out."""
    most = 1 - 10.0 ** -(digits + 2)
    return f"{min(probability, most):.{digits}%}"


def likely(claim: Mapping[str, Any], language: str) -> str:
    """What a claim's risk may be called: a probability with its interval, or a band.

    ``claim`` is a row of RANKED_CLAIMS; runs of earlier versions have no kind and no band, and
    their risk counts as a probability, as it was published.
    """
    if claim.get("risk_kind") == "order":
        band = label(BANDS, claim["band"], language)
        return {
            "zh": f"风险档“{band}”（尚无足够的随机抽查结论，不给出概率）",
            "en": f"band {band} (too few verdicts chosen by chance to state a probability)",
        }[language]
    text = percent(claim["risk"], 1)
    if claim.get("risk_low") is not None:
        text += f" [{percent(claim['risk_low'])}–{percent(claim['risk_high'])}]"
    return {"zh": f"核查发现问题的概率 {text}",
            "en": f"probability that an audit finds something {text}"}[language]  # fmt: skip


def amount(feature: Feature, value: float | None, unknown: str) -> str:
    """A value as people write it; ``unknown`` where there is none: it is never shown as zero."""
    if value is None or math.isnan(value):
        return unknown
    if feature.unit == "share":
        return f"{value:.0%}"
    if feature.unit in ("count", "days", "flag"):
        return f"{value:,.0f}"
    return f"{value:,.2f}"


def plain(
    feature: Feature, values: pa.Array, peer: float | None, weight: np.ndarray
) -> tuple[pa.Array, pa.Array]:
    """What the feature is, beside its peers, and which way it moves each claim: (zh, en)."""
    zh = _joined(f"{feature.zh} ", _amounts(feature, values, UNKNOWN.zh),
                 f"（全体中位 {amount(feature, peer, UNKNOWN.zh)}），", direction_zh(weight))  # fmt: skip
    en = _joined(f"{feature.en}: ", _amounts(feature, values, UNKNOWN.en),
                 f" (median of all {amount(feature, peer, UNKNOWN.en)}), ", direction_en(weight))  # fmt: skip
    return zh, en


def cited(quoted: tuple[pa.Array, pa.Array], weight: np.ndarray) -> tuple[pa.Array, pa.Array]:
    """Sentences made elsewhere (a rule's, a price's, a ring's), with what they weigh."""
    zh = _joined(quoted[0], "（", direction_zh(weight), "）")
    return zh, _joined(quoted[1], " (", direction_en(weight), ")")


def rest(group: str, weight: np.ndarray) -> tuple[pa.Array, pa.Array]:
    return (
        _joined(f"其余{FEATURE_GROUPS[group].zh}因素合计，", direction_zh(weight)),
        _joined(f"all other {FEATURE_GROUPS[group].en} factors together, ", direction_en(weight)),
    )


def base(weight: np.ndarray) -> tuple[pa.Array, pa.Array]:
    return (
        _joined("起点：没有任何证据时的分值 ", _signed(weight)),
        _joined("starting point: the score without any evidence, ", _signed(weight)),
    )


def direction_zh(weight: np.ndarray) -> pa.Array:
    return _joined(pc.if_else(pa.array(weight > 0), "提高风险分 ", "降低风险分 "), _signed(weight))


def direction_en(weight: np.ndarray) -> pa.Array:
    way = pc.if_else(pa.array(weight > 0), "raises the risk, ", "lowers the risk, ")
    return _joined(way, _signed(weight))


def _signed(weight: np.ndarray) -> pa.Array:
    """Two decimals with sign; a text is made once for each figure it shows."""
    key = np.rint(weight * 100) + np.where(weight < 0, -0.25, 0.25)
    return _once(key, lambda k: f"{'-' if k < 0 else '+'}{abs(round(k)) / 100:.2f}")


def _amounts(feature: Feature, values: pa.Array, unknown: str) -> pa.Array:
    known = pc.fill_null(values.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)
    scale = 1.0 if feature.unit in ("count", "days", "flag") else 100.0
    return _once(np.rint(known * scale), lambda k: amount(feature, k / scale, unknown))


def _once(key: np.ndarray, render: Callable[[float], str]) -> pa.Array:
    """The texts of ``key``, each made once."""
    distinct, place = np.unique(key, return_inverse=True)
    texts = pa.array([render(float(k)) for k in distinct], pa.string())
    return texts.take(pa.array(place.reshape(-1)))


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
