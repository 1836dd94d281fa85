"""The reasons of one claim as plain text."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa


def as_text(
    reasons: pa.Table, ranked: pa.Table, language: str, what_if: Sequence[tuple[str, str]] = ()
) -> str:
    """A claim's place, its reasons in order of weight, the sum that proves them, and what if.

    ``reasons`` are its EXPLANATIONS, ``ranked`` its row of RANKED_CLAIMS, ``what_if``
    sentences in Chinese and English.
    """
    claim = ranked.to_pylist()[0]
    rows = sorted(reasons.to_pylist(), key=lambda r: r["position"])
    total = sum(row["contribution"] for row in rows)
    head = {
        "zh": f"申请 {claim['claim_id']}：排序第 {claim['rank']}，核查发现问题的概率 {claim['risk']:.1%}，"
        f"涉险 {claim['expected_loss']:,} 元（申请 {claim['claimed_amount']:,} 元）\n"
        "以下是供核查的疑点，不是结论。",
        "en": f"Claim {claim['claim_id']}: rank {claim['rank']}, probability that an audit finds "
        f"something {claim['risk']:.1%}, at risk {claim['expected_loss']:,} yuan of "
        f"{claim['claimed_amount']:,} claimed\nLeads for review, not findings.",
    }[language]
    tail = {
        "zh": f"合计 {total:+.4f} = 评分（对数几率）{claim['log_odds']:+.4f}",
        "en": f"sum {total:+.4f} = score (log-odds) {claim['log_odds']:+.4f}",
    }[language]
    lines = [f"{row['contribution']:+7.2f}  {row[f'sentence_{language}']}" for row in rows]
    if what_if:
        head_of_if = {"zh": "如果……", "en": "What if"}[language]
        at = {"zh": 0, "en": 1}[language]
        tail = "\n".join([tail, "", head_of_if, *(f"- {said[at]}" for said in what_if)])
    return "\n".join([head, "", *lines, "", tail])
