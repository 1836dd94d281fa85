"""The ranked list: risk, money at risk, and the strongest reason of every open claim."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.money import from_fen, to_fen
from fraud_pipeline.features.build import matrix
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.interval import bounds
from fraud_pipeline.risk.model import Model
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import RANKED_CLAIMS
from fraud_pipeline.settings import RiskSettings

DECIDED = ("fraud", "irregular", "clean")  # an undetermined verdict decides nothing
_CHUNK = 200_000


def score(
    features: pa.Table, rules: pa.Table, rule_results: pa.Table, tables: Tables, model: Model,
    settings: RiskSettings,
) -> pa.Table:  # fmt: skip
    """RANKED_CLAIMS: every known claim without a verdict, most money at risk first.

    A claim that breaks a hard rule is never ranked as if it did not: its risk has
    a floor. Ties go by claim id.
    """
    open_rows = features.filter(pc.invert(pc.is_in(features["claim_id"], _decided(tables))))
    claims = _claims_of(open_rows, tables)
    x = matrix(open_rows)
    log_odds = np.concatenate(
        [model.log_odds(x[k : k + _CHUNK]) for k in range(0, len(x), _CHUNK)] or [np.zeros(0)]
    )
    risk, low, high = floored(x, log_odds, model, settings)
    fen = to_fen(claims["claimed_amount"])
    loss = np.rint(risk * loss_share(x) * np.maximum(fen, 0)).astype(np.int64)
    groups = group_scores(x)
    table = pa.table(
        {
            "claim_id": open_rows["claim_id"], "risk": risk, "log_odds": log_odds,
            "expected_loss": from_fen(loss), **{f"{n}_score": v for n, v in groups.items()},
            "top_reason": _top_reason(open_rows["claim_id"], x, rules, rule_results),
            **{n: claims[n] for n in ("programme", "enterprise_id", "institution_id", "claimed_amount")},
            "risk_low": low, "risk_high": high,
        }
    )  # fmt: skip
    order = pc.sort_indices(table, [("expected_loss", "descending"), ("claim_id", "ascending")])
    ranked = table.take(order)
    return RANKED_CLAIMS.conform(
        ranked.append_column("rank", pa.array(np.arange(1, len(order) + 1)))
    )


def floored(
    x: np.ndarray, log_odds: np.ndarray, model: Model, settings: RiskSettings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) risk and the two ends of its interval, none below the floor of a broken hard rule."""
    floor = np.where(_column(x, "hard_hits") > 0, settings.hard_floor, 0.0)
    low, high = bounds(log_odds, model)
    risk, low, high = (np.maximum(p, floor) for p in (model.probability(log_odds), low, high))
    return risk, low, high


def loss_share(x: np.ndarray) -> np.ndarray:
    """The part of the claimed money that is lost if the audit finds what the evidence says.

    A price that is merely too high loses only its excess; a service that was not
    eligible or never happened loses all. Where both are possible the share is
    mixed by how strongly each is suspected.
    """
    whole = np.nan_to_num(_column(x, "rule_score")) + np.nan_to_num(_column(x, "ring_score"))
    excess = np.nan_to_num(_column(x, "price_excess_share"))
    dear = np.where(excess > 0, np.nan_to_num(_column(x, "price_surprise")) / 6.0, 0.0)
    doubt = 0.1  # nothing in particular suspected: most of what audits then find is all or half
    mixed: np.ndarray = (whole + dear * excess + doubt * 0.7) / (whole + dear + doubt)
    return np.clip(mixed, 0.0, 1.0)


def group_scores(x: np.ndarray) -> dict[str, np.ndarray]:
    """One score in [0, 1] a kind of evidence, for chips and filters, not for ranking."""
    dear = np.nan_to_num(_column(x, "price_surprise")) / 6.0
    above = np.nan_to_num(_column(x, "price_log_ratio")) > 0
    ring = np.nan_to_num(_column(x, "ring_score")) * np.nan_to_num(_column(x, "ring_strength"))
    return {
        "rule": np.clip(np.nan_to_num(_column(x, "rule_score")), 0.0, 1.0),
        "price": np.clip(np.where(above, dear, 0.0), 0.0, 1.0),
        "ring": np.clip(np.sqrt(ring), 0.0, 1.0),
        "behaviour": np.clip(np.nan_to_num(_column(x, "outlyingness")), 0.0, 1.0),
    }


def _column(x: np.ndarray, name: str) -> np.ndarray:
    values: np.ndarray = x[:, FEATURE_NAMES.index(name)]
    return values


def _decided(tables: Tables) -> pa.Array:
    outcomes = tables["outcomes"]
    final = outcomes.filter(pc.is_in(outcomes["verdict"], pa.array(DECIDED)))
    return final["claim_id"].combine_chunks()


def _claims_of(rows: pa.Table, tables: Tables) -> pa.Table:
    """The claims of the feature rows, in the same order."""
    claims = tables["claims"].select(
        ["claim_id", "programme", "enterprise_id", "institution_id", "claimed_amount"]
    )
    at = pc.index_in(rows["claim_id"], value_set=claims["claim_id"].combine_chunks())
    return claims.take(at)


def _top_reason(
    ids: pa.ChunkedArray, x: np.ndarray, rules: pa.Table, rule_results: pa.Table
) -> pa.Array:
    """The first thing to look at: the gravest rule, else ring, else price, else behaviour."""
    groups = group_scores(x)
    words = {f.name: f"{f.zh} / {f.en}" for f in FEATURES}
    said = _gravest_rule(ids, rules, rule_results)
    said = pc.if_else(pa.array(groups["ring"] > np.maximum(groups["rule"], 0.3)),
                      words["ring_score"], said)  # fmt: skip
    said = pc.if_else(pa.array(groups["price"] > np.maximum(groups["rule"], groups["ring"])),
                      words["price_log_ratio"], said)  # fmt: skip
    return pc.fill_null(said, words["outlyingness"])


def _gravest_rule(ids: pa.ChunkedArray, rules: pa.Table, rule_results: pa.Table) -> pa.Array:
    hits = rule_results.filter(pc.equal(rule_results["outcome"], "hit")).select(
        ["claim_id", "rule_code"]
    )
    grave = pa.table({"severity": ["hard", "strong", "weak"], "grave": [0, 1, 2]})
    named = hits.join(rules.select(["rule_code", "severity", "title_zh", "title_en"]), "rule_code")
    named = named.join(grave, "severity", join_type="inner")
    named = named.sort_by(
        [("claim_id", "ascending"), ("grave", "ascending"), ("rule_code", "ascending")]
    )
    title = pc.binary_join_element_wise(named["title_zh"], named["title_en"], " / ")
    first = pc.index_in(ids, value_set=named["claim_id"].combine_chunks())
    return title.combine_chunks().take(first.combine_chunks())
