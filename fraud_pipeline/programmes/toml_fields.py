"""Reading the fields of a pack's TOML, each fault an error that names its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.programmes.keys import Key
from fraud_pipeline.programmes.pack import Value


def known(tree: Mapping[str, Any], names: set[str], where: str, path: str = "") -> None:
    """Refuse a field that is none of ``names``: a misspelt one would silently be ignored."""
    for key in tree:
        if key not in names:
            raise ProgrammeError(
                f"{where}: unknown key {path}{key} (known here: {', '.join(sorted(names))})"
            )


def mapping(raw: Any, where: str, path: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise ProgrammeError(f"{where}: {path} must be a table")
    return raw


def tables(raw: Any, where: str, path: str) -> list[dict[str, Any]]:
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise ProgrammeError(f"{where}: {path} must be a list of tables ([[{path}]])")
    return raw


def text(tree: Mapping[str, Any], key: str, where: str) -> str:
    raw = tree.get(key)
    if not isinstance(raw, str) or not raw:
        raise ProgrammeError(f"{where}: {key} is missing or not a text")
    return raw


def day(tree: Mapping[str, Any], key: str, where: str) -> date | None:
    raw = tree.get(key)
    if raw is not None and type(raw) is not date:
        raise ProgrammeError(f"{where}: {key} = {raw!r} must be a date like 2015-03-01")
    return raw


def words(raw: Any) -> tuple[str, ...] | None:
    """A list of texts as a tuple, None for anything else or an empty one."""
    good = isinstance(raw, list) and raw and all(isinstance(word, str) and word for word in raw)
    return tuple(raw) if good else None


def value(key: Key, raw: Any, place: str) -> Value:
    """``raw`` as the type and among the codes of ``key``; ProgrammeError otherwise."""
    typed = _typed(key, raw)
    if typed is None:
        raise ProgrammeError(f"{place}: {raw!r} is not a {key.kind}")
    for word in (typed if isinstance(typed, tuple) else (typed,)) if key.codes else ():
        if word not in key.codes:
            own = f"; a kind of your own is declared under [{key.name}]" if key.own else ""
            raise ProgrammeError(f"{place}: {word!r} is none of {', '.join(key.codes)}{own}")
    return typed


def _typed(key: Key, raw: Any) -> Value | None:
    if key.kind in ("money", "share", "ratio", "count"):
        number = isinstance(raw, int | Decimal) and not isinstance(raw, bool)
        return _number(key.kind, raw) if number else None
    if key.kind == "list":
        return words(raw)
    if key.kind == "months":
        good = isinstance(raw, list) and raw and all(type(m) is int and 1 <= m <= 12 for m in raw)
        return tuple(str(m) for m in raw) if good else None
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
