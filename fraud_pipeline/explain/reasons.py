"""Contributions to reasons: every row adds up to the score, the weightiest first."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.explain import words
from fraud_pipeline.records import RingSet
from fraud_pipeline.records.features import FEATURES
from fraud_pipeline.records.outputs import EXPLANATIONS
from fraud_pipeline.settings import ExplainSettings
from fraud_pipeline.sql import query

_GROUPS = tuple(dict.fromkeys(f.group for f in FEATURES))

_HITS = """
SELECT r.claim_id, k.severity,
       string_agg(r.sentence_zh, '；' ORDER BY r.rule_code) AS zh,
       string_agg(r.sentence_en, '; ' ORDER BY r.rule_code) AS en
FROM rule_results r JOIN rules k USING (rule_code) JOIN wanted w ON w.claim_id = r.claim_id
WHERE r.outcome = 'hit' GROUP BY 1, 2 ORDER BY 1, 2
"""
_STORIES = """
SELECT rc.claim_id, arg_max(r.story_zh, (r.score, r.ring_id)) AS zh,
       arg_max(r.story_en, (r.score, r.ring_id)) AS en
FROM ring_claims rc JOIN rings r USING (ring_id) JOIN wanted w ON w.claim_id = rc.claim_id
GROUP BY 1 ORDER BY 1
"""
_PRICES = """
SELECT p.claim_id, split_part(p.basis, ' / ', 1) AS zh, split_part(p.basis, ' / ', 2) AS en
FROM prices p JOIN wanted w USING (claim_id) WHERE p.basis IS NOT NULL ORDER BY 1
"""

Said = dict[str, tuple[str, str]]  # claim id -> sentence in Chinese and English


def chosen_claims(ranked: pa.Table, plan: pa.Table, settings: ExplainSettings) -> pa.Array:
    """The claims that get reasons in the run: the audit plan and the top of the list."""
    top = math.ceil(settings.top_share * ranked.num_rows)
    first = ranked.filter(pc.less_equal(ranked["rank"], top))["claim_id"]
    both = pa.chunked_array([*first.chunks, *plan["claim_id"].chunks], pa.string())
    return pc.unique(both)


def explain(
    features: pa.Table, contributions: pa.Table, population: pa.Table, rules: pa.Table,
    rule_results: pa.Table, prices: pa.Table, ringset: RingSet, settings: ExplainSettings,
) -> pa.Table:  # fmt: skip
    """EXPLANATIONS of the claims in ``features``.

    ``contributions`` has the same claims in the same order; ``population`` is the
    feature table of all claims, whose medians are the peers' values. Contributions
    smaller than ``settings.least_shown`` are folded into one row a group, so that
    what is shown still adds up to the log-odds.
    """
    if features.num_rows == 0:
        return EXPLANATIONS.empty()
    ids = features["claim_id"].to_pylist()
    quotes = _quotes(features, rules, rule_results, prices, ringset)
    parts = np.column_stack([contributions[f.name].to_numpy() for f in FEATURES])
    shown = np.abs(parts) >= settings.least_shown
    claim, column = np.nonzero(shown)
    medians = [pc.approximate_median(population[f.name]).as_py() for f in FEATURES]
    values = [features[f.name].to_pylist() for f in FEATURES]
    rows: list[tuple[object, ...]] = []
    for i, k in zip(claim.tolist(), column.tolist(), strict=True):
        feature, weight = FEATURES[k], float(parts[i, k])
        quote = quotes.get(feature.name, {}).get(ids[i])
        if quote is not None:
            zh, en = words.cited(quote, weight)
        else:
            zh, en = words.plain(feature, values[k][i], medians[k], weight)
        rows.append((i, feature.name, values[k][i], medians[k], weight, feature.group, zh, en))
    rows += _rests(parts, shown)
    rows += _bases(contributions["base"].to_numpy())
    return _ordered(rows, ids)


def _rests(parts: np.ndarray, shown: np.ndarray) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    hidden = np.where(shown, 0.0, parts)
    for group in _GROUPS:
        inside = [k for k, f in enumerate(FEATURES) if f.group == group]
        total = hidden[:, inside].sum(axis=1)
        for i in np.flatnonzero(total).tolist():
            weight = float(total[i])
            rows.append((i, f"{group}_rest", None, None, weight, group, *words.rest(group, weight)))
    return rows


def _bases(base: np.ndarray) -> list[tuple[object, ...]]:
    return [
        (i, "base", None, None, weight, None, *words.base(weight))
        for i, weight in enumerate(base.tolist())
    ]


def _ordered(rows: list[tuple[object, ...]], ids: list[str]) -> pa.Table:
    """The base first, then by weight; ``position`` counts within the claim."""
    claim, feature, value, peer, weight, group, zh, en = (list(c) for c in zip(*rows, strict=True))
    at = np.array(claim)
    first = np.array([name == "base" for name in feature])
    order = np.lexsort((np.array(feature), -np.abs(np.array(weight)), ~first, at))
    counted = np.arange(len(order)) - np.searchsorted(at[order], at[order], side="left")
    table = pa.table(
        {
            "claim_id": pa.array(ids).take(pa.array(at)), "position": pa.nulls(len(at), pa.int64()),
            "feature": feature, "value": pa.array(value, pa.float64()),
            "peer_value": pa.array(peer, pa.float64()), "contribution": weight,
            "group": pa.array(group, pa.string()), "sentence_zh": zh, "sentence_en": en,
        }
    ).take(pa.array(order))  # fmt: skip
    return EXPLANATIONS.conform(table.set_column(1, "position", pa.array(counted)))


def _quotes(
    features: pa.Table, rules: pa.Table, rule_results: pa.Table, prices: pa.Table, ringset: RingSet
) -> dict[str, Said]:
    """Sentences made where the number was made, by the feature that carries them."""
    wanted = {"wanted": features.select(["claim_id"])}
    hits = query(_HITS, {**wanted, "rules": rules, "rule_results": rule_results})
    by_severity: dict[str, Said] = {"hard": {}, "strong": {}, "weak": {}}
    for row in hits.to_pylist():
        if row["severity"] in by_severity:
            by_severity[row["severity"]][row["claim_id"]] = (row["zh"] or "", row["en"] or "")
    stories = query(_STORIES, {**wanted, "rings": ringset.rings, "ring_claims": ringset.claims})
    market = query(_PRICES, {**wanted, "prices": prices})
    return {
        **{f"{severity}_hits": said for severity, said in by_severity.items()},
        "ring_score": _said(stories),
        "price_surprise": _said(market),
    }


def _said(table: pa.Table) -> Said:
    return {r["claim_id"]: (r["zh"], r["en"]) for r in table.to_pylist()}
