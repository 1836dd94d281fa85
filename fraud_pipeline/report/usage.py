"""How a programme was used: the tables its bureau publishes, from the claims themselves.

Wuhan's study prints holders and users, how far vouchers were used up and which services took
what share; Changxing's its two classes of voucher; Shanxi's redeemed money by city and year.
Counts and sums of what is in the data, no estimate and no lead: money is exact, and what is
not known is a row of its own, never zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

from fraud_pipeline.core.currency import everywhere, in_currency
from fraud_pipeline.core.sql import query
from fraud_pipeline.errors import InputError
from fraud_pipeline.programmes.code_words import in_words
from fraud_pipeline.schema import Tables
from fraud_pipeline.vocabulary.services import SERVICE_FAMILIES

VIEWS = ("overview", "shares", "family", "service", "category", "class", "place", "year")


@dataclass(frozen=True)
class Column:
    """A column's headings, and how its figures are written: text | count | yuan | share."""

    zh: str
    en: str
    kind: str = "text"


@dataclass(frozen=True)
class Sheet:
    """One table of the report; the first cell of a row is a pair of words (zh, en)."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]


def in_money(sheets: Sequence[Sheet], code: str) -> list[Sheet]:
    """The sheets with headings in the words of a currency."""
    return [
        replace(
            sheet, zh=in_currency(sheet.zh, code), en=in_currency(sheet.en, code),
            columns=tuple(replace(c, zh=in_currency(c.zh, code), en=in_currency(c.en, code)) for c in sheet.columns),
            rows=tuple(tuple(everywhere(cell, code) for cell in row) for row in sheet.rows),
        )
        for sheet in sheets
    ]  # fmt: skip


_COUNTS = (Column("服务笔数", "services", "count"), Column("笔数占比", "share of services", "share"),
           Column("企业数", "enterprises", "count"), Column("机构数", "institutions", "count"),
           Column("申请兑付（元）", "claimed (yuan)", "yuan"),
           Column("金额占比", "share of amount", "share"),
           Column("已兑付（元）", "paid (yuan)", "yuan"),
           Column("笔均申请（元）", "mean claimed (yuan)", "yuan"))  # fmt: skip
_UNKNOWN = ("未填", "not known")

# Of every view: what a claim is counted under. `k` is the claim with its parties.
_UNDER = {
    # as Wuhan's study groups its seven kinds of service
    "family": """CASE WHEN k.service_type LIKE 'technology_%' THEN 'technology'
        WHEN k.service_type IN ('testing', 'novelty_search') THEN 'testing'
        WHEN k.service_type = 'incubation' THEN 'incubation'
        WHEN k.service_type LIKE 'patent_%' OR k.service_type IN ('trademark', 'software_copyright',
             'hightech_certification') THEN 'ip' ELSE 'other' END""",
    "service": "k.service_type",
    "category": "i.category",
    "class": "v.voucher_class",
    "year": "year(k.submitted_on)::VARCHAR",
}
_TITLES = {
    "family": ("按服务大类", "By family of services"),
    "service": ("按服务类型", "By kind of service"),
    "category": ("按机构类别", "By kind of institution"),
    "class": ("按券种", "By class of voucher"),
    "year": ("按申请年份", "By year of claim"),
}
_GROUPED = """
SELECT {under} AS label, count(*) AS n, count(DISTINCT k.enterprise_id) AS n_enterprises,
       count(DISTINCT k.institution_id) AS n_institutions, sum(k.claimed_amount) AS claimed,
       sum(k.paid_amount) AS paid
  FROM claims k LEFT JOIN institutions i USING (institution_id)
  LEFT JOIN vouchers v ON v.voucher_id = k.voucher_id
 GROUP BY label ORDER BY {order}
