"""Receipts of both chains of a workspace, signed: a file to keep where nobody of the bureau can change it.

A chain made anew as a whole is consistent with itself; only something kept elsewhere shows it. The
signature is Ed25519 over the receipt's content, so that whoever gets the file later knows who issued
it. The public key is in the file, which proves nothing by itself: pass the key that you know.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fraud_pipeline.errors import InputError, IntegrityError
from fraud_pipeline.store import files
from fraud_pipeline.store.files import writing
from fraud_pipeline.store.hash_chain import Receipt

_RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


@dataclass(frozen=True)
class SignedReceipt:
    """The ends of the ledger and of the log of decisions (empty without one), and who says so."""

    issued: str  # UTC, ISO 8601, by the clock of the machine that signed
    ledger: str  # NUMBER:HASH
    decisions: str
    public_key: str  # base64 of the 32 bytes of an Ed25519 key
    signature: str = ""  # base64, over everything else

    def content(self) -> bytes:
        """What is signed: the other fields as JSON with sorted keys and no blanks."""
        fields = {k: v for k, v in asdict(self).items() if k != "signature"}
        return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def new_key(path: Path) -> Path:
    """Makes a key pair: ``path`` (PEM, readable for its owner only) and ``path``.pub; returns that.

    Raises InputError when there is such a file already: a key is never replaced by accident.
    """
    public = path.with_name(f"{path.name}.pub")
    if path.exists() or public.exists():
        raise InputError("there is a key already", file=str(path))
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with writing(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
    files.write_bytes(public, key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ))  # fmt: skip
    return public


def issue(ledger: Receipt, decisions: Receipt | None, key_file: Path) -> SignedReceipt:
    """The receipt of both ends now, signed with the key. Raises InputError for a key it cannot use."""
    pem = files.read_text(key_file, "the key").encode()
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("not an Ed25519 key without a password, in PEM", file=str(key_file))
    public = base64.b64encode(key.public_key().public_bytes(*_RAW)).decode()
    at = datetime.now(UTC).isoformat(timespec="seconds")
    unsigned = SignedReceipt(at, str(ledger), str(decisions or ""), public)
    signature = base64.b64encode(key.sign(unsigned.content())).decode()
    return SignedReceipt(**{**asdict(unsigned), "signature": signature})


def write(receipt: SignedReceipt, path: Path) -> None:
    files.write_json(path, asdict(receipt))


def read(path: Path, signer: Path | None = None) -> SignedReceipt:
    """The receipt in a file, with its signature checked.

    ``signer``: the public key (PEM) that must have signed it; without it the receipt only proves
    that whoever holds the key named in it signed it. Raises IntegrityError for any other one.
    """
    try:
        receipt = SignedReceipt(**files.read_json(path))
        public = base64.b64decode(receipt.public_key, validate=True)
        signature = base64.b64decode(receipt.signature, validate=True)
        if base64.b64encode(signature).decode() != receipt.signature:
            raise ValueError("unused bits of the last character are set")
        Ed25519PublicKey.from_public_bytes(public).verify(signature, receipt.content())
    except (TypeError, ValueError, AttributeError, InvalidSignature):
        raise IntegrityError(f"{path}: the signature does not fit the receipt") from None
    if signer is not None and public != _public_bytes(signer):
        raise IntegrityError(f"{path}: signed by another key than {signer}")
    return receipt


def _public_bytes(path: Path) -> bytes:
    try:
        key = serialization.load_pem_public_key(files.read_text(path, "the public key").encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("not an Ed25519 public key in PEM", file=str(path))
    return key.public_bytes(*_RAW)
