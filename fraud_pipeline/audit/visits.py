"""Who goes where: drawn claims become visits, visits get auditors, spares stand ready.

All of this happens after the draw and changes nobody's probability. A claim that nobody may
check for want of an auditor without a conflict stays in the sample and waits for one from
elsewhere; it is never exchanged for another.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from fraud_pipeline.audit import draw as drawing
from fraud_pipeline.errors import InputError

VISITS = pa.schema(
    [
        ("visit", pa.int64()),  # one enterprise, one day out; numbered by region
        ("claim_id", pa.string()),
        ("enterprise_id", pa.string()),
        ("institution_id", pa.string()),
        ("region", pa.string()),
        ("days", pa.float64()),
        ("auditor_id", pa.string()),  # null: an auditor from elsewhere is needed
        ("note_zh", pa.string()),
        ("note_en", pa.string()),
    ]
)

RESERVES = pa.schema(
    [
        ("reserve", pa.int64()),  # the order in which they are taken
        ("claim_id", pa.string()),
        ("enterprise_id", pa.string()),
        ("note_zh", pa.string()),
        ("note_en", pa.string()),
    ]
)


@dataclass
class _Auditor:
    name: str
    left: float
    barred: frozenset[str]
    regions: set[str]


def visits(plan: pa.Table, auditors: pa.Table, conflicts: pa.Table) -> pa.Table:
    """The drawn claims by visit, each with an auditor who may check it.

    ``drawn``: claim_id, enterprise_id, institution_id, region, days. ``auditors``:
    auditor_id, days (what each can give). ``conflicts``: auditor_id, party_id, an enterprise
    or institution the auditor must not check. A visit is all claims of one enterprise. Visits
    with fewest possible auditors are settled first; then an auditor who is in the region
    already is preferred, and among these the one with most days left.
    """
    staff = _staff(auditors, conflicts)
    by_enterprise: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for row in plan.to_pylist():
        by_enterprise[row["region"] or "未知", row["enterprise_id"]].append(row)
    numbered = {key: i for i, key in enumerate(sorted(by_enterprise), start=1)}
    chosen: dict[tuple[str, str], _Auditor | None] = {}
    choice = {key: sum(_may(a, rows) for a in staff) for key, rows in by_enterprise.items()}
    for key in sorted(by_enterprise, key=lambda k: (choice[k], k)):
        chosen[key] = _assign(staff, key[0], by_enterprise[key])
    rows = []
    for key, number in numbered.items():
        auditor = chosen[key]
        zh, en = _note(auditor, choice[key], bool(staff))
        for row in by_enterprise[key]:
            name = auditor.name if auditor else None
            rows.append({**row, "region": key[0], "visit": number, "auditor_id": name,
                         "note_zh": zh, "note_en": en})  # fmt: skip
    return pa.Table.from_pylist(rows, schema=VISITS)


def _staff(auditors: pa.Table, conflicts: pa.Table) -> list[_Auditor]:
    barred: dict[str, set[str]] = defaultdict(set)
    for row in conflicts.to_pylist():
        barred[row["auditor_id"]].add(row["party_id"])
    names = auditors["auditor_id"].to_pylist()
    strangers = sorted(set(barred) - set(names))
    if strangers:
        raise InputError(f"a conflict names auditor {strangers[0]}, who is not on the list")
    if len(set(names)) < len(names):
        raise InputError("table auditors: an auditor is listed twice")
    return [
        _Auditor(row["auditor_id"], float(row["days"]), frozenset(barred[row["auditor_id"]]), set())
        for row in sorted(auditors.to_pylist(), key=lambda row: str(row["auditor_id"]))
    ]


def _may(auditor: _Auditor, rows: list[dict[str, object]]) -> bool:
    """Whether no party to these claims is in conflict with the auditor."""
    return not any(
        row["enterprise_id"] in auditor.barred or row["institution_id"] in auditor.barred
        for row in rows
    )


def _assign(staff: list[_Auditor], region: str, rows: list[dict[str, object]]) -> _Auditor | None:
    days = sum(float(str(row["days"])) for row in rows)
    free = [a for a in staff if a.left >= days - 1e-9 and _may(a, rows)]
    if not free:
        return None
    best = max(free, key=lambda a: (region in a.regions, a.left, a.name))
    best.left -= days
    best.regions.add(region)
    return best


def _note(auditor: _Auditor | None, choice: int, staffed: bool) -> tuple[str, str]:
    if auditor is not None:
        return f"由 {auditor.name} 核查。", f"To be checked by {auditor.name}."
    if not staffed:
        return "尚未分配核查人。", "No auditor has been assigned yet."
    if choice == 0:
        return (
            "全部核查人均须回避，请借调外部人员；不得改换其他申请。",
            "Every auditor is in conflict: borrow one from elsewhere; do not exchange the claim.",
        )
    return (
        "可用核查人工作日不足，请增派；不得改换其他申请。",
        "No days are left with those who may: add some; do not exchange the claim.",
    )


def reserves(frame: pa.Table, seed: int, root: str, n: int) -> pa.Table:
    """Up to ``n`` spare claims, fixed by the same seed, for auditors whose visit falls through.

    A spare keeps auditors at work and money coming back. It does not stand in for the
    claim that could not be checked: that one stays in the sample as undecided, because a
    list of those who could be visited says nothing about those who could not.
    """
    frame = frame.sort_by("claim_id")
    claims = frame["claim_id"].to_pylist()
    ticket = drawing.tickets(seed, root, claims, "reserve")
    pi = frame["inclusion_prob"].to_numpy()
    selected = frame["drawn"].to_numpy(zero_copy_only=False)
    # sequential Poisson: the smallest ticket per probability comes first (Ohlsson 1995)
    line = (ticket.astype(np.float64) + 1.0) / pi
    rest = np.flatnonzero(~selected)
    rest = rest[np.argsort(line[rest], kind="stable")][:n]
    note = (
        "备用：仅用于填补无法核查的空缺，结果不计入误付率推断。",
        "Spare: fills a visit that fell through; its outcome does not count in the rate.",
    )
    rows = {
        "reserve": np.arange(1, len(rest) + 1),
        "claim_id": frame["claim_id"].take(pa.array(rest)),
        "enterprise_id": frame["enterprise_id"].take(pa.array(rest)),
        "note_zh": [note[0]] * len(rest),
        "note_en": [note[1]] * len(rest),
    }
    return pa.table(rows, schema=RESERVES)


def double_checks(plan: pa.Table, seed: int, root: str, share: float) -> pa.Table:
    """The drawn claims that a second auditor checks without knowing of the first.

    A simple random sample of ``share`` of the plan, at least one, fixed by the same seed; its
    list is for the leader alone. Columns claim_id, enterprise_id; share is in [0, 1].
    """
    if not 0.0 <= share <= 1.0:
        raise InputError(f"the share of double checks must be in [0, 1], not {share:g}")
    rows = plan.sort_by("claim_id").select(["claim_id", "enterprise_id"])
    n = min(max(round(share * rows.num_rows), 1), rows.num_rows) if share > 0 else 0
    ticket = drawing.tickets(seed, root, rows["claim_id"].to_pylist(), "double check")
    return rows.take(pa.array(np.sort(np.argsort(ticket, kind="stable")[:n])))
