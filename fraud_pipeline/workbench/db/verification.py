"""Verification of a whole workspace: the engine's checks, and the workbench's log of decisions."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from fraud_pipeline.core.report import Report
from fraud_pipeline.engine import verification
from fraud_pipeline.store import references
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.state_verification import state_faults


def verify_all(path: Path, address: str | None = None, receipt: Receipt | None = None) -> Report:
    """Every run, model, pack and plan, the chain over them, and the log of decisions.

    ``address`` is the workbench's database where it is not the workspace's own file,
    ``receipt`` a number and hash noted earlier. Returns what was checked, with the
    receipt to note now. Raises IntegrityError naming everything that is wrong.
    """
    check_log = functools.partial(log_faults, Workspace(path), address)
    return verification.verify_workspace(path, receipt, check_log)


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
            differences = list(state_faults(connection)) if check.is_intact else []
    finally:
        engine.dispose()
    if not check.is_intact:
        yield f"log of decisions, row {check.broken_at}: {check.problem}"
    yield from differences
