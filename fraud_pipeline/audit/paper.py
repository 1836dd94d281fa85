"""The plan and the closing report as pages to print: A4, no script, nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pyarrow as pa

from fraud_pipeline.audit.frontier_chart import Language, frontier_chart
from fraud_pipeline.audit.frontier_words import frontier_words
from fraud_pipeline.vocabulary.verdicts import OUTCOME_VERDICTS, STRATA, VERDICTS

_STYLE = """
@page { size: A4; margin: 18mm 16mm }
body { font: 10.5pt/1.5 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif;
  color: #111; max-width: 178mm; margin: 0 auto }
h1 { font-size: 17pt; margin: 0 0 2mm } h2 { font-size: 12.5pt; margin: 4mm 0 1mm }
table { border-collapse: collapse; width: 100%; margin: 1.5mm 0 }
th, td { border-bottom: 0.3mm solid #bbb; padding: 0.8mm 2mm; text-align: left;
  vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
p, ol, ul { margin: 1mm 0 2mm } ol, ul { padding-left: 6mm }
code { font-family: ui-monospace, Consolas, monospace; font-size: 9pt; word-break: break-all }
.page { break-after: page } .page:last-child { break-after: auto }
.note { border-left: 1mm solid #555; padding: 1mm 3mm; background: #f3f3f3 }
"""

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("抽查方案", "Audit plan"),
    "leads": (
        "本名单为待核查疑点，不是认定结论。",
        "The list holds leads to be checked, not findings.",
    ),
    "size": ("规模与预期", "Size and what to expect"),
    "claims": ("待核查申请", "Claims on the list"),
    "drawn": ("抽查件数", "Claims to audit"),
    "enterprises_visited": ("覆盖企业", "Enterprises visited"),
    "recovery": ("预计可追回（元）", "Expected recovery (yuan)"),
    "kept": ("相当于只查名单前列的", "Of what the top of the list alone would find"),
    "smallest": ("最低入样概率", "Smallest probability of a claim"),
    "days": ("核查人日（预算／抽中）", "Auditor-days (budget / drawn)"),
    "bought": ("各部分抽查换来什么", "What each part of the audits buys"),
    "stood_for": ("代表的申请件数", "Stands for"),
    "bought_how": (
        "必查部分用于追回资金，只代表被查的申请本身；按风险和随机抽中的部分追回较少，但每件代表许多未查的"
        "申请，误付率由此推算，名单未指向的问题也由此发现并用于改进下一期名单。",
        "The certain part recovers money and stands for itself alone. Each claim drawn by risk or at "
        "random stands for many that are not audited: from them the rate is computed, and they "
        "show what the list does not point at, which improves the next list.",
    ),
    "frontier": ("同样件数的其他分法", "Other ways to spend the same audits"),
    "precision": ("能知道多准", "How well the rate will be known"),
    "limits": ("限额", "Limits"),
    "proof": ("抽样可复核", "The draw can be checked"),
    "work": ("核查须知", "For the auditors"),
    "visits": ("按地区安排", "By region"),
    "counted": (
        "推断只依据按已知概率抽中的申请；举报和备用申请的结果不计入。未定的申请：估计值按其余情况"
        "推算，区间两端分别按全部合规、全部不合规计。",
        "Only claims drawn with a known probability count; tips and spares do not. Undecided "
        "claims are taken to be like the others; the ends of an interval take all of them as "
        "clean, or as improper.",
    ),
    "closing": ("抽查结项报告", "Closing report"),
    "rate": ("误付率与误付金额", "Improper-payment rate and amount"),
    "scope": ("范围", "Scope"),
    "share": ("误付率", "Share"),
    "amount": ("误付金额（元）", "Amount (yuan)"),
    "interval": ("区间", "Interval"),
    "decided": ("已定／抽中", "Decided / drawn"),
    "hits": ("命中率", "Hit rates"),
    "missed": ("随机抽查发现、排序未指向的", "Found by chance, not pointed at by the ranking"),
    "agreed": ("盲审复核一致性", "Agreement of blind double checks"),
    "auditors_missed": ("核查漏查推算（盲审复核）", "What auditors miss (blind second looks)"),
    "estimate": ("估计", "Estimate"),
    "missed_amount": ("漏查的误付金额（元）", "Improper amount missed (yuan)"),
    "missed_claim_share": (
        "漏查的不合规申请（占全部申请）",
        "Improper claims missed (of all claims)",
    ),
    "by_region": ("地区", "Region"),
    "count": ("件数", "Claims"),
}

_SCOPES = {
    "round": ("本期", "Round"), "year": ("年度", "Year"), "three_years": ("三年滚动", "Three years"),
    "all": ("全部", "All"), "programme": ("制度", "Programme"), "region": ("地区", "Region"),
    "typology": ("问题类型", "Typology"), "stratum": ("抽取方式", "Stratum"), "rule": ("规则", "Rule"),
    "auditor": ("核查人", "Auditor"),
}  # fmt: skip

_RULES_ZH = (
    "逐件核查，不得以其他申请替换；无法核查的如实记为“未定”。",
    "备用申请只为不空跑，其结果不计入误付率。",
    "核查人与企业或机构有利害关系的须回避，报请另派。",
    f"结论填：{'、'.join(f'{code}（{VERDICTS[code].zh}）' for code in OUTCOME_VERDICTS)}；"
    f"{VERDICTS['fraud'].zh}或{VERDICTS['irregular'].zh}的须填不予认可金额。",
    "更正和申诉另起一行，不改旧行；以最后一行为准。",
    "名单与入样概率在核查结束前不得外传。",
)
_RULES_EN = (
    "Check every claim; exchange none. What cannot be checked is recorded as undetermined.",
    "Spare claims only save a lost journey; their outcomes do not count in the rate.",
    "Whoever has an interest in the enterprise or institution steps back and reports it.",
    f"Verdicts are {', '.join(OUTCOME_VERDICTS[:-1])} or {OUTCOME_VERDICTS[-1]}; a claim of the "
    "first two needs its disallowed amount.",
    "Corrections and appeals are new rows; old rows stay. The last row counts.",
    "The list and its probabilities stay inside until the audit is over.",
)


def _w(key: str, lang: Language) -> str:
    return escape(_WORDS[key][lang == "en"])


def _why(stratum: str, lang: Language) -> str:
    """Why a claim was drawn, in a sentence."""
    term = STRATA[stratum]
    return term.meaning_en if lang == "en" else term.meaning_zh


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: set[int]) -> str:
    def cells(values: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if i in numbers else ''}>{escape(v)}</{tag}>"
            for i, v in enumerate(values)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f"<table><thead><tr>{cells(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def _page(title: str, lang: Language, parts: Sequence[str]) -> str:
    code = "zh-CN" if lang == "zh" else "en"
    inner = "".join(f'<section class="page">{part}</section>' for part in parts)
    return (
        f'<!doctype html><html lang="{code}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{inner}</body></html>\n"
    )


def plan_page(summary: Mapping[str, Any], visits: pa.Table, lang: Language) -> str:
    """Two pages: for the bureau's leader what is planned and promised; for the auditors the rules.

    ``summary`` is plan.json, ``visits`` the table VISITS.
    """
    title = f"{_WORDS['title'][lang == 'en']} {summary['as_of']}"
    return _page(title, lang, [_leader(title, summary, lang), _auditors(summary, visits, lang)])


def _leader(title: str, s: Mapping[str, Any], lang: Language) -> str:
    expected_share = s.get("kept_of_top_share")
    facts = [
        (_WORDS["claims"], f"{s['n_claims']:,}"),
        (_WORDS["drawn"], f"{s['budget']:,}"),
        (_WORDS["enterprises_visited"], f"{s['n_enterprises_covered']:,} / {s['n_enterprises']:,}"),
        (_WORDS["recovery"], f"{s.get('expected_recovery_of_design_amount', 0):,.0f}"),
        (_WORDS["kept"], "—" if expected_share is None else f"{expected_share:.0%}"),
        (_WORDS["smallest"], f"{s.get('smallest_inclusion_prob', 1):.2%}"),
    ]
    if "day_budget" in s:
        facts.append((_WORDS["days"], f"{s['day_budget']:g} / {s['days_drawn']:g}"))
    rows = [(words[lang == "en"], value) for words, value in facts]
    bought = [
        (_why(part["stratum"], lang), f"{part['audits']:,}",
         f"{part['expected_recovery_amount']:,.0f}", f"{part['claims_stood_for']:,.0f}")
        for part in s.get("parts", ())
    ]  # fmt: skip
    bought_head = ("", *(_WORDS[k][lang == "en"] for k in ("count", "recovery", "stood_for")))
    limits = [(name, f"{at['drawn']} / {at['most']:g}") for name, at in s.get("limits", {}).items()]
    parts = [
        f"<h1>{escape(title)}</h1><p>{_w('leads', lang)}</p><h2>{_w('size', lang)}</h2>",
        _table(("", ""), rows, {1}),
        f"<h2>{_w('bought', lang)}</h2>", _table(bought_head, bought, {1, 2, 3}),
        f"<p>{_w('bought_how', lang)}</p>",
        f"<h2>{_w('precision', lang)}</h2><p class=note>{escape(s[f'precision_{lang}'])}</p>",
        _frontier(s, lang),
    ]  # fmt: skip
    if limits:
        parts += [f"<h2>{_w('limits', lang)}</h2>", _table(("", ""), limits[:12], {1})]
    return "".join(parts)


def _frontier(s: Mapping[str, Any], lang: Language) -> str:
    """The picture of what the same audits could buy, and the sentence that goes with it."""
    points = s.get("frontier", ())
    picture = frontier_chart(points, lang)
    return (
        f"<h2>{_w('frontier', lang)}</h2>{picture}<p>{escape(frontier_words(s, lang))}</p>"
        if picture
        else ""
    )


def _auditors(s: Mapping[str, Any], visits: pa.Table, lang: Language) -> str:
    rules = "".join(f"<li>{escape(r)}</li>" for r in (_RULES_EN if lang == "en" else _RULES_ZH))
    by_region: dict[str, list[int]] = {}
    for row in visits.select(["region", "visit"]).to_pylist():
        by_region.setdefault(row["region"], []).append(row["visit"])
    regions = [(name, f"{len(set(v)):,}", f"{len(v):,}") for name, v in sorted(by_region.items())]
    names = ("地区", "走访", "件数") if lang == "zh" else ("Region", "Visits", "Claims")
    proof = (
        f"抽样前公布的清单哈希：<code>{escape(s['frame_sha256'])}</code>；"
        f"随机种子：<code>{escape(str(s['seed']))}</code>。用清单、种子重新抽取，结果必须一致："
        f"<code>fraud-pipeline audit verify</code>。"
        if lang == "zh"
        else f"Hash of the list published before the draw: <code>{escape(s['frame_sha256'])}</code>; "
        f"seed: <code>{escape(str(s['seed']))}</code>. Drawing again from list and seed must give "
        f"the same: <code>fraud-pipeline audit verify</code>."
    )
    return (
        f"<h1>{_w('work', lang)}</h1><ol>{rules}</ol><h2>{_w('visits', lang)}</h2>"
        f"{_table(names, regions[:20], {1, 2})}<h2>{_w('proof', lang)}</h2><p>{proof}</p>"
    )


def closing_page(
    closing: pa.Table, hits: pa.Table, missed: pa.Table, agreed: pa.Table, lang: Language
) -> str:
    """What came of the rounds, for the file: tables CLOSING, HIT_RATES, MISSES, AGREEMENT."""
    title = _WORDS["closing"][lang == "en"]
    parts = [f"<h1>{escape(title)}</h1><p>{_w('counted', lang)}</p><h2>{_w('rate', lang)}</h2>"]
    head = [
        _WORDS[k][lang == "en"]
        for k in ("scope", "share", "interval", "amount", "interval", "decided")
    ]
    rows, notes = [], []
    table = closing.to_pylist()
    money = {(r["scope"], r["key"]): r for r in table if r["quantity"] == "improper_amount"}
    for row in table:
        if row["quantity"] != "improper_share":
            continue
        scope = _SCOPES[row["scope"]][lang == "en"]
        name = f"{scope} {row['key']}".strip()
        amount = _figures(money[row["scope"], row["key"]])
        rows.append((name, *_figures(row), *amount, f"{row['n_decided']:,} / {row['n_drawn']:,}"))
        if row["scope"] in ("year", "three_years", "all"):
            between = "：" if lang == "zh" else ": "
            notes.append(f"<li>{escape(name + between + row[f'note_{lang}'])}</li>")
    parts += [_table(head, rows, {1, 2, 3, 4, 5}), f"<ul>{''.join(notes)}</ul>"]
    paragraphs = [
        (f"{_SCOPES[r['by']][lang == 'en']} {r['key']}", f"{r['n_improper']} / {r['n_decided']}", f"{r['rate']:.0%}",
         f"{r['low']:.0%}–{r['high']:.0%}", f"{r['improper_amount']:,.0f}")
        for r in hits.to_pylist()
    ]  # fmt: skip
    names = ("", "不合规／已定", "命中", "95%", "元") if lang == "zh" else (
        "", "improper / decided", "rate", "95 %", "yuan")  # fmt: skip
    parts += [f"<h2>{_w('hits', lang)}</h2>", _table(names, paragraphs, {1, 2, 3, 4})]
    parts += [f"<h2>{_w('missed', lang)}</h2>", _missed(missed, lang)]
    parts += _missed_by_auditors(table, lang)
    for r in agreed.to_pylist():
        kappa = "—" if r["kappa"] is None else f"{r['kappa']:.2f}"
        parts.append(
            f"<h2>{_w('agreed', lang)}</h2><p>{r['n_agreed']} / {r['n_double']} "
            f"({r['agreed_share']:.0%}, {r['low']:.0%}–{r['high']:.0%}), κ {kappa}</p>"
        )
    return _page(title, lang, ["".join(parts)])


def _missed_by_auditors(table: Sequence[Mapping[str, Any]], lang: Language) -> list[str]:
    """What blind second looks say was missed, apart from what was found; nothing without them."""
    rows = {r["quantity"]: r for r in table if r["estimator"] == "second_looks"}
    if not rows:
        return []
    amount, share = rows["missed_amount"], rows["missed_claim_share"]
    parts = [f"<h2>{_w('auditors_missed', lang)}</h2>"]
    if amount["estimate"] is not None and share["estimate"] is not None:
        head = ("", _WORDS["estimate"][lang == "en"], _WORDS["interval"][lang == "en"])
        lines = [
            (_WORDS["missed_amount"][lang == "en"], f"{amount['estimate']:,.0f}",
             f"{amount['low']:,.0f}–{amount['high']:,.0f}"),
            (_WORDS["missed_claim_share"][lang == "en"], f"{share['estimate']:.2%}",
             f"{share['low']:.2%}–{share['high']:.2%}"),
        ]  # fmt: skip
        parts.append(_table(head, lines, {1, 2}))
    return [*parts, f"<p>{escape(amount[f'note_{lang}'])}</p>"]


def _figures(row: Mapping[str, Any]) -> tuple[str, str]:
    if row["estimate"] is None:
        return "—", "—"
    if row["quantity"] == "improper_share":
        return f"{row['estimate']:.2%}", f"{row['low']:.2%}–{row['high']:.2%}"
    return f"{row['estimate']:,.0f}", f"{row['low']:,.0f}–{row['high']:,.0f}"


def _missed(missed: pa.Table, lang: Language) -> str:
    if missed.num_rows == 0:
        return "<p>无。</p>" if lang == "zh" else "<p>None.</p>"
    names = ("申请", "名次", "类型", "预计损失", "不合规金额") if lang == "zh" else (
        "Claim", "Rank", "Typology", "Expected loss", "Improper amount")  # fmt: skip
    rows = [
        (r["claim_id"], f"{r['rank']:,}", r["typology"] or "—", f"{r['expected_loss']:,.0f}",
         f"{r['improper_amount']:,.0f}")
        for r in missed.to_pylist()[:30]
    ]  # fmt: skip
    return _table(names, rows, {1, 3, 4})
