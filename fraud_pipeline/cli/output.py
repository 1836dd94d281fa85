"""What commands write on standard output: text for a person, or with ``--json`` one object."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from fraud_pipeline.core.currency import in_currency
from fraud_pipeline.core.report import Report

_as_json: ContextVar[bool] = ContextVar("as_json", default=False)


def use_json(wanted: bool) -> None:
    """From now on :func:`show` writes JSON, or text."""
    _as_json.set(wanted)


def show(report: Report) -> None:
    """Writes the result of a command, once a command."""
    text = in_currency(report.text, report.currency)
    typer.echo(as_json(report.facts) if _as_json.get() else text)


def note(text: str) -> None:
    """A line for a person who waits: standard output, or standard error where that holds JSON."""
    typer.echo(text, err=_as_json.get())


def as_json(facts: Mapping[str, Any]) -> str:
    """One JSON object: amounts as text with two decimals, dates in ISO 8601, unknown as null."""
    return json.dumps(plain(facts), ensure_ascii=False, indent=1, allow_nan=False)


def plain(value: Any) -> Any:
    """``value`` in the types of JSON."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, list | tuple | set | frozenset):
        return [
            plain(one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)
        ]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    for kind, convert in _SCALARS:
        if isinstance(value, kind):
            return convert(value)
    return plain(value.item() if hasattr(value, "item") else value.to_pylist())  # numpy, Arrow


_SCALARS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Enum, lambda value: value.value),
    (bool | int | str | None, lambda value: value),
    (float, lambda value: value if math.isfinite(value) else None),
    (Decimal, lambda value: f"{value:.2f}"),
    (date, lambda value: value.isoformat()),  # an instant is a date too
    (Path, str),
)