"""

# A voucher counts for whoever holds it, whoever claims on it.
_HOLDERS = """
WITH held AS (
    SELECT v.enterprise_id, sum(v.face_value) AS face FROM vouchers v GROUP BY 1
), spent AS (
    SELECT coalesce(v.enterprise_id, k.enterprise_id) AS enterprise_id,
           sum(k.voucher_used) AS used, count(*) AS n
      FROM claims k LEFT JOIN vouchers v ON v.voucher_id = k.voucher_id GROUP BY 1
), share AS (
    SELECT CASE WHEN s.n IS NULL THEN 0 WHEN s.used IS NULL OR h.face <= 0 THEN 4
                WHEN s.used <= 0 THEN 0 WHEN 2 * s.used < h.face THEN 1
                WHEN s.used < h.face THEN 2 ELSE 3 END AS part, h.face, s.used
      FROM held h LEFT JOIN spent s USING (enterprise_id)
)
SELECT part, count(*) AS n, sum(face) AS face, sum(used) AS used FROM share GROUP BY 1 ORDER BY 1
"""
_PARTS = (("未使用", "none used"), ("用去不足一半", "less than half"),
          ("用去一半以上、未用完", "half or more"), ("用完", "all used"),
          ("用量不明", "not known"))  # fmt: skip

_TOTALS = """
SELECT (SELECT count(DISTINCT enterprise_id) FROM vouchers) AS holders,
       (SELECT sum(face_value) FROM vouchers) AS issued,
       (SELECT count(*) FROM institutions) AS listed,
       count(*) AS n, count(DISTINCT enterprise_id) AS users,
       count(DISTINCT institution_id) AS active, sum(contract_amount) AS worth,
       sum(voucher_used) AS used, sum(claimed_amount) AS claimed, sum(paid_amount) AS paid
  FROM claims ORDER BY ALL
"""

_CELLS = """
SELECT coalesce(e.region, nullif(e.address, '')) AS place, year(k.paid_on) AS year,
       sum(k.paid_amount) AS yuan
  FROM claims k LEFT JOIN enterprises e USING (enterprise_id)
 WHERE k.paid_amount IS NOT NULL GROUP BY ALL ORDER BY ALL
