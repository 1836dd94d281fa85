"""Before a run: what a source holds, and who is who in it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.options import WORKSPACE, Data, Mapping_, Packs, Programme, SettingsFile
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.vocabulary.messages import t


def check(
    data: Data,
    programme: Programme = None,
    mapping: Mapping_ = None,
    settings: SettingsFile = None,
    packs: Packs = None,
    to: Annotated[Path | None, typer.Option("--out", help="XLSX of what to send back.")] = None,
    suggest_mapping: Annotated[
        Path | None,
        typer.Option(help="TOML file to draft for foreign headers; with --out it is then used."),
    ] = None,
) -> None:
    """Load and account for every row; print the clerk's report; write only what is asked for.

    Example: fraud-pipeline check --data data_samples/dirty --out back.xlsx
    """
    from fraud_pipeline import ingest
    from fraud_pipeline.cli import check_report
    from fraud_pipeline.engine import runner
    from fraud_pipeline.programmes.currency import currencies_of
    from fraud_pipeline.programmes.own_kinds import own_kinds_of
    from fraud_pipeline.store.packs import load_packs

    request = runner.Request(
        data=data, workspace=WORKSPACE, programme=programme, mapping=mapping, packs=packs
    )
    chosen = runner.read_settings(settings)
    if suggest_mapping is not None:
        n = check_report.write_mapping(data, chosen.ingest, suggest_mapping)
        facts = {"mapping": suggest_mapping, "tables": n}
        show(Report(t("check.draft", file=suggest_mapping, n=n), facts))
        if to is None:
            return
        request = dataclasses.replace(request, mapping=suggest_mapping)
    known = load_packs(packs)
    loaded = runner.load(request, chosen, currencies_of(known), own_kinds_of(known))
    report = check_report.report(loaded)
    misread = check_report.misread(loaded, known, chosen)
    text = "\n".join([report.text, *misread])
    if to is not None:
        check_report.write_send_back(loaded, to)
        text += "\n" + t("check.list", file=to)
    show(Report(text, {**report.facts, "misread": misread, "send_back": to}))
    ingest.require_usable(loaded, chosen.ingest)


def parties(
    data: Data,
    programme: Programme = None,
    mapping: Mapping_ = None,
    settings: SettingsFile = None,
    packs: Packs = None,
    to: Annotated[Path | None, typer.Option("--out", help="XLSX of pairs for a person.")] = None,
) -> None:
    """Who is who where codes are missing or wrong: linked with evidence; doubtful pairs listed.

    Example: fraud-pipeline parties --data data_samples/dirty --out who.xlsx
    """
    from fraud_pipeline.cli import linkage_report
    from fraud_pipeline.engine import runner
    from fraud_pipeline.store.packs import load_packs

    request = runner.Request(
        data=data, workspace=WORKSPACE, programme=programme, mapping=mapping, packs=packs
    )
    chosen = runner.read_settings(settings)
    linked = linkage_report.of_request(request, chosen, load_packs(packs))
    report = linkage_report.report(linked)
    text = report.text
    if to is not None:
        linkage_report.write_list(linked, to)
        text += "\n" + t("parties.list", file=to)
    show(Report(text, {**report.facts, "list": to}))
