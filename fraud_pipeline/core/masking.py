"""Personal data shown only as far as a reviewer needs to recognise it."""

from __future__ import annotations

import functools
from collections.abc import Callable

from fraud_pipeline.core.erasure import is_tombstone

Mask = Callable[[str | None], str | None]


def _of_no_tombstone(mask: Mask) -> Mask:
    """What stands in the place of erased data hides nothing and is shown as it is."""

    @functools.wraps(mask)
    def masked(text: str | None) -> str | None:
        return text if text and is_tombstone(text) else mask(text)

    return masked


@_of_no_tombstone
def mask_name(name: str | None) -> str | None:
    """张三 -> 张*; the family name stays.

    >>> mask_name("欧阳修")
    '欧**'
    """
    return name if not name else name[0] + "*" * max(1, len(name) - 1)


@_of_no_tombstone
def mask_phone(phone: str | None) -> str | None:
    """
    >>> mask_phone("13812341234")
    '138****1234'
    """
    if not phone:
        return phone
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


@_of_no_tombstone
def mask_account(account: str | None) -> str | None:
    """
    >>> mask_account("6222020200112233")
    '****2233'
    """
    if not account:
        return account
    return f"****{account[-4:]}" if len(account) > 4 else "*" * len(account)


@_of_no_tombstone
def mask_email(email: str | None) -> str | None:
    """
    >>> mask_email("zhang@example.cn")
    'z***@example.cn'
    """
    if not email:
        return email
    name, at, host = email.partition("@")
    return f"{name[:1]}***{at}{host}"


MASKED = {
    "legal_representative": mask_name, "confirmed_by": mask_name, "phone": mask_phone,
    "contact_phone": mask_phone, "email": mask_email, "bank_account": mask_account,
    "payer_account": mask_account, "payee_account": mask_account,
}  # fmt: skip
