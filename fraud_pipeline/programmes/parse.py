"""Packs from TOML text; every fault is an error that names the pack and the key."""

from __future__ import annotations

import hashlib
import itertools
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.programmes.keys import KEYS, Key
from fraud_pipeline.programmes.pack import Entry, Pack, Source, Status, Value

_HEAD = {"id", "extends", "name_zh", "name_en", "starts_on", "ends_on", "sources", "rules"}
_RULE = {
    "key", "value", "unit", "valid_from", "valid_to", "source", "quote", "clause_zh", "clause_en",
    "status",
}  # fmt: skip
_SOURCE = {"title_zh", "title_en", "note"}
_EVER = date(1900, 1, 1)


def parse_pack(text: str, origin: str, base: Pack | None = None) -> Pack:
    """The pack written in ``text``; with ``base``, that pack with the named keys replaced.

    A key that an override names loses all its entries in the base, so that old and
    new dates cannot mix. Raises ProgrammeError for malformed TOML, an unknown key or
    code, a value of the wrong type, overlapping dates or an undeclared source.
    """
    try:
        tree = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ProgrammeError(f"{origin}: {error}") from error
    _known(tree, _HEAD, origin, "")
    pack_id = _text(tree, "id", origin)
    where = f"{origin}: pack {pack_id}"
    sources = {s.id: s for s in base.sources} if base else {}
    for name, body in _mapping(tree.get("sources", {}), where, "sources").items():
        _known(_mapping(body, where, f"sources.{name}"), _SOURCE, where, f"sources.{name}.")
        place = f"{where}, source {name}"
        sources[name] = Source(
            name,
            title_zh=_text(body, "title_zh", place),
            title_en=_text(body, "title_en", place),
            note=str(body.get("note", "")),
        )
    starts_on = _day(tree, "starts_on", where) or (base.starts_on if base else None)
    rules = tree.get("rules", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise ProgrammeError(f"{where}: rules must be a list of tables ([[rules]])")
    entries = [_entry(rule, starts_on or _EVER, sources, where) for rule in rules]
    if base:
        named = {entry.key for entry in entries}
        entries += [entry for entry in base.entries if entry.key not in named]
    entries.sort(key=lambda entry: (entry.key, entry.valid_from))
    _refuse_overlap(entries, where)
    version = (base.sha256 if base else "") + text
    return Pack(
        id=pack_id,
        name_zh=tree.get("name_zh") or (base.name_zh if base else _text(tree, "name_zh", where)),
        name_en=tree.get("name_en") or (base.name_en if base else _text(tree, "name_en", where)),
        starts_on=starts_on,
        ends_on=_day(tree, "ends_on", where) or (base.ends_on if base else None),
        sources=tuple(sources[name] for name in sorted(sources)),
        entries=tuple(entries),
        sha256=hashlib.sha256(version.encode()).hexdigest(),
        origin=origin,
    )


def base_of(text: str, origin: str) -> str | None:
    """The id of the pack that ``text`` overrides, if it says ``extends``."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProgrammeError(f"{origin}: {error}") from error
    return _text(tree, "extends", origin) if "extends" in tree else None


def _entry(
    rule: dict[str, Any], from_start: date, sources: Mapping[str, Source], where: str
) -> Entry:
    _known(rule, _RULE, where, "rules.")
    name = _text(rule, "key", where)
    if name not in KEYS:
        raise ProgrammeError(f"{where}: unknown key {name} (known: {', '.join(sorted(KEYS))})")
    place = f"{where}, key {name}"
    status = rule.get("status", "published")
    if status not in ("published", "contradicted", "unknown"):
        raise ProgrammeError(f"{place}: status {status!r} is not published|contradicted|unknown")
    source = _text(rule, "source", place)
    if source not in sources:
        raise ProgrammeError(f"{place}: source {source!r} is not declared under [sources]")
    if (status == "published") != ("value" in rule):
        need = "needs a value" if status == "published" else "cannot carry a value"
        raise ProgrammeError(f"{place}: an entry that is {status} {need}")
    valid_from = _day(rule, "valid_from", place) or from_start
    valid_to = _day(rule, "valid_to", place)
    if valid_to is not None and valid_to < valid_from:
        raise ProgrammeError(f"{place}: valid_to {valid_to} lies before valid_from {valid_from}")
    return Entry(
        key=name,
        status=cast(Status, status),
        value=_value(KEYS[name], rule["value"], place) if status == "published" else None,
        unit=str(rule.get("unit", KEYS[name].unit)),
        valid_from=valid_from,
        valid_to=valid_to,
        source=source,
        quote=str(rule.get("quote", "")),
        clause_zh=_text(rule, "clause_zh", place),
        clause_en=_text(rule, "clause_en", place),
    )


def _value(key: Key, raw: Any, place: str) -> Value:
    value = _typed(key, raw)
    if value is None:
        raise ProgrammeError(f"{place}: {raw!r} is not a {key.kind}")
    words = value if isinstance(value, tuple) else (value,)
    for word in words if key.codes else ():
        if word not in key.codes:
            raise ProgrammeError(f"{place}: {word!r} is none of {', '.join(key.codes)}")
    return value


def _typed(key: Key, raw: Any) -> Value | None:
    """``raw`` as the key's type, None if it is not of that type."""
    if key.kind in ("money", "share", "ratio", "count"):
        number = isinstance(raw, int | Decimal) and not isinstance(raw, bool)
        return _number(key.kind, raw) if number else None
    if key.kind == "list":
        words = isinstance(raw, list) and raw and all(isinstance(word, str) for word in raw)
        return tuple(raw) if words else None
    fits = isinstance(raw, bool) if key.kind == "flag" else isinstance(raw, str) and raw != ""
    return cast(Value, raw) if fits else None


def _number(kind: str, raw: int | Decimal) -> Value | None:
    exact = Decimal(raw)
    match kind:
        case "money" if exact >= 0 and exact == round(exact, 2):
            return exact
        case "share" if 0 <= exact <= 1:
            return float(exact)
        case "ratio" if exact > 0:
            return float(exact)
        case "count" if exact >= 0 and exact == int(exact):
            return int(exact)
    return None


def _refuse_overlap(entries: list[Entry], where: str) -> None:
    for left, right in itertools.pairwise(entries):
        if left.key == right.key and (left.valid_to or date.max) >= right.valid_from:
            until = left.valid_to or "open"
            raise ProgrammeError(
                f"{where}, key {left.key}: entries from {left.valid_from} (to {until}) and "
                f"from {right.valid_from} overlap; end the first on "
                f"{right.valid_from - timedelta(days=1)}"
            )


def _known(tree: Mapping[str, Any], known: set[str], where: str, path: str) -> None:
    for key in tree:
        if key not in known:
            raise ProgrammeError(
                f"{where}: unknown key {path}{key} (known here: {', '.join(sorted(known))})"
            )


def _mapping(raw: Any, where: str, path: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise ProgrammeError(f"{where}: {path} must be a table")
    return raw


def _text(tree: Mapping[str, Any], key: str, where: str) -> str:
    found = tree.get(key)
    if not isinstance(found, str) or not found:
        raise ProgrammeError(f"{where}: {key} is missing or not a text")
    return found


def _day(tree: Mapping[str, Any], key: str, where: str) -> date | None:
    found = tree.get(key)
    if found is not None and type(found) is not date:
        raise ProgrammeError(f"{where}: {key} = {found!r} must be a date like 2015-03-01")
    return found
