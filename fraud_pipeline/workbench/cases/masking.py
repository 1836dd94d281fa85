"""Personal data hidden wherever it may stand: in its own field, and inside sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fraud_pipeline.core.masking import MASKED, mask_account, mask_email, mask_name, mask_phone

FIELDS = frozenset(MASKED)
# Columns of free words; codes and ids are left as they are, whatever they look like.
WORDS = frozenset((
    "sentence_zh", "sentence_en", "evidence", "basis", "reason", "detail", "text", "report_text",
    "service_title", "purpose", "item", "source", "story_zh", "story_en", "note",
))  # fmt: skip
# Marks that are personal by their form, in words written by a rule or by a stranger.
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])\d{15,19}(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")
_LANDLINE = re.compile(r"(?<![0-9A-Za-z])0\d{2,3}-\d{7,8}(?![0-9A-Za-z])")


def mask_row(row: dict[str, Any], shown: Iterable[str] = ()) -> dict[str, Any]:
    """A row with its personal fields masked, but for those named in ``shown``."""
    keep = set(shown)
    return {
        name: MASKED[name](value) if name in MASKED and name not in keep else value
        for name, value in row.items()
    }


def scrub(text: str | None, names: Iterable[str] = ()) -> str:
    """A sentence without e-mail addresses, accounts, phone numbers and the given names.

    >>> scrub("电话13812341234，张三", ["张三"])
    '电话138****1234，张*'
    """
    said = text or ""
    said = _EMAIL.sub(lambda m: mask_email(m[0]) or "", said)
    said = _ACCOUNT.sub(lambda m: mask_account(m[0]) or "", said)
    said = _MOBILE.sub(lambda m: mask_phone(m[0]) or "", said)
    said = _LANDLINE.sub(lambda m: mask_phone(m[0]) or "", said)
    # a name of one character is in every other word
    for name in sorted({n for n in names if n and len(n) > 1}, key=len, reverse=True):
        said = said.replace(name, mask_name(name) or "")
    return said
