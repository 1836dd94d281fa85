"""What a programme pack promises: it can be read, cites its sources, and rules judge by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import pyarrow.compute as pc

from fraud_pipeline.programmes import Pack, evaluate, lint_pack, rule_sheet
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.testing.findings import refuse
from fraud_pipeline.testing.rows import AS_OF, Row, tables

_NOT_A_FAULT = ("says nothing on",)  # a pack may be silent: the sheet then says "not known"


def check_pack(pack: Pack, packs: Mapping[str, Pack] | None = None) -> None:
    """Raises ConformanceError unless the pack keeps the contract of a programme's rules.

    ``packs``: all packs by id, when this one stands beside others. Every entry cites a source
    that is declared, with its words or a summary; spans of days of one parameter do not
    overlap; the rule sheet can be written for every day on which a rule changes; and every
    rule judges a claim of the programme on each of these days without an error.
    """
    check_packs([pack], packs)


def check_packs(chosen: Sequence[Pack], packs: Mapping[str, Pack] | None = None) -> None:
    """:func:`check_pack` for several packs; the rules are asked once about claims of all of them."""
    broken = _errors(chosen, {**(packs or {}), **{pack.id: pack for pack in chosen}})
    for pack in chosen:
        refuse(f"pack {pack.id}", [*_findings(pack), *broken.get(pack.id, ())])


def _findings(pack: Pack) -> Iterator[str]:
    for finding in lint_pack(pack):
        if not any(words in finding for words in _NOT_A_FAULT):
            yield finding
    if not pack.name_zh.strip() or not pack.name_en.strip():
        yield "it needs a name in both languages"
    for day in days_of_change(pack):
        for row in rule_sheet(pack, day):
            if row["status"] == "published" and not (row["value_zh"] and row["value_en"]):
                yield f"the sheet of {day} shows no value for {row['key']}"


def days_of_change(pack: Pack) -> list[date]:
    """The first day of every span of an entry, and the day after its last; ascending."""
    days = {entry.valid_from for entry in pack.entries}
    days |= {e.valid_to + timedelta(days=1) for e in pack.entries if e.valid_to is not None}
    return sorted(days) or [AS_OF]


def _errors(chosen: Sequence[Pack], packs: Mapping[str, Pack]) -> dict[str, list[str]]:
    """Pack id -> rules that break on claims of the days on which something changes."""
    parties: dict[str, list[Row]] = {
        name: [] for name in ("vouchers", "enterprises", "institutions", "contracts")
    }
    days = {f"C{p.id} {day}": (p.id, day) for p in chosen for day in days_of_change(p)}
    claims: list[Row] = [
        {"claim_id": claim, "programme": programme, "submitted_on": day, "enterprise_id": claim}
        for claim, (programme, day) in days.items()
    ]
    results, _ = evaluate(
        tables(claims=claims, **parties), packs, max(day for _, day in days.values()),
        ProgrammeSettings(), ALL_RULES,
    )  # fmt: skip
    broken = defaultdict(list)
    for row in results.filter(pc.equal(results["outcome"], "error")).to_pylist():
        programme, day = days[row["claim_id"]]
        broken[programme].append(f"rule {row['rule_code']} on {day}: {row['sentence_en']}")
    return broken
