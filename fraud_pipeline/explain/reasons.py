"""Contributions to reasons: every row adds up to the score, the weightiest first."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.sql import query
from fraud_pipeline.explain import words
from fraud_pipeline.features.catalogue import FEATURES, FLAGS, Feature, flag_feature
from fraud_pipeline.features.flag_weights import weighed_hits
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.outputs import EXPLANATIONS
from fraud_pipeline.settings import ExplainSettings

_GROUPS = tuple(dict.fromkeys(f.group for f in FEATURES))

_HITS = """
SELECT r.claim_id, r.severity,
       string_agg(r.sentence_zh, '；' ORDER BY r.rule_code) AS zh,
       string_agg(r.sentence_en, '; ' ORDER BY r.rule_code) AS en
FROM hits r JOIN wanted w ON w.claim_id = r.claim_id
GROUP BY 1, 2 ORDER BY 1, 2
"""
_FLAGS = """
SELECT r.claim_id, r.rule_code, r.sentence_zh AS zh, r.sentence_en AS en
FROM hits r JOIN wanted w ON w.claim_id = r.claim_id WHERE r.severity <> 'info' ORDER BY 1, 2
"""
_STORIES = """
SELECT rc.claim_id, arg_max(r.story_zh, (r.score, r.ring_id)) AS zh,
       arg_max(r.story_en, (r.score, r.ring_id)) AS en
FROM ring_claims rc JOIN rings r USING (ring_id) JOIN wanted w ON w.claim_id = rc.claim_id
GROUP BY 1 ORDER BY 1
"""
_PRICES = """
SELECT p.claim_id,
       concat_ws('。', p.claim_day_basis_zh, p.institution_zh) AS zh,
       concat_ws('. ', p.claim_day_basis_en, p.institution_en) AS en
FROM prices p JOIN wanted w USING (claim_id) WHERE p.claim_day_basis_zh IS NOT NULL ORDER BY 1
"""

Quotes = dict[str, tuple[str, str]]  # claim id -> sentence in Chinese and English
# Log-odds; smaller contributions are folded into one row a group. For reading; an assumption.
LEAST_SHOWN = 0.02


def chosen_claims(ranked: pa.Table, plan: pa.Table, settings: ExplainSettings) -> pa.Array:
    """The claims that get reasons in the run.

    Every claim of a run of at most ``settings.every_claim_up_to``, so that no page waits for them;
    of a larger one the audit plan and the top of the list.
    """
    if ranked.num_rows <= settings.every_claim_up_to:
        return ranked["claim_id"].combine_chunks()
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
    smaller than ``LEAST_SHOWN`` are folded into one row a group, so that
    what is shown still adds up to the log-odds.
    """
    if features.num_rows == 0:
        return EXPLANATIONS.empty()
    ids = features["claim_id"].combine_chunks()
    quotes = _quotes(features, rules, rule_results, prices, ringset)
    parts = np.column_stack([contributions[f.name].to_numpy() for f in FEATURES])
    shown = np.abs(parts) >= LEAST_SHOWN
    rows = []
    for k, feature in enumerate(FEATURES):
        at = np.flatnonzero(shown[:, k])
        if len(at):
            median = pc.approximate_median(population[feature.name]).as_py()
            values = features[feature.name].combine_chunks().take(pa.array(at))
            quoted = _quoted(quotes.get(feature.name), ids.take(pa.array(at)))
            rows.append(_sentences_of(feature, at, values, median, parts[at, k], quoted))
    rows += _rests(parts, shown)
    rows.append(_bases(contributions["base"].to_numpy()))
    return _ordered(pa.concat_tables(rows), ids)


def _sentences_of(
    feature: Feature, at: np.ndarray, values: pa.Array, median: float | None, weight: np.ndarray,
    quoted: tuple[pa.Array, pa.Array] | None,
) -> pa.Table:  # fmt: skip
    """The reasons one feature gives: rows ``at`` of the claims, in columns."""
    zh, en = words.plain(feature, values, median, weight)
    if quoted is not None:
        cited_zh, cited_en = words.cited(quoted, weight)
        zh, en = pc.coalesce(cited_zh, zh), pc.coalesce(cited_en, en)
    peer = pa.array(np.full(len(at), np.nan if median is None else median), from_pandas=True)
    return _rows(at, feature.name, values, peer, weight, feature.group, zh, en)


