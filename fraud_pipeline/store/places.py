"""Where the data that ships with the product lies: beside the package, or inside a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _shipped(name: str) -> Path:
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def data_samples() -> Path:
    return _shipped("data_samples")


def models() -> Path:
    return _shipped("models")
