"""The money a programme counts in, and how the sentences of a check name it.

Templates are written in yuan. A programme abroad counts in its own money from end to
end (limits in its pack, amounts in its claims), so only the word has to change.
"""

from __future__ import annotations

CURRENCIES: dict[str, tuple[str, str]] = {
    "CNY": ("元", "yuan"),
    "EUR": ("欧元", "euros"),
    "GBP": ("英镑", "pounds"),
    "CAD": ("加元", "Canadian dollars"),
    "SGD": ("新加坡元", "Singapore dollars"),
}