def _rows(
    at: np.ndarray, name: str, values: pa.Array | None, peer: pa.Array | None, weight: np.ndarray,
    group: str | None, zh: pa.Array, en: pa.Array,
) -> pa.Table:  # fmt: skip
    n = len(at)
    return pa.table({
        "row": at, "feature": pa.array([name]).take(pa.array(np.zeros(n, np.int64))),
        "value": pa.nulls(n, pa.float64()) if values is None else values.cast(pa.float64()),
        "peer_value": pa.nulls(n, pa.float64()) if peer is None else peer,
        "contribution": weight,
        "group": pa.array([group], pa.string()).take(pa.array(np.zeros(n, np.int64))),
        "sentence_zh": zh, "sentence_en": en,
    })  # fmt: skip


def _rests(parts: np.ndarray, shown: np.ndarray) -> list[pa.Table]:
    rows = []
    hidden = np.where(shown, 0.0, parts)
    for group in _GROUPS:
        inside = [k for k, f in enumerate(FEATURES) if f.group == group]
        total = hidden[:, inside].sum(axis=1)
        at = np.flatnonzero(total)
        weight = total[at]
        rows.append(
            _rows(at, f"{group}_rest", None, None, weight, group, *words.rest(group, weight))
        )
    return rows


def _bases(base: np.ndarray) -> pa.Table:
    return _rows(np.arange(len(base)), "base", None, None, base, None, *words.base(base))


def _ordered(rows: pa.Table, ids: pa.Array) -> pa.Table:
    """The base first, then by weight; ``position`` counts within the claim."""
    names = rows["feature"].combine_chunks().dictionary_encode()
    in_order = np.argsort(np.argsort(np.array(names.dictionary.to_pylist())))
    name = in_order[names.indices.to_numpy()]
    first = pc.equal(rows["feature"], "base").to_numpy()
    at, weight = rows["row"].to_numpy(), rows["contribution"].to_numpy()
    order = np.lexsort((name, -np.abs(weight), ~first, at))
    rows, at = rows.take(pa.array(order)), at[order]
    counted = np.arange(len(at)) - np.searchsorted(at, at, side="left")
    return EXPLANATIONS.conform(
        rows.drop_columns(["row"])
        .append_column("claim_id", ids.take(pa.array(at)))
        .append_column("position", pa.array(counted))
    )


def _quoted(quotes: Quotes | None, ids: pa.Array) -> tuple[pa.Array, pa.Array] | None:
    """The sentences made elsewhere, in order of ``ids``; null where there is none."""
    if not quotes:
        return None
    at = pc.index_in(ids, value_set=pa.array(list(quotes), pa.string()))
    zh, en = (pa.array([pair[k] for pair in quotes.values()], pa.string()) for k in (0, 1))
    return zh.take(at), en.take(at)


def _quotes(
    features: pa.Table, rules: pa.Table, rule_results: pa.Table, prices: pa.Table, ringset: RingSet
) -> dict[str, Quotes]:
    """Sentences made where the number was made, by the feature that carries them."""
    wanted = {"wanted": features.select(["claim_id"])}
    weighed = weighed_hits(rule_results, rules)
    hits, flags = (query(which, {**wanted, "hits": weighed}) for which in (_HITS, _FLAGS))
    by_severity: dict[str, Quotes] = {"hard": {}, "strong": {}, "weak": {}}
    for row in hits.to_pylist():
        if row["severity"] in by_severity:
            by_severity[row["severity"]][row["claim_id"]] = (row["zh"] or "", row["en"] or "")
    stories = query(_STORIES, {**wanted, "rings": ringset.rings, "ring_claims": ringset.claims})
    market = query(_PRICES, {**wanted, "prices": prices})
    return {
        **{f"{severity}_hits": quotes for severity, quotes in by_severity.items()},
        **{
            flag_feature(code): _quotes_of(flags.filter(pc.equal(flags["rule_code"], code)))
            for code in FLAGS
        },
        "ring_score": _quotes_of(stories),
        "price_surprise": _quotes_of(market),
    }


def _quotes_of(table: pa.Table) -> Quotes:
    return {r["claim_id"]: (r["zh"] or "", r["en"] or "") for r in table.to_pylist()}
