"""What commands write on standard output."""

from __future__ import annotations

import typer


def say(text: str) -> None:
    """A line, or several, for a person."""
    typer.echo(text)
