"""Numbers as people write them: separators, currency, 万 and 亿, capital numerals (大写金额)."""

from __future__ import annotations

import re
from decimal import Decimal

from fraud_pipeline.ingest.cells import BadCell, plain

# Separators must stand where they belong: "1,50" is no hundred and fifty.
_NUMBER = re.compile(
    r"[+-]?(\d{1,20}|\d{1,3}([, ]\d{3})+|\d{1,4}(,\d{4})+)?(\.\d{1,20})?", re.ASCII
)
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+", re.ASCII)
_UNITS = {"千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_UNITS_IN_WORDS = (  # of other countries: 12.5 Lakh, 3 crores, 1.5 million, 120万円
    (Decimal(100_000), re.compile(r"\s*la(?:kh|c)s?\.?$", re.IGNORECASE)),
    (Decimal(10_000_000), re.compile(r"\s*crores?\.?$", re.IGNORECASE)),
    (Decimal(1_000_000), re.compile(r"\s*millions?$", re.IGNORECASE)),
    (Decimal(1_000_000_000), re.compile(r"\s*billions?$", re.IGNORECASE)),
)
_CURRENCY = re.compile(r"^(人民币|RMB|CNY|[¥$])\s*|\s*(RMB|CNY)$", re.IGNORECASE)

_REMARK = re.compile(r"(?<=[\d元圆整万])\s*\((含税|价税合计|人民币|大写|小写)\)$")
# One amount in figures and in capitals, as forms ask for it: 35000.00（叁万伍仟元整）
_TWICE = re.compile(r"([^()]+?)\s*\((?:大写|小写)?[:：]?\s*([^()]*[元圆整角分\d])\)")

_CAPITALS = {c: k for k, c in enumerate("零壹贰叁肆伍陆柒捌玖")} | {
    "〇": 0,
    "两": 2,
    "貳": 2,
    "參": 3,
    "陸": 6,
}
_CAPITALS |= {c: k for k, c in enumerate("一二三四五六七八九", start=1)}
_STEPS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_BLOCKS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_PARTS = {"角": Decimal("0.1"), "分": Decimal("0.01")}


def number(text: str, percent: bool = False) -> tuple[Decimal, str | None]:
    """A number, and the repair it took: ``number_format``, ``unit_in_cell``,
    ``accounting_negative``, ``capital_numerals`` or ``percent`` (only where allowed).

    Raises BadCell: ``not_a_number``; ``lost_digits`` for scientific notation, because
    a spreadsheet that showed 1.23E+05 has thrown the other digits away.
    """
    clean = re.sub(r"[\r\n]+", "", plain(text))
    twice = _TWICE.fullmatch(clean)
    if twice:
        return _written_twice(twice[1], twice[2], percent)
    clean = _REMARK.sub("", clean)
    bare, negative = _CURRENCY.sub("", clean).strip(), False
    if len(bare) > 2 and bare[0] == "(" and bare[-1] == ")":
        bare, negative = _CURRENCY.sub("", bare[1:-1]).strip(), True
    if bare[:1] in "+-" and _CURRENCY.match(bare[1:]):
        bare = bare[:1] + _CURRENCY.sub("", bare[1:])
    sign = -1 if negative else 1
    if any(c in _CAPITALS or c in "拾佰仟" for c in bare):
        return sign * _capital(bare), "capital_numerals"
    value, repair = _digits(bare, percent)
    if negative:
        return -value, "accounting_negative"
    return value, repair or (None if bare == text.strip() else "number_format")


def _written_twice(first: str, second: str, percent: bool) -> tuple[Decimal, str]:
    """Figures and capitals have to agree; where they do not, no one knows which is meant."""
    values = [number(part, percent)[0] for part in (first, second)]
    if values[0] != values[1]:
        raise BadCell("amounts_disagree")
    return values[0], "capital_numerals"


def _digits(bare: str, percent: bool) -> tuple[Decimal, str | None]:
    written = bare
    bare = re.sub(r"(元整|元正|元|圆整|圆)$", "", bare).strip()
    factor, unit = Decimal(1), False
    if bare[-1:] in _UNITS:
        factor, bare, unit = _UNITS[bare[-1]], bare[:-1].strip(), True
    elif bare[-1:].isalpha() or bare[-1:] == ".":
        factor, bare = _unit_in_words(bare)
        unit = factor != 1
    elif percent and bare.endswith("%"):
        factor, bare = Decimal("0.01"), bare[:-1].strip()
    if _SCIENTIFIC.fullmatch(bare):
        raise BadCell("lost_digits")
    if not bare.strip("+-.") or not _NUMBER.fullmatch(bare):
        raise BadCell("not_a_number")
    value = Decimal(bare.replace(",", "").replace(" ", "")) * factor
    if unit or factor != 1:
        return value, "unit_in_cell" if unit else "percent"
    return (
        value,
        None if bare == written and "," not in bare and " " not in bare else "number_format",
    )


def _unit_in_words(bare: str) -> tuple[Decimal, str]:
    """The factor that a word after the figure names, and the figure; 1 and all of it where there is none."""
    for factor, pattern in _UNITS_IN_WORDS:
        match = pattern.search(bare)
        if match:
            return factor, bare[: match.start()]
    return Decimal(1), bare


def _capital(text: str) -> Decimal:
    """叁万伍仟元整 -> 35000, 壹佰零伍元伍角 -> 105.5; every sign must have its place."""
    word = re.sub(r"(整|正)$", "", text).replace("圆", "元").lstrip(":： ")
    whole, _, rest = word.partition("元")
    if not re.search(r"[角分]", rest) and rest:
        raise BadCell("not_a_number")
    if "元" not in word and re.search(r"[角分]", whole):
        whole, rest = "", word
    return Decimal(_whole(whole)) + _fraction(rest)


def _whole(text: str) -> int:
    """Place values must fall; a bare last digit needs a 零 before it (壹佰伍 may mean 150)."""
    total, block, digit, last_step, after_zero = 0, 0, None, 10_000, True
    for sign in text:
        if sign in _CAPITALS:
            if digit:  # two digits in a row have no place value between them
                raise BadCell("not_a_number")
            after_zero = after_zero or digit == 0 or _CAPITALS[sign] == 0
            digit = _CAPITALS[sign]
        elif sign in _STEPS:
            step = _STEPS[sign]
            if step >= last_step or (digit is None and step != 10):
                raise BadCell("not_a_number")
            block, digit, last_step = block + (1 if digit is None else digit) * step, None, step
            after_zero = step == 10
        elif sign in _BLOCKS:
            block += _last(digit, after_zero)
            if block == 0 and total == 0:
                raise BadCell("not_a_number")
            size = _BLOCKS[sign]
            if size == 10_000:
                total += block * size
            else:
                total = (total + block) * size
            block, digit, last_step, after_zero = 0, None, 10_000, False
        else:
            raise BadCell("not_a_number")
    return total + block + _last(digit, after_zero)


def _last(digit: int | None, after_zero: bool) -> int:
    if digit and not after_zero:
        raise BadCell("not_a_number")
    return digit or 0


def _fraction(text: str) -> Decimal:
    value, parsed = Decimal(0), ""
    for digit, part in re.findall(r"零?(.)([角分])", text):
        if digit not in _CAPITALS or part in parsed or (part == "角" and "分" in parsed):
            raise BadCell("not_a_number")
        value, parsed = value + _CAPITALS[digit] * _PARTS[part], parsed + part
    if re.sub(r"零?.[角分]", "", text):
        raise BadCell("not_a_number")
    return value
