"""A price catalogue read with a pencil: what its keeper should mend before it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from fraud_pipeline.core.sql import query

WIDE = 6.0  # high / low beyond which a range says little


@dataclass(frozen=True)
class Finding:
    """One remark on a line of the catalogue; an ``error`` makes the line misleading."""

    row: int | None
    severity: str  # error | warning
    code: str
    sentence_zh: str
    sentence_en: str


# code -> severity, condition on a line m (and a later line n), Chinese, English
_LINES = {
    "not_positive": ("error", "m.reference <= 0 OR m.low < 0 OR m.high <= 0",
                     "价格必须大于零", "a price must be above zero"),
    "out_of_order": ("error", "m.low > m.reference OR m.reference > m.high OR m.low > m.high",
                     "低价、参考价、高价次序颠倒", "low, reference and high are out of order"),
    "ends_before": ("error", "m.valid_from > m.valid_to",
                    "失效日期早于生效日期", "valid_to lies before valid_from"),
    "expired": ("warning", "m.valid_to < CAST($today AS DATE)",
                "该价格已失效", "this price is no longer valid"),
    "no_source": ("warning", "trim(coalesce(m.source, '')) = ''",
                  "没有注明来源", "no source is named"),
    "no_start": ("warning", "m.valid_from IS NULL",
                 "没有生效日期，将用于所有日期", "no valid_from: it will be used for every day"),
    "no_range": ("warning", "m.low IS NULL OR m.high IS NULL",
                 "没有价格区间，将采用通常离散程度", "no low or high: the usual spread is assumed"),
    "wide": ("warning", "m.low > 0 AND m.high / m.low > $wide",
             "高价超过低价六倍，难以用于比较", "high is more than six times low: it says little"),
}  # fmt: skip
_TWO = {
    "overlap": ("error", "m.reference <> n.reference",
                "与第 {other} 行同一服务、单位、地区的有效期重叠而价格不同",
                "overlaps row {other}: same service, unit and region, another price"),
    "repeated": ("warning", "m.reference = n.reference",
                 "与第 {other} 行重复", "repeats row {other}"),
}  # fmt: skip
_SAME = """
m.service_type = n.service_type AND trim(m.unit) = trim(n.unit)
AND coalesce(m.region, '') = coalesce(n.region, '')
AND coalesce(m.valid_from, DATE '0001-01-01') <= coalesce(n.valid_to, DATE '9999-12-31')
AND coalesce(n.valid_from, DATE '0001-01-01') <= coalesce(m.valid_to, DATE '9999-12-31')
"""


def lint(market_prices: pa.Table, today: date, used_units: pa.Table | None = None) -> list[Finding]:
    """Findings on MARKET_PRICES, by row; ``used_units`` (service_type, unit) of known claims.

    An overlap of a region's line with one for all regions is no fault: the region's goes first.
    """
    numbered = market_prices.append_column(
        "place", pa.array(range(1, market_prices.num_rows + 1), pa.int64())
    )
    findings = []
    for code, (severity, condition, zh, en) in _LINES.items():
        values = {"today": today.isoformat(), "wide": WIDE}
        used = {k: v for k, v in values.items() if f"${k}" in condition}
        statement = f"SELECT source_row, place FROM m WHERE {condition} ORDER BY place"  # noqa: S608
        for row in query(statement, {"m": numbered}, used).to_pylist():
            findings.append(Finding(row["source_row"] or row["place"], severity, code, zh, en))
    for code, (severity, condition, zh, en) in _TWO.items():
        statement = (
            "SELECT n.source_row, n.place, coalesce(m.source_row, m.place) AS other "  # noqa: S608
            f"FROM lines m JOIN lines n ON m.place < n.place AND {condition} AND {_SAME} "
            "ORDER BY n.place, m.place"
        )
        for row in query(statement, {"lines": numbered}).to_pylist():
            texts = [text.format(other=row["other"]) for text in (zh, en)]
            findings.append(
                Finding(row["source_row"] or row["place"], severity, code, texts[0], texts[1])
            )
    if used_units is not None:
        findings += _units(numbered, used_units)
    return sorted(findings, key=lambda f: (f.row or 0, f.code))


def _units(numbered: pa.Table, used_units: pa.Table) -> list[Finding]:
    """Lines in a unit that no claim for the service uses: they will never be applied."""
    statement = """
    SELECT coalesce(m.source_row, m.place) AS row, m.unit,
           array_to_string(list(DISTINCT u.unit ORDER BY u.unit), ', ') AS units
    FROM m JOIN u ON u.service_type = m.service_type
    GROUP BY m.place, m.source_row, m.unit HAVING NOT bool_or(u.unit = trim(m.unit)) ORDER BY 1
    """
    return [
        Finding(row["row"], "warning", "unit_unused",
                f"单位“{row['unit']}”与申请所用单位（{row['units']}）不符，不会被采用",
                f"unit {row['unit']!r} is not what claims use ({row['units']}): never applied")
        for row in query(statement, {"m": numbered, "u": used_units}).to_pylist()
    ]  # fmt: skip


def lint_text(findings: list[Finding], language: str) -> str:
    """The findings a line each, zh or en."""
    if not findings:
        return "目录无问题。" if language == "zh" else "Nothing to mend."
    marks = {"error": ("错误", "error"), "warning": ("提醒", "warning")}
    return "\n".join(
        f"{'第' if language == 'zh' else 'row'} {f.row}{' 行' if language == 'zh' else ''} "
        f"[{marks[f.severity][language == 'en']} {f.code}] "
        f"{f.sentence_zh if language == 'zh' else f.sentence_en}"
        for f in findings
    )
