"""The secret of this installation, a file in the workspace from which other secrets are derived.

It is not in the database: read access to the tables must not suffice to forge a signature.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.store.files import writing
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.verification import KEY_FILE, key_fingerprint, recorded_key

FILE_NAME = KEY_FILE
_BYTES = 32


def installation_key(workspace: Path) -> bytes:
    """The secret, created on first use, readable for its owner only."""
    path = workspace / FILE_NAME
    with writing(path):
        workspace.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read(path)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(_BYTES))
            file.flush()
            os.fsync(file.fileno())
    return _read(path)


def _read(path: Path) -> bytes:
    for _ in range(50):  # another server may be writing it
        text = path.read_text("ascii", errors="replace").strip()
        if len(text) == 2 * _BYTES:
            return text.encode()
        time.sleep(0.02)
    raise WorkspaceError(f"{path}: not a key that was made here")


def record(connection: sa.Connection, workspace: Path) -> None:
    """Notes the secret's fingerprint in the log, once, so that a changed file is found."""
    if recorded_key(connection) is None:
        installation_key(workspace)
        audit_log.append(
            connection, None, "system", "installation-key", FILE_NAME,
            sha256=key_fingerprint((workspace / FILE_NAME).read_bytes()),
        )  # fmt: skip


def derive_secret(key: bytes, purpose: str) -> str:
    """The secret for one purpose (HMAC-SHA256, hex)."""
    return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()


def seal(key: bytes, purpose: str, value: dict[str, Any], seconds: int) -> str:
    """A signed value that expires after ``seconds``; it is readable, not encrypted."""
    body = json.dumps({**value, "until": int(time.time()) + seconds}, sort_keys=True)
    coded = base64.urlsafe_b64encode(body.encode()).decode()
    return f"{coded}.{_signature(key, purpose, coded)}"


def unseal(key: bytes, purpose: str, text: str) -> dict[str, Any] | None:
    """The value that ``seal`` signed; None when changed, for another purpose, or expired."""
    coded, _, mark = text.partition(".")
    if not hmac.compare_digest(_signature(key, purpose, coded).encode(), mark.encode()):
        return None
    value = dict(json.loads(base64.urlsafe_b64decode(coded)))
    return value if value.pop("until") >= time.time() else None


def _signature(key: bytes, purpose: str, coded: str) -> str:
    own = derive_secret(key, f"seal {purpose}").encode()
    return hmac.new(own, coded.encode(), hashlib.sha256).hexdigest()
