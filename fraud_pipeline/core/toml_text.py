"""TOML from outside: parsed, or refused before it takes all memory."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

_LONGEST = 4_000_000  # characters; the largest pack has 40,000
_PART = r"(?:[A-Za-z0-9_-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
# The parser keeps every beginning of a dotted key: 100,000 parts, 200 kB, take all memory.
# A search begins only where a part begins and gives nothing back, or a long word takes hours.
_DEEP_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{100}}")


def parse_toml(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The tree of a TOML text.

    Raises ValueError of one line for what is malformed, too long or nested too deep.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST:,} characters")
    if _DEEP_KEY.search(text):
        raise ValueError("a key has more than 100 parts")
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError:
        raise ValueError("nested too deep") from None
