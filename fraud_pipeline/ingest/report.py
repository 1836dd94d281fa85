"""The clerk's report: what came in, what was put right, what has to go back, what cannot be checked."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest.note_words import note_text, place_text, split_note
from fraud_pipeline.ingest.sendback import to_send_back
from fraud_pipeline.ingest.validity import identifier_counts
from fraud_pipeline.ingest.wording import HARMLESS_WORDS, REASONS, REPAIRS, printable
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.vocabulary.messages import language, one_of, t

_NOTES, _FILES, _PLACES = 12, 8, 4


def clerk_report(loaded: Loaded, switched_off: Mapping[str, Sequence[str]]) -> str:
    """The report of one load in at most a screen or two.

    ``switched_off``: for each table of the contract the names of the checks that cannot be made
    without it.
    """
    lines = [*_overall(loaded), "", *_tables(loaded)]
    lines += ["", *_repairs(loaded), "", *_set_aside(loaded), "", *_send_back(loaded)]
    lines += ["", *_identifiers(loaded)]
    missing = [n for n in INPUT_TABLES if not loaded.tables.supplied(n) and switched_off.get(n)]
    if missing:
        lines += ["", t("check.not_supplied")]
        comma = one_of("、", ", ")
        lines += [f"  {_title(n)}: {comma.join(switched_off[n])}" for n in missing]
    notes = _grouped(loaded.notes)
    if notes:
        lines += ["", t("check.notes"), *(f"  {n}" for n in notes[:_NOTES])]
        more = len(notes) - _NOTES
        lines += ["  " + t("check.more", n=more)] if more > 0 else []
    return "\n".join(printable(line) for line in lines)


def _grouped(notes: Sequence[str]) -> list[str]:
    """One line for what is said of several files: the remark, then where."""
    places: dict[str, list[str]] = {}
    for note in notes:
        place, remark = split_note(note)
        places.setdefault(remark, []).append(place)
    lines = []
    for remark, where in places.items():
        more = f" …+{len(where) - _PLACES}" if len(where) > _PLACES else ""
        worded = note_text(remark, language())
        shown = one_of("；", "; ").join(place_text(place, language()) for place in where[:_PLACES])
        listed = one_of(f"{worded}（{shown}{more}）", f"{worded}: {shown}{more}")
        lines.append(listed if where[0] else worded)
    return lines


def _overall(loaded: Loaded) -> list[str]:
    accounts = loaded.accounts.values()
    came, clean = sum(a.rows_in for a in accounts), sum(a.rows_clean for a in accounts)
    aside = sum(a.rows_quarantined for a in accounts)
    return [t("check.rows", came=came, clean=clean, aside=aside, repaired=loaded.repairs.num_rows)]


def _tables(loaded: Loaded) -> list[str]:
    heads = (t("check.in"), t("check.clean"), t("check.aside"))
    lines = [_wide(t("check.table"), 24) + "".join(_wide(head, 12, right=True) for head in heads)]
    for name, account in loaded.accounts.items():
        title = _wide(_title(name), 24)
        lines.append(
            f"{title}{account.rows_in:>12,}{account.rows_clean:>12,}{account.rows_quarantined:>12,}"
        )
    return lines


def _title(table: str) -> str:
    return one_of(INPUT_TABLES[table].zh, table)


def _wide(text: str, width: int, right: bool = False) -> str:
    """``text`` padded to ``width`` columns of a terminal, in which a Chinese character takes two."""
    width_used = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    gap = " " * max(1, width - width_used)
    return gap + text if right else text + gap


def _counted(values: pa.ChunkedArray) -> list[tuple[str, int]]:
    counts = pc.value_counts(values).to_pylist()
    return sorted(((c["values"], c["counts"]) for c in counts), key=lambda c: (-c[1], c[0]))


def _repairs(loaded: Loaded) -> list[str]:
    lines = [t("check.repaired")]
    for kind, n in _counted(loaded.repairs["kind"]):
        zh, en = REPAIRS.get(kind, (kind, kind))
        lines.append(f"  {n:>8,}  {one_of(zh, en)}")
    return lines if len(lines) > 1 else [lines[0], "         —"]


def _set_aside(loaded: Loaded) -> list[str]:
    """Every entry of the quarantine by reason, those first that need somebody's work."""
    lines = [t("check.set_aside")]
    counted = _counted(loaded.quarantine["reason_code"])
    for harmless in (False, True):
        for reason, n in counted:
            if (reason in HARMLESS_WORDS) is harmless:
                zh, en = (HARMLESS_WORDS.get(reason) or REASONS.get(reason, (reason, reason, "")))[
                    :2
                ]
                lines.append(f"  {n:>8,}  {one_of(zh, en)}")
    return lines if len(lines) > 1 else [lines[0], "         —"]


def _send_back(loaded: Loaded) -> list[str]:
    entries = to_send_back(loaded)
    places = entries.group_by(["file", "sheet", "row"]).aggregate([]).num_rows
    lines = [t("check.send_back", cells=entries.num_rows, rows=places)]
    files = _counted(entries["file"])
    lines += [f"  {n:>8,}  {file}" for file, n in files[:_FILES]]
    if len(files) > _FILES:
        rest = sum(n for _, n in files[_FILES:])
        lines.append(f"  {rest:>8,}  {t('check.other_files', n=len(files) - _FILES)}")
    return lines


def _identifiers(loaded: Loaded) -> list[str]:
    counts = (
        identifier_counts(loaded.tables)
        .group_by("kind")
        .aggregate([("valid", "sum"), ("invalid", "sum")])
    )
    n_repaired = pc.sum(pc.equal(loaded.repairs["kind"], "lookalike_letter")).as_py() or 0
    lines = [t("check.identifiers", n=n_repaired)]
    for row in sorted(counts.to_pylist(), key=lambda r: r["kind"]):
        lines.append(
            f"  {_wide(t('check.' + row['kind']), 24)}"
            + t("check.valid", valid=row["valid_sum"], invalid=row["invalid_sum"])
        )
    if any(row["kind"] == "credit_code" and row["invalid_sum"] for row in counts.to_pylist()):
        lines.append("  " + t("check.parties"))
    return lines if len(lines) > 1 else [lines[0], "         —"]


def facts(loaded: Loaded) -> dict[str, Any]:
    """What :func:`clerk_report` says, for a program."""
    counts = identifier_counts(loaded.tables).group_by("kind")
    return {
        "tables": {
            name: {"rows_in": a.rows_in, "rows_clean": a.rows_clean,
                   "rows_quarantined": a.rows_quarantined}
            for name, a in loaded.accounts.items()
        },
        "supplied": [name for name in INPUT_TABLES if loaded.tables.supplied(name)],
        "repairs": dict(_counted(loaded.repairs["kind"])),
        "quarantine": dict(_counted(loaded.quarantine["reason_code"])),
        "send_back_cells": to_send_back(loaded).num_rows,
        "identifiers": {
            row["kind"]: {"valid": row["valid_sum"], "invalid": row["invalid_sum"]}
            for row in counts.aggregate([("valid", "sum"), ("invalid", "sum")]).to_pylist()
        },
        "notes": list(loaded.notes),
    }  # fmt: skip
