"""What a claim's parties are told of the grounds against it, and what speaks in its favour.

All take the facts of :func:`.claim_view.claim_facts`; sentences are (Chinese, English).
"""

from __future__ import annotations

from typing import Any

from fraud_pipeline.workbench.cases.redaction import Redactor, own_only
from fraud_pipeline.workbench.db.leads import Leads


def grounds_for_party(leads: Leads, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The hits that a party of the claim is told, without a word on other claims and parties."""
    grounds = [r for r in facts["rules"] if r["outcome"] == "hit" and r["severity"] != "info"]
    redactor = Redactor(leads, own_only(facts["lead"], facts["claim"]))
    return redactor.rows(grounds, ("sentence_zh", "sentence_en", "evidence"))


def favour_for_party(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Facts in favour of the enterprise (Chinese, English), from documents and findings alone.

    What a model makes of the claim is no fact, and nothing of another party belongs here.
    """
    counts = (
        ("合同", "contract", int(facts["contract"] is not None)),
        ("发票", "invoice", len(facts["invoices"])),
        ("付款凭证", "proof of payment", len(facts["payments"])),
        ("成果证明", "proof of the result", len(facts["deliverables"])),
    )
    on_file = [(zh, en, n) for zh, en, n in counts if n]
    sentences = []
    if on_file:
        sentences.append(("已收到：" + "、".join(f"{zh} {n} 份" for zh, _, n in on_file),
                          "on file: " + ", ".join(f"{en} ({n})" for _, en, n in on_file)))  # fmt: skip
    passed = [r for r in facts["rules"] if r["outcome"] == "pass" and r["severity"] != "info"]
    sentences += [
        (f"已核对相符：{r['title_zh']}", f"checked and in order: {r['title_en']}") for r in passed
    ]
    sentences += _within_market(facts["price"])
    past = facts["enterprise_past"]
    if past["audited"] and not past["improper"]:
        sentences.append((f"贵单位以往核查 {past['audited']} 件，均未见问题",
                          f"{past['audited']} earlier audits of the enterprise found nothing"))  # fmt: skip
    return sentences


def _within_market(price: dict[str, Any] | None) -> list[tuple[str, str]]:
    if price and price["outcome"] == "scored" and (price["p_value"] or 0.0) >= 0.05:
        return [("价格在同类市场范围内", "the price is within the market of its kind")]
    return []


def facts_in_favour(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Sentences (Chinese, English) in favour of the claim: facts that lower its risk, and checks it
    passed."""
    sentences = [(f["sentence_zh"], f["sentence_en"]) for f in facts["findings"]["lowers"]]
    passed = [r for r in facts["rules"] if r["outcome"] == "pass" and r["severity"] != "info"]
    if passed:
        sentences.append(
            (f"{len(passed)} 条规则已核对通过", f"{len(passed)} rules were checked and passed")
        )
    sentences += _within_market(facts["price"])
    for key, zh, en in (
        ("enterprise_past", "企业", "the enterprise"),
        ("institution_past", "机构", "the institution"),
    ):
        past = facts[key]
        if past["audited"] and not past["improper"]:
            sentences.append((f"{zh}以往核查 {past['audited']} 件，均未见问题",
                         f"{past['audited']} earlier audits of {en} found nothing"))  # fmt: skip
    return sentences
