"""Currency marks as they stand in amounts, and the currencies that each of them can mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

# mark -> the currencies that are written with it
MARKS: dict[str, tuple[str, ...]] = {
    "¥": ("CNY", "JPY"), "￥": ("CNY", "JPY"), "元": ("CNY",), "人民币": ("CNY",), "RMB": ("CNY",),
    "£": ("GBP",), "₤": ("GBP",),
    "$": ("USD", "CAD", "SGD", "AUD", "NZD", "HKD", "MXN", "CLP", "COP", "ARS", "TWD"),
    "US$": ("USD",), "C$": ("CAD",), "CA$": ("CAD",), "S$": ("SGD",), "A$": ("AUD",), "AU$": ("AUD",),
    "NZ$": ("NZD",), "HK$": ("HKD",), "MX$": ("MXN",), "NT$": ("TWD",), "R$": ("BRL",), "₹": ("INR",),
    "Rs": ("INR",), "Rs.": ("INR",), "₩": ("KRW",), "₽": ("RUB",), "₴": ("UAH",), "₺": ("TRY",),
    "₪": ("ILS",), "zł": ("PLN",), "Kč": ("CZK",), "kr": ("SEK", "NOK", "DKK", "ISK"),
    "kr.": ("SEK", "NOK", "DKK", "ISK"), "Ft": ("HUF",), "lei": ("RON",), "лв": ("BGN",),
    "원": ("KRW",), "руб": ("RUB",), "руб.": ("RUB",), "грн": ("UAH",), "грн.": ("UAH",),
    "TL": ("TRY",), "Rp": ("IDR",), "Rp.": ("IDR",), "฿": ("THB",), "บาท": ("THB",), "₫": ("VND",), "đ": ("VND",),
    "RM": ("MYR",), "₱": ("PHP",), "₦": ("NGN",), "₡": ("CRC",), "₲": ("PYG",), "S/": ("PEN",), "€": ("EUR",),
    "Fr.": ("CHF",), "SFr.": ("CHF",), "円": ("JPY",),
}  # fmt: skip
_CODES = [
    "CNY",
    "EUR",
    "GBP",
    "USD",
    "CAD",
    "SGD",
    "AUD",
    "NZD",
    "HKD",
    "MXN",
    "CLP",
    "COP",
    "ARS",
    "TWD",
    "BRL",
    "INR",
    "KRW",
    "RUB",
    "UAH",
    "TRY",
    "ILS",
    "PLN",
    "CZK",
    "SEK",
    "NOK",
    "DKK",
    "ISK",
    "HUF",
    "RON",
    "BGN",
    "CHF",
    "JPY",
    "ZAR",
    "IDR",
    "THB",
    "VND",
    "MYR",
    "PHP",
    "NGN",
    "PEN",
    "SAR",
    "AED",
    "EGP",
]
MARKS |= {code: (code,) for code in _CODES}
CURRENCY_CODES = frozenset(_CODES)
NO_CURRENCY = "XXX"  # ISO 4217: the amounts are in one currency that nobody has named


def marks_of(currencies: Iterable[str]) -> frozenset[str]:
    """The marks that amounts in one of these currencies may bear."""
    wanted = set(currencies)
    return frozenset(mark for mark, codes in MARKS.items() if wanted & set(codes))


def marks_in(words: pa.Array) -> dict[str, int]:
    """How many of the distinct words bear each mark, before or after the number."""
    amounts = words.filter(pc.fill_null(pc.match_substring_regex(words, r"[0-9]"), False))
    before = pc.extract_regex(
        amounts, r"^[\s\-+(]*(?P<mark>[^0-9\s\-+().,]+\.?)\s*[-+]?[(]?[0-9.,]"
    )
    after = pc.extract_regex(amounts, r"[0-9.,]\s*(?P<mark>[^0-9\s\-+().,]+\.?)[\s)\-]*$")
    counts: dict[str, int] = {}
    known = {mark.lower(): mark for mark in MARKS}
    for amounts_with_mark in (before, after):
        for entry in pc.value_counts(
            pc.struct_field(amounts_with_mark, "mark").drop_null()
        ).to_pylist():
            mark = known.get(entry["values"].lower())
            if mark is not None:
                counts[mark] = counts.get(mark, 0) + int(entry["counts"])
    return counts


def common_currencies(marks: Mapping[str, int]) -> frozenset[str]:
    """The currencies that every one of these marks can mean; empty where they contradict."""
    each = [frozenset(MARKS[mark]) for mark in marks]
    return frozenset.intersection(*each) if each else frozenset()


def without(words: pa.Array, marks: frozenset[str]) -> pa.Array:
    """Amounts without these marks before or after the number; the sign stays."""
    if not marks:
        return words
    either = "|".join(re.escape(mark) for mark in sorted(marks, key=lambda m: (-len(m), m)))
    bare = pc.replace_substring_regex(words, rf"^(\s*[-+(]?\s*)(?i:{either})\s*", r"\1")
    return pc.replace_substring_regex(bare, rf"\s*(?i:{either})(\s*\)?\s*)$", r"\1")
