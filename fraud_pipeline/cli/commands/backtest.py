"""``fraud-pipeline backtest``: the past, month by month, with only what was known then."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.output import say


def backtest(
    data: Annotated[str, typer.Option("--data", help="Folder, workbook, file or database URL.")],
    programme: Annotated[str | None, typer.Option(help="Programme pack id.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="TOML of foreign column names.")] = None,
    months: Annotated[int, typer.Option(min=1, max=120, help="How far to look back.")] = 12,
    settings: Annotated[Path | None, typer.Option(help="TOML file of settings.")] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of your own packs.")] = None,
) -> None:
    """What the ranking would have said each month, held against the verdicts that followed."""
    from rich.console import Console

    from fraud_pipeline import ingest
    from fraud_pipeline.engine import backtest as looking_back
    from fraud_pipeline.engine import runner
    from fraud_pipeline.store.models import shipped_model
    from fraud_pipeline.store.packs import load_packs

    chosen, known_packs = runner.read_settings(settings), load_packs(packs)
    request = runner.Request(
        data=data, workspace=Path("workspace"), programme=programme, mapping=mapping, packs=packs
    )
    loaded = runner.load(request, chosen, frozenset(known_packs))
    ingest.require_usable(loaded, chosen.ingest)
    with Console(stderr=True).status("") as status:
        found = looking_back.backtest(
            loaded.tables, chosen, known_packs, shipped_model(), months, status.update
        )
    say(looking_back.as_text(found))
