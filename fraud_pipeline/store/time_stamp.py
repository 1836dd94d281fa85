"""Time stamps of RFC 3161: an authority confirms that a receipt existed at its time.

The request and the parts of the response that are checked here are written and read as DER by
hand, since they are a few fixed fields. What is checked: the authority granted the request, and
its token holds the hash and the nonce that were sent. Its signature and certificate are checked by
``openssl ts -verify``, with the certificates that the bureau trusts.
"""

from __future__ import annotations

import hashlib
import http.client
import secrets
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from fraud_pipeline.errors import InputError, IntegrityError
from fraud_pipeline.store import files

SUFFIX = ".tsr"  # of the response beside the receipt
_SEQUENCE, _INTEGER, _OCTETS, _TRUE = 0x30, 0x02, 0x04, b"\x01\x01\xff"
_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier of SHA-256
_GRANTED = (0, 1)  # PKIStatus: granted, granted with modifications
_SECONDS, _MAX_BYTES = 20, 1 << 16


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def request_bytes(digest: bytes, nonce: int) -> bytes:
    """TimeStampReq for a SHA-256, asking for the certificate of the authority.

    >>> request_bytes(bytes(32), 1).hex()[:20]
    '30390201013031300d06'
    """
    imprint = _tlv(_SEQUENCE, _SHA256 + _tlv(_OCTETS, digest))
    return _tlv(_SEQUENCE, _integer(1) + imprint + _integer(nonce) + _TRUE)


def stamp(path: Path, authority: str) -> Path:
    """Asks the authority at an http(s) address to stamp the file; returns the file of its response.

    Raises InputError when the authority cannot be asked, IntegrityError when its answer is not
    about this file.
    """
    digest, nonce = hashlib.sha256(path.read_bytes()).digest(), secrets.randbits(63) | 1 << 62
    response = _ask(authority, request_bytes(digest, nonce))
    check_response(response, digest, nonce)
    answer = path.with_name(path.name + SUFFIX)
    files.write_bytes(answer, response)
    return answer


def check(path: Path) -> bool:
    """Whether the file has a time stamp that is about it; raises IntegrityError for another one's."""
    answer = path.with_name(path.name + SUFFIX)
    if not answer.is_file():
        return False
    check_response(answer.read_bytes(), hashlib.sha256(path.read_bytes()).digest())
    return True


def check_response(response: bytes, digest: bytes, nonce: int | None = None) -> None:
    """Raises IntegrityError unless the response grants a token with this hash and nonce."""
    try:
        whole, rest = _split(response, _SEQUENCE)
        status, token = _split(whole, _SEQUENCE)
        code = int.from_bytes(_split(status, _INTEGER)[0], "big")
    except (IndexError, ValueError):
        raise IntegrityError("the time stamp is not a response of RFC 3161") from None
    if code not in _GRANTED or not token or rest:
        raise IntegrityError(f"the authority granted no time stamp (status {code})")
    imprint = _tlv(_SEQUENCE, _SHA256 + _tlv(_OCTETS, digest))
    if imprint not in token or (nonce is not None and _integer(nonce) not in token):
        raise IntegrityError("the time stamp is not about this receipt")


def _ask(authority: str, body: bytes) -> bytes:
    if urllib.parse.urlsplit(authority).scheme not in ("http", "https"):
        raise InputError("the address of the time-stamp authority is http:// or https://")
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": "fraud-pipeline"}
    request = urllib.request.Request(authority, body, headers)  # noqa: S310 - checked above
    try:
        with _OPENER.open(request, timeout=_SECONDS) as answer:
            return bytes(answer.read(_MAX_BYTES))
    except urllib.error.HTTPError as error:
        raise InputError(f"the time-stamp authority answered {error.code}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        kind = type(error).__name__
        raise InputError(f"the time-stamp authority cannot be asked: {kind}") from None


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def _integer(value: int) -> bytes:
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _split(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Content of the first element, which must have ``tag``, and what follows it."""
    if data[0] != tag:
        raise ValueError(tag)
    start, length = 2, data[1]
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    if start + length > len(data):
        raise ValueError(length)
    return data[start : start + length], data[start + length :]
