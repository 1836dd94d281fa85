"""The money a programme counts in, and how the sentences of a check name it.

Templates are written in yuan. A programme abroad counts in its own money from end to
end (limits in its pack, amounts in its claims), so only the word has to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fraud_pipeline.programmes.pack import Pack

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
    # ISO 4217 for "no currency": the amounts are in one currency that the pack does not name
    "XXX": ("原币", "units of the source's currency"),
}


def currencies_of(packs: Mapping[str, Pack]) -> dict[str, str]:
    """The currency that each programme counts in, by its id."""
    return {name: pack.currency for name, pack in packs.items()}
