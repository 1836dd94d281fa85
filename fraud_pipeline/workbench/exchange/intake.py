"""Rows received from upstream systems: validated like a file, stored unchanged, and written
where the next run reads them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from fraud_pipeline import ingest
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest import json_rows
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.workbench.db import audit_log, published_files
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.db.state_verification import received_digest
from fraud_pipeline.workbench.exchange import webhooks

# Outcomes, sanctions and prices are not accepted: they come with the bureau's files.
ACCEPTED_TABLES = (
    "claims", "vouchers", "enterprises", "institutions", "contracts", "payments", "invoices",
    "deliverables",
)  # fmt: skip
MAX_ROWS = 2_000
Rows = dict[str, list[dict[str, str | None]]]


class RowsRejectedError(Exception):
    """The rows are rejected; ``problems`` has one entry per faulty cell."""

    def __init__(self, detail: str, problems: list[dict[str, Any]] | None = None):
        super().__init__(detail)
        self.problems = problems or []


def parse_rows(body: dict[str, Any]) -> Rows:
    """The rows of a request as text, as from a file. Raises RowsRejectedError."""
    unknown = sorted(set(body) - set(ACCEPTED_TABLES))
    if unknown:
        raise RowsRejectedError(f"unknown table {unknown[0]}")
    tables: Rows = {}
    for name, rows in body.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise RowsRejectedError(f"{name} must be a list of objects")
        tables[name] = [_text(name, row) for row in rows]
    if not tables.get("claims"):
        raise RowsRejectedError("there is no claim")
    if sum(map(len, tables.values())) > MAX_ROWS:
        raise RowsRejectedError(f"more than {MAX_ROWS} rows at once")
    return tables


def _text(table: str, row: dict[str, Any]) -> dict[str, str | None]:
    for column, value in row.items():
        if isinstance(value, str) and not value.replace("\n", "").replace("\t", "").isprintable():
            raise RowsRejectedError(
                f"{table}.{column[:60]} holds characters that cannot be printed"
            )
    try:
        return json_rows.text_row(table, row, table)
    except InputError as error:
        raise RowsRejectedError(str(error)) from None


def validate_rows(rows: Rows, programmes: Mapping[str, str]) -> Loaded:
    """The loader's reading of the rows. Raises NotTakenError when one would be set quarantined."""
    sources = [_source(name, part) for name, part in rows.items() if part]
    try:
        loaded = ingest.load(sources, IngestSettings(), known_programmes=programmes)
    except InputError as error:
        raise RowsRejectedError(str(error)) from None
    quarantined = loaded.quarantine.to_pylist()
    if quarantined:
        columns = ("table", "row", "column", "value", "reason_code", "detail")
        problems = [{name: row[name] for name in columns} for row in quarantined[:50]]
        # a list in JSON begins with its first row, a sheet with its header
        raise RowsRejectedError("rows cannot be used", [_with_row_index(p) for p in problems])
    return loaded


def _with_row_index(problem: dict[str, Any]) -> dict[str, Any]:
    row = problem["row"]
    return {**problem, "row": None if row is None else max(0, int(row) - 1)}


def _source(name: str, rows: list[dict[str, str | None]]) -> Source:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    frame = pa.table({c: pa.array([row.get(c) for row in rows], pa.string()) for c in columns})
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    # the loader knows a table by what its source is called
    return Source(name, name, "", digest, frame=frame)


def store_rows(db: Database, rows: Rows, who: str) -> tuple[int, int]:
    """Stores the rows in one transaction; returns (new rows, rows already known)."""
    r, new, known = t.RECEIVED, [], 0
    with db.writing() as connection:
        for name, part in rows.items():
            for row in part:
                body = json.dumps(row, ensure_ascii=False, sort_keys=True)
                key = _key(name, row) or hashlib.sha256(body.encode()).hexdigest()
                last = connection.execute(
                    sa.select(r.c.body).where(r.c.table_name == name, r.c.key == key)
                    .order_by(r.c.id.desc()).limit(1)
                ).scalar()  # fmt: skip
                if last == body:
                    known += 1
                else:
                    new.append({"table_name": name, "key": key, "body": body})
        claims = [row["key"] for row in new if row["table_name"] == "claims"]
        receipt = audit_log.append(
            connection, None, who, "receive", "claims", new=len(new), known=known,
            claims=claims[:100], sha256=received_digest([row["body"] for row in new]),
        )  # fmt: skip
        if new:
            stamp = {"who": who, "at": now(), "log_seq": receipt.seq}
            connection.execute(sa.insert(r), [{**row, **stamp} for row in new])
            webhooks.enqueue(connection, "claims", claims=claims[:1_000], log_seq=receipt.seq)
    return len(new), known


def _key(table: str, row: dict[str, str | None]) -> str:
    """The key of a row, as the loader defines it."""
    return "|".join(row.get(name) or "" for name in INPUT_TABLES[table].key)


def publish_rows(db: Database, workspace: Path, since: int) -> int:
    """Writes the received rows for the next run if there are newer ones than id ``since``.

    Of several rows with one key the latest counts. Returns the id of the last row.
    """
    r = t.RECEIVED
    with db.reading() as connection:
        last = int(
            connection.execute(sa.select(sa.func.coalesce(sa.func.max(r.c.id), 0))).scalar_one()
        )
        if last <= since:
            return since
        latest = sa.select(sa.func.max(r.c.id)).group_by(r.c.table_name, r.c.key)
        rows = connection.execute(
            sa.select(r.c.table_name, r.c.body).where(r.c.id.in_(latest)).order_by(r.c.id)
        ).all()
    for name in ACCEPTED_TABLES:
        part = [json.loads(row.body) for row in rows if row.table_name == name]
        if part:
            frame = _source(name, part).frame
            # under the table's Chinese name, so that it does not replace a file claims.* of the bureau
            file = f"{published_files.FOLDER}/{INPUT_TABLES[name].zh}.parquet"
            published_files.write_table(workspace, file, frame)
    return last
