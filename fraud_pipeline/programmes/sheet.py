"""The rule sheet a reviewer reads, and what an agency should look at in its pack."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from fraud_pipeline.core.currency import CURRENCIES
from fraud_pipeline.programmes.code_words import in_words
from fraud_pipeline.programmes.keys import KEYS, Key
from fraud_pipeline.programmes.pack import Entry, Pack, Value
from fraud_pipeline.vocabulary.rules import ENTRY_STATUSES

_UNITS_ZH = {
    "yuan": "元",
    "yuan/year": "元/年",
    "months": "个月",
    "years": "年",
    "vouchers": "张",
    "people": "人",
    "working days": "个工作日",
    "months of the year": "月",
}


def rule_sheet(pack: Pack, on: date) -> list[dict[str, str]]:
    """The rules in force on ``on``, in the order of the catalogue of keys.

    One row a parameter, and one more for each class of vouchers or region with a rule of
    its own (``part``). Columns: key, part, rule_zh, rule_en, value_zh, value_en, status_zh,
    status (published, unlimited, contradicted, unknown), clause_zh, clause_en, quote,
    summary, source_zh, source_en, other_zh, other_en (what another source says), valid. A
    parameter the pack is silent on is a row too: silence is not "no limit".
    """
    rows = []
    for key in KEYS.values():
        entries: list[Entry | None] = [
            e for e in pack.entries if e.key == key.name and e.covers(on)
        ]
        for entry in entries or [None]:
            rows.append(_row(pack, key, entry))
    return rows


def _row(pack: Pack, key: Key, entry: Entry | None) -> dict[str, str]:
    status = entry.status if entry else "unknown"
    value = entry.value if entry else None
    return {
        "key": key.name,
        "part": _part(pack, entry),
        "rule_zh": key.zh,
        "rule_en": key.en,
        "value_zh": _written(value, key, pack, "zh")
        if value is not None
        else ENTRY_STATUSES[status].zh,
        "value_en": _written(value, key, pack, "en")
        if value is not None
        else ENTRY_STATUSES[status].en,
        "status_zh": ENTRY_STATUSES[status].zh,
        "status": status,
        "clause_zh": entry.clause_zh if entry else "",
        "clause_en": entry.clause_en if entry else "",
        "quote": entry.quote if entry else "",
        "summary": entry.summary if entry else "",
        "source_zh": pack.source(entry.source).title_zh if entry else "",
        "source_en": pack.source(entry.source).title_en if entry else "",
        "other_zh": _others(entry, "zh"),
        "other_en": _others(entry, "en"),
        "valid": f"{entry.valid_from} – {entry.valid_to or '…'}" if entry else "",
    }


def _part(pack: Pack, entry: Entry | None) -> str:
    scope = [part for part in (entry.scope if entry else ()) if part]
    part_names = {part.id: part.name_en for part in (*pack.classes, *pack.regions)}
    return " · ".join(
        part if part == part_names[part] else f"{part} {part_names[part]}" for part in scope
    )


def _others(entry: Entry | None, language: str) -> str:
    notes = []
    for other in entry.contradicts if entry else ():
        note = other.note_zh if language == "zh" else other.note_en
        notes.append(f"{note}“{other.quote}”" if language == "zh" else f"{note} “{other.quote}”")
    return "; ".join(notes)


def lint_pack(pack: Pack) -> list[str]:
    """What a maker of packs should look at; a pack with findings still works."""
    findings = []
    for entry in pack.entries:
        place = f"{pack.id}, {entry.key} from {entry.valid_from}"
        if entry.status != "unknown" and not (entry.quote or entry.summary):
            findings.append(f"{place}: neither the source's words nor a summary of them")
        if entry.status == "contradicted" and not entry.contradicts:
            findings.append(f"{place}: contradicted, but the other source is not named")
        if pack.starts_on and entry.valid_from < pack.starts_on:
            findings.append(f"{place}: lies before the programme starts on {pack.starts_on}")
        if entry.unit != KEYS[entry.key].unit:
            findings.append(f"{place}: unit {entry.unit!r}, expected {KEYS[entry.key].unit!r}")
    silent = sorted(set(KEYS) - {entry.key for entry in pack.entries})
    if silent:
        findings.append(f"{pack.id}: says nothing on {', '.join(silent)}")
    used = {entry.source for entry in pack.entries}
    used |= {other.source for entry in pack.entries for other in entry.contradicts}
    findings += [
        f"{pack.id}: source {s.id} is never cited" for s in pack.sources if s.id not in used
    ]
    return findings


def _written(value: Value, key: Key, pack: Pack, language: str) -> str:
    own = CURRENCIES[pack.currency]
    unit = key.unit if language == "en" else _UNITS_ZH.get(key.unit, key.unit)
    unit = unit.replace("yuan", own[1]) if language == "en" else unit.replace("元", own[0])
    match value:
        case bool():
            yes, no = ("是", "否") if language == "zh" else ("yes", "no")
            return yes if value else no
        case tuple() if key.kind == "months":
            return ", ".join(value) + (unit if language == "zh" else "")
        case tuple():
            return ("、" if language == "zh" else ", ").join(in_words(w, language) for w in value)
        case float() if not unit:
            return f"{100 * value:.4g}%"
        case int() | float() | Decimal():
            return f"{value:,} {unit}".strip()
    return in_words(value, language)
