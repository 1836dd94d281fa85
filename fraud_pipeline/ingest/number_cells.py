"""Amounts of a column put into plain numbers: marks of currencies, decimals, thousands and credits.

A decimal comma is read when the column proves it (122,62 has no other reading) or a mapping
says so; a column in which every point may part decimals or thousands is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest import currency_marks

POINT, COMMA = ".", ","
_GROUPS = " '.\u00a0\u202f\u2019"  # what parts thousands where the comma parts decimals
_SPACES = "\u00a0\u2007\u2009\u202f"
_CHINESE = frozenset(["¥", "￥", "元", "人民币", "RMB", "CNY"])
_PLAIN = r"^-?[0-9]+(\.[0-9]+)?$"
# one reading only: as decimal comma (122,62; 1.234,50; 1.234.567), or as decimal point
_COMMA_ONLY = (
    r"^[+-]?([0-9]+,[0-9]{1,2}|[0-9]{4,},[0-9]{3}|[0-9]{1,3}([. '][0-9]{3})+,[0-9]{1,4}|"
    r"[0-9]{1,3}(\.[0-9]{3}){2,})$"
)
_POINT_ONLY = (
    r"^[+-]?([0-9]+\.[0-9]{1,2}|[0-9]{4,}\.[0-9]+|[0-9]+\.[0-9]{4,}|[0-9]{1,3}([, '][0-9]{3})+\.[0-9]+|"
    r"[0-9]{1,3}(,[0-9]{3}){2,}|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}(\.[0-9]+)?)$"
)
_EITHER = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$"
_SEVERAL = 3  # distinct cells before a column is asked about
_PROVED_SHARE = 0.1  # of a column's distinct cells that prove the comma: fewer are slips
# thousands by comma, apostrophe or space, each the same all through, and 2,19,11,273.33 of India
_GROUPED = r"^-?([0-9]{1,3}((,[0-9]{3})+|('[0-9]{3})+|( [0-9]{3})+)|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3})(\.[0-9]+)?$"
_CREDIT = r"(?i)^(.*[0-9)])\s*CR\.?$"
_AFTER = r"^([^-(]*[0-9])\s*-$"  # 123.45-


@dataclass(frozen=True)
class NumberForm:
    """How the numbers of a column are written: decimal mark, mark of thousands, currency marks.

    ``thousands`` None = any mark that can be one; ``foreign`` = marks of other currencies.
    """

    decimal: str = POINT
    thousands: str | None = None
    marks: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()


def proved_decimal(words: pa.Array) -> tuple[str | None, str | None]:
    """(decimal mark that the distinct amounts prove, an amount with two readings).

    Both None where nothing speaks against the point.
    """
    n_comma = _count(words, _COMMA_ONLY)
    n_point = _count(words, _POINT_ONLY)
    n_words = len(words) - words.null_count
    if n_comma and not n_point and n_comma >= _PROVED_SHARE * n_words:
        return COMMA, None
    either = words.filter(pc.fill_null(pc.match_substring_regex(words, _EITHER), False))
    if n_comma or n_point or len(either) < max(_SEVERAL, _PROVED_SHARE * n_words):
        return None, None
    return None, min(either.to_pylist())


def _count(words: pa.Array, pattern: str) -> int:
    return pc.sum(pc.match_substring_regex(words, pattern)).as_py() or 0


def bare(words: pa.Array, form: NumberForm) -> pa.Array:
    """The amounts without marks of their currency and with credits as a minus in front."""
    text = pc.replace_substring_regex(words, f"[{_SPACES}]", " ")
    text = pc.utf8_trim_whitespace(pc.replace_substring_regex(text, "[\u2019\u02bc\u00b4]", "'"))
    text = currency_marks.without(text, form.marks)
    text = pc.replace_substring_regex(text, _CREDIT, r"-\1")
    text = pc.replace_substring_regex(text, r"(?i)\s*DR\.?$", "")
    return pc.replace_substring_regex(text, _AFTER, r"-\1")


def plain_numbers(words: pa.Array, form: NumberForm) -> tuple[pa.Array, pa.Array]:
    """(words, faults): plain numbers where they can be read here, the rest as it stood.

    Faults: ``other_currency``, and ``not_a_number`` for what the decimal comma does not read.
    """
    odd = pc.fill_null(pc.invert(pc.match_substring_regex(words, _PLAIN)), False)
    faults = pa.nulls(len(words), pa.string())
    if not pc.any(odd, min_count=0).as_py() and form.decimal == POINT:
        return words, faults
    text = bare(words, form)
    if form.foreign:
        foreign = currency_marks.without(text, form.foreign)
        other = pc.and_(pc.fill_null(pc.not_equal(foreign, text), False), odd)
        faults = pc.if_else(other, "other_currency", faults)
    if form.decimal == POINT:
        grouped = pc.match_substring_regex(text, _GROUPED)
        text = pc.if_else(grouped, pc.replace_substring_regex(text, "[,' ]", ""), text)
        text = _without_groups(text, form.thousands)
        return pc.if_else(odd, text, words), faults
    groups = _GROUPS if form.thousands is None else form.thousands
    read = pc.match_substring_regex(
        text, rf"^[+-]?([0-9]+|[0-9]{{1,3}}([{_class(groups)}][0-9]{{3}})+)(,[0-9]+)?$"
    )
    number = pc.replace_substring_regex(text, rf"[{_class(groups)}]", "") if groups else text
    number = pc.replace_substring(number, COMMA, POINT)
    separated = pc.match_substring_regex(text, r"[0-9][.,][0-9]")
    unread = pc.fill_null(pc.and_(separated, pc.invert(read)), False)
    faults = pc.if_else(pc.and_(unread, pc.is_null(faults)), "not_a_number", faults)
    return pc.if_else(pc.fill_null(read, False), number, text), faults


def _without_groups(text: pa.Array, thousands: str | None) -> pa.Array:
    """1'234.50 or 1 234.50 where the mapping names that mark."""
    if thousands in (None, "", ","):
        return text
    mark = _class(thousands or "")
    grouped = pc.match_substring_regex(text, rf"^-?[0-9]{{1,3}}([{mark}][0-9]{{3}})+(\.[0-9]+)?$")
    return pc.if_else(grouped, pc.replace_substring_regex(text, f"[{mark}]", ""), text)