"""


def usage(
    tables: Tables,
    by: str | None = None,
    *,
    places: Sequence[str] = (),
    periods: Sequence[str] = (),
) -> list[Sheet]:
    """The view ``by`` of ``VIEWS``, or all that the data can fill.

    ``places``: words that name a place where regions are written at length; ``periods``: columns
    of the table by place, as 2018 or 2019-2021. Money by place and period is what was paid, on
    the day it was paid. Raises InputError for an unknown view, a period that is none, and a view
    whose table was not supplied.
    """
    if by is not None and by not in VIEWS:
        raise InputError(f"there is no view {by!r} of usage, only {', '.join(VIEWS)}")
    chosen = VIEWS if by is None else (by,)
    needs = {"shares": "vouchers", "class": "vouchers", "category": "institutions",
             "place": "enterprises"}  # fmt: skip
    sheets = []
    for view in chosen:
        if view in needs and not tables.supplied(needs[view]):
            if by is None:
                continue
            raise InputError(f"usage by {view} needs the table {needs[view]}, which is not given")
        sheets.append(_sheet(view, tables, places, periods))
    return sheets


def _sheet(view: str, tables: Tables, places: Sequence[str], periods: Sequence[str]) -> Sheet:
    if view == "overview":
        return _overview(tables)
    if view == "shares":
        return _used_up(tables)
    if view == "place":
        return _by_place(tables, places, [_period(p) for p in periods])
    return _grouped(view, tables)


def _overview(tables: Tables) -> Sheet:
    row = _query_tables(_TOTALS, tables).to_pylist()[0]
    vouchers, institutions = tables.supplied("vouchers"), tables.supplied("institutions")
    figures: list[tuple[tuple[str, str], Any, str]] = [
        (("持券企业（家）", "voucher holders"), row["holders"] if vouchers else None, "count"),
        (("用券企业（家）", "users"), row["users"], "count"),
        (("用券企业占比", "users among holders"),
         row["users"] / row["holders"] if vouchers and row["holders"] else None, "share"),
        (("发放（元）", "issued (yuan)"), row["issued"] if vouchers else None, "yuan"),
        (("使用（元）", "used (yuan)"), row["used"], "yuan"),
        (("申请兑付（元）", "claimed (yuan)"), row["claimed"], "yuan"),
        (("已兑付（元）", "paid (yuan)"), row["paid"], "yuan"),
        (("使用率", "used of what was issued"), _ratio(row["used"], row["issued"]), "share"),
        (("服务（笔）", "services"), row["n"], "count"),
        (("合同额（元）", "worth of contracts (yuan)"), row["worth"], "yuan"),
        (("入库机构（家）", "institutions listed"), row["listed"] if institutions else None, "count"),
        (("收券机构（家）", "institutions with claims"), row["active"], "count"),
    ]  # fmt: skip
    columns = (Column("项目", "figure"), Column("数值", "value", "mixed"))
    rows = tuple((name, (value, kind)) for name, value, kind in figures if value is not None)
    return Sheet("overview", "总览", "Overview", columns, rows)


def _used_up(tables: Tables) -> Sheet:
    holders = _query_tables(_HOLDERS, tables).to_pylist()
    total = sum(row["n"] for row in holders)
    columns = (Column("用券程度", "how far used"), Column("企业数", "enterprises", "count"),
               Column("占比", "share", "share"), Column("持有面值（元）", "held (yuan)", "yuan"),
               Column("已用（元）", "used (yuan)", "yuan"))  # fmt: skip
    rows = tuple(
        (_PARTS[r["part"]], r["n"], r["n"] / total, r["face"], r["used"] or Decimal("0.00"))
        for r in holders
    )
    return Sheet("shares", "持券企业用券程度", "How far holders used their vouchers", columns, rows)


def _grouped(view: str, tables: Tables) -> Sheet:
    order = "label" if view == "year" else "n DESC, label"
    groups = _query_tables(_GROUPED.format(under=_UNDER[view], order=order), tables).to_pylist()
    n, claimed = sum(r["n"] for r in groups), sum(r["claimed"] for r in groups)
    rows = tuple(
        (
            _label_pair(r["label"]), r["n"], r["n"] / n, r["n_enterprises"], r["n_institutions"], r["claimed"],
            _ratio(r["claimed"], claimed), r["paid"], (r["claimed"] / r["n"]).quantize(Decimal("0.01")),
        )
        for r in groups
    )  # fmt: skip
    zh, en = _TITLES[view]
    return Sheet(
        view, zh, en, (Column(zh.removeprefix("按"), en.removeprefix("By ")), *_COUNTS), rows
    )


def _by_place(tables: Tables, places: Sequence[str], periods: list[tuple[int, int]]) -> Sheet:
    records = _query_tables(_CELLS, tables).to_pylist()
    years = sorted({r["year"] for r in records if r["year"] is not None})
    spans = periods or [(year, year) for year in years]
    cells: dict[str, list[Decimal]] = {}
    for r in records:
        place = next((p for p in places if r["place"] and p in r["place"]), r["place"])
        row = cells.setdefault(place or "", [Decimal("0.00")] * (len(spans) + 1))
        at = next((k for k, (a, b) in enumerate(spans) if r["year"] and a <= r["year"] <= b), None)
        row[-1] += r["yuan"]
        if at is not None:
            row[at] += r["yuan"]
    order = {p: k for k, p in enumerate(places)}
    names = sorted(cells, key=lambda p: (p == "", order.get(p, len(order)), -cells[p][-1], p))
    rows = [((p, p) if p else _UNKNOWN, *cells[p]) for p in names]
    rows.append((("合计", "total"), *(sum(c, Decimal("0.00")) for c in zip(*cells.values(), strict=True))))  # fmt: skip
    heads = [f"{a}" if a == b else f"{a}-{b}" for a, b in spans]
    columns = (Column("地区", "place"), *(Column(h, h, "yuan") for h in heads),
               Column("合计", "total", "yuan"))  # fmt: skip
    return Sheet(
        "place", "各地各年已兑付（元）", "Paid by place and year (yuan)", columns, tuple(rows)
    )


def _period(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdigit() and (last or first).isdigit()) or int(first) > int(last or first):
        raise InputError(f"{text!r} is not a period like 2018 or 2019-2021")
    return int(first), int(last or first)


def _label_pair(label: str | None) -> tuple[str, str]:
    if label is None:
        return _UNKNOWN
    if label in SERVICE_FAMILIES:
        return SERVICE_FAMILIES[label][:2]
    return in_words(label, "zh"), in_words(label, "en")


def _ratio(part: Decimal | None, whole: Decimal | None) -> float | None:
    return float(part / whole) if part is not None and whole else None


def _query_tables(statement: str, tables: Tables) -> pa.Table:
    source_tables = {n: tables[n] for n in ("claims", "vouchers", "enterprises", "institutions")}
    return query(statement, source_tables)
