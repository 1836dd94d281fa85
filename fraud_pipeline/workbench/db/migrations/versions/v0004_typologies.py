"""Typology codes recorded under a wrong label are replaced by the codes that mean it.

Up to v0003 the verdict form named five codes otherwise than the rules do. Each row below is the pair
of a code and the label then shown beside it, with the code that has that meaning in the catalogue.
Where no code has it (over-issue is no irregularity of a claim) the code is left empty and the label
is kept in the note. T24 was near enough and keeps its code.

The tables are append-only for everybody but this correction: their triggers are lifted for it and
set again in the same transaction. The log gets one row that names every row changed; the rows
before it are not touched, so the chain still verifies.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import context, op

revision = "v0004"
down_revision = "v0003"
branch_labels = None
depends_on = None

TABLES = ("decisions", "blind_checks")


class Correction(NamedTuple):
    """A code and the label it was shown with, and the code that means what the label says."""

    code: str
    label: str
    meant: str | None


CORRECTIONS = (
    Correction("T04", "虚假合同 sham contract", "T01"),
    Correction("T08", "价格虚高 inflated price", "T04"),
    Correction("T09", "超发 over-issue", None),
    Correction("T12", "服务未发生 service not rendered", "T01"),
)


def upgrade() -> None:
    """Corrects decisions and blind checks; ``attributes["reclassified"]`` says how many."""
    connection = op.get_bind()
    changed = {table: _wrong(connection, table) for table in TABLES}
    count = sum(len(rows) for rows in changed.values())
    context.config.attributes["reclassified"] = count
    if not count:
        return
    for table, rows in changed.items():
        _release(table)
        _correct(connection, table, rows)
        _forbid_change(table)
    _messages(connection)
    _log(connection, count, changed)


def _wrong(connection: sa.Connection, table: str) -> list[tuple[int, str]]:
    """(id, code) of the rows whose code was shown with another meaning."""
    codes = ", ".join(f"'{c.code}'" for c in CORRECTIONS)
    rows = connection.execute(
        sa.text(f"SELECT id, typology FROM {table} WHERE typology IN ({codes}) ORDER BY id")  # noqa: S608
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def _correct(connection: sa.Connection, table: str, rows: list[tuple[int, str]]) -> None:
    by_code = {c.code: c for c in CORRECTIONS}
    statement = sa.text(
        f"UPDATE {table} SET typology = :meant, "  # noqa: S608
        "note = CASE WHEN :remark = '' THEN note WHEN note IS NULL THEN :remark "
        "ELSE note || ' ' || :remark END WHERE id = :id"
    )
    for row_id, code in rows:
        one = by_code[code]
        remark = "" if one.meant else f"（原问题类型：{one.code} {one.label.split()[0]}）"
        connection.execute(statement, {"meant": one.meant, "remark": remark, "id": row_id})


def _messages(connection: sa.Connection) -> None:
    """Messages about decisions that were not delivered yet say the right code."""
    meant = {c.code: c.meant for c in CORRECTIONS}
    waiting = connection.execute(
        sa.text("SELECT id, body FROM outbox WHERE event = 'decision' AND next_at IS NOT NULL")
    ).all()
    for row_id, body in waiting:
        message = json.loads(body)
        if _replace(message, meant):
            connection.execute(
                sa.text("UPDATE outbox SET body = :body WHERE id = :id"),
                {"body": json.dumps(message, ensure_ascii=False), "id": row_id},
            )


def _replace(message: dict[str, Any], meant: dict[str, str | None]) -> bool:
    if message.get("typology") not in meant:
        return False
    message["typology"] = meant[message["typology"]]
    return True


def _log(
    connection: sa.Connection, count: int, changed: dict[str, list[tuple[int, str]]]
) -> None:  # fmt: skip
    """One row at the end of the log, hashed as the log of this version hashes its rows."""
    seq, previous = connection.execute(sa.text("SELECT seq, hash FROM log_head")).one()
    detail = {
        "corrected": [
            {"code": c.code, "shown_as": c.label, "meant": c.meant,
             **{table: [i for i, code in rows if code == c.code] for table, rows in changed.items()}}
            for c in CORRECTIONS
        ],
        "rows": count,
    }  # fmt: skip
    row = {
        "seq": seq + 1, "at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "user_id": None, "who": "", "action": "reclassify", "subject": "typology codes",
        "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True), "previous": previous,
    }  # fmt: skip
    row["hash"] = hashlib.sha256(
        json.dumps(list(row.values()), ensure_ascii=False).encode()
    ).hexdigest()
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(sa.text(f"INSERT INTO log ({names}) VALUES ({values})"), row)  # noqa: S608
    connection.execute(
        sa.text("UPDATE log_head SET seq = :seq, hash = :hash WHERE id = 1"),
        {"seq": row["seq"], "hash": row["hash"]},
    )


def _release(table: str) -> None:
    """Lifts the triggers that refuse changes, inside this transaction."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}")
        return
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")


def _forbid_change(table: str) -> None:
    """Sets the triggers again, as they were."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only")


def downgrade() -> None:
    raise NotImplementedError("what people did is not unmade")
