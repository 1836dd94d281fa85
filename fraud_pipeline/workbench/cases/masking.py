"""Masking of personal data: in fields of its own and inside sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fraud_pipeline.core.masking import MASKED, mask_account, mask_email, mask_name, mask_phone

FIELDS = frozenset(MASKED)
# Columns of free text, which are scrubbed; codes and ids are left unchanged.
FREE_TEXT = frozenset((
    "sentence_zh", "sentence_en", "evidence", "evidence_zh", "evidence_en", "basis_zh", "basis_en", "reason", "reason_en", "detail", "text", "report_text",
    "service_title", "purpose", "item", "source", "story_zh", "story_en", "note",
))  # fmt: skip
# Personal data recognised by its form, in text written by a rule or an applicant.
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])\d{15,19}(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")
_LANDLINE = re.compile(r"(?<![0-9A-Za-z])0\d{2,3}-\d{7,8}(?![0-9A-Za-z])")


def mask_row(row: dict[str, Any], shown: Iterable[str] = ()) -> dict[str, Any]:
    """A row with its personal fields masked, except those named in ``shown``."""
    keep = set(shown)
    return {
        name: MASKED[name](value) if name in MASKED and name not in keep else value
        for name, value in row.items()
    }


def scrub(text: str | None, names: Iterable[str] = ()) -> str:
    """A sentence with e-mail addresses, accounts, phone numbers and ``names`` masked.

    >>> scrub("电话13812341234，张三", ["张三"])
    '电话138****1234，张*'
    """
    masked = text or ""
    masked = _EMAIL.sub(lambda m: mask_email(m[0]) or "", masked)
    masked = _ACCOUNT.sub(lambda m: mask_account(m[0]) or "", masked)
    masked = _MOBILE.sub(lambda m: mask_phone(m[0]) or "", masked)
    masked = _LANDLINE.sub(lambda m: mask_phone(m[0]) or "", masked)
    # a name of one character would match inside other words
    for name in sorted({n for n in names if n and len(n) > 1}, key=len, reverse=True):
        masked = masked.replace(name, mask_name(name) or "")
    return masked
