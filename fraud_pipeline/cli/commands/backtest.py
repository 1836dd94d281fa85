"""``fraud-pipeline backtest``: past months, each with what was known then."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.options import Data, Mapping_, Packs, Programme, SettingsFile
from fraud_pipeline.cli.output import show
from fraud_pipeline.cli.progress import progress
from fraud_pipeline.core.report import Report


def backtest(
    data: Data,
    programme: Programme = None,
    mapping: Mapping_ = None,
    months: Annotated[int, typer.Option(min=1, max=120, help="How far to look back.")] = 12,
    settings: SettingsFile = None,
    packs: Packs = None,
) -> None:
    """What the ranking would have said each month, compared with the verdicts that followed.

    Example: fraud-pipeline backtest --data data_samples/wuhan --months 6
    """
    from fraud_pipeline import ingest
    from fraud_pipeline.engine import backtest as engine
    from fraud_pipeline.engine import runner
    from fraud_pipeline.programmes.currency import currencies_of
    from fraud_pipeline.programmes.own_kinds import own_kinds_of
    from fraud_pipeline.store.models import shipped_model
    from fraud_pipeline.store.packs import load_packs

    chosen, known_packs = runner.read_settings(settings), load_packs(packs)
    request = runner.Request(
        data=data, workspace=Path("workspace"), programme=programme, mapping=mapping, packs=packs
    )
    loaded = runner.load(request, chosen, currencies_of(known_packs), own_kinds_of(known_packs))
    ingest.require_usable(loaded, chosen.ingest)
    with progress() as begins:
        months_tested = engine.backtest(
            loaded.tables, chosen, known_packs, shipped_model(), months, begins
        )
    show(Report(engine.as_text(months_tested), {"months": months_tested}))
