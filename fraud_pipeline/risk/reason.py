"""The main reason of a lead in one sentence: what to look at first."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.vocabulary.reason_words import IN_A_RING, PRICE_TIMES, UNUSUAL

_FAINT_RING = 0.3  # a ring of a lower score does not come first


def first_reasons(
    ids: pa.ChunkedArray, x: np.ndarray, groups: Mapping[str, np.ndarray], rules: pa.Table,
    rule_results: pa.Table,
) -> dict[str, pa.Array]:  # fmt: skip
    """By language (``zh``, ``en``), the first thing to look at: the gravest rule, else ring, price, behaviour.

    ``x`` float64 (n, features), ``groups`` the scores of each kind of evidence (:func:`fraud_pipeline.risk.score.group_scores`).
    """
    by_ring = pa.array(groups["ring"] > np.maximum(groups["rule"], _FAINT_RING))
    by_price = pa.array(groups["price"] > np.maximum(groups["rule"], groups["ring"]))
    titles = _gravest_rule(ids, rules, rule_results)
    times = np.exp(x[:, FEATURE_NAMES.index("price_log_ratio")])
    reasons = {}
    for language in ("zh", "en"):
        reason = pc.if_else(by_ring, getattr(IN_A_RING, language), titles[f"title_{language}"])
        reason = pc.if_else(by_price, _price_sentences(times, language), reason)
        reasons[language] = pc.fill_null(reason, getattr(UNUSUAL, language))
    return reasons


def _price_sentences(times: np.ndarray, language: str) -> pa.Array:
    """The sentence of each price, null where it is unknown; each different figure is worded once."""
    figures, of = np.unique(np.round(times, 2), return_inverse=True)
    words = [
        None if math.isnan(figure) else getattr(PRICE_TIMES, language).format(times=f"{figure:.2f}")
        for figure in figures.tolist()
    ]
    return pa.array(words, pa.string()).take(pa.array(of))


def _gravest_rule(ids: pa.ChunkedArray, rules: pa.Table, rule_results: pa.Table) -> pa.Table:
    """title_zh, title_en: title and sentence of the gravest rule that hit each claim, else null."""
    hits = rule_results.filter(pc.equal(rule_results["outcome"], "hit")).select(
        ["claim_id", "rule_code", "sentence_zh", "sentence_en"]
    )
    grave = pa.table({"severity": ["hard", "strong", "weak"], "grave": [0, 1, 2]})
    titled_hits = hits.join(
        rules.select(["rule_code", "severity", "title_zh", "title_en"]), "rule_code"
    )
    titled_hits = titled_hits.join(grave, "severity", join_type="inner")
    titled_hits = titled_hits.sort_by(
        [("claim_id", "ascending"), ("grave", "ascending"), ("rule_code", "ascending")]
    )
    first = pc.index_in(ids, value_set=titled_hits["claim_id"].combine_chunks())
    gravest = titled_hits.take(first).combine_chunks()
    return pa.table({
        f"title_{language}": _reason(gravest[f"title_{language}"], gravest[f"sentence_{language}"], colon)
        for language, colon in (("zh", "："), ("en", ": "))
    })  # fmt: skip


def _reason(titles: pa.ChunkedArray, sentences: pa.ChunkedArray, colon: str) -> pa.ChunkedArray:
    """Title and sentence in one; the title alone where there is no sentence."""
    return pc.coalesce(pc.binary_join_element_wise(titles, sentences, colon), titles)
