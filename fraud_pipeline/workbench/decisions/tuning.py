"""Proposals to change the threshold of a red flag: noise marks, proposals, answers.

A reviewer marks a flag on a claim as noise, or proposes another threshold; a second person, who
leads, approves or refuses it. Every step is a row of the append-only table ``tuning_events`` and
of the log. The approved thresholds are written to a settings file for the next run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pydantic
import sqlalchemy as sa

from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.db import audit_log, published_files
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.leads import Leads
from fraud_pipeline.workbench.errors import ActionRefusedError

FILE = "approved_settings.toml"


@dataclass(frozen=True)
class Threshold:
    """The threshold of a red flag: its setting, and which side of it is marked."""

    setting: str
    marks: str  # at_least | above | below


# Flags that one threshold decides. Others compare several things, or a limit of the programme.
THRESHOLDS = {
    "T01": Threshold("text_similarity", "at_least"),
    "T09": Threshold("concentration_share", "at_least"),
    "T10": Threshold("report_min_chars", "below"),
    "T11": Threshold("amount_tolerance_share", "above"),
    "T14": Threshold("money_back_share", "at_least"),
    "T15": Threshold("shell_age_days", "below"),
    "T18": Threshold("related_share", "at_least"),
    "T24": Threshold("near_threshold_share", "at_least"),
    "T32": Threshold("near_text_similarity", "at_least"),
}
_BEYOND = {"at_least": "measured >= $new", "above": "measured > $new", "below": "measured < $new"}


@dataclass(frozen=True)
class Effect:
    """What another threshold would have done to the claims of this run and their verdicts."""

    marked_now: int
    marked_then: int  # of those marked now
    more: int  # at most so many further claims, where only this threshold spared them
    improper_now: int
    improper_then: int
    clean_now: int
    clean_then: int


def checked_value(code: str, text: str) -> float:
    """The new threshold. Raises ActionRefusedError for a value that the setting refuses."""
    threshold = THRESHOLDS.get(code)
    if threshold is None:
        raise ActionRefusedError("threshold_bad")
    whole = ProgrammeSettings.model_fields[threshold.setting].annotation is int
    try:
        number = int(text) if whole else float(text)
        settings = ProgrammeSettings.model_validate({threshold.setting: number})
    except (pydantic.ValidationError, ValueError):
        raise ActionRefusedError("threshold_bad") from None
    return float(getattr(settings, threshold.setting))


def effect(leads: Leads, decided: pa.Table, code: str, value: float) -> Effect:
    """The effect of a threshold on the claims of this run.

    ``decided``: claim_id and verdict of the verdicts recorded here, the last one per claim;
    verdicts of earlier audits are those of the run.
    """
    beyond = _BEYOND[THRESHOLDS[code].marks]
    row = leads.query(
        f"""WITH known AS (
            SELECT claim_id, coalesce(s.verdict, o.verdict) AS verdict
            FROM last_outcomes o FULL JOIN states s USING (claim_id))
        SELECT count(*) FILTER (hit) AS marked_now, count(*) FILTER (hit AND {beyond}) AS marked_then,
            count(*) FILTER (NOT hit AND {beyond} AND NOT coalesce({_now(code)}, false)) AS more,
            count(*) FILTER (hit AND improper) AS improper_now,
            count(*) FILTER (hit AND improper AND {beyond}) AS improper_then,
            count(*) FILTER (hit AND clean) AS clean_now,
            count(*) FILTER (hit AND clean AND {beyond}) AS clean_then
        FROM (SELECT r.measured, r."limit", r.outcome = 'hit' AS hit,
                coalesce(k.verdict IN ('fraud', 'irregular'), false) AS improper,
                coalesce(k.verdict IN ('clean', 'explained'), false) AS clean
              FROM rule_results r LEFT JOIN known k USING (claim_id)
              WHERE r.rule_code = $code AND r.outcome IN ('hit', 'pass') AND r.measured IS NOT NULL)""",  # noqa: S608 - conditions of ours
        {"code": code, "new": value}, decided,
    )[0]  # fmt: skip
    return Effect(**row)


def _now(code: str) -> str:
    """The condition of the present threshold: a claim beyond it is spared by something else."""
    return _BEYOND[THRESHOLDS[code].marks].replace("$new", '"limit"')


def record(
    connection: sa.Connection, person: Person, kind: str, code: str, **values: Any
) -> Receipt:
    """One event (noise, proposal, approved or refused) about a red flag, bound to the log."""
    receipt = audit_log.append(
        connection, person.id, person.name, "tuning", f"rule {code}", kind=kind, event=values
    )
    connection.execute(
        sa.insert(t.TUNING_EVENTS).values(
            rule_code=code, kind=kind, detail=json.dumps(values, ensure_ascii=False, sort_keys=True),
            by=person.id, who=person.name, at=now(), log_seq=receipt.seq,
        )
    )  # fmt: skip
    return receipt


def events(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every event in order, ``detail`` parsed."""
    rows = connection.execute(sa.select(t.TUNING_EVENTS).order_by(t.TUNING_EVENTS.c.id)).mappings()
    return [{**row, "detail": json.loads(row["detail"])} for row in rows]


def proposals(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The proposals with their answer (None while there is none), the latest first."""
    answers = {r["detail"]["proposal"]: r for r in rows if r["kind"] in ("approved", "refused")}
    return [{**r, "answer": answers.get(r["id"])} for r in rows if r["kind"] == "proposal"][::-1]


def answer(
    connection: sa.Connection, person: Person, proposal_id: int, approve: bool, note: str
) -> None:
    """Approves or refuses a proposal. Raises ActionRefusedError for one's own or an answered one."""
    known = {p["id"]: p for p in proposals(events(connection))}
    proposal = known.get(proposal_id)
    if proposal is None or proposal["answer"] is not None:
        raise ActionRefusedError("not_waiting")
    if proposal["by"] == person.id:
        raise ActionRefusedError("same_person")
    if not note:
        raise ActionRefusedError("note_needed")
    record(
        connection, person, "approved" if approve else "refused", proposal["rule_code"],
        proposal=proposal_id, setting=proposal["detail"]["setting"],
        value=proposal["detail"]["value"], note=note,
    )  # fmt: skip


def approved_text(rows: Sequence[dict[str, Any]]) -> str:
    """The settings file with the last approved threshold of each flag and who approved it."""
    last = {r["rule_code"]: r for r in rows if r["kind"] == "approved"}
    lines = [
        f"{r['detail']['setting']} = {r['detail']['value']:g}"
        f"  # {code}: approved by {json.dumps(r['who'], ensure_ascii=False)} at {r['at']}, log row {r['log_seq']}"
        for code, r in sorted(last.items())
    ]
    return "[programmes]\n" + "\n".join(lines) + "\n"


def write_approved(rows: Sequence[dict[str, Any]], workspace: Path) -> Path:
    """Writes the approved thresholds to the workspace, for ``--settings`` of the next run."""
    published_files.write_bytes(workspace, FILE, approved_text(rows).encode())
    return workspace / FILE
