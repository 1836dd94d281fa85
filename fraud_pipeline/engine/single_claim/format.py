"""An answer in words and as plain values."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import explain
from fraud_pipeline.engine.scope import RUN_ONLY
from fraud_pipeline.engine.single_claim.scorer import Answer


def as_text(answer: Answer, language: str) -> str:
    """Place, probability, reasons that add up, kinds of irregularity and what would change it."""
    ranked = answer.ranked.set_column(
        answer.ranked.schema.get_field_index("rank"), "rank", pa.array([answer.place])
    )
    hits = answer.rule_results.filter(pc.equal(answer.rule_results["outcome"], "hit"))
    explanation = explain.as_text(
        answer.explanations, ranked, language, answer.what_if, answer.typologies, hits
    )
    note = {
        "zh": f"按上一次运行的状态评分；{'、'.join(RUN_ONLY)}（制度层面）只在全量运行中判断。",
        "en": f"Against the last run's state; {', '.join(RUN_ONLY)} (of the programme as a "
        "whole) are evaluated in full runs only.",
    }[language]
    return f"{explanation}\n\n{note}"


def as_dict(answer: Answer) -> dict[str, Any]:
    """Plain values for a program; money as text with two decimals."""
    row = answer.ranked.to_pylist()[0]
    hits = answer.rule_results.filter(pc.equal(answer.rule_results["outcome"], "hit"))
    return {
        "claim_id": row["claim_id"],
        "risk": row["risk"],
        "risk_low": row["risk_low"],
        "risk_high": row["risk_high"],
        "risk_kind": row["risk_kind"],
        "band": row["band"],
        "log_odds": row["log_odds"],
        "expected_loss": f"{row['expected_loss']:.2f}",
        "claimed_amount": f"{row['claimed_amount']:.2f}",
        "place": answer.place,
        "rings": list(answer.ring_ids),
        "rules": hits.select(
            ["rule_code", "sentence_zh", "sentence_en", "clause", "evidence"]
        ).to_pylist(),
        "reasons": answer.explanations.select(
            [
                "feature",
                "value",
                "peer_value",
                "contribution",
                "group",
                "sentence_zh",
                "sentence_en",
            ]
        ).to_pylist(),
        "typologies": answer.typologies.drop_columns(["claim_id"]).to_pylist(),
        **_findings(answer, hits),
        "what_if": [{"zh": zh, "en": en} for zh, en in answer.what_if],
    }


def _findings(answer: Answer, hits: pa.Table) -> dict[str, Any]:
    result = explain.findings(answer.explanations.to_pylist(), hits.to_pylist())
    return {
        "findings": [one.as_dict() for one in result.raises],
        "in_favour": [one.as_dict() for one in result.lowers],
    }


def as_json(answer: Answer) -> str:
    return json.dumps(as_dict(answer), ensure_ascii=False, indent=1, sort_keys=True)
