"""One secret of this installation, from which the others are derived; it lies beside the runs.

Not in the database: who can read the tables must not be able to sign in anybody's name.
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

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.store.files import writing

FILE_NAME = "workbench.key"
_BYTES = 32


def installation_key(workspace: Path) -> bytes:
    """The secret, made on first use, readable for its owner only."""
    place = workspace / FILE_NAME
    with writing(place):
        workspace.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read(place)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(_BYTES))
            file.flush()
            os.fsync(file.fileno())
    return _read(place)


def _read(place: Path) -> bytes:
    for _ in range(50):  # another server may be writing it this moment
        text = place.read_text("ascii", errors="replace").strip()
        if len(text) == 2 * _BYTES:
            return text.encode()
        time.sleep(0.02)
    raise WorkspaceError(f"{place}: not a key that was made here")


def derive_secret(key: bytes, purpose: str) -> str:
    """The secret for one purpose, in hex; another purpose's says nothing about it."""
    return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()


def seal(key: bytes, purpose: str, value: dict[str, Any], seconds: int) -> str:
    """A value that comes back unchanged or not at all, for a while; not hidden from its bearer."""
    body = json.dumps({**value, "until": int(time.time()) + seconds}, sort_keys=True)
    coded = base64.urlsafe_b64encode(body.encode()).decode()
    return f"{coded}.{_signature(key, purpose, coded)}"


def unseal(key: bytes, purpose: str, text: str) -> dict[str, Any] | None:
    """What ``seal`` made; None when it was changed, is for another purpose, or too old."""
    coded, _, mark = text.partition(".")
    if not hmac.compare_digest(_signature(key, purpose, coded).encode(), mark.encode()):
        return None
    value = dict(json.loads(base64.urlsafe_b64decode(coded)))
    return value if value.pop("until") >= time.time() else None


def _signature(key: bytes, purpose: str, coded: str) -> str:
    own = derive_secret(key, f"seal {purpose}").encode()
    return hmac.new(own, coded.encode(), hashlib.sha256).hexdigest()