def _class(marks: str) -> str:
    """Marks inside a bracket of a regular expression; a space stands for every kind of space."""
    spaces = "\u00a0\u202f" if " " in marks else ""
    return "".join("\\" + m if m in r"\]^-" else m for m in dict.fromkeys(marks + spaces))


def number_form(
    words: pa.Array, decimal: str, thousands: str | None, currencies: frozenset[str],
    own_marks: frozenset[str],
) -> NumberForm:  # fmt: skip
    """The form of a column in one of the ``currencies``; none named = the one its marks agree on."""
    mark_counts = currency_marks.marks_in(words)
    expected = currencies - {currency_marks.NO_CURRENCY}
    if not expected:
        expected = currency_marks.common_currencies(mark_counts) or _most_usual(mark_counts)
    allowed = currency_marks.marks_of(expected) | own_marks
    foreign = frozenset(currency_marks.MARKS) - allowed if expected else frozenset()
    # the careful parser knows yuan and its words, also beside capital numerals and units
    return NumberForm(decimal, thousands, allowed - _CHINESE, foreign)


def _most_usual(counts: dict[str, int]) -> frozenset[str]:
    """Where marks contradict, the currencies of the most frequent one; the others are faults."""
    if not counts:
        return frozenset()
    usual = max(sorted(counts), key=lambda mark: counts[mark])
    return frozenset(currency_marks.MARKS[usual])
