"""Options that several commands take, each in one wording, alone or as a named group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

Workspace_ = Annotated[Path, typer.Option("--workspace", "-w", help="Where runs are kept.")]
Data = Annotated[str, typer.Option("--data", help="Folder, workbook, file or database URL.")]
Programme = Annotated[str | None, typer.Option(help="Programme pack id, e.g. wuhan.")]
Mapping_ = Annotated[Path | None, typer.Option(help="TOML file for foreign column names.")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="TOML file of settings.")]
Packs = Annotated[Path | None, typer.Option(help="Folder of your own packs and overrides.")]
RunId = Annotated[str | None, typer.Option("--run", help="Run id; default the last one.")]
Day = Annotated[str | None, typer.Option(help="A date, YYYY-MM-DD.")]

Budget = Annotated[int | None, typer.Option(min=1, help="Claims to audit.")]
Cover = Annotated[
    float | None, typer.Option(min=0.0, max=1.0, help="Least share of enterprises audited.")
]

WORKSPACE = Path("workspace")


@dataclass(frozen=True)
class Reading:
    """How the tables that are handed in are read."""

    programme: Programme = None
    mapping: Mapping_ = None
    settings: SettingsFile = None
    packs: Packs = None


def day(text: str) -> date:
    """The date of an option; typer.BadParameter for what is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date like 2018-05-01") from error


def day_if_given(text: str | None) -> date | None:
    """The same of an option that may be left out."""
    return None if text is None else day(text)
