"""Where the data that ships with the product lies: next to the package, or inside a wheel."""

from __future__ import annotations

import os
from pathlib import Path

from fraud_pipeline.errors import InputError

_PACKAGE = Path(__file__).resolve().parent.parent


def _shipped(name: str) -> Path:
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def source_address(data: str) -> str:
    """Where the claims are: ``data`` itself, or for ``env:NAME`` what that variable holds.

    A database address carries a password, and what is handed to a scheduler is stored
    and shown there; a variable's name is not a secret.
    """
    if not data.startswith("env:"):
        return data
    address = os.environ.get(data[4:])
    if not address:
        raise InputError(f"the environment variable {data[4:]} is not set")
    return address


def data_samples() -> Path:
    return _shipped("data_samples")


def models() -> Path:
    return _shipped("models")


def documentation() -> Path:
    """The built documentation site. Raises InputError in a checkout where it was not built."""
    folder = _shipped("site")
    if not (folder / "index.html").is_file():
        raise InputError(f"{folder}: the documentation is not built; run: make docs")
    return folder
