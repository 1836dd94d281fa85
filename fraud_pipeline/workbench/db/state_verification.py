"""Compares what the database holds with the log: every row with the log row that made it.

Whoever can write to the database file can change a verdict and leave the log alone. The chain
proves the log, and this module proves the tables by it: decisions, second reviews, blind reviews,
judgements, sign-offs, files, cases, received rows, settings and the present state of claims;
accounts and who may come in: :mod:`.access_verification`.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.access_verification import access_faults

Row = dict[str, Any]
Log = dict[int, Row]  # by seq; ``detail`` parsed
_DECISION_ACTIONS = {
    "verdict": "decide", "second": "second", "undo": "undo", "reopen": "reopen", "appeal": "appeal",
}  # fmt: skip
_ACTIONS = (
    *_DECISION_ACTIONS.values(), "blind", "judge", "sign-off", "attach", "receive", "setting",
    "reclassify", "take", "release", "snooze", "assign", "case", "tuning",
)  # fmt: skip
# action -> status of the claim after it; a view renews the lock of a claim that is taken
_STATUS = {
    "take": ("taken",), "view": ("taken",), "release": ("open",), "snooze": ("snoozed",),
    "assign": ("open",), "decide": ("decided", "second"), "second": ("decided", "open"),
    "undo": ("taken", "open"), "reopen": ("open",), "appeal": ("open",),
}  # fmt: skip


def state_faults(connection: sa.Connection) -> Iterator[str]:
    """Every difference between the tables and the log, in words and in a fixed order."""
    log = _log(connection)
    corrected = _corrected(log)
    yield from _decision_faults(connection, log, corrected["decisions"])
    yield from _blind_faults(connection, log, corrected["blind_checks"])
    yield from _table_faults(connection, t.RING_JUDGEMENTS, log, "judge", _expected_judgement)
    yield from _table_faults(connection, t.SIGN_OFFS, log, "sign-off", _expected_sign_off)
    yield from _table_faults(connection, t.EVIDENCE_FILES, log, "attach", _expected_file)
    yield from _table_faults(connection, t.CASE_EVENTS, log, "case", _expected_case_event)
    yield from _table_faults(connection, t.TUNING_EVENTS, log, "tuning", _expected_tuning)
    yield from _received_faults(connection, log)
    yield from _setting_faults(connection, log)
    yield from access_faults(connection)
    yield from _state_faults(connection, log)


def require_as_logged(connection: sa.Connection) -> None:
    """Raises IntegrityError naming the first decision that is not what the log says."""
    log = _log(connection, (*_DECISION_ACTIONS.values(), "reclassify"))
    erased = audit_log.erased_digests(connection)
    for seq, row in log.items():
        content = {**row, "detail": row["text"]}
        if audit_log.recomputed_hash(content, erased) != row["hash"]:
            raise IntegrityError(f"log of decisions, row {seq}: a row was changed")
    for fault in _decision_faults(connection, log, _corrected(log)["decisions"]):
        raise IntegrityError(f"{fault}; labels are not made from it")


def _log(connection: sa.Connection, actions: Sequence[str] = _ACTIONS) -> Log:
    l = t.LOG  # noqa: E741 - the table's initial, as elsewhere
    rows = connection.execute(sa.select(l).where(l.c.action.in_(actions)).order_by(l.c.seq))
    return {
        row["seq"]: {**row, "text": row["detail"], "detail": json.loads(row["detail"])}
        for row in rows.mappings()
    }


def _corrected(log: Log) -> dict[str, set[int]]:
    """Table -> ids of rows whose typology code a migration corrected, as the log says."""
    ids: dict[str, set[int]] = {"decisions": set(), "blind_checks": set()}
    for row in log.values():
        for one in row["detail"].get("corrected", ()) if row["action"] == "reclassify" else ():
            for table, known in ids.items():
                known |= set(one.get(table, ()))
    return ids


def _rows(connection: sa.Connection, table: sa.Table) -> list[Row]:
    key = next(iter(table.primary_key.columns))
    return [dict(row) for row in connection.execute(sa.select(table).order_by(key)).mappings()]


def _difference(
    name: str, row: Row, entry: Row | None, action: str, subject: str, expected: Row
) -> str | None:
    """The first difference of one row from its log row, in words."""
    where = f"{name}, row {row['id']}"
    if entry is None or (entry["action"], entry["subject"]) != (action, subject):
        return f"{where}: log row {row['log_seq']} is not the {action} of {subject}"
    for column, wanted in {"who": entry["who"], **expected}.items():
        if row[column] != wanted:
            return f"{where}: {column} is {row[column]!r}, the log has {wanted!r}"
    return None


def _unmade(name: str, log: Log, action: str, logged_rows: set[int]) -> Iterator[str]:
    """Log rows of an action whose row in the table is gone."""
    for seq, row in log.items():
        if row["action"] == action and seq not in logged_rows:
            yield f"{name}: the row of log row {seq} ({action} of {row['subject']}) is missing"


def _decision_faults(connection: sa.Connection, log: Log, corrected: set[int]) -> Iterator[str]:
    present = set()
    for row in _rows(connection, t.DECISIONS):
        entry = log.get(row["log_seq"])
        present.add(row["log_seq"])
        action = str(_DECISION_ACTIONS.get(row["kind"], row["kind"]))
        detail = entry["detail"] if entry else {}
        expected = _expected_decision(row["kind"], detail)
        if row["id"] in corrected:
            expected = {k: v for k, v in expected.items() if k not in ("typology", "note")}
        fault = _difference("decisions", row, entry, action, f"claim {row['claim_id']}", expected)
        if fault:
            yield fault
    for action in _DECISION_ACTIONS.values():
        yield from _unmade("decisions", log, action, present)


def _expected_decision(kind: str, detail: Row) -> Row:
    if kind == "verdict":
        names = ("verdict", "typology", "reason", "disallowed_fen", "note", "batch")
        expected = {name: detail.get(name) for name in names}
        expected |= {"ring_id": detail.get("ring"), "run_id": detail.get("run"),
                     "needs_second": int(bool(detail.get("needs_second")))}  # fmt: skip
        # named in the log since they decide how a verdict counts in an estimate
        later = ("selected_by", "inclusion_prob", "blind")
        return expected | {name: detail[name] for name in later if name in detail}
    expected = {"refers_to": detail.get("decision"), "verdict": None}
    if kind == "second":
        return expected | {"reason": detail.get("answer"), "note": detail.get("note") or None}
    return expected | {"reason": kind} | ({"note": detail["note"]} if "note" in detail else {})


def _blind_faults(connection: sa.Connection, log: Log, corrected: set[int]) -> Iterator[str]:
    present = set()
    for row in _rows(connection, t.BLIND_CHECKS):
        entry = log.get(row["log_seq"])
        present.add(row["log_seq"])
        detail = entry["detail"] if entry else {}
        names = ("verdict", "typology", "reason", "disallowed_fen", "note")
        expected = {name: detail.get(name) for name in names}
        expected |= {"first_id": detail.get("decision"), "run_id": detail.get("run")}
        if row["id"] in corrected:
            expected = {k: v for k, v in expected.items() if k not in ("typology", "note")}
        fault = _difference(
            "blind_checks", row, entry, "blind", f"claim {row['claim_id']}", expected
        )
        if fault:
            yield fault
    yield from _unmade("blind_checks", log, "blind", present)


def _table_faults(
    connection: sa.Connection, table: sa.Table, log: Log, action: str,
    expected: Callable[[Row, Row], tuple[str, Row]],
) -> Iterator[str]:  # fmt: skip
    present = set()
    for row in _rows(connection, table):
        entry = log.get(row["log_seq"])
        present.add(row["log_seq"])
        subject, values = expected(row, entry["detail"] if entry else {})
        fault = _difference(table.name, row, entry, action, subject, values)
        if fault:
            yield fault
    yield from _unmade(table.name, log, action, present)


def _expected_judgement(row: Row, detail: Row) -> tuple[str, Row]:
    values = {"party_id": detail.get("member"), "action": detail.get("judgement"),
              "reason": detail.get("reason")}  # fmt: skip
    return f"ring {row['ring_id']}", values


def _expected_sign_off(row: Row, detail: Row) -> tuple[str, Row]:
    return f"plan {row['run_id']}", {
        "frame_sha256": detail.get("frame"), "note": detail.get("note"),
    }  # fmt: skip


def _expected_file(row: Row, detail: Row) -> tuple[str, Row]:
    return f"claim {row['claim_id']}", {
        "name": detail.get("file"), "sha256": detail.get("sha256"), "bytes": detail.get("bytes"),
    }  # fmt: skip


def _expected_case_event(row: Row, detail: Row) -> tuple[str, Row]:
    values = json.dumps(detail.get("values"), ensure_ascii=False, sort_keys=True)
    return f"case {row['case_id']}", {"kind": detail.get("event"), "detail": values}


def _expected_tuning(row: Row, detail: Row) -> tuple[str, Row]:
    values = json.dumps(detail.get("event"), ensure_ascii=False, sort_keys=True)
    return f"rule {row['rule_code']}", {"kind": detail.get("kind"), "detail": values}


def received_digest(bodies: list[str]) -> str:
    """SHA-256 over the rows of one request, in their order."""
    return hashlib.sha256("\n".join(bodies).encode()).hexdigest()


def _received_faults(connection: sa.Connection, log: Log) -> Iterator[str]:
    bodies: dict[int, list[str]] = defaultdict(list)
    for row in _rows(connection, t.RECEIVED):
        entry = log.get(row["log_seq"])
        if entry is None or entry["action"] != "receive":
            yield f"received, row {row['id']}: log row {row['log_seq']} received nothing"
        bodies[row["log_seq"]].append(row["body"])
    for seq, entry in log.items():
        if entry["action"] != "receive":
            continue
        if len(bodies[seq]) != entry["detail"]["new"]:
            yield f"received: log row {seq} has {entry['detail']['new']} rows, {len(bodies[seq])} are there"
        elif entry["detail"].get("sha256", received_digest(bodies[seq])) != received_digest(
            bodies[seq]
        ):
            yield f"received: a row of log row {seq} was changed"


def _setting_faults(connection: sa.Connection, log: Log) -> Iterator[str]:
    recorded: dict[str, list[int]] = defaultdict(list)
    for row in log.values():
        if row["action"] == "setting":
            recorded[row["subject"]].append(row["detail"]["after"])
    stored: dict[str, list[int]] = defaultdict(list)
    for row in _rows(connection, t.SETTINGS):
        stored[row["key"]].append(int(row["value"]))
    for key in sorted({*recorded, *stored}):
        if recorded[key] != stored[key]:
            yield f"settings: {key} is {stored[key]}, the log has {recorded[key]}"


def _state_faults(connection: sa.Connection, log: Log) -> Iterator[str]:
    l, s, d = t.LOG, t.STATES, t.DECISIONS  # noqa: E741
    rows = connection.execute(
        sa.select(s, l.c.action, l.c.subject, d.c.claim_id.label("decided_claim"))
        .outerjoin(l, l.c.seq == s.c.log_seq).outerjoin(d, d.c.id == s.c.decision_id)
        .order_by(s.c.claim_id)
    ).mappings()  # fmt: skip
    for row in rows:
        where = f"states, claim {row['claim_id']}"
        if row["subject"] != f"claim {row['claim_id']}":
            yield f"{where}: log row {row['log_seq']} is not about it"
        elif row["status"] not in _STATUS.get(row["action"], ()):
            yield f"{where}: status is {row['status']!r} after {row['action']!r} in the log"
        elif row["decision_id"] is not None and row["decided_claim"] != row["claim_id"]:
            yield f"{where}: decision {row['decision_id']} is of another claim or missing"
    last: dict[str, int] = {}
    for seq, row_ in log.items():
        if row_["action"] in _STATUS and row_["subject"].startswith("claim "):
            last[row_["subject"].removeprefix("claim ")] = seq
    stored = dict(connection.execute(sa.select(s.c.claim_id, s.c.log_seq)).tuples().all())
    for claim_id, seq in sorted(last.items()):
        if stored.get(claim_id, 0) < seq:
            yield f"states, claim {claim_id}: log row {seq} changed it and is not in it"
