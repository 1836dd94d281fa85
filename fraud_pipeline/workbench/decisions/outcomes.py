"""Export of decisions as rows of the table ``outcomes``, the labels of the next run."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import sqlalchemy as sa

from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.schema.inputs import OUTCOMES
from fraud_pipeline.store import files
from fraud_pipeline.store.exports import export_tables
from fraud_pipeline.store.workspace import RING_JUDGEMENTS
from fraud_pipeline.workbench.db import published_files
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.db.state_verification import require_as_logged
from fraud_pipeline.workbench.db.tables import DECISIONS
from fraud_pipeline.workbench.db.tables import RING_JUDGEMENTS as RING_JUDGEMENTS_TABLE

# for training, an explained claim is a clean one
LABEL = {"explained": "clean"}
SOURCE = "workbench"


def outcomes_table(db: Database) -> pa.Table:
    """OUTCOMES: one row per effective verdict, by id.

    A verdict is effective when it needed no second review or that agreed, and nobody undid it
    or reopened the claim since. One appealed against is effective until another follows. The
    selection (stratum, inclusion probability) is that of the plan of the run in which it
    was decided; empty for a claim that was not drawn. Raises IntegrityError when a decision is not
    what the log says: nothing learns from a verdict that nobody gave.
    """
    d = DECISIONS
    with db.reading() as connection:
        require_as_logged(connection)
        selected = connection.execute(sa.select(d).order_by(d.c.id)).mappings()
        rows = [dict(row) for row in selected]
    return OUTCOMES.conform(
        pa.Table.from_pylist([_row(v) for v in effective_verdicts(rows)], schema=OUTCOMES.arrow)
    )


def effective_verdicts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The effective verdicts among decision rows, which must be in the order of ids."""
    agreed, fallen = set(), set()
    for row in rows:
        if row["kind"] == "second" and row["reason"] == "agree":
            agreed.add(row["refers_to"])
        elif row["kind"] in ("undo", "reopen", "second"):
            fallen.add(row["refers_to"])
    return [
        row
        for row in rows
        if row["kind"] == "verdict"
        and row["id"] not in fallen
        and (not row["needs_second"] or row["id"] in agreed)
    ]


def write_outcomes(db: Database, to: Path) -> int:
    """Writes the outcomes to ``to`` (.csv or .parquet); returns the number of rows."""
    if to.suffix not in (".csv", ".parquet"):
        raise SettingsError(f"{to}: outcomes are written as .csv or .parquet")
    table = outcomes_table(db)
    plain = table.select([n for n in table.column_names if not n.startswith("source_")])
    if to.suffix == ".parquet":
        files.write_table(to, plain)
    else:
        exported = export_tables({"outcomes": plain}, to.parent / f".{to.name}.tmp", ("csv",))[0]
        exported.replace(to)
        exported.parent.rmdir()
    return table.num_rows


def publish(db: Database, workspace: Path) -> Path:
    """Writes outcomes and judgements where the next run of this workspace reads them, when changed."""
    # under the table's Chinese name, so that it does not replace a file outcomes.* of the bureau
    name = f"{published_files.FOLDER}/{OUTCOMES.zh}.parquet"
    table = outcomes_table(db)
    plain = table.select([n for n in table.column_names if not n.startswith("source_")])
    published_files.write_table(workspace, name, plain)
    rows = ring_judgements(db)
    if rows.num_rows:
        published_files.write_table(workspace, RING_JUDGEMENTS, rows)
    return workspace / name


def ring_judgements(db: Database) -> pa.Table:
    """ring_id, party_id, action, decided_on: every judgement about a ring's member, by id."""
    j = RING_JUDGEMENTS_TABLE
    names = ("ring_id", "party_id", "action")
    with db.reading() as connection:
        selected = connection.execute(sa.select(*(j.c[n] for n in names), j.c.at).order_by(j.c.id))
        rows = [{**{n: row[n] for n in names}, "decided_on": _day(row["at"])}
                for row in selected.mappings()]  # fmt: skip
    kinds = [*((n, pa.string()) for n in names), ("decided_on", pa.date32())]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))


def _row(verdict: dict[str, Any]) -> dict[str, Any]:
    fen = verdict["disallowed_fen"]
    return {
        "outcome_id": f"WB{verdict['id']:08d}",
        "claim_id": verdict["claim_id"],
        "decided_on": _day(verdict["at"]),
        "verdict": LABEL.get(verdict["verdict"], verdict["verdict"]),
        "typology": verdict["typology"],
        "disallowed_amount": None if fen is None else Decimal(fen).scaleb(-2),
        "selected_by": verdict["selected_by"],
        "inclusion_prob": verdict["inclusion_prob"],
        "source_file": SOURCE,
        "source_row": verdict["id"],
    }


def _day(instant: str) -> date:
    """The day in China of an instant in UTC."""

    return datetime.fromisoformat(instant).astimezone(ZoneInfo(TIME_ZONE)).date()
