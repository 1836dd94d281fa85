"""Questions asked of a published run: why this claim, who is this ring, what was known."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import explain, rings, risk
from fraud_pipeline.core.report import Report
from fraud_pipeline.engine.manifest import recorded
from fraud_pipeline.engine.setup import setup_of_run
from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.schema import RingSet, Tables
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.settings import Settings
from fraud_pipeline.steps.ranking import RISK_MODEL, explain_claims
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.models import load_model
from fraud_pipeline.store.workspace import Workspace


def explain_claim(
    path: Path, run_id: str | None, claim_id: str, language: str, *, full: bool = False
) -> Report:
    """The reasons of one claim; made on demand when the run did not write them out.

    ``full``: with every contribution in log-odds.
    """
    run = runs.find(path, run_id)
    every = run.table("ranked_claims")
    ranked = _only(every, "claim_id", claim_id, "ranked claim")
    reasons = run.table("explanations")
    reasons = reasons.filter(pc.equal(reasons["claim_id"], claim_id))
    if reasons.num_rows == 0:
        setup = setup_of_run(run, Workspace(path))
        reasons = explain_claims(run, setup, pa.array([claim_id]))
    what_if = _what_if(run, Workspace(path), reasons, ranked, every)
    kinds, hits = _kinds(run, claim_id), _evidence(run, claim_id)
    facts = {
        "run_id": run.run_id,
        **ranked.to_pylist()[0],
        "reasons": reasons.drop_columns(["claim_id"]).sort_by("position").to_pylist(),
        "rules": hits.select(
            ["rule_code", "sentence_zh", "sentence_en", "clause", "evidence"]
        ).to_pylist(),
        "typologies": [] if kinds is None else kinds.drop_columns(["claim_id"]).to_pylist(),
        "what_if": [{"zh": zh, "en": en} for zh, en in what_if],
    }
    prices = run.table("price_results")
    price = prices.filter(pc.equal(prices["claim_id"], claim_id))
    ring = explain.rings_of(run.rings(), [claim_id]).get(claim_id)
    result = explain.findings(
        reasons.to_pylist(), hits.to_pylist(), next(iter(price.to_pylist()), None), ring
    )
    words = explain.as_text(reasons, ranked, language, what_if, kinds, hits, result, full=full)
    facts |= {
        "findings": [one.as_dict() for one in result.raises],
        "in_favour": [one.as_dict() for one in result.lowers],
    }
    return Report(words, facts, runs.currency_of_run(run, facts["programme"]))


def _evidence(run: runs.Run, claim_id: str) -> pa.Table:
    """The claim's hits with clause and the rows that show them."""
    hits = run.hits()
    return hits.filter(pc.equal(hits["claim_id"], claim_id))


def _kinds(run: runs.Run, claim_id: str) -> pa.Table | None:
    """TYPOLOGY_SCORES of the claim; runs of earlier versions have none."""
    if not (run.folder / "typology_scores.parquet").is_file():
        return None
    kinds = run.table("typology_scores")
    return kinds.filter(pc.equal(kinds["claim_id"], claim_id))


def draw_claim(path: Path, run_id: str | None, claim_id: str, language: str, to: Path) -> None:
    """The claim's waterfall plot as PNG, of the contributions ``explain`` prints."""
    run = runs.find(path, run_id)
    features = _only(run.table("features"), "claim_id", claim_id, "claim")
    model = fitted_model(run, Workspace(path))
    files.write_bytes(
        to, explain.waterfall(features, risk.contributions(features, model), language)
    )


def draw_summary(path: Path, run_id: str | None, language: str, to: Path) -> None:
    """The summary plot over the run's ranked claims as PNG."""
    run = runs.find(path, run_id)
    features = risk.rows_of(run.table("features"), run.table("ranked_claims")["claim_id"])
    model = fitted_model(run, Workspace(path))
    files.write_bytes(to, explain.summary(features, risk.contributions(features, model), language))


