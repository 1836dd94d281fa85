"""``fraud-pipeline score-claim``: one claim before payment, against the last run's state."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraud_pipeline.cli.options import WORKSPACE, RunId, Workspace_
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.vocabulary.messages import language

if TYPE_CHECKING:
    from fraud_pipeline.engine.single_claim import Source


def score_claim(
    claim: Annotated[Path, typer.Option("--claim", help="JSON, CSV, workbook or folder.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    programme: Annotated[str | None, typer.Option(help="Programme pack id, if not in the file.")] = None,
) -> None:  # fmt: skip
    """One claim before payment: probability, expected loss and reasons, by the steps of a run.

    Example: fraud-pipeline score-claim --claim claim.json -w demo
    """
    from fraud_pipeline.engine import run_queries, single_claim
    from fraud_pipeline.engine.setup import setup_of_run
    from fraud_pipeline.programmes.currency import currencies_of
    from fraud_pipeline.programmes.own_kinds import own_kinds_of
    from fraud_pipeline.store import runs
    from fraud_pipeline.store.workspace import Workspace

    chosen = runs.find(workspace, run)
    setup = setup_of_run(chosen, Workspace(workspace))
    filed = single_claim.rows_filed(
        _sources(claim),
        setup.settings.ingest,
        programme,
        currencies_of(setup.packs),
        own_kinds_of(setup.packs),
    )
    scorer = single_claim.ClaimScorer(run_queries.known_to(chosen), chosen, setup)
    begun = time.perf_counter()
    answer = scorer.score({n: filed[n] for n in filed if filed.supplied(n)})
    seconds = time.perf_counter() - begun
    text = single_claim.as_text(answer, language())
    facts = {"run_id": chosen.run_id, **single_claim.as_dict(answer)}
    code = currencies_of(setup.packs).get(str(answer.ranked["programme"][0]), "CNY")
    show(Report(f"{text}\n({chosen.run_id}, {seconds:.2f} s)", facts, code))


def _sources(claim: Path) -> list[Source]:
    from fraud_pipeline.engine import single_claim
    from fraud_pipeline.ingest import stems
    from fraud_pipeline.store import files
    from fraud_pipeline.store.sources import open_sources

    if claim.suffix.lower() == ".json":
        return single_claim.sources_of(files.read_text(claim, "the claim"), claim.name)
    return open_sources(str(claim), stems(None))
