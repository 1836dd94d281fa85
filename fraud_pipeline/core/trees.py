"""Frozen dataclasses from nested plain values (TOML, JSON) and back.

An unknown key or a value of another type is an error that names the key.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any

from fraud_pipeline.errors import SettingsError


def as_tree(settings: Any) -> dict[str, Any]:
    """The settings as plain dicts and values, for the manifest of a run."""
    return dataclasses.asdict(settings)


def from_tree(cls: type[Any], tree: dict[str, Any], origin: str, path: str = "") -> Any:
    """An instance of the frozen dataclass ``cls`` from nested plain values."""
    hints = typing.get_type_hints(cls)
    known = {f.name for f in dataclasses.fields(cls)}
    for key in tree:
        if key not in known:
            near = ", ".join(sorted(known)) or "none"
            raise SettingsError(f"{origin}: unknown key {path}{key} (known here: {near})")
    values = {key: _value(hints[key], value, origin, f"{path}{key}") for key, value in tree.items()}
    return cls(**values)


def _value(expected: Any, value: Any, origin: str, path: str) -> Any:
    if dataclasses.is_dataclass(expected) and isinstance(expected, type):
        return from_tree(expected, _table(value, origin, path), origin, f"{path}.")
    container = typing.get_origin(expected)
    if container in (types.UnionType, typing.Union):
        if value is None and type(None) in typing.get_args(expected):
            return None  # TOML has no null, but a manifest in JSON has
        options = [o for o in typing.get_args(expected) if o is not type(None)]
        expected = next((o for o in options if _fits(o, value)), options[0])
        return _value(expected, value, origin, path)
    if container is tuple:
        if not isinstance(value, list):
            raise SettingsError(f"{origin}: {path} must be a list")
        item = typing.get_args(expected)[0]
        return tuple(_value(item, v, origin, f"{path}[{n}]") for n, v in enumerate(value))
    if container is dict:
        item = typing.get_args(expected)[1]
        table = _table(value, origin, path)
        return {k: _value(item, v, origin, f"{path}.{k}") for k, v in table.items()}
    return _plain(expected, value, origin, path)


def _table(value: Any, origin: str, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{origin}: {path} must be a table")
    return value


def _plain(expected: Any, value: Any, origin: str, path: str) -> Any:
    if not _fits(expected, value):
        raise SettingsError(f"{origin}: {path} = {value!r} must be of type {expected.__name__}")
    return float(value) if expected is float else value


def _fits(expected: Any, value: Any) -> bool:
    base = typing.get_origin(expected) or expected
    if base is tuple:
        return isinstance(value, list)
    if base is bool or isinstance(value, bool):
        return base is bool and isinstance(value, bool)
    if base is float:
        return isinstance(value, int | float)
    return isinstance(base, type) and isinstance(value, base)
