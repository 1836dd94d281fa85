"""Commands that need the orchestrator; the command line finds them by entry point."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

_QUIET = {"PREFECT_LOGGING_LEVEL": "ERROR", "PREFECT_SERVER_LOGGING_LEVEL": "ERROR"}


def demo(
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", help="Where the run goes.")
    ] = Path("demo"),
) -> None:
    """The main job on the sample data: the nightly flow on a simulated Wuhan, with its truth."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    from flows.demonstration import demonstrate

    typer.echo(demonstrate(workspace))


def schedule(
    data: Annotated[str, typer.Option(help="Folder, workbook, file or database URL.")],
    workspace: Annotated[Path, typer.Option("--workspace", "-w")] = Path("workspace"),
    programme: Annotated[str | None, typer.Option()] = None,
    mapping: Annotated[Path | None, typer.Option()] = None,
    settings: Annotated[Path | None, typer.Option("--settings")] = None,
    packs: Annotated[Path | None, typer.Option()] = None,
    cover_enterprises: Annotated[float | None, typer.Option(min=0.0, max=1.0)] = None,
    cron: Annotated[str, typer.Option(help="When, as a cron line in Asia/Shanghai.")] = "0 2 * * *",
) -> None:
    """Register the nightly deployment on a Prefect server and stay to run it."""
    from flows.deploy import serve_nightly

    parameters = {
        "data": data if "://" in data or data.startswith("env:") else str(Path(data).resolve()),
        "workspace": str(workspace.resolve()),
        "programme": programme,
        "mapping": str(mapping.resolve()) if mapping else None,
        "settings": str(settings.resolve()) if settings else None,
        "packs": str(packs.resolve()) if packs else None,
        "cover_enterprises": cover_enterprises,
    }
    serve_nightly(cron, {k: v for k, v in parameters.items() if v is not None})
