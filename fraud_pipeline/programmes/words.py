"""Sentences from templates, and the words for why a check could not judge."""

from __future__ import annotations

import string
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.core.currency import CURRENCIES
from fraud_pipeline.core.sql import query
from fraud_pipeline.programmes.keys import KEYS
from fraud_pipeline.schema.inputs import INPUT_TABLES

# How a figure is written, as SQL over {0}. Display only: nothing is compared afterwards.
_KINDS = {
    "": "{0}::VARCHAR",
    "money": r"regexp_replace(format('{{:,.2f}}', {0}::DOUBLE), '\.00$', '')",
    "pct": r"regexp_replace(format('{{:.1f}}', 100 * {0}::DOUBLE), '\.0$', '') || ' %'",
    "int": "format('{{:d}}', {0}::BIGINT)",
    "num": "format('{{:.2f}}', {0}::DOUBLE)",
}

REASONS: dict[str, tuple[str, str]] = {
    "few_peers": ("可比对象太少", "too few peers to compare with"),
    "no_contract": ("找不到该申请的合同", "the claim's contract is not in the data"),
    "no_invoice": ("找不到该合同的发票", "no invoice of the contract is in the data"),
    "no_payment": ("找不到该合同的付款", "no payment of the contract is in the data"),
    "no_enterprise": ("企业表中没有该企业", "the enterprise is not in the data"),
    "no_institution": ("机构表中没有该机构", "the institution is not in the data"),
    "no_voucher": ("找不到该申请的创新券", "the claim's voucher is not in the data"),
    "no_payee": (
        "收款方未具名（隐去、不详或汇总）",
        "the payee is not named (withheld, unknown or many at once)",
    ),
    "no_text": ("没有足够长的文字", "there is no text long enough"),
    "month_only": (
        "只有年月，没有日，答案取决于哪一天",
        "only the month is known, and the day decides",
    ),
    "no_dates": ("没有可比较的日期", "no two dates to compare"),
    "no_numbers": ("没有可比对的编号", "no document number to compare"),
    "no_contacts": ("没有联系方式", "no contact detail is known"),
    "no_links": ("双方没有可比对的信息", "nothing is known of both sides to compare"),
    "no_period": ("制度的施行期不明", "the programme's period is not known"),
    "unknown_place": (
        "所填地名不能判断是否在规定地区内，请核对地名",
        "the place does not show whether it lies in the programme's area: check the place names",
    ),
    "unknown_qualification": (
        "认定情况中有制度包不认识的资格，请核对",
        "a qualification is written in a way the programme pack does not know: check the codes",
    ),
    "unknown_category": (
        "机构类别未明确，不能判断",
        "the institution's category does not say what it is",
    ),
    "unknown_service": (
        "服务类型不在清单之内，不能判断是否可用券，请核对",
        "a kind of service that no list knows: check whether vouchers may pay it",
    ),
    "no_price": ("价格目录中没有该服务", "the catalogue has no price for the service"),
    "wide_prices": ("同名服务价格相差太大", "prices under this title lie too wide apart"),
    "no_calendar": (
        "该日期的工作日历尚未公布",
        "no calendar of working days is known for the date",
    ),
    "unit_error": (
        "金额相差十倍、百倍或一万倍，疑为单位或位数错误",
        "off by a power of ten: an error of unit or digit first",
    ),
    "tax_difference": (
        "金额之差恰为发票所载税额，一方未含税，请核对",
        "they differ by just the tax on the invoice: one of the two is without tax",
    ),
}

# Reasons of one claim that, on many claims, mean that the pack's words are not the register's.
_UNREAD = ("unknown_place", "unknown_qualification", "unknown_category", "unknown_service")
UNREAD_SENTENCES: tuple[str, ...] = tuple(REASONS[code][1] for code in _UNREAD)


def reason(code: str) -> tuple[str, str]:
    """The words of a reason code, or of a 'table.column' that is empty."""
    if code in REASONS:
        return REASONS[code]
    table, column = code.split(".")
    if table == "law":
        key = KEYS[column]
        return f"未见确定的规定：{key.zh}", f"no settled rule known: {key.en}"
    schema = INPUT_TABLES[table]
    zh = schema.column(column).zh
    return f"未填{schema.zh}的{zh}", f"{table}.{column} is not known"


def absent(table: str) -> tuple[str, str]:
    """The words for a table that the source did not bring."""
    return f"未提供{INPUT_TABLES[table].zh}表", f"table {table} was not supplied"


def sentences(rows: pa.Table, template: str) -> pa.Array:
    """``template`` filled in for every row, as one string array.

    Fields are ``{column}``, ``{column:money}``, ``:pct``, ``:int`` or ``:num``;
    an unknown value is written as a question mark.
    """
    parts = []
    for literal, column, kind, _ in string.Formatter().parse(template):
        if literal:
            parts.append("'" + literal.replace("'", "''") + "'")
        if column is not None:
            if column not in rows.column_names:
                raise KeyError(f"the sentence names a column {column} that the check has not")
            written = _KINDS[kind or ""].format(f'"{column}"')
            parts.append(f"coalesce({written}, '?')")
    numbered = rows.append_column("__n", pa.array(range(rows.num_rows), pa.int64()))
    done = query(f"SELECT concat({', '.join(parts)}) AS s FROM hits ORDER BY __n",  # noqa: S608
                 {"hits": numbered})  # fmt: skip
    return done["s"].cast(pa.string()).combine_chunks()


def in_money(texts: pa.Array, money: Sequence[tuple[str, str]], language: int) -> pa.Array:
    """``texts``, written in yuan, with the money of each row's programme named instead.

    ``money`` holds (Chinese, English) names, one a row; ``language`` 0 or 1.
    """
    own = CURRENCIES["CNY"][language]
    for name in sorted({names[language] for names in money} - {own}):
        theirs = pa.array([names[language] == name for names in money])
        written = pc.replace_substring_regex(texts, rf"(\d)( ?){own}", rf"\1\2{name}")
        texts = pc.if_else(theirs, written, texts)
    return texts
