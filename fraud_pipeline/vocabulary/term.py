"""One entry of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Term(NamedTuple):
    """A code's label and, where the label does not say it all, its meaning in one sentence."""

    zh: str
    en: str
    meaning_zh: str = ""
    meaning_en: str = ""


def label(table: Mapping[str, Term], code: str | None, language: str) -> str:
    """The label of ``code``; a word that is no code of ``table`` stays as it is.

    >>> label({"testing": Term("检验检测", "testing")}, "testing", "zh")
    '检验检测'
    """
    entry = table.get(code or "")
    if entry is None:
        return code or ""
    return entry.zh if language == "zh" else entry.en
