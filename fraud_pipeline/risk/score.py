"""The ranked list: risk, band, money at risk, and the strongest reason of every open claim."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.money import from_fen, to_fen
from fraud_pipeline.features.build import matrix
from fraud_pipeline.features.catalogue import FEATURE_NAMES, FEATURES
from fraud_pipeline.risk.interval import bounds
from fraud_pipeline.risk.labels import decided
from fraud_pipeline.risk.local import programmes_of
from fraud_pipeline.risk.model import Model
from fraud_pipeline.risk.reason import first_reasons
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import RANKED_CLAIMS

# Kinds of evidence that say more than that something is unusual.
_TELLING = ("price", "ring", "text")
_CHUNK = 200_000


def score(
    features: pa.Table, rules: pa.Table, rule_results: pa.Table, tables: Tables, model: Model,
    log_odds: np.ndarray | None = None,
) -> pa.Table:  # fmt: skip
    """RANKED_CLAIMS: every known claim without a verdict, in the order of ``rank``.

    ``model`` was fitted to the run (:func:`fraud_pipeline.risk.fitted`). Ties go by claim id.
    ``log_odds`` (n,): those of the claims without a verdict by this model, where they are known
    from the fit (:func:`fraud_pipeline.risk.fitted_with_log_odds`); computed where None.
    """
    open_rows = features.filter(pc.invert(pc.is_in(features["claim_id"], decided(tables))))
    claims = _claims_of(open_rows, tables)
    x, programmes = matrix(open_rows), programmes_of(open_rows)
    if log_odds is None:
        log_odds = np.concatenate([np.zeros(0), *(
            model.log_odds(x[k : k + _CHUNK], programmes[k : k + _CHUNK])
            for k in range(0, len(x), _CHUNK)
        )])  # fmt: skip
    risk = model.probability(log_odds)
    low, high = bounds(log_odds, model)
    fen = to_fen(claims["claimed_amount"])
    above = np.maximum(risk - model.usual_risk, 0.0)
    if model.usual_risk:  # payments: what is merely unusual is no lead
        above = np.where(_spoken_against(x, programmes, model), above, 0.0)
    loss = np.rint(above * model.lost_share * np.maximum(fen, 0)).astype(np.int64)
    groups = group_scores(x)
    reasons = first_reasons(open_rows["claim_id"], x, groups, rules, rule_results)
    table = pa.table(
        {
            "claim_id": open_rows["claim_id"], "risk": risk, "log_odds": log_odds,
            "expected_loss": from_fen(loss), **{f"{n}_score": v for n, v in groups.items()},
            "top_reason": reasons["zh"], "top_reason_en": reasons["en"],
            **{n: claims[n] for n in ("programme", "enterprise_id", "institution_id", "claimed_amount")},
            "risk_low": low, "risk_high": high, "band": pa.array(model.band(log_odds), pa.string()),
            "risk_kind": pa.array([model.kind] * len(x), pa.string()),
        }
    )  # fmt: skip
    return in_order(table, model.rank_by)


def _spoken_against(x: np.ndarray, programmes: np.ndarray, model: Model) -> np.ndarray:
    """(n,) whether a grave rule hit, or weighed evidence of a ring, a price or a text is there."""
    hits = np.nan_to_num(_column(x, "hard_hits")) + np.nan_to_num(_column(x, "strong_hits"))
    spoken = hits > 0
    weighed = [f.group in _TELLING and w > 0 for f, w in zip(FEATURES, model.weights, strict=True)]
    for k in range(0, len(x), _CHUNK):
        evidence = model.evidence(x[k : k + _CHUNK], programmes[k : k + _CHUNK])
        spoken[k : k + _CHUNK] |= (evidence[:, weighed] > 0).any(axis=1)
    return spoken


def in_order(scored: pa.Table, rank_by: str = "expected_loss") -> pa.Table:
    """Scored claims with their places: ``risk_rank`` by log-odds, ``rank`` by that or expected loss.

    Equal losses, such as the zeros of plain payments, go by log-odds.
    """
    for name in ("rank", "risk_rank"):
        if name in scored.column_names:
            scored = scored.drop_columns([name])
    n = np.arange(1, scored.num_rows + 1)
    by_risk = pc.sort_indices(scored, [("log_odds", "descending"), ("claim_id", "ascending")])
    place = np.empty(scored.num_rows, np.int64)
    place[by_risk.to_numpy()] = n
    scored = scored.append_column("risk_rank", pa.array(place))
    keys = ["log_odds"] if rank_by == "risk" else ["expected_loss", "log_odds"]
    order = pc.sort_indices(
        scored, [*((key, "descending") for key in keys), ("claim_id", "ascending")]
    )
    return RANKED_CLAIMS.conform(scored.take(order).append_column("rank", pa.array(n)))


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


def _claims_of(rows: pa.Table, tables: Tables) -> pa.Table:
    """The claims of the feature rows, in the same order."""
    claims = tables["claims"].select(
        ["claim_id", "programme", "enterprise_id", "institution_id", "claimed_amount"]
    )
    at = pc.index_in(rows["claim_id"], value_set=claims["claim_id"].combine_chunks())
    return claims.take(at)
