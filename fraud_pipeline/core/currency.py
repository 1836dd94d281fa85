"""The names of currencies, and amounts written in them: the one place where money becomes words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

UNNAMED = "XXX"  # ISO 4217: the amounts are in one currency that nobody has named
HOME = "CNY"  # what sentences and pages are written in
# code -> the words that follow an amount, Chinese and English
CURRENCIES: dict[str, tuple[str, str]] = {
    "CNY": ("元", "yuan"),
    "EUR": ("欧元", "euros"),
    "GBP": ("英镑", "pounds"),
    "CAD": ("加元", "Canadian dollars"),
    "SGD": ("新加坡元", "Singapore dollars"),
    "USD": ("美元", "US dollars"),
    "AUD": ("澳元", "Australian dollars"),
    "BRL": ("雷亚尔", "reais"),
    "MXN": ("墨西哥比索", "Mexican pesos"),
    "INR": ("卢比", "rupees"),
    "CHF": ("瑞士法郎", "Swiss francs"),
    "SEK": ("瑞典克朗", "Swedish kronor"),
    "PLN": ("兹罗提", "zloty"),
    "CZK": ("捷克克朗", "Czech koruna"),
    "JPY": ("日元", "yen"),
    "NZD": ("新西兰元", "New Zealand dollars"),
    "HKD": ("港元", "Hong Kong dollars"),
    "NOK": ("挪威克朗", "Norwegian kroner"),
    "DKK": ("丹麦克朗", "Danish kroner"),
    "KRW": ("韩元", "won"),
    "TWD": ("新台币", "New Taiwan dollars"),
    "RUB": ("卢布", "roubles"),
    "UAH": ("格里夫纳", "hryvnias"),
    "TRY": ("土耳其里拉", "Turkish lira"),
    "ZAR": ("兰特", "rand"),
    "CLP": ("智利比索", "Chilean pesos"),
    "COP": ("哥伦比亚比索", "Colombian pesos"),
    "ARS": ("阿根廷比索", "Argentine pesos"),
    "HUF": ("福林", "forints"),
    "RON": ("列伊", "lei"),
    # ISO 4217 for "no currency": the amounts are in one currency that the pack does not name
    "XXX": ("原币", "units of the source's currency"),
}


def unit(code: str, language: str) -> str:
    """The words that follow an amount: 元, "pounds"; a code without words stands for itself."""
    return CURRENCIES.get(code, (code, code))[0 if language == "zh" else 1]


def shared_currency(codes: Iterable[str]) -> str:
    """The currency of amounts that are added up; UNNAMED where they are in several, HOME without any."""
    distinct = set(codes)
    return distinct.pop() if len(distinct) == 1 else UNNAMED if distinct else HOME


def money(amount: Decimal | float | None, code: str, language: str) -> str:
    """An amount with its currency; decimals only where they are not zero.

    >>> money(Decimal("1234.50"), "GBP", "en"), money(Decimal("20000.00"), "CNY", "zh")
    ('1,234.50 pounds', '20,000 元')
    """
    if amount is None:
        return "?"
    return f"{figures(amount)} {unit(code, language)}"


def figures(amount: Decimal | float) -> str:
    """An amount with separators; decimals only where they are not zero."""
    return f"{amount:,.2f}".removesuffix(".00")


# Where the words of HOME stand in a sentence about an amount: after a figure, in brackets, alone.
_WRITTEN = re.compile(
    r"(?<=\d)(\s?)元|（元）|(?<=>)元(?=<)|(?<=[\d}>]\s)yuan\b|\(yuan\)|, yuan\b|(?<=>)yuan(?=<)"
)
# In the product's own templates, which hold no names: wherever the word is the currency's, and no filter.
_TEMPLATE = re.compile(
    r"(?<![\u4e00-\u9fff])元(?![\u4e00-\u9fff])|(?<=[万千亿])元|元(?=[；，、。）])|(?<!\| )\b[Yy]uan\b"
)


def in_currency(text: str, code: str, *, template: bool = False) -> str:
    """A sentence that is written in yuan, with the words of another currency.

    >>> in_currency("合计1,200元，at risk 3,000 yuan", "GBP")
    '合计1,200英镑，at risk 3,000 pounds'
    >>> in_currency('t("金额（元）", "amount, yuan")', "EUR", template=True)
    't("金额（欧元）", "amount, euros")'
    """
    if code == HOME:
        return text
    zh, en = unit(code, "zh"), unit(code, "en")
    pattern = _TEMPLATE if template else _WRITTEN
    return pattern.sub(
        lambda match: (
            match[0].replace("元", zh).replace("yuan", en).replace("Yuan", en.capitalize())
        ),
        text,
    )


def everywhere(value: Any, code: str) -> Any:
    """The texts inside lists and dictionaries, in another currency."""
    if code == HOME or not isinstance(value, str | list | tuple | dict):
        return value
    if isinstance(value, str):
        return in_currency(value, code)
    if isinstance(value, dict):
        return {key: everywhere(inner, code) for key, inner in value.items()}
    return type(value)(everywhere(inner, code) for inner in value)
