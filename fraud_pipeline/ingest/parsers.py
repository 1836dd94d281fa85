"""The careful parser of each kind of column; every one raises BadCell with a reason code."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from functools import partial
from typing import Any

from fraud_pipeline.ingest import cells
from fraud_pipeline.ingest.amounts import number
from fraud_pipeline.ingest.words import code_words, qualification_codes
from fraud_pipeline.schema import Column, Kind
from fraud_pipeline.settings import IngestSettings

Parsed = tuple[Any, str | None]
Parser = Callable[[str], Parsed]
_CENT = Decimal("0.01")
_MOST = Decimal(10) ** 15
_YUAN = re.compile(r"[元圆圓整正角分]\s*([(（](含税|价税合计|人民币)[)）])?\s*[)）]?\s*$")
PHONES = ("phone", "contact_phone")
ACCOUNTS = ("bank_account", "payer_account", "payee_account")
_ONE_LINE = ("name", "address", "legal_representative", "region", "industry", "service_title", "item",
             "unit", "source", "authority", "document_no", "confirmed_by", "status", "voucher_class")  # fmt: skip
_COUNTED = ("人", "名", "家", "个", "件", "项")


def parser(column: Column, settings: IngestSettings, factor: Decimal) -> Parser:
    """The function that reads one cell of ``column``: text -> (value, repair or None)."""
    scaled = {Kind.MONEY: _money, Kind.NUMBER: _real, Kind.SHARE: _share}
    if column.kind in scaled:
        return partial(scaled[column.kind], factor=factor)
    if column.kind in (Kind.DATE, Kind.INSTANT):
        return _within(column.kind, settings)
    if column.kind is Kind.CODE:
        return _code(column)
    by_name = {"qualifications": _qualifications, **dict.fromkeys(PHONES, cells.phone),
               **dict.fromkeys(ACCOUNTS, cells.account), **dict.fromkeys(_ONE_LINE, cells.line)}  # fmt: skip
    by_kind = {Kind.ID: cells.identifier, Kind.COUNT: _count, Kind.TEXT: cells.prose}
    return by_name.get(column.name) or by_kind[column.kind]


def _money(text: str, factor: Decimal) -> Parsed:
    """Exact yuan. A cell that names its own unit is not multiplied by the header's as well."""
    value, repair = number(text)
    if factor < 0:
        value, factor = -value, -factor
    if factor != 1 and repair != "unit_in_cell" and not _YUAN.search(text):
        value, repair = value * factor, repair or "unit_in_header"
    if abs(value) >= _MOST:
        raise cells.BadCell("number_too_large")
    rounded = value.quantize(_CENT, ROUND_HALF_EVEN)
    return rounded, "rounded_to_fen" if rounded != value else repair


def _real(text: str, factor: Decimal) -> Parsed:
    value, repair = number(text)
    return float(value * factor), repair or ("unit_in_header" if factor != 1 else None)


def _share(text: str, factor: Decimal) -> Parsed:
    value, repair = number(text, percent=True)
    if repair != "percent" and factor != 1:
        value, repair = value * factor, "percent"
    if not 0 <= value <= 1:
        raise cells.BadCell("share_out_of_range")
    return float(value), repair


def _count(text: str) -> Parsed:
    clean = cells.plain(text)
    counted = clean[-1:] in _COUNTED
    value, repair = number(clean[:-1] if counted else clean)
    if value != int(value) or value < 0:
        raise cells.BadCell("not_a_count")
    if value >= _MOST:
        raise cells.BadCell("number_too_large")
    return int(value), repair or ("number_format" if counted or clean != text.strip() else None)


def _within(kind: Kind, settings: IngestSettings) -> Parser:
    earliest, latest = settings.earliest_on, settings.latest_on

    def on(text: str) -> Parsed:
        value, repair = cells.day(text)
        if not earliest <= value <= latest:
            raise cells.BadCell("date_out_of_range")
        return value, repair

    def at(text: str) -> Parsed:
        value, repair = cells.instant(text)
        if not earliest <= value.date() <= latest:
            raise cells.BadCell("date_out_of_range")
        return value, repair

    return on if kind is Kind.DATE else at


def _code(column: Column) -> Parser:
    allowed = code_words(column.name, column.codes)

    def code(text: str) -> Parsed:
        word = cells.plain(text).lower()
        word = word if word in allowed else word.replace(" ", "")
        if not column.codes:
            canonical = allowed.get(word, word)
            return canonical, None if canonical == text.strip() else "code_spelling"
        if word not in allowed:
            raise cells.BadCell("unknown_code")
        return allowed[word], None if allowed[word] == text.strip() else "word_to_code"

    return code


def _qualifications(text: str) -> Parsed:
    codes_by_word = qualification_codes(cells.plain(text))
    return codes_by_word, "word_to_code" if codes_by_word != text.strip() else None
