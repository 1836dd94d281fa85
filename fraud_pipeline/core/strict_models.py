"""Frozen pydantic models read from TOML or JSON, with errors of one line that name file and key.

No value is converted: a number in quotes is no number, ``true`` is no 1. An unknown key is an
error that names the nearest known one: a typo must not silently run with defaults.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fraud_pipeline.core.toml_text import parse_toml
from fraud_pipeline.errors import SettingsError


class StrictModel(BaseModel):
    """A frozen model without type conversion, unknown keys or infinite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same with other values, which are validated (pydantic's own copy does not)."""
        return type(self).model_validate({**dict(super().model_copy(deep=deep)), **(update or {})})


M = TypeVar("M", bound=StrictModel)

_LONGEST = 60  # characters of a wrong value that a message repeats


def read_toml(text: str, origin: str) -> dict[str, Any]:
    """The tree of a TOML text; SettingsError names the line where it is malformed."""
    try:
        return parse_toml(text)
    except ValueError as error:
        raise SettingsError(f"{origin}: {error}") from error


def validated(cls: type[M], tree: Mapping[str, Any], origin: str) -> M:
    """An instance of ``cls`` from plain values of TOML or JSON.

    By way of JSON, so that both are read alike: a list for a tuple, a date as text or as a date
    of TOML. Raises SettingsError of one line: ``origin: key: what is wrong``.
    """
    try:
        return cls.model_validate_json(json.dumps(tree, default=str))
    except ValidationError as error:
        raise SettingsError(f"{origin}: {_line(cls, error)}") from error


def nearest(key: str, known: Iterable[str]) -> str | None:
    """The known key that is most like this one: of its own table, else of that name elsewhere."""
    table, _, name = key.rpartition(".")
    own = {k.rpartition(".")[2]: k for k in known if k.rpartition(".")[0] == table}
    every = {k.rpartition(".")[2]: k for k in known if "." in k}
    for names, alike in ((own, 0.8), (every, 0.9), (own, 0.5)):
        close = difflib.get_close_matches(name, names, 1, alike)
        if close:
            return names[close[0]]
    return None


def keys_of(cls: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The full names of all keys of a model, tables first."""
    for name, info in cls.model_fields.items():
        yield prefix + name
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys_of(inner, f"{prefix}{name}.")


def _line(cls: type[BaseModel], error: ValidationError) -> str:
    """The first mistake in words, and how many there are beside it."""
    faults = error.errors(include_url=False)
    first = faults[0]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
    key = key.lstrip(".")
    if first["type"] == "extra_forbidden":
        near = nearest(key, list(keys_of(cls)))
        words = "unknown key" + (f" (did you mean {near}?)" if near else "")
    else:
        words = _in_words(first["type"], first["input"], first.get("ctx", {})) or first["msg"]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{key + ': ' if key else ''}{words}{more}"


_KINDS = {
    "int": "a whole number", "float": "a number", "string": "a text in quotes", "tuple": "a list",
    "bool": "true or false", "date": "a date like 2026-12-31", "dict": "a table",
    "model": "a table",
}  # fmt: skip


def _in_words(kind: str, value: object, context: Mapping[str, Any]) -> str | None:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
    bounds = {
        "less_than_equal": "{} is above {le}",
        "greater_than_equal": "{} is below {ge}",
        "less_than": "{} is not below {lt}",
        "greater_than": "{} is not above {gt}",
    }
    if kind in bounds:
        return bounds[kind].format(shown, **{k: plain(v) for k, v in context.items()})
    if kind == "value_error":
        return str(context["error"])
    if kind.endswith("too_short"):
        return f"{shown} is too short"
    if kind == "finite_number":
        return f"{shown} is not a finite number"
    expected = _KINDS.get(kind.partition("_")[0])
    return f"{shown} is not {expected}" if expected else None


def plain(value: object) -> str:
    """A number as one writes it: 1 for 1.0, 60000000 and not 6e+07."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
