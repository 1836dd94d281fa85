"""The reasons of one claim as plain text."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from fraud_pipeline.explain.findings import Findings, findings
from fraud_pipeline.explain.words import likely
from fraud_pipeline.vocabulary.term import label
from fraud_pipeline.vocabulary.typologies import TYPOLOGIES


def as_text(
    reasons: pa.Table, ranked: pa.Table, language: str, what_if: Sequence[tuple[str, str]] = (),
    typologies: pa.Table | None = None, hits: pa.Table | None = None, result: Findings | None = None,
    *, full: bool = False,
) -> str:  # fmt: skip
    """A claim's place, at most five reasons in words, what speaks for it, and what if.

    ``full`` adds every contribution in log-odds, where each hit can be checked and the kinds of
    irregularity. The sum that proves the contributions is always there.

    ``reasons`` are its EXPLANATIONS, ``ranked`` its row of RANKED_CLAIMS, ``what_if``
    sentences in Chinese and English, ``typologies`` its TYPOLOGY_SCORES, ``hits``
    its RULE_RESULTS that are hits, for clause and evidence, ``result`` its
    findings where they were made with its price and ring.
    """
    claim = ranked.to_pylist()[0]
    rows = sorted(reasons.to_pylist(), key=lambda r: r["position"])
    total = sum(row["contribution"] for row in rows)
    head = {
        "zh": f"申请 {claim['claim_id']}：排序第 {claim['rank']}，{likely(claim, 'zh')}，"
        f"涉险 {claim['expected_loss']:,} 元（申请 {claim['claimed_amount']:,} 元）\n"
        "以下是供核查的疑点，不是结论。",
        "en": f"Claim {claim['claim_id']}: rank {claim['rank']}, {likely(claim, 'en')}, "
        f"at risk {claim['expected_loss']:,} yuan of "
        f"{claim['claimed_amount']:,} claimed\nLeads for review, not findings.",
    }[language]
    tail = {
        "zh": f"合计 {total:+.4f} = 评分（对数几率）{claim['log_odds']:+.4f}",
        "en": f"sum {total:+.4f} = score (log-odds) {claim['log_odds']:+.4f}",
    }[language]
    lines = _reasons(
        result or findings(rows, hits.to_pylist() if hits is not None else []), language
    )
    if full:
        lines += ["", {"zh": "全部因素（对数几率）", "en": "every factor (log-odds)"}[language]]
        lines += [f"{row['contribution']:+7.2f}  {row[f'sentence_{language}']}" for row in rows]
        tail += _shown_by(hits, language) + _kinds(typologies, language)
    if what_if:
        head_of_if = {"zh": "如果……", "en": "What if"}[language]
        at = {"zh": 0, "en": 1}[language]
        tail = "\n".join([tail, "", head_of_if, *(f"- {sentence[at]}" for sentence in what_if)])
    return "\n".join([head, "", *lines, "", tail])


def _reasons(result: Findings, language: str) -> list[str]:
    """The findings as lines: what was found, where it is shown, what to ask for."""
    at = 0 if language == "zh" else 1
    words = {
        "zh": ("主要疑点", "有利于该申请的情况", "证据：", "可调取：", "（没有单项足以说明）"),
        "en": ("Main reasons", "What speaks for the claim", "shown by: ", "ask for: ", "(no single fact)"),
    }[language]  # fmt: skip
    lines, colon = [words[0]], "：" if language == "zh" else ": "
    for number, one in enumerate(result.raises, start=1):
        lines.append(f"{number}. {one.title[at]}{colon}{(one.sentence_zh, one.sentence_en)[at]}")
        shown, ask = (one.evidence_zh, one.evidence_en)[at], one.ask[at]
        lines += [f"   {words[2]}{shown}"] if shown else []
        lines += [f"   {words[3]}{ask}"] if ask else []
    if not result.raises:
        lines.append(words[4])
    if result.lowers:
        lines += ["", words[1]]
        lines += [f"- {(one.sentence_zh, one.sentence_en)[at]}" for one in result.lowers]
    return lines


def _shown_by(hits: pa.Table | None, language: str) -> str:
    """Where each hit can be checked: its clause, and the claims or papers that show it."""
    rows = [] if hits is None else hits.sort_by("rule_code").to_pylist()
    lines = [
        f"- {r['rule_code']}: {'; '.join(t for t in (r['clause'], r['evidence']) if t)}"
        for r in rows
        if r["clause"] or r["evidence"]
    ]
    head = {"zh": "依据", "en": "where to look"}[language]
    return "\n".join(["", "", head, *lines]) if lines else ""


def _kinds(typologies: pa.Table | None, language: str) -> str:
    """Which kinds of irregularity the evidence points to, the strongest first."""
    if typologies is None or typologies.num_rows == 0:
        return ""
    rows = sorted(typologies.to_pylist(), key=lambda r: (-r["score"], r["typology"]))
    head = {"zh": "各类疑点的证据强度", "en": "strength of evidence by kind of irregularity"}[
        language
    ]
    lines = [
        f"- {r['typology']} {label(TYPOLOGIES, r['typology'], language)} {r['score']:.2f} ({r['evidence']})"
        for r in rows
    ]
    return "\n".join(["", "", head, *lines])
