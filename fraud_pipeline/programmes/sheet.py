"""The rule sheet a reviewer reads, and what an agency should look at in its pack."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from fraud_pipeline.programmes.keys import KEYS
from fraud_pipeline.programmes.pack import Pack, Value

_UNITS_ZH = {
    "yuan": "元",
    "yuan/year": "元/年",
    "months": "个月",
    "years": "年",
    "vouchers": "张",
    "people": "人",
    "working days": "个工作日",
}
_STATUS_ZH = {"published": "已公布", "contradicted": "来源矛盾", "unknown": "未见公布"}


def rule_sheet(pack: Pack, on: date) -> list[dict[str, str]]:
    """One row a parameter in the order of the catalogue, with the rule in force on ``on``.

    Columns: key, rule_zh, rule_en, value_zh, value_en, status_zh, status (published,
    contradicted, unknown), clause_zh, clause_en, quote, source, valid. A parameter the
    pack is silent on is a row too: silence is not "no limit".
    """
    rows = []
    for key in KEYS.values():
        entry = pack.entry(key.name, on)
        status = entry.status if entry else "unknown"
        value = entry.value if entry else None
        rows.append(
            {
                "key": key.name,
                "rule_zh": key.zh,
                "rule_en": key.en,
                "value_zh": _written(value, _UNITS_ZH.get(key.unit, key.unit), zh=True),
                "value_en": _written(value, key.unit, zh=False),
                "status_zh": _STATUS_ZH[status],
                "status": status,
                "clause_zh": entry.clause_zh if entry else "",
                "clause_en": entry.clause_en if entry else "",
                "quote": entry.quote if entry else "",
                "source": pack.source(entry.source).title_en if entry else "",
                "valid": f"{entry.valid_from} – {entry.valid_to or '…'}" if entry else "",
            }
        )
    return rows


def lint_pack(pack: Pack) -> list[str]:
    """What a maker of packs should look at; a pack with findings still works."""
    found = []
    for entry in pack.entries:
        place = f"{pack.id}, {entry.key} from {entry.valid_from}"
        if entry.status == "published" and not entry.quote:
            found.append(f"{place}: no quote from the source")
        if pack.starts_on and entry.valid_from < pack.starts_on:
            found.append(f"{place}: lies before the programme starts on {pack.starts_on}")
        if entry.unit != KEYS[entry.key].unit:
            found.append(f"{place}: unit {entry.unit!r}, expected {KEYS[entry.key].unit!r}")
    silent = sorted(set(KEYS) - {entry.key for entry in pack.entries})
    if silent:
        found.append(f"{pack.id}: says nothing on {', '.join(silent)}")
    used = {entry.source for entry in pack.entries}
    found += [f"{pack.id}: source {s.id} is never cited" for s in pack.sources if s.id not in used]
    return found


def _written(value: Value | None, unit: str, *, zh: bool) -> str:
    match value:
        case None:
            return "不明" if zh else "not known"
        case bool():
            return ("是" if value else "否") if zh else ("yes" if value else "no")
        case tuple():
            return ("、" if zh else ", ").join(value)
        case float() if not unit:
            return f"{100 * value:.4g}%"
        case int() | float() | Decimal():
            return f"{value:,} {unit}".strip()
    return str(value)
