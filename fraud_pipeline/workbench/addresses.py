"""Addresses of claims and rings whose identifiers hold any character.

A slash or a name of dots would be read as folders, encoded or not, so the escape character of a
path here is ``~`` and not ``%``.
"""

from __future__ import annotations

from urllib.parse import quote, unquote


def slug(identifier: str) -> str:
    """The identifier as one part of a path.

    >>> slug("A/1 ~"), slug(".."), slug("C0000001")
    ('A~2F1~20~7E', '~2E~2E', 'C0000001')
    """
    encoded = quote(identifier, safe="").replace("~", "%7E").replace("%", "~")
    return encoded if encoded.strip(".") else encoded.replace(".", "~2E")


def identifier_of(part: str) -> str:
    """The identifier of a part of a path; plain ones stay as they are.

    >>> identifier_of("A~2F1~20~7E"), identifier_of("C0000001")
    ('A/1 ~', 'C0000001')
    """
    return unquote(part.replace("~", "%")) if "~" in part else part


def claim_address(claim_id: str) -> str:
    return f"/claims/{slug(claim_id)}"


def ring_address(ring_id: str) -> str:
    return f"/rings/{slug(ring_id)}"


def entity_address(kind: str, key: str) -> str:
    """The page of an enterprise or institution (by its code), or of an entity (by its token)."""
    return f"/entities/{kind}/{slug(key)}"


def case_address(case_id: int) -> str:
    return f"/cases/{case_id}"
