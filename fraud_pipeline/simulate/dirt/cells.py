"""Cells as people type, paste and export them: each kind of dirt with the value it hides.

A maker turns a true value into the text that stands in the cell, or gives None where its
kind of dirt cannot happen to that value. ``repairable`` says whether the true value can be
determined from the cell with certainty; what cannot has to be quarantined, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from fraud_pipeline.schema import Column, Kind
from fraud_pipeline.simulate.dirt.headers import WORDS

Maker = Callable[[Any, np.random.Generator], str | None]
_WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
_CYRILLIC = str.maketrans("ABCEHKMPTXY", "АВСЕНКМРТХУ")
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_SPOKEN = "〇一二三四五六七八九"
_ZERO_DAY = date(1899, 12, 30)
CREDIT_CODES = frozenset({"enterprise_id", "institution_id", "seller_id", "buyer_id", "payer_id",
                          "payee_id", "party_id", "incubator_id"})  # fmt: skip
PHONES = frozenset({"phone", "contact_phone"})
ACCOUNTS = frozenset({"bank_account", "payer_account", "payee_account"})


@dataclass(frozen=True)
class Dirt:
    """One kind of dirt: its name, how it is made, and whether it can be undone."""

    kind: str
    make: Maker
    repairable: bool = True


def _wide(value: Any, _: np.random.Generator) -> str:
    return str(value).translate(_WIDE)


def _no_break(value: Any, rng: np.random.Generator) -> str:
    return [f"\u00a0{value}", f"{value}\u3000", f" {value}\u200b", f"\t{value}"][rng.integers(4)]


def _money(text: Callable[[Decimal], str | None], least: int = 0) -> Maker:
    return lambda value, _: text(value) if value >= least else None


def _wan(value: Decimal, rng: np.random.Generator) -> str | None:
    if value < 100:
        return None
    short = format((value / 10_000).normalize(), "f")
    return short + ["万", "万元", " 万元"][rng.integers(3)]


def capitals(value: Decimal) -> str | None:
    """35000.50 -> 叁万伍仟元伍角; None below zero and from a hundred million on."""
    if not 0 < value < 10**8:
        return None
    fen = int(value * 100)
    yuan, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    words = _group(yuan // 10_000) + "万" if yuan >= 10_000 else ""
    rest = yuan % 10_000
    if rest:
        words += ("零" if words and rest < 1000 else "") + _group(rest)
    words += "元" if yuan else ""
    if not jiao and not cent:
        return words + "整"
    words += f"{_CAPITALS[jiao]}角" if jiao else ("零" if yuan else "")
    return words + (f"{_CAPITALS[cent]}分" if cent else "")


def _group(number: int) -> str:
    """Up to four digits, with one 零 for a gap."""
    words, gap = "", False
    for step, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = number // step % 10
        if digit:
            words += ("零" if gap and words else "") + _CAPITALS[digit] + name
        gap = not digit
    return words


def _scientific(value: Any, _: np.random.Generator) -> str | None:
    digits = str(value)
    return f"{float(digits):.2E}" if digits.replace(".", "").isdigit() else None


def _spoken_date(d: date, _: np.random.Generator) -> str:
    def number(n: int) -> str:
        tens, units = divmod(n, 10)
        return (("" if tens == 1 else _SPOKEN[tens]) + "十" if tens else "") + (
            _SPOKEN[units] if units else ""
        )

    return "".join(_SPOKEN[int(c)] for c in str(d.year)) + f"年{number(d.month)}月{number(d.day)}日"


def _swapped(old: str, new: str) -> Maker:
    return lambda v, _: v.replace(old, new) if old in v and len(v) == 18 else None


def _spaced(value: str, rng: np.random.Generator) -> str:
    step = 4 if len(value) != 11 else 3
    mark = " " if rng.random() < 0.7 else "-"
    return mark.join(value[k : k + step] for k in range(0, len(value), step))


def _changed(value: str, rng: np.random.Generator) -> str | None:
    """A code with one sign misread: the check character no longer fits."""
    if len(value) != 18:
        return None
    at = int(rng.integers(9, 17))
    return value[:at] + ("7" if value[at] != "7" else "4") + value[at + 1 :]


def _word(value: str, rng: np.random.Generator) -> str | None:
    words = WORDS.get(value)
    return None if words is None else words[rng.integers(len(words))]


def _without_zeros(value: str, _: np.random.Generator) -> str | None:
    short = value.lstrip("0")
    limit = {8: 6, 12: 11}.get(len(value), 99)
    return short if value.isdigit() and limit <= len(short) < len(value) else None


def _afternoon(t: datetime, _: np.random.Generator) -> str:
    half = "上午" if t.hour < 12 else "下午"
    return f"{t.year}/{t.month}/{t.day} {half} {(t.hour - 1) % 12 + 1}:{t:%M}"


def _misread(value: str, encoding: str) -> str | None:
    """UTF-8 read as another encoding, where nothing is lost by it."""
    try:
        text = value.encode().decode(encoding)
    except UnicodeError:
        return None
    return text if not value.isascii() and text.isprintable() else None


_EVERY = (Dirt("full_width", _wide), Dirt("invisible", _no_break))
_MONEY = (
    *_EVERY,
    Dirt("separators", _money(lambda v: f"{v:,.2f}", 1000)),
    Dirt("separators", _money(lambda v: f"{v:,.2f}".replace(",", "，"), 1000)),
    Dirt("currency", _money(lambda v: f"¥{v:,}")),
    Dirt("yuan_in_cell", _money(lambda v: f"{v}元")),
    Dirt("yuan_in_cell", _money(lambda v: f"人民币{v:,.2f}元整")),
    Dirt("yuan_in_cell", _money(lambda v: f"{v:.2f}元（含税）")),
    Dirt("line_break", _money(lambda v: f"{v:,.2f}".replace(",", ",\n"), 1000)),
    Dirt("written_twice", lambda v, _: f"{v:.2f}（{capitals(v)}）" if capitals(v) else None),
    Dirt(
        "amounts_disagree",
        lambda v, _: f"{v:.2f}元（{capitals(v + 1000)}）" if capitals(v) else None,
        False,
    ),
    Dirt("unit_in_cell", _wan),
    Dirt("capital_numerals", lambda v, _: capitals(v)),
    Dirt("accounting_negative", lambda v, _: f"({-v:,.2f})" if v < 0 else None),
    Dirt("accounting_negative", lambda v, _: f"\u2212{-v}" if v < 0 else None),
    Dirt("scientific", lambda v, _: f"{float(v):.2E}" if v >= 10_000 else None, False),
    Dirt("not_a_number", lambda v, _: f"约{v}", False),
    Dirt("not_a_number", lambda v, _: f"{v:.2f}".replace(".", ","), False),
    Dirt("spreadsheet_error", lambda _v, _: "#REF!", False),
)
_DATE = (
    *_EVERY,
    Dirt("chinese_date", lambda d, _: f"{d.year}年{d.month}月{d.day}日"),
    Dirt("dotted_date", lambda d, _: f"{d.year}.{d.month}.{d.day}"),
    Dirt("dotted_date", lambda d, _: f"{d.year}/{d.month:02d}/{d.day:02d}"),
    Dirt("compact_date", lambda d, _: f"{d:%Y%m%d}"),
    Dirt("compact_date", lambda d, _: f"{d:%Y%m%d}.0"),
    Dirt("chinese_date", lambda d, _: f"{d.year}年{d.month:02d}月{d.day:02d}号"),
    Dirt("weekday", lambda d, _: f"{d} 星期{'一二三四五六日'[d.weekday()]}"),
    Dirt("dotted_date", lambda d, _: f"{d.year}-{d.month}-{d.day}"),
    Dirt("excel_serial", lambda d, _: str((d - _ZERO_DAY).days)),
    Dirt("spoken_date", _spoken_date),
    Dirt("date_with_time", lambda d, _: f"{d} 00:00:00"),
    Dirt("month_only", lambda d, _: f"{d.year}/{d.month}" if d.day == 1 else None),
    Dirt("month_only", lambda d, _: f"{d.year}年{d.month}月" if d.day > 1 else None, False),
    Dirt("not_a_date", lambda d, _: f"{d.month}/{d.day}/{d.year}", False),
    Dirt("not_a_date", lambda d, _: f"{d.year}-{d.month:02d}-32", False),
    Dirt("short_year", lambda d, _: f"{d:%y}.{d.month}.{d.day}", False),
)
_INSTANT = (
    Dirt("chinese_date", lambda t, _: f"{t.year}年{t.month}月{t.day}日 {t:%H:%M}"),
    Dirt("dotted_date", lambda t, _: f"{t.year}/{t.month}/{t.day} {t:%H:%M}"),
    Dirt("afternoon", _afternoon),
    Dirt("excel_serial", lambda t, _: repr(round((t.replace(tzinfo=None) - datetime(1899, 12, 30))  # noqa: DTZ001
                                                 .total_seconds() / 86400, 9))),
    Dirt("utc", lambda t, _: f"{t.isoformat()}"),
    Dirt("full_width", lambda t, _: f"{t:%Y-%m-%d %H:%M}".translate(_WIDE)),
    Dirt("not_a_date", lambda t, _: f"{t:%m/%d/%Y}", False),
)  # fmt: skip
_CREDIT = (
    *_EVERY,
    Dirt("small_letters", lambda v, _: v.lower() if v.lower() != v else None),
    Dirt("letter_for_digit", _swapped("0", "O")),
    Dirt("letter_for_digit", _swapped("1", "I")),
    Dirt("letter_for_digit", _swapped("1", "l")),
    Dirt("line_break", lambda v, _: v[:9] + "\n" + v[9:]),
    Dirt("cyrillic", lambda v, _: v.translate(_CYRILLIC) if v.translate(_CYRILLIC) != v else None),
    Dirt("spaced", _spaced),
    Dirt("text_mark", lambda v, _: f"'{v}"),
    Dirt("lost_digits", lambda _v, rng: f"9.{rng.integers(100, 999)}E+17", False),
    Dirt("wrong_sign", _changed, False),
)
_PHONE = (*_EVERY, Dirt("spaced", _spaced), Dirt("country_code", lambda v, _: f"+86 {v}"),
          Dirt("country_code", lambda v, _: f"86-{v}"), Dirt("number_to_text", lambda v, _: f"{v}.0"),
          Dirt("lost_digits", _scientific, False))  # fmt: skip
_ACCOUNT = (*_EVERY, Dirt("spaced", _spaced), Dirt("text_mark", lambda v, _: f"'{v}"),
            Dirt("lost_digits", _scientific, False))  # fmt: skip
_CONTRACT_AMOUNT = (
    *_MONEY,
    Dirt("unit_slip", lambda v, _: format((v / 10_000).normalize(), "f"), False),
)
_NUMBER = (
    *_EVERY,
    Dirt("number_word", lambda v, _: f"No.{v}"),
    Dirt("formula_text", lambda v, _: f'="{v}"'),
    Dirt("leading_zeros", _without_zeros),
    Dirt("lost_digits", lambda v, r: _scientific(v, r) if len(v) == 20 else None, False),
)
_REFERENCE = (
    *_EVERY,
    Dirt("small_x", lambda v, _: v[:-1] + "x" if v.endswith(".X") else None),
    Dirt("cyrillic", lambda v, _: v[:-1] + "Х" if v.endswith(".X") else None),
    Dirt("cyrillic", lambda v, _: v[:-1] + "х" if v.endswith(".X") else None),
)
_SHARE = (
    Dirt("percent", lambda v, _: f"{format((Decimal(str(v)) * 100).normalize(), 'f')}%"),
    Dirt("full_width", _wide),
    Dirt("out_of_range", lambda v, _: f"{v * 1000 + 2:.0f}", False),
)
_COUNT = (
    *_EVERY,
    Dirt("counted", lambda v, _: f"{v}人"),
    Dirt("number_to_text", lambda v, _: f"{v}.0"),
    Dirt("not_a_count", lambda v, _: f"{v}+", False),
)
_QUANTITY = (*_EVERY, Dirt("not_a_number", lambda _v, _: "若干", False))
_CODE = (
    Dirt("word", _word),
    Dirt("word", _word),
    Dirt("full_width", _wide),
    Dirt("unknown_word", lambda _v, _: "见附件", False),
)
_TEXT = (
    Dirt(
        "control_characters",
        lambda v, r: v[: len(v) // 2] + "\x0b" + v[len(v) // 2 :] if v else None,
    ),
    Dirt("invisible", lambda v, _: f"\u00a0{v}\u3000"),
    Dirt("invisible", lambda v, _: v[:2] + "\u200b" + v[2:]),
    Dirt("wrong_encoding", lambda v, _: _misread(v, "gb18030")),
    Dirt("wrong_encoding", lambda v, _: _misread(v, "cp1252")),
    Dirt("broken", lambda v, _: v[:1] + "\ufffd" + v[2:], False),
)
_NAMES = (*_TEXT, Dirt("line_break", lambda v, _: v[:4] + "\n" + v[4:] if len(v) > 5 else None))  # fmt: skip


def dirt_of(column: Column) -> tuple[Dirt, ...]:
    """The kinds of dirt that a column of this name and kind gathers."""
    by_name = [(CREDIT_CODES, _CREDIT), (PHONES, _PHONE), (ACCOUNTS, _ACCOUNT),
               ({"contract_amount"}, _CONTRACT_AMOUNT), ({"invoice_no", "invoice_code"}, _NUMBER), ({"reference_no"}, _REFERENCE),
               ({"name", "address", "service_title", "item"}, _NAMES)]  # fmt: skip
    for names, kinds in by_name:
        if column.name in names:
            return kinds
    if column.kind is Kind.CODE and not column.codes:
        return (Dirt("word", _word), Dirt("full_width", _wide))  # any word may name a programme
    return {
        Kind.MONEY: _MONEY, Kind.DATE: _DATE, Kind.INSTANT: _INSTANT, Kind.SHARE: _SHARE,
        Kind.COUNT: _COUNT, Kind.NUMBER: _QUANTITY, Kind.CODE: _CODE, Kind.TEXT: _TEXT, Kind.ID: _EVERY,
    }.get(column.kind, ())  # fmt: skip