def _what_if(
    run: runs.Run, workspace: Workspace, reasons: pa.Table, ranked: pa.Table, every: pa.Table
) -> list[tuple[str, str]]:
    """Counterfactuals against the last claim of the list's first tenth; none of an old run."""
    if not has_model(run):
        return []
    settings = settings_of(run)
    model = fitted_model(run, workspace)
    top = math.ceil(settings.explain.top_share * every.num_rows)
    last = every.filter(pc.equal(every["rank"], top))["expected_loss"][0].as_py()
    return explain.counterfactuals(reasons, ranked, last, model)


def card_of(run: runs.Run, workspace: Workspace, model: risk.Model) -> str:
    """The computed half of the model's card on the run, compared with the run before it."""
    before = run.manifest["predecessor"]
    earlier = workspace.runs / before if before else None
    previous = runs.Run(earlier).table("ranked_claims") if earlier and earlier.is_dir() else None
    model = risk.with_run(model, run.json(RISK_MODEL)) if has_model(run) else risk.fitted(
        model, run.table("features"), run.table("rules"), known_to(run), settings_of(run).risk
    )  # fmt: skip
    text = risk.computed_card(
        run.table("features"), known_to(run), run.table("ranked_claims"), previous, model,
        settings_of(run),
    )  # fmt: skip
    return f"# {model.name} on run {run.run_id}\n\n{text}"


def describe_ring(
    path: Path, run_id: str | None, ring_id: str, language: str, *, unmasked: bool = False
) -> Report:
    """A ring's summary, members, evidence and claims; personal data masked."""
    ring = _ring(path, run_id, ring_id, unmasked)
    facts = json.loads(rings.as_json(ring, ring_id))
    code = runs.currency_of_run(runs.find(path, run_id))
    return Report(rings.as_text(ring, ring_id, language), facts, code)


def write_graphml(
    path: Path, run_id: str | None, ring_id: str, to: Path, *, unmasked: bool = False
) -> None:
    """The ring as GraphML, for any graph tool."""
    ring_set = _ring(path, run_id, ring_id, unmasked)
    files.write_bytes(to, rings.as_graphml(ring_set, ring_id).encode())


def export_ring(
    path: Path, run_id: str | None, ring_id: str, to: Path, *, unmasked: bool = False
) -> None:
    """The ring in the format the ending of ``to`` names."""
    ring_set = _ring(path, run_id, ring_id, unmasked)
    files.write_bytes(to, rings.export(ring_set, ring_id, to.name, unmasked=unmasked))


def _ring(path: Path, run_id: str | None, ring_id: str, unmasked: bool) -> RingSet:
    run = runs.find(path, run_id)
    _only(run.table("rings"), "ring_id", ring_id, "ring")
    return run.rings() if unmasked else rings.masked(run.rings())


def has_model(run: runs.Run) -> bool:
    """Whether the run published what it added to its model; runs of earlier versions did not."""
    return (run.folder / f"{RISK_MODEL}.json").is_file()


def fitted_model(run: runs.Run, workspace: Workspace) -> risk.Model:
    """The model as the run scored with it. Raises UnknownRecordError for a run of an earlier version."""
    if not has_model(run):
        raise UnknownRecordError(f"run {run.run_id} was made by an earlier version: score again")
    model = load_model(workspace.models, run.manifest["model"]["name"])
    return risk.with_run(model, run.json(RISK_MODEL))


def settings_of(run: runs.Run) -> Settings:
    """The settings that the run was made with."""
    settings: Settings = recorded(run, "settings")
    return settings


def as_of(run: runs.Run) -> date:
    """The run's as-of date."""
    day: date = recorded(run, "as_of")
    return day


def known_to(run: runs.Run) -> Tables:
    """The run's clean tables as they stood on its as-of date."""
    return known_by(run.tables(), as_of(run), recorded(run, "outcomes_until"))


def _only(table: pa.Table, column: str, value: str, what: str) -> pa.Table:
    rows = table.filter(pc.equal(table[column], value))
    if rows.num_rows == 0:
        raise UnknownRecordError(f"there is no {what} {value!r} in this run")
    return rows
