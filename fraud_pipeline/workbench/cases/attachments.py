"""Files attached to a claim: stored once under their hash, never changed, never shown inline.

A file's name and declared type are not trusted: the kind is checked by the first bytes, and it
is only ever sent as a download.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.store import files
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.db.verification import UPLOADS
from fraud_pipeline.workbench.errors import ActionRefusedError

FOLDER = UPLOADS
MAX_PER_CLAIM = 50
# suffix -> what the first bytes of such a file are
_MAGIC_BYTES = {
    "pdf": (b"%PDF-",), "png": (b"\x89PNG\r\n\x1a\n",), "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",), "docx": (b"PK\x03\x04",), "xlsx": (b"PK\x03\x04",),
}  # fmt: skip
_REQUIRED_MEMBER = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_TEXT_KINDS = ("txt", "csv")
KINDS = (*_MAGIC_BYTES, *_TEXT_KINDS)


@dataclass(frozen=True)
class Upload:
    """A file uploaded with a form."""

    name: str
    data: bytes


def checked_kind(upload: Upload) -> str:
    """The file's suffix if its content matches it. Raises ActionRefusedError otherwise."""
    kind = upload.name.rsplit(".", 1)[-1].lower() if "." in upload.name else ""
    if kind in _MAGIC_BYTES:
        fits = upload.data.startswith(_MAGIC_BYTES[kind])
        if fits and kind in _REQUIRED_MEMBER:
            fits = _has_member(upload.data, _REQUIRED_MEMBER[kind])
    else:
        fits = kind in _TEXT_KINDS and b"\0" not in upload.data and _is_text(upload.data)
    if not fits:
        raise ActionRefusedError("file_kind")
    return kind


def _has_member(data: bytes, member: str) -> bool:
    """Whether this is an office file with ``member`` and without macros; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return member in names and not any(name.endswith("vbaProject.bin") for name in names)


def _is_text(data: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def store(
    db: Database, workspace: Path, claim_id: str, person: Person, upload: Upload, max_bytes: int
) -> int:
    """Stores a file and records it with the claim; returns its id.

    Raises ActionRefusedError: too large or empty, wrong kind, known already, too many.
    """
    values = write_content(workspace, upload, max_bytes)
    kind, digest, name = values["kind"], values["sha256"], values["name"]
    e = t.EVIDENCE_FILES
    with db.writing() as connection:
        held = connection.execute(sa.select(e.c.sha256).where(e.c.claim_id == claim_id)).scalars()
        known = list(held)
        if digest in known:
            raise ActionRefusedError("file_known")
        if len(known) >= MAX_PER_CLAIM:
            raise ActionRefusedError("too_many_files")
        receipt = audit_log.append(
            connection, person.id, person.name, "attach", f"claim {claim_id}", file=name,
            sha256=digest, bytes=len(upload.data),
        )  # fmt: skip
        inserted = connection.execute(
            sa.insert(e).values(
                claim_id=claim_id, name=name, kind=kind, bytes=len(upload.data), sha256=digest,
                by=person.id, who=person.name, at=now(), log_seq=receipt.seq,
            )
        )  # fmt: skip
        return int(inserted.inserted_primary_key[0])  # type: ignore[index]


def write_content(workspace: Path, upload: Upload, max_bytes: int) -> dict[str, Any]:
    """Stores the bytes of an upload under their hash; returns name, kind, bytes and sha256.

    Raises ActionRefusedError: too large or empty, wrong kind.
    """
    if not 0 < len(upload.data) <= max_bytes:
        raise ActionRefusedError("file_size")
    kind, digest = checked_kind(upload), hashlib.sha256(upload.data).hexdigest()
    path = _path(workspace, digest)
    if not path.is_file():
        files.write_bytes(path, upload.data)
    return {"name": _safe_name(upload.name), "kind": kind, "bytes": len(upload.data),
            "sha256": digest}  # fmt: skip


def _safe_name(name: str) -> str:
    """The file name without folders; other characters than letters, digits and ``.()- _`` become _."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[^\w.()\- ]", "_", last)[-120:].strip() or "file"


def _path(workspace: Path, digest: str) -> Path:
    return workspace / FOLDER / digest[:2] / digest


def list_for_claim(connection: sa.Connection, claim_id: str) -> list[dict[str, Any]]:
    """The files of a claim by id, oldest first; files that were erased are not among them."""
    e = t.EVIDENCE_FILES
    rows = connection.execute(sa.select(e).where(e.c.claim_id == claim_id).order_by(e.c.id))
    erased = audit_log.erased_uploads(connection)
    return [dict(row) for row in rows.mappings() if row["sha256"] not in erased]


def read_content(workspace: Path, row: dict[str, Any]) -> bytes:
    """A stored file's bytes. Raises IntegrityError when they differ from what was uploaded."""
    try:
        data = _path(workspace, row["sha256"]).read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != row["sha256"]:
        raise IntegrityError(
            f"文件 {row['name']} 缺失或被改动 / file {row['name']} is gone or was changed"
        )
    return data
