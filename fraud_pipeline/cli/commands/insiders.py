"""``fraud-pipeline insiders``: reviewers and institutions that met too often (T12), for one role."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.vocabulary.messages import t

if TYPE_CHECKING:
    import pyarrow as pa

    from fraud_pipeline.report.usage import Sheet
    from fraud_pipeline.schema import Tables
    from fraud_pipeline.settings import ProgrammeSettings

_COLUMNS = (
    ("审核人", "reviewer", "text"), ("机构", "institution", "text"), ("名称", "name", "text"),
    ("申请笔数", "claims", "count"), ("随机预期", "expected", "text"), ("倍数", "lift", "text"),
    ("p值", "p", "text"), ("q值", "q", "text"), ("金额", "amount", "yuan"),
    ("说明", "in words (zh)", "text"), ("说明", "in words (en)", "text"),
)  # fmt: skip


def insiders(
    source: Annotated[
        str, typer.Argument(metavar="RUN|INPUT", help="A run's id, or a folder, file or database.")
    ],
    to: Annotated[Path, typer.Option("--out", help="The .csv or .xlsx file to write.")],
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", help="Where runs are kept.")
    ] = Path("workspace"),
    mapping: Annotated[Path | None, typer.Option(help="TOML file for foreign columns.")] = None,
    settings: Annotated[Path | None, typer.Option(help="TOML file of settings.")] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of your own packs.")] = None,
) -> None:
    """For the inspection role only: pairs of reviewer and institution above chance.

    It speaks of people who review. It is part of no score, list, report or export, and is
    written to the one file you name, readable by you alone.

    Example: fraud-pipeline insiders LATEST --out pairs.xlsx -w demo
    """
    from fraud_pipeline.cli.sheet_files import SUFFIXES, written
    from fraud_pipeline.errors import SettingsError
    from fraud_pipeline.programmes import reviewer_lift

    if to.suffix not in SUFFIXES:
        raise SettingsError(f"{to}: the pairs are written as {', '.join(SUFFIXES)}")
    tables, chosen = _of(source, workspace, mapping, settings, packs)
    lift = reviewer_lift(tables, chosen)
    _write_for_one(to, written([_sheet(lift, tables)], to.suffix, "zh"))
    known = tables["claims"].num_rows - tables["claims"]["reviewer_id"].null_count
    n_claims = tables["claims"].num_rows
    lines = [
        t("insiders.known", known=known, claims=n_claims),
        t("insiders.pairs", file=to, pairs=lift.num_rows),
        t("insiders.leads"),
    ]
    facts = {"claims": n_claims, "claims_with_reviewer": known, "pairs": lift.num_rows,
             "written": to}  # fmt: skip
    show(Report("\n".join(lines), facts))  # the pairs themselves stand in the file alone


def _of(
    source: str, workspace: Path, mapping: Path | None, settings: Path | None, packs: Path | None
) -> tuple[Tables, ProgrammeSettings]:
    """The claims of a run with the settings it had, or of an input with those given."""
    from fraud_pipeline import ingest
    from fraud_pipeline.engine import run_queries, runner
    from fraud_pipeline.programmes.currency import currencies_of
    from fraud_pipeline.programmes.own_kinds import own_kinds_of
    from fraud_pipeline.store import runs
    from fraud_pipeline.store.packs import load_packs

    chosen = runner.read_settings(settings)
    if source == "LATEST" or (
        Path(source).name == source and (workspace / "runs" / source).is_dir()
    ):
        run = runs.find(workspace, None if source == "LATEST" else source)
        own = chosen if settings is not None else run_queries.settings_of(run)
        return run.tables(), own.programmes
    request = runner.Request(data=source, workspace=workspace, mapping=mapping, packs=packs)
    known = load_packs(packs)
    loaded = runner.load(request, chosen, currencies_of(known), own_kinds_of(known))
    ingest.require_usable(loaded, chosen.ingest)
    return loaded.tables, chosen.programmes


def _sheet(pairs: pa.Table, tables: Tables) -> Sheet:
    """The pairs, the most surprising first, with the institution's name beside its code."""
    from fraud_pipeline.report.usage import Column, Sheet

    institutions = tables["institutions"]
    names = dict(
        zip(
            institutions["institution_id"].to_pylist(),
            institutions["name"].to_pylist(),
            strict=True,
        )
    )
    columns = tuple(Column(f"{zh} {en}", en, kind) for zh, en, kind in _COLUMNS)
    rows = tuple(
        ((row["reviewer_id"], row["reviewer_id"]), row["institution_id"],
         names.get(row["institution_id"]), row["n_claims"], row["expected"], row["lift"],
         row["p_value"], row["q_value"], row["amount"], row["sentence_zh"], row["sentence_en"])
        for row in pairs.to_pylist()
    )  # fmt: skip
    return Sheet("insiders", "审核人与机构", "Reviewers and institutions", columns, rows)


def _write_for_one(path: Path, data: bytes) -> None:
    """The file for its owner's eyes alone, from its first byte on."""
    from fraud_pipeline.store import files

    before = os.umask(0o077)
    try:
        files.write_bytes(path, data)
    finally:
        os.umask(before)
