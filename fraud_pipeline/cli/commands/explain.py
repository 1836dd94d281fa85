"""What a run says of one claim or one ring, and its tables for Excel."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.options import WORKSPACE, RunId, Workspace_
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.vocabulary.messages import language, t


def explain(
    claim: Annotated[str, typer.Argument(help="Claim id.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    full: Annotated[
        bool, typer.Option("--all", help="Also every contribution, in log-odds.")
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="Also draw it: waterfall plot, PNG.")] = None,
) -> None:
    """The reasons behind one claim's place in the list, in words that add up to its score.

    Example: fraud-pipeline explain C0000007 -w demo --plot waterfall.png
    """
    from fraud_pipeline.engine import run_queries

    report = run_queries.explain_claim(workspace, run, claim, language(), full=full)
    text = report.text
    if plot is not None:
        run_queries.draw_claim(workspace, run, claim, language(), plot)
        text += "\n" + t("model.plot", file=plot)
    show(Report(text, {**report.facts, "plot": plot}, report.currency))


def ring(
    ring: Annotated[str, typer.Argument(help="Ring id.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    graphml: Annotated[Path | None, typer.Option(help="Also write the ring as GraphML.")] = None,
    export: Annotated[
        Path | None,
        typer.Option(help="Also write it as .graphml, .gexf, .ftm.json, .json or .csv."),
    ] = None,
    unmasked: Annotated[bool, typer.Option(help="Show personal data in full.")] = False,
) -> None:
    """One ring: its summary, members, evidence and claims.

    Example: fraud-pipeline ring R-1EC77F94D5 -w demo --export ring.gexf
    """
    from fraud_pipeline.engine import run_queries

    report = run_queries.describe_ring(workspace, run, ring, language(), unmasked=unmasked)
    if graphml is not None:
        run_queries.write_graphml(workspace, run, ring, graphml, unmasked=unmasked)
    if export is not None:
        run_queries.export_ring(workspace, run, ring, export, unmasked=unmasked)
    written = [path for path in (graphml, export) if path is not None]
    lines = [report.text, *(t("ring.written", file=path) for path in written)]
    show(Report("\n".join(lines), {**report.facts, "written": written}, report.currency))


def export(
    to: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    formats: Annotated[str, typer.Option("--formats", help="csv, xlsx or both.")] = "csv,xlsx",
    unmasked: Annotated[bool, typer.Option(help="Show personal data in full.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Every table and row of the run.")] = False,
) -> None:
    """Write a run's tables for Excel; personal data is masked unless asked otherwise.

    Of the rules the hits, in the workbook the first 20,000 claims; --whole writes everything.

    Example: fraud-pipeline export --out tables --formats xlsx -w demo
    """
    from fraud_pipeline.store import runs
    from fraud_pipeline.store.exports import export_run

    chosen = runs.find(workspace, run)
    wanted = tuple(part.strip() for part in formats.split(",") if part.strip())
    written = export_run(chosen.folder, to, formats=wanted, masked=not unmasked, whole=whole)
    facts = {"run_id": chosen.run_id, "masked": not unmasked, "written": written}
    show(Report("\n".join(map(str, written)), facts))
