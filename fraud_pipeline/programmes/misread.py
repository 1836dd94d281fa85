"""Rules that hit, or cannot read, so many claims that the register or the pack is likely misread."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline.programmes.rules import ALL_RULES

_CHECKS = {rule.code: (rule.check_zh, rule.check_en) for rule in ALL_RULES}
_GRAVE = ("hard", "strong")


def misread(rules: pa.Table, share: float) -> list[tuple[str, str]]:
    """A (Chinese, English) line for each rule to look at, the most frequent first; ``rules`` is RULES.

    A hard or strong rule that hits more than ``share`` of the claims, or that left more than ``share``
    of them open because the pack does not know a place, qualification or category.
    """
    misread_rules = []
    for rule in rules.to_pylist():
        n = sum(rule[f"n_{outcome}"] for outcome in ("hit", "pass", "not_applicable", "error"))
        if rule["severity"] in _GRAVE:
            counted = {"hit": rule["n_hit"], "unread": rule.get("n_unread") or 0}
            misread_rules += [
                (k / n, rule["rule_code"], what) for what, k in counted.items() if k > share * n
            ]
    return [_line(*row) for row in sorted(misread_rules, key=lambda row: (-row[0], row[1:]))]


def _line(share: float, code: str, what: str) -> tuple[str, str]:
    check_zh, check_en = _CHECKS[code]
    percent = f"{100 * share:.0f} %"
    if what == "hit":
        zh, en = f"规则{code}命中{percent}的申请", f"rule {code} hits {percent} of claims"
    else:
        zh, en = (
            f"规则{code}无法判断{percent}的申请",
            f"rule {code} cannot judge {percent} of claims",
        )
    return f"{zh}：{check_zh}", f"{en}: {check_en}"
