"""What a run says of one claim or one ring, and its tables for Excel."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fraud_pipeline.cli.commands.options import WORKSPACE, Language, RunId, Workspace_
from fraud_pipeline.cli.output import say


def explain(
    claim: Annotated[str, typer.Argument(help="Claim id.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    lang: Language = "zh",
    plot: Annotated[Path | None, typer.Option(help="Also draw it: waterfall plot, PNG.")] = None,
) -> None:
    """The reasons behind one claim's place in the list, in words that add up to its score."""
    from fraud_pipeline.engine import run_queries

    say(run_queries.explain_claim(workspace, run, claim, lang))
    if plot is not None:
        run_queries.draw_claim(workspace, run, claim, lang, plot)
        say(f"图 plot: {plot}")


def ring(
    ring: Annotated[str, typer.Argument(help="Ring id.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    lang: Language = "zh",
    graphml: Annotated[Path | None, typer.Option(help="Also write the ring as GraphML.")] = None,
    export: Annotated[
        Path | None,
        typer.Option(help="Also write it as .graphml, .gexf, .ftm.json, .json or .csv."),
    ] = None,
    unmasked: Annotated[bool, typer.Option(help="Show personal data in full.")] = False,
) -> None:
    """One ring: its story, members, evidence and claims."""
    from fraud_pipeline.engine import run_queries

    told = run_queries.describe_ring(workspace, run, ring, lang, unmasked=unmasked)
    say(told)
    if graphml is not None:
        run_queries.write_graphml(workspace, run, ring, graphml, unmasked=unmasked)
        say(f"GraphML: {graphml}")
    if export is not None:
        run_queries.export_ring(workspace, run, ring, export, unmasked=unmasked)
        say(f"已写出 written: {export}")


def export(
    to: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    formats: Annotated[str, typer.Option("--formats", help="csv, xlsx or both.")] = "csv,xlsx",
    unmasked: Annotated[bool, typer.Option(help="Show personal data in full.")] = False,
) -> None:
    """Write a run's tables for Excel; personal data is masked unless asked otherwise."""
    from fraud_pipeline.store import runs
    from fraud_pipeline.store.exports import export_run

    chosen = runs.find(workspace, run)
    wanted = tuple(part.strip() for part in formats.split(",") if part.strip())
    for path in export_run(chosen.folder, to, formats=wanted, masked=not unmasked):
        say(str(path))
