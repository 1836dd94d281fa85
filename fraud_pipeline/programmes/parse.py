"""Packs from TOML text; every fault is an error that names the pack and the key."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from fraud_pipeline.core.currency import CURRENCIES
from fraud_pipeline.core.toml_text import parse_toml
from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.programmes import own_kinds
from fraud_pipeline.programmes import toml_fields as fields
from fraud_pipeline.programmes.keys import KEYS
from fraud_pipeline.programmes.pack import (
    STATUSES,
    Contradiction,
    Entry,
    OwnKind,
    Pack,
    Part,
    Source,
    Status,
)

_HEAD = {
    "id", "extends", "name_zh", "name_en", "starts_on", "ends_on", "country", "currency",
    "classes", "regions", "notes", "sources", "rules", *own_kinds.SECTIONS,
}  # fmt: skip
_RULE = {
    "key", "value", "unit", "valid_from", "valid_to", "source", "quote", "summary", "clause_zh",
    "clause_en", "status", "contradicts", "voucher_class", "region",
}  # fmt: skip
_EVER = date(1900, 1, 1)


@dataclass(frozen=True)
class _Frame:
    """What the rules of one file may refer to."""

    where: str
    from_start: date
    sources: Mapping[str, Source]
    classes: tuple[Part, ...]
    regions: tuple[Part, ...]
    kinds: Mapping[str, tuple[OwnKind, ...]]  # by section, which is also the key that lists them


def parse_pack(text: str, origin: str, base: Pack | None = None) -> Pack:
    """The pack written in ``text``; with ``base``, that pack with the named keys replaced.

    A key that an override names loses all its entries in the base for the same voucher
    class and region, so that old and new dates cannot mix. Raises ProgrammeError for
    malformed TOML, an unknown key or code, a value of the wrong type, overlapping dates
    or an undeclared source.
    """
    tree = _tree(text, origin)
    fields.known(tree, _HEAD, origin)
    where = f"{origin}: pack {fields.text(tree, 'id', origin)}"
    starts_on = fields.day(tree, "starts_on", where) or (base.starts_on if base else None)
    frame = _Frame(
        where=where,
        from_start=starts_on or _EVER,
        sources=_sources(tree, where, base),
        classes=_parts(tree, "classes", where) or (base.classes if base else ()),
        regions=_parts(tree, "regions", where) or (base.regions if base else ()),
        kinds={name: own_kinds.of_pack(tree, name, where, base) for name in own_kinds.SECTIONS},
    )
    rules = fields.tables(tree.get("rules", []), where, "rules")
    entries = [_entry(rule, frame) for rule in rules]
    if base:
        entry_keys = {(entry.key, entry.scope) for entry in entries}
        entries += [entry for entry in base.entries if (entry.key, entry.scope) not in entry_keys]
    entries.sort(key=lambda entry: (entry.key, entry.scope, entry.valid_from))
    _refuse_overlap(entries, where)
    return _assembled(tree, text, origin, frame, entries, base)


def _assembled(
    tree: dict[str, Any], text: str, origin: str, frame: _Frame, entries: list[Entry],
    base: Pack | None,
) -> Pack:  # fmt: skip
    where = frame.where
    currency = tree.get("currency") or (base.currency if base else "CNY")
    if currency not in CURRENCIES:
        raise ProgrammeError(f"{where}: currency {currency!r} is none of {', '.join(CURRENCIES)}")
    version = (base.sha256 if base else "") + text
    return Pack(
        id=tree["id"],
        name_zh=tree.get("name_zh") or (base.name_zh if base else fields.text(tree, "name_zh", where)),
        name_en=tree.get("name_en") or (base.name_en if base else fields.text(tree, "name_en", where)),
        starts_on=None if frame.from_start == _EVER else frame.from_start,
        ends_on=fields.day(tree, "ends_on", where) or (base.ends_on if base else None),
        sources=tuple(frame.sources[name] for name in sorted(frame.sources)),
        entries=tuple(entries),
        sha256=hashlib.sha256(version.encode()).hexdigest(),
        origin=origin,
        country=str(tree.get("country") or (base.country if base else "CN")),
        currency=currency,
        classes=frame.classes,
        regions=frame.regions,
        service_types=frame.kinds["service_types"],
        institution_categories=frame.kinds["institution_categories"],
        notes=_notes(tree, where) + (base.notes if base else ()),
    )  # fmt: skip


def base_of(text: str, origin: str) -> str | None:
    """The id of the pack that ``text`` overrides, if it says ``extends``."""
    tree = _tree(text, origin)
    return fields.text(tree, "extends", origin) if "extends" in tree else None


def _tree(text: str, origin: str) -> dict[str, Any]:
    try:
        return parse_toml(text, parse_float=Decimal)
    except (ValueError, ArithmeticError) as error:  # what Decimal cannot hold, too
        raise ProgrammeError(f"{origin}: {error}") from error


def _sources(tree: dict[str, Any], where: str, base: Pack | None) -> dict[str, Source]:
    sources = {s.id: s for s in base.sources} if base else {}
    for name, raw in fields.mapping(tree.get("sources", {}), where, "sources").items():
        body = fields.mapping(raw, where, f"sources.{name}")
        fields.known(body, {"title_zh", "title_en", "note"}, where, f"sources.{name}.")
        place = f"{where}, source {name}"
        sources[name] = Source(
            name,
            title_zh=fields.text(body, "title_zh", place),
            title_en=fields.text(body, "title_en", place),
            note=str(body.get("note", "")),
        )
    return sources


def _parts(tree: dict[str, Any], kind: str, where: str) -> tuple[Part, ...]:
    """``[classes]`` or ``[regions]``: name = {name_en, words}."""
    parts = []
    for name, raw in fields.mapping(tree.get(kind, {}), where, kind).items():
        body = fields.mapping(raw, where, f"{kind}.{name}")
        fields.known(body, {"name_en", "words"}, where, f"{kind}.{name}.")
        place = f"{where}, {kind} {name}"
        words = fields.words(body.get("words", [name]))
        if words is None:
            raise ProgrammeError(f"{place}: words must be a list of texts")
        parts.append(Part(name, fields.text(body, "name_en", place), words))
    return tuple(parts)


def _notes(tree: dict[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    raw = fields.tables(tree.get("notes", []), where, "notes")
    for note in raw:
        fields.known(note, {"zh", "en"}, where, "notes.")
    return tuple((fields.text(n, "zh", where), fields.text(n, "en", where)) for n in raw)


def _entry(rule: dict[str, Any], frame: _Frame) -> Entry:
    where = frame.where
    fields.known(rule, _RULE, where, "rules.")
    name = fields.text(rule, "key", where)
    if name not in KEYS:
        raise ProgrammeError(f"{where}: unknown key {name} (known: {', '.join(sorted(KEYS))})")
    place = f"{where}, key {name}"
    valid_from = fields.day(rule, "valid_from", place) or frame.from_start
    valid_to = fields.day(rule, "valid_to", place)
    if valid_to is not None and valid_to < valid_from:
        raise ProgrammeError(f"{place}: valid_to {valid_to} lies before valid_from {valid_from}")
    status = _status(rule, place)
    return Entry(
        key=name,
        status=status,
        value=fields.value(own_kinds.with_own(KEYS[name], frame.kinds), rule["value"], place)
        if status == "published"
        else None,
        unit=str(rule.get("unit", KEYS[name].unit)),
        valid_from=valid_from,
        valid_to=valid_to,
        source=_declared(rule, frame.sources, place),
        quote=str(rule.get("quote", "")),
        clause_zh=fields.text(rule, "clause_zh", place),
        clause_en=fields.text(rule, "clause_en", place),
        summary=str(rule.get("summary", "")),
        contradicts=_contradictions(rule, frame, place),
        voucher_class=_part(rule, "voucher_class", frame.classes, place),
        region=_part(rule, "region", frame.regions, place),
    )


def _status(rule: dict[str, Any], place: str) -> Status:
    status = rule.get("status", "published")
    if status not in STATUSES:
        raise ProgrammeError(f"{place}: status {status!r} is not {'|'.join(STATUSES)}")
    if (status == "published") != ("value" in rule):
        need = "needs a value" if status == "published" else "cannot carry a value"
        raise ProgrammeError(f"{place}: an entry that is {status} {need}")
    return cast(Status, status)


def _declared(tree: dict[str, Any], sources: Mapping[str, Source], place: str) -> str:
    source = fields.text(tree, "source", place)
    if source not in sources:
        raise ProgrammeError(f"{place}: source {source!r} is not declared under [sources]")
    return source


def _contradictions(rule: dict[str, Any], frame: _Frame, place: str) -> tuple[Contradiction, ...]:
    contradictions = []
    for raw in fields.tables(rule.get("contradicts", []), place, "rules.contradicts"):
        fields.known(raw, {"source", "quote", "note_zh", "note_en"}, place, "contradicts.")
        contradictions.append(
            Contradiction(
                source=_declared(raw, frame.sources, f"{place}, contradicts"),
                quote=str(raw.get("quote", "")),
                note_zh=fields.text(raw, "note_zh", place),
                note_en=fields.text(raw, "note_en", place),
            )
        )
    return tuple(contradictions)


def _part(rule: dict[str, Any], kind: str, parts: tuple[Part, ...], place: str) -> str | None:
    if kind not in rule:
        return None
    name = fields.text(rule, kind, place)
    if name not in {part.id for part in parts}:
        raise ProgrammeError(f"{place}: {kind} {name!r} is not declared in the pack")
    return name


def _refuse_overlap(entries: list[Entry], where: str) -> None:
    for left, right in itertools.pairwise(entries):
        same = (left.key, left.scope) == (right.key, right.scope)
        if same and (left.valid_to or date.max) >= right.valid_from:
            until = left.valid_to or "open"
            raise ProgrammeError(
                f"{where}, key {left.key}: entries from {left.valid_from} (to {until}) and "
                f"from {right.valid_from} overlap; end the first on "
                f"{right.valid_from - timedelta(days=1)}"
            )
