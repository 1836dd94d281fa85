"""Numbers from paths and forms."""

from __future__ import annotations

from fraud_pipeline.errors import UnknownRecordError


def record_id(text: str) -> int:
    """The id in a path. Raises UnknownRecordError when it is no number."""
    if not (text.isascii() and text.isdigit() and len(text) < 15):
        raise UnknownRecordError("there is no such record")
    return int(text)


def account_id(text: str) -> int:
    """The account id in a form; -1, which is no account, when it is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
