"""Which runs people's work refers to: decisions, plans, models, pointers. Read only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.store import files, ledger
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.store.workspace import Workspace

WORKBENCH = "workbench.db"
# Tables of the workbench whose rows name the run they were made before.
_TABLES_WITH_RUN_ID = ("decisions", "ring_judgements", "sign_offs")


def decisions_address(workspace: Workspace, address: str | None = None) -> str | None:
    """The address of the workbench's database: ``address``, or the workspace's own file."""
    if address is not None:
        return address
    own = workspace.path / WORKBENCH
    return f"sqlite:///file:{own.resolve()}?mode=ro&uri=true" if own.is_file() else None


def by_decisions(workspace: Workspace, address: str | None = None) -> dict[str, str]:
    """Run id to the reason, for every run a decision, ring judgement or sign-off names.

    Raises WorkspaceError when there is such a database and it cannot be read: what is
    not known to be free is not free.
    """
    reasons: dict[str, str] = {}
    with _reading(decisions_address(workspace, address)) as connection:
        if connection is None:
            return {}
        present = set(sa.inspect(connection).get_table_names())
        for table in sorted(present.intersection(_TABLES_WITH_RUN_ID)):
            rows = connection.execute(sa.text(f"SELECT DISTINCT run_id FROM {table}"))  # noqa: S608 - a name from the list above
            reasons |= {str(run_id): f"{table} of the workbench" for (run_id,) in rows if run_id}
    return reasons


def decisions_head(workspace: Workspace, address: str | None = None) -> Receipt | None:
    """The end of the workbench's own chained log; None where there is none."""
    with _reading(decisions_address(workspace, address)) as connection:
        if connection is None or "log_head" not in sa.inspect(connection).get_table_names():
            return None
        row = connection.execute(sa.text("SELECT seq, hash FROM log_head")).first()
    return Receipt(int(row[0]), str(row[1])) if row and row[0] else None


def all_references(workspace: Workspace, address: str | None = None) -> dict[str, str]:
    """Run id to why it must stay: pointer, plans, commitments, models' training, decisions."""
    reasons = by_decisions(workspace, address)
    for plan in sorted((workspace.path / "plans").glob("[!.]*")):
        promise = plan / "commitment.json"
        committed = files.read_json(promise).get("run_id") if promise.is_file() else None
        reasons[committed or _run_of(plan.name)] = f"audit plan {plan.name}"
    for line in ledger.read(workspace):
        if line.kind == "commitment":
            reasons[line.subject.split(" ")[0]] = f"commitment of audit frame {line.subject}"
    for file in sorted(workspace.models.rglob("*.json")):
        reasons |= {run_id: f"model {file.parent.name}" for run_id in _runs_named_in(file)}
    latest = workspace.runs / "LATEST"
    if latest.is_file():
        reasons[latest.read_text("utf-8").strip()] = "LATEST"
    return reasons


def _run_of(plan: str) -> str:
    """``20170630-<16 hex>`` of a plan folder's name ``<run_id>-n120-s7``."""
    return "-".join(plan.split("-")[:2])


def _runs_named_in(file: Path) -> set[str]:
    run_ids: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                if key in ("run", "run_id", "trained_on") and isinstance(item, str):
                    run_ids.add(item)
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(files.read_json(file))
    return run_ids


@contextlib.contextmanager
def _reading(address: str | None) -> Iterator[sa.Connection | None]:
    if address is None:
        yield None
        return
    engine = sa.create_engine(address)
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).split("\n", 1)[0]
        raise WorkspaceError(f"the workbench's database cannot be read: {reason}") from None
    finally:
        engine.dispose()
