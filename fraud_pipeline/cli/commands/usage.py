"""``fraud-pipeline usage``: how a programme was used, in the tables bureaus publish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.options import WORKSPACE, Reading
from fraud_pipeline.cli.output import show
from fraud_pipeline.cli.sheet_files import SUFFIXES, facts_of, markdown, written
from fraud_pipeline.core.report import Report
from fraud_pipeline.vocabulary.messages import language, t


def usage(
    data: Annotated[
        str, typer.Option("--claims", "--data", help="Folder, workbook, file or database URL.")
    ],
    reading: Reading,
    by: Annotated[
        str | None,
        typer.Option(help="overview, shares, family, service, category, class, place or year."),
    ] = None,
    places: Annotated[
        str | None, typer.Option(help="Words that name a place, with commas: 太原,大同.")
    ] = None,
    periods: Annotated[
        str | None, typer.Option(help="Columns of the table by place: 2018,2019-2021.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="A .md, .csv or .xlsx file to write.")
    ] = None,
) -> None:
    """Holders, users, how far vouchers were used, services, classes, money by place and year.

    Example: fraud-pipeline usage --data data_samples/wuhan --by service
    """
    from fraud_pipeline import ingest
    from fraud_pipeline.core.currency import shared_currency
    from fraud_pipeline.engine import runner
    from fraud_pipeline.errors import SettingsError
    from fraud_pipeline.programmes.currency import currencies_of
    from fraud_pipeline.report import usage as counted
    from fraud_pipeline.store import files
    from fraud_pipeline.store.packs import load_packs

    if to is not None and to.suffix not in SUFFIXES:
        raise SettingsError(f"{to}: a usage report is written as {', '.join(SUFFIXES)}")
    request = runner.Request(
        data=data, workspace=WORKSPACE, programme=reading.programme, mapping=reading.mapping,
        packs=reading.packs,
    )  # fmt: skip
    chosen = runner.read_settings(reading.settings)
    codes = currencies_of(load_packs(reading.packs))
    loaded = runner.load(request, chosen, codes)
    ingest.require_usable(loaded, chosen.ingest)
    sheets = counted.usage(loaded.tables, by, places=_parts(places), periods=_parts(periods))
    distinct = loaded.tables["claims"]["programme"].unique().to_pylist()
    sheets = counted.in_money(
        sheets, shared_currency(codes[name] for name in distinct if name in codes)
    )
    facts = {"sheets": facts_of(sheets), "written": to}
    if to is None:
        show(Report(markdown(sheets, language()), facts))
        return
    files.write_bytes(to, written(sheets, to.suffix, language()))
    show(Report(t("usage.written", file=to), facts))


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(p.strip() for p in (text or "").replace("，", ",").split(",") if p.strip())
