"""Blind double review: a random share of the verdicts is repeated by a person who does not know them.

It measures inter-rater agreement and changes no verdict. Until it is made, the first verdict is
hidden from everybody who could still make it (``hidden_verdict``).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from fraud_pipeline.audit.findings import agreement
from fraud_pipeline.audit.visits import double_checks
from fraud_pipeline.store.runs import Run
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.installation_key import derive_secret
from fraud_pipeline.workbench.auth.permissions import Permission
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.database import Database, now
from fraud_pipeline.workbench.db.tables import BLIND_CHECKS, DECISIONS, LOG
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.decisions.outcomes import LABEL, effective_verdicts
from fraud_pipeline.workbench.errors import ActionRefusedError

_CONFIDENCE = 0.95


def draw_number(key: bytes, claim_id: str) -> float:
    """A pseudo-random number in [0, 1) of a claim, reproducible with the installation's secret."""
    secret = derive_secret(key, "blind checks").encode()
    digest = hmac.new(secret, claim_id.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def drawn_in_plan(run: Run, percent: int) -> frozenset[str]:
    """The claims of a run's plan that the audit's seed draws for double review; ``percent`` of them."""
    plan = run.json("plan")
    selected = double_checks(
        run.table("audit_plan"), int(plan["seed"]), str(plan["frame_sha256"]), percent / 100
    )
    return frozenset(selected["claim_id"].to_pylist())


def any_pending(connection: sa.Connection) -> bool:
    """Whether a review may be pending; verdicts undone since are counted too, for speed."""
    d, b = DECISIONS, BLIND_CHECKS
    checked = sa.select(b.c.id).where(b.c.first_id == d.c.id).exists()
    left = sa.select(d.c.id).where(d.c.blind == 1, sa.not_(checked)).limit(1)
    return connection.execute(left).first() is not None


def pending(connection: sa.Connection) -> dict[str, dict[str, Any]]:
    """claim_id -> its effective verdict, for claims whose drawn double review is not made yet."""
    d, b = DECISIONS, BLIND_CHECKS
    checked = sa.select(b.c.id).where(b.c.first_id == d.c.id).exists()
    ids = connection.execute(
        sa.select(d.c.claim_id).where(d.c.blind == 1, sa.not_(checked)).distinct()
    ).scalars()
    return _pending_of(connection, list(ids))


def _pending_of(connection: sa.Connection, ids: list[str]) -> dict[str, dict[str, Any]]:
    d, b = DECISIONS, BLIND_CHECKS
    rows = connection.execute(
        sa.select(d).where(d.c.claim_id.in_(ids)).order_by(d.c.id)
    ).mappings().all()  # fmt: skip
    if not any(row["blind"] for row in rows):
        return {}
    done = set(connection.execute(
        sa.select(b.c.first_id).where(b.c.claim_id.in_(ids))
    ).scalars())  # fmt: skip
    return {
        v["claim_id"]: v
        for v in effective_verdicts([dict(row) for row in rows])
        if v["blind"] and v["id"] not in done
    }


def hidden_verdict(
    connection: sa.Connection, claim_id: str, person: Person
) -> dict[str, Any] | None:
    """The verdict hidden from this person because they could still review it; None otherwise."""
    if not person.may(Permission.WORK):
        return None
    first = _pending_of(connection, [claim_id]).get(claim_id)
    if first is None or _has_seen(connection, first, person):
        return None
    return first


def _has_seen(connection: sa.Connection, first: dict[str, Any], person: Person) -> bool:
    """Whether the person took part in the verdict or opened the claim before it was hidden.

    While a verdict awaited its second review (four eyes) it could be seen.
    """
    d = DECISIONS
    rows = connection.execute(
        sa.select(d.c.by, d.c.kind, d.c.refers_to, d.c.log_seq)
        .where(d.c.claim_id == first["claim_id"])
    ).all()  # fmt: skip
    if any(row.by == person.id for row in rows):
        return True
    confirmed_seq = next(
        (r.log_seq for r in rows if r.kind == "second" and r.refers_to == first["id"]), 0
    )
    looked = sa.select(LOG.c.seq).where(
        LOG.c.seq > first["log_seq"], LOG.c.seq < confirmed_seq, LOG.c.user_id == person.id,
        LOG.c.subject == f"claim {first['claim_id']}",
    )  # fmt: skip
    return connection.execute(looked.limit(1)).first() is not None


def hide_pending_verdicts(
    connection: sa.Connection, rows: list[dict[str, Any]], person: Person
) -> list[dict[str, Any]]:
    """Past claims of a party, without verdicts that are hidden from this person."""
    ids = [row["claim_id"] for row in rows if row["verdict"] is not None]
    if not ids or not person.may(Permission.WORK):
        return rows
    kept_back = {
        claim_id
        for claim_id, first in _pending_of(connection, ids).items()
        if not _has_seen(connection, first, person)
    }
    gone = {"verdict": None, "decided_on": None}
    return [{**row, **gone} if row["claim_id"] in kept_back else row for row in rows]


def record_check(
    db: Database, run_id: str, lead: dict[str, Any], person: Person, finding: verdicts.Finding
) -> None:
    """Records a blind review. Raises ActionRefusedError when this person may not make it."""
    verdicts.refuse_conflict(person, lead)
    valid = verdicts.validate(finding, lead["claimed_amount"])
    claim_id = lead["claim_id"]
    with db.writing() as connection:
        first = hidden_verdict(connection, claim_id, person)
        if first is None:
            raise ActionRefusedError("no_check")
        receipt = audit_log.append(
            connection, person.id, person.name, "blind", f"claim {claim_id}", decision=first["id"],
            verdict=valid.verdict, typology=valid.typology, reason=valid.reason,
            disallowed_fen=valid.disallowed_fen, note=valid.note, run=run_id,
        )  # fmt: skip
        connection.execute(
            sa.insert(BLIND_CHECKS).values(
                claim_id=claim_id, run_id=run_id, first_id=first["id"], verdict=valid.verdict,
                typology=valid.typology, disallowed_fen=valid.disallowed_fen, reason=valid.reason,
                note=valid.note, by=person.id, who=person.name, at=now(), log_seq=receipt.seq,
            )
        )  # fmt: skip


def next_claim(
    connection: sa.Connection, key: bytes, person: Person, reached: Callable[[str], bool]
) -> str:
    """The next claim for a blind review by this person. Raises ActionRefusedError when there is none.

    Each person has an order of their own, so that two rarely get the same claim.
    """
    claims = pending(connection)
    own = derive_secret(key, f"blind order {person.id}").encode()
    order = sorted(claims, key=lambda c: hmac.new(own, c.encode(), hashlib.sha256).digest())
    for claim_id in order:
        if not _has_seen(connection, claims[claim_id], person) and reached(claim_id):
            return claim_id
    raise ActionRefusedError("none_to_check")


def double_verdicts(connection: sa.Connection) -> list[dict[str, Any]]:
    """claim_id, first, second: both verdicts per review, oldest first; undone verdicts count."""
    d, b = DECISIONS, BLIND_CHECKS
    checks = connection.execute(sa.select(b).order_by(b.c.id)).mappings().all()
    ids = sorted({row["claim_id"] for row in checks})
    rows = connection.execute(
        sa.select(d).where(d.c.claim_id.in_(ids)).order_by(d.c.id)
    ).mappings().all()  # fmt: skip
    firsts = {row["id"]: dict(row) for row in rows}
    return [{"claim_id": row["claim_id"], "first": firsts[row["first_id"]], "second": dict(row)}
            for row in checks]  # fmt: skip


def checks_table(both: Collection[dict[str, Any]]) -> pa.Table:
    """claim_id, auditor_id, verdict: two rows per claim, as ``audit close --checks`` reads them."""
    last = {
        pair["claim_id"]: pair for pair in both
    }  # decided anew and drawn again: the last counts
    rows = [
        {"claim_id": pair["claim_id"], "auditor_id": pair[which]["who"],
         "verdict": LABEL.get(pair[which]["verdict"], pair[which]["verdict"])}
        for pair in last.values() for which in ("first", "second")
    ]  # fmt: skip
    names = ("claim_id", "auditor_id", "verdict")
    return pa.Table.from_pylist(rows, pa.schema([(n, pa.string()) for n in names]))


def agreement_summary(both: Collection[dict[str, Any]]) -> dict[str, Any] | None:
    """n_double, n_agreed, agreed_share, low, high, kappa (improper or not); None without pairs."""
    rows = agreement(checks_table(both), _CONFIDENCE).to_pylist()
    return rows[0] if rows else None
