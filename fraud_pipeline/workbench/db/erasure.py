"""Erasure of a person's data from the workbench, and the order of an erasure in the whole workspace.

The chain of the log stays: an erased row keeps its hash, and a later row of the log (``erase``)
holds the hash of what stands there now, who erased it, and on what ground. Verdicts stay; only the
values inside notes, texts and names of files are replaced. A file handed in is removed as a whole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.core.erasure import Redaction
from fraud_pipeline.errors import SettingsError, UnknownRecordError
from fraud_pipeline.store import erasure, files, references, runs
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.db import audit_log, published_files
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.db.state_verification import received_digest
from fraud_pipeline.workbench.db.verification import UPLOADS

# Free text and rows received, by table; accounts of staff, sessions and tokens are no part of it.
_TEXTS = {
    t.DECISIONS: ("note", "reason"), t.BLIND_CHECKS: ("note", "reason"), t.RING_JUDGEMENTS: ("reason",),
    t.SIGN_OFFS: ("note",), t.EVIDENCE_FILES: ("name",), t.CASE_EVENTS: ("detail",),
    t.TUNING_EVENTS: ("detail",), t.RECEIVED: ("body",), t.CONFLICTS: ("reason",),
    t.FILTERS: ("name", "query"), t.OUTBOX: ("body", "problem"),
}  # fmt: skip
# Folders of copies and of intermediate results, made again when they are needed.
_COPIES = ("staging", "workbench-cache", "file-trials")


@dataclass(frozen=True)
class Request:
    """What is to be erased, and what the record says of it.

    ``values``: names, phones, e-mail addresses and accounts as the run holds them; ``uploads``:
    SHA-256 of files handed in; ``by`` and ``ground`` stand in the record for good.
    """

    values: tuple[str, ...]
    uploads: tuple[str, ...]
    by: str
    ground: str


@dataclass(frozen=True)
class Extent:
    """What an erasure would change, or has changed."""

    number: int
    runs: dict[str, erasure.Cells]
    rows: dict[str, int]  # table of the workbench -> rows
    published: tuple[str, ...]  # tables that the workbench wrote for the next run
    parties: tuple[str, ...]  # whose records hold a value in the last run
    remainders: tuple[str, ...]  # files that hold a value and are not changed

    @property
    def is_nothing(self) -> bool:
        return not (self.runs or self.rows or self.published)


def look(workspace: Workspace, request: Request, address: str | None = None) -> Extent:
    """What an erasure would change; nothing is written."""
    redaction = _redaction(workspace, request)
    database = references.decisions_address(workspace, address)
    rows: dict[str, int] = {}
    if database is not None:
        engine = sa.create_engine(database)
        with engine.connect() as connection:
            _require_uploads(connection, request.uploads)
            rows = _count_rows(connection, redaction)
        engine.dispose()
    elif request.uploads:
        raise UnknownRecordError("no file was handed in here")
    last = runs.find(workspace.path)
    published = _published(workspace, redaction)
    rest = erasure.remainders(workspace, redaction)
    return Extent(
        redaction.number, erasure.count(workspace, redaction), rows, tuple(published),
        tuple(erasure.parties_with(last, redaction)), tuple(r for r in rest if r not in published),
    )  # fmt: skip


def erase(workspace: Workspace, request: Request, address: str | None = None) -> Extent:
    """Erases the values everywhere in the workspace; its lock must be held by the caller."""
    erasure.finish(workspace)
    redaction, extent = _redaction(workspace, request), look(workspace, request, address)
    if extent.is_nothing and not request.uploads:
        return extent
    changed = erasure.prepare(workspace, redaction, extent.runs)
    own = workspace.path / references.WORKBENCH
    if address is not None or own.is_file():
        _erase_rows(Database(address or f"sqlite:///{own}"), redaction, request)
    for digest in request.uploads:
        (workspace.path / UPLOADS / digest[:2] / digest).unlink(missing_ok=True)
    for name in extent.published:
        table, _ = redaction.in_table(files.read_table(workspace.path / name))
        published_files.write_table(workspace.path, name, table)
    for folder in _COPIES:
        shutil.rmtree(workspace.path / folder, ignore_errors=True)
    record = {
        "number": redaction.number, "at": now(), "by": request.by, "ground": request.ground,
        "values": len(request.values), "runs": changed, "rows": sum(extent.rows.values()),
        "uploads": list(request.uploads), "published": list(extent.published),
    }  # fmt: skip
    erasure.commit(workspace, record)
    return extent


def _redaction(workspace: Workspace, request: Request) -> Redaction:
    if not request.values and not request.uploads:
        raise SettingsError("nothing to erase was named")
    short = [value for value in request.values if len(value) < 2]
    if short:
        raise SettingsError(f"a value of one character ({short[0]!r}) would be found everywhere")
    others = erasure.texts_of_others(workspace, request.values)
    return Redaction(erasure.next_number(workspace), request.values, others)


def _require_uploads(connection: sa.Connection, digests: Sequence[str]) -> None:
    e = t.EVIDENCE_FILES
    for digest in digests:
        if connection.execute(sa.select(e.c.id).where(e.c.sha256 == digest)).first() is None:
            raise UnknownRecordError(f"no file with the SHA-256 {digest} was handed in")


def _count_rows(connection: sa.Connection, redaction: Redaction) -> dict[str, int]:
    present = set(sa.inspect(connection).get_table_names())
    changed = {
        table.name: len(_changed_rows(connection, table, names, redaction))
        for table, names in {**_TEXTS, t.LOG: ("detail",)}.items()
        if table.name in present
    }
    return {name: n for name, n in changed.items() if n}


def _changed_rows(
    connection: sa.Connection, table: sa.Table, names: Sequence[str], redaction: Redaction
) -> list[tuple[Any, dict[str, str]]]:
    """Key of each row that holds a value, and its new texts."""
    key = next(iter(table.primary_key.columns))
    columns = [table.c[name] for name in names]
    if not redaction.values:
        return []
    holds = sa.or_(*(c.contains(v, autoescape=True) for c in columns for v in redaction.values))
    changed = []
    for row in connection.execute(sa.select(key, *columns).where(holds).order_by(key)).mappings():
        new = {n: redaction.replace(row[n]) for n in names if row[n] is not None}
        new = {n: text for n, text in new.items() if text != row[n]}
        if new:
            changed.append((row[key.name], new))
    return changed


def _erase_rows(db: Database, redaction: Redaction, request: Request) -> None:
    with db.writing() as connection:
        _allow_changes(connection, db, allowed=True)
        for table, names in _TEXTS.items():
            key = next(iter(table.primary_key.columns))
            for value, new in _changed_rows(connection, table, names, redaction):
                connection.execute(sa.update(table).where(key == value).values(**new))
        digests = _erase_log(connection, redaction)
        audit_log.append(
            connection, None, request.by, audit_log.ERASE, f"erasure {redaction.number}",
            ground=request.ground, values=len(request.values), rows=digests,
            uploads=list(request.uploads),
        )  # fmt: skip
        _allow_changes(connection, db, allowed=False)
    if db.url.get_backend_name() == "sqlite":
        _forget_free_pages(db)
    db.dispose()


def _erase_log(connection: sa.Connection, redaction: Redaction) -> dict[str, str]:
    """Replaces the values in the log; number of each changed row -> hash of what stands there now."""
    changed = dict(_changed_rows(connection, t.LOG, ("detail",), redaction))
    seqs = {*changed, *_received_with_tombstones(connection, redaction)}
    digests = {}
    for seq in sorted(seqs):
        row = dict(connection.execute(sa.select(t.LOG).where(t.LOG.c.seq == seq)).mappings().one())
        row["detail"] = changed.get(seq, {}).get("detail", row["detail"])
        if row["action"] == "receive":
            row["detail"] = _with_new_digest(connection, seq, row["detail"])
        connection.execute(sa.update(t.LOG).where(t.LOG.c.seq == seq).values(detail=row["detail"]))
        digests[str(seq)] = audit_log.digest(row)
    return digests


def _received_with_tombstones(connection: sa.Connection, redaction: Redaction) -> set[int]:
    r = t.RECEIVED
    holds = r.c.body.contains(f"ERASED-{redaction.number}-", autoescape=True)
    return set(connection.execute(sa.select(r.c.log_seq).where(holds)).scalars())


def _with_new_digest(connection: sa.Connection, seq: int, detail: str) -> str:
    """The log's words on received rows, with the hash of the rows as they are now."""
    r, values = t.RECEIVED, json.loads(detail)
    bodies = connection.execute(sa.select(r.c.body).where(r.c.log_seq == seq).order_by(r.c.id))
    if "sha256" in values:
        values["sha256"] = received_digest(list(bodies.scalars()))
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def _allow_changes(connection: sa.Connection, db: Database, *, allowed: bool) -> None:
    """Takes the triggers of append-only tables off, and puts them back, in one transaction."""
    for table in t.APPEND_ONLY:
        if db.url.get_backend_name() != "sqlite":
            verb = "DISABLE" if allowed else "ENABLE"
            connection.exec_driver_sql(f"ALTER TABLE {table} {verb} TRIGGER USER")
            continue
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            connection.exec_driver_sql(
                f"DROP TRIGGER IF EXISTS {name}" if allowed
                else f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )  # fmt: skip


def _forget_free_pages(db: Database) -> None:
    """Rewrites the file, so that what was replaced is in no unused page and in no WAL."""
    engine = sa.create_engine(db.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _published(workspace: Workspace, redaction: Redaction) -> list[str]:
    """Tables that the workbench wrote for the next run and that hold a value."""
    if not redaction.values:
        return []
    return [
        f"{published_files.FOLDER}/{path.name}"
        for path in sorted((workspace.path / published_files.FOLDER).glob("[!.]*.parquet"))
        if redaction.in_table(files.read_table(path))[1]
    ]


def read_values(path: Path) -> tuple[str, ...]:
    """The values of a file, one a line; blank lines count for nothing."""
    lines = files.read_text(path, "the list of values").splitlines()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
