"""Verification of a whole workspace: the engine's checks, and the workbench's log of decisions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from fraud_pipeline.core.report import Report
from fraud_pipeline.engine import verification
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.schema.inputs import OUTCOMES
from fraud_pipeline.store import files, references
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.db import audit_log, published_files
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.state_verification import state_faults

KEY_FILE = "workbench.key"
UPLOADS = "workbench-files"  # uploaded files, each under its SHA-256


def verify_all(
    path: Path, address: str | None = None, receipt: Receipt | None = None,
    decisions: Receipt | None = None,
) -> Report:  # fmt: skip
    """Every run, model, pack and plan, the chain over them, and the log of decisions.

    ``address`` is the workbench's database where it is not the workspace's own file,
    ``receipt`` an end of the ledger noted earlier, ``decisions`` one of the log of decisions. Returns what was checked, with the
    receipt to note now. Raises IntegrityError naming everything that is wrong.
    """

    def check_log(recorded: Receipt | None) -> Iterator[str]:
        yield from log_faults(Workspace(path), address, recorded)
        if decisions is not None:
            yield from _end_faults(Workspace(path), address, decisions)

    return verification.verify_workspace(path, receipt, check_log)


def _end_faults(workspace: Workspace, address: str | None, noted: Receipt) -> Iterator[str]:
    """Whether the log still has the end that was noted elsewhere."""
    database = references.decisions_address(workspace, address)
    if database is None:
        yield "the log of decisions is missing, and the receipt names it"
        return
    engine = sa.create_engine(database)
    try:
        with engine.connect() as connection:
            present = connection.execute(
                sa.select(t.LOG.c.hash).where(t.LOG.c.seq == noted.seq)
            ).scalar()
    except sa.exc.SQLAlchemyError:
        return  # what cannot be read is named by the other checks
    finally:
        engine.dispose()
    if present != noted.hash:
        yield f"log of decisions: the receipt is not met (row {noted.seq})"


def log_faults(
    workspace: Workspace, address: str | None, recorded: Receipt | None
) -> Iterator[str]:
    """Everything wrong with the log, in words; ``recorded`` is its end as the ledger has it."""
    database = references.decisions_address(workspace, address)
    if database is None:
        if recorded is not None:
            yield "the log of decisions is missing"
        return
    engine = sa.create_engine(database)
    try:
        with engine.connect() as connection:
            check = audit_log.verify(connection, recorded)
            differences = []
            if check.is_intact:
                differences = [*state_faults(connection), *_file_faults(workspace, connection)]
    except (sa.exc.SQLAlchemyError, ValueError, KeyError, TypeError) as error:
        reason = str(getattr(error, "orig", error)).split("\n", 1)[0]
        yield (
            f"the workbench's database ({references.WORKBENCH}) cannot be compared with its log, "
            f"open it with serve: {reason}"
        )
        return
    finally:
        engine.dispose()
    if not check.is_intact:
        yield f"log of decisions, row {check.broken_at}: {check.problem}"
    yield from differences


def _file_faults(workspace: Workspace, connection: sa.Connection) -> Iterator[str]:
    """Files of the workbench in the workspace that are not what the database says."""
    yield from installation_faults(workspace.path, connection)
    yield from _upload_faults(workspace, connection)
    yield from published_files.faults(workspace.path)
    yield from _published_faults(workspace, connection)


def installation_faults(workspace: Path, connection: sa.Connection) -> Iterator[str]:
    """Whether the installation's secret is the one that the log recorded when serving began."""
    recorded = recorded_key(connection)
    path = workspace / KEY_FILE
    if recorded is None:
        return
    if not path.is_file():
        yield f"{KEY_FILE} is missing"
    elif key_fingerprint(path.read_bytes()) != recorded:
        yield f"{KEY_FILE} is not the key that the log recorded"


def key_fingerprint(key: bytes) -> str:
    """SHA-256 of the key's file; the key has 256 random bits, so that it tells nothing of them."""
    return hashlib.sha256(key).hexdigest()


def recorded_key(connection: sa.Connection) -> str | None:
    """The fingerprint that the log has; None in a database of before it was recorded."""
    selected = sa.select(t.LOG.c.detail).where(t.LOG.c.action == "installation-key")
    detail = connection.execute(selected.order_by(t.LOG.c.seq.desc()).limit(1)).scalar()
    return None if detail is None else str(json.loads(detail)["sha256"])


def _upload_faults(workspace: Workspace, connection: sa.Connection) -> Iterator[str]:
    """Uploads are kept under their SHA-256; one that a claim names must be there."""
    for path in sorted((workspace.path / UPLOADS).glob("[!.]*/*")):
        if files.sha256_of(path) != path.name:
            yield f"{UPLOADS}/{path.parent.name}/{path.name} was changed"
    e, erased = t.EVIDENCE_FILES, audit_log.erased_uploads(connection)
    for digest, name in connection.execute(sa.select(e.c.sha256, e.c.name).order_by(e.c.id)):
        if digest in erased:
            continue
        if not (workspace.path / UPLOADS / digest[:2] / digest).is_file():
            yield f"{UPLOADS}/{digest[:2]}/{digest} ({name}) is missing"


def _published_faults(workspace: Workspace, connection: sa.Connection) -> Iterator[str]:
    """Labels published for the next run that no decision stands behind.

    A decision of the last seconds may be missing there, or one that was just undone be left.
    """
    path = workspace.path / "decisions" / f"{OUTCOMES.zh}.parquet"
    if not path.is_file():
        return
    try:
        rows = files.read_table(path).to_pylist()
    except (pa.ArrowException, OSError, FraudPipelineError) as error:
        yield f"decisions/{path.name} cannot be read: {str(error).splitlines()[0]}"
        return
    d = t.DECISIONS
    known = {row["id"]: row for row in connection.execute(
        sa.select(d.c.id, d.c.claim_id, d.c.verdict, d.c.typology, d.c.disallowed_fen)
        .where(d.c.kind == "verdict")).mappings()}  # fmt: skip
    for row in rows:
        number = str(row["outcome_id"]).removeprefix("WB")
        decision = known.get(int(number)) if number.isdigit() else None
        if decision is None:
            yield f"decisions/{path.name}: {row['outcome_id']} is no decision of the workbench"
            continue
        fen = None if row["disallowed_amount"] is None else int(row["disallowed_amount"] * 100)
        verdict = "clean" if decision["verdict"] == "explained" else decision["verdict"]
        wanted = (decision["claim_id"], verdict, decision["typology"], decision["disallowed_fen"])
        if (row["claim_id"], row["verdict"], row["typology"], fen) != wanted:
            yield f"decisions/{path.name}: {row['outcome_id']} is not what was decided"
