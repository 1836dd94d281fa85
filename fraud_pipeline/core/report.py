"""What a command found out, for a person and for a program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Report:
    """``text``: lines in the language in use. ``facts``: the same with stable English keys.

    Values of ``facts`` are those of Python: amounts Decimal, days date, instants datetime.
    """

    text: str
    facts: dict[str, Any]
    currency: str = "CNY"  # of the amounts in ``text``, which is written in yuan
