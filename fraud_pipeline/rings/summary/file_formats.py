"""A ring for other programmes: by the ending of a file name, and as FollowTheMoney or CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.rings.summary.evidence_rows import FACTS
from fraud_pipeline.rings.summary.export import as_gexf, as_graphml, as_json, rows_of
from fraud_pipeline.rings.summary.masking import masked
from fraud_pipeline.schema import RingSet

_COLUMNS = (
    "record", "kind", "left_id", "right_id", "role", "weight", "known_on", "amount",
    "sentence_zh", "sentence_en", "source",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(ringset: RingSet, ring_id: str, name: str, *, unmasked: bool = False) -> bytes:
    """The ring as ``name`` asks for: .graphml, .gexf, .ftm.json or .ftm, .json, .csv; UTF-8.

    Names of people, phones, accounts and the like are masked unless ``unmasked``. SettingsError
    for another ending.
    """
    if not unmasked:
        ringset = masked(ringset)
    for ending, write in _FORMATS.items():
        if name.lower().endswith(ending):
            text: str = write(ringset, ring_id)
            return text.encode("utf-8-sig" if ending == ".csv" else "utf-8")
    raise SettingsError(
        f"{name}: a ring can be written as {', '.join(_FORMATS)}; the ending of the file decides"
    )


def as_follow_the_money(ringset: RingSet, ring_id: str) -> str:
    """FollowTheMoney entities, one JSON object a line, as Aleph and its tools read them.

    Parties are Company and Organization, money is a Payment in its direction, every other tie an
    UnknownLink whose role is its kind (the schemata of github.com/alephdata/followthemoney).
    ``recordId`` names the rows behind it.
    """
    entities = [_party(row, ring_id) for row in rows_of(ringset.members, ring_id)]
    entities += [_link(row, ring_id) for row in rows_of(ringset.evidence, ring_id)
                 if row["kind"] not in FACTS]  # fmt: skip
    return "".join(json.dumps(e, ensure_ascii=False, sort_keys=True) + "\n" for e in entities)


def _party(row: dict[str, Any], ring_id: str) -> dict[str, Any]:
    return {
        "id": _key(row["party_id"]),
        "schema": "Company" if row["party_kind"] == "enterprise" else "Organization",
        "properties": {
            "name": [row["party_id"]], "registrationNumber": [row["party_id"]], "country": ["cn"],
            "notes": [f"{ring_id}: {row['role'] or 'member'} (疑点 a lead, not a finding)"],
        },
    }  # fmt: skip


def _link(row: dict[str, Any], ring_id: str) -> dict[str, Any]:
    paid = row["kind"] in ("money_back", "payment")
    when = {"date": [str(row["known_on"])]} if row.get("known_on") else {}
    worth = {"amount": [str(row["amount"])], "currency": ["CNY"]} if row.get("amount") else {}
    left, right = _key(row["left_id"]), _key(row["right_id"])
    payer, payee = (left, right) if row["kind"] == "payment" else (right, left)
    ends = {"payer": [payer], "beneficiary": [payee]} if paid else {
        "subject": [left], "object": [right], "role": [row["kind"]]
    }  # fmt: skip
    return {
        "id": _key(ring_id, row["kind"], row["left_id"], row["right_id"], row["sentence_en"]),
        "schema": "Payment" if paid else "UnknownLink",
        "properties": {
            **ends, **when, **(worth if paid else {}), "summary": [row["sentence_zh"], row["sentence_en"]],
            "recordId": [row["source"] or ring_id],
        },
    }  # fmt: skip


def _key(*parts: str) -> str:
    return hashlib.sha1("\n".join(parts).encode(), usedforsecurity=False).hexdigest()


def as_csv(ringset: RingSet, ring_id: str) -> str:
    """One table: a row for each member, claim and piece of evidence; no cell starts a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in rows_of(ringset.members, ring_id):
        writer.writerow(_plain({"record": "member", "kind": row["party_kind"],
                                "left_id": row["party_id"], "role": row["role"] or "",
                                "weight": row["strength"]}))  # fmt: skip
    for row in rows_of(ringset.claims, ring_id):
        writer.writerow(_plain({"record": "claim", "left_id": row["claim_id"]}))
    for row in rows_of(ringset.evidence, ring_id):
        values = {k: row[k] for k in _COLUMNS if k in row}
        writer.writerow(_plain({"record": "evidence", **values}))
    return out.getvalue()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        k: f"'{v}" if isinstance(v, str) and v.startswith(_FORMULA) else v for k, v in row.items()
    }


_FORMATS = {
    ".graphml": as_graphml, ".gexf": as_gexf, ".ftm.json": as_follow_the_money,
    ".ftm": as_follow_the_money, ".json": as_json, ".csv": as_csv,
}  # fmt: skip
