"""Questions asked of a published run: why this claim, who is this ring, what was known."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import explain, rings
from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.pipeline import Setup, explain_claims
from fraud_pipeline.records import RingSet, Tables
from fraud_pipeline.records.asof import known_by
from fraud_pipeline.settings import Settings, from_tree
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.custody import kept_packs
from fraud_pipeline.store.models import load_model
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.store.workspace import Workspace


def explain_claim(path: Path, run_id: str | None, claim_id: str, language: str) -> str:
    """The reasons of one claim; made on demand when the run did not write them out."""
    run = runs.find(path, run_id)
    every = run.table("ranked_claims")
    ranked = _only(every, "claim_id", claim_id, "ranked claim")
    reasons = run.table("explanations")
    reasons = reasons.filter(pc.equal(reasons["claim_id"], claim_id))
    if reasons.num_rows == 0:
        setup = setup_of(run, Workspace(path), None)
        reasons = explain_claims(run, setup, pa.array([claim_id]))
    what_if = _what_if(run, Workspace(path), reasons, ranked, every)
    return explain.as_text(reasons, ranked, language, what_if)


def _what_if(
    run: runs.Run, workspace: Workspace, reasons: pa.Table, ranked: pa.Table, every: pa.Table
) -> list[tuple[str, str]]:
    """Counterfactuals against the last claim of the list's first tenth."""
    settings = settings_of(run)
    model = load_model(workspace.models, run.manifest["model"]["name"])
    top = math.ceil(settings.explain.top_share * every.num_rows)
    last = every.filter(pc.equal(every["rank"], top))["expected_loss"][0].as_py()
    return explain.counterfactuals(reasons, ranked, last, model.line, settings.risk.hard_floor)


def describe_ring(path: Path, run_id: str | None, ring_id: str, language: str) -> str:
    """A ring's story, members, evidence and claims as text."""
    run = runs.find(path, run_id)
    _only(run.table("rings"), "ring_id", ring_id, "ring")
    return rings.as_text(run.rings(), ring_id, language)


def write_graphml(path: Path, run_id: str | None, ring_id: str, to: Path) -> None:
    """The ring as GraphML, for any graph tool."""
    run = runs.find(path, run_id)
    _only(run.table("rings"), "ring_id", ring_id, "ring")
    files.write_bytes(to, rings.as_graphml(run.rings(), ring_id).encode())


def export_ring(path: Path, run_id: str | None, ring_id: str, to: Path) -> None:
    """The ring in the format the ending of ``to`` names."""
    run = runs.find(path, run_id)
    _only(run.table("rings"), "ring_id", ring_id, "ring")
    files.write_bytes(to, rings.export(run.rings(), ring_id, to.name))


def setup_of(run: runs.Run, workspace: Workspace, packs_folder: Path | None) -> Setup:
    """The setup a run was made with, from its manifest.

    Raises IntegrityError when a pack or the model is no longer the one it used.
    """
    manifest = run.manifest
    packs = load_packs(packs_folder or kept_packs(workspace, manifest.get("own_packs")))
    for name, digest in manifest["packs"].items():
        if name not in packs or packs[name].sha256 != digest:
            raise IntegrityError(f"run {run.run_id}: programme pack {name} is not the one it used")
    model = load_model(workspace.models, manifest["model"]["name"])
    if model.sha256 != manifest["model"]["sha256"]:
        raise IntegrityError(f"run {run.run_id}: model {model.name} is not the one it used")
    before = manifest["predecessor"]
    previous: RingSet | None = runs.rings_of(workspace, before) if before else None
    until = manifest["outcomes_until"]
    drawn = manifest["audit"]
    return Setup(
        as_of=date.fromisoformat(manifest["as_of"]),
        outcomes_until=date.fromisoformat(until) if until else None,
        settings=settings_of(run),
        packs=packs,
        model=model,
        previous=previous,
        budget=drawn["budget"],
        seed=drawn["seed"],
        cover_enterprises=drawn["cover_enterprises"],
        about={k: v for k, v in manifest.items() if k not in ("steps", "published", "outputs")},
    )


def settings_of(run: runs.Run) -> Settings:
    settings: Settings = from_tree(Settings, run.manifest["settings"], f"run {run.run_id}")
    return settings


def as_of(run: runs.Run) -> date:
    return date.fromisoformat(run.manifest["as_of"])


def known_to(run: runs.Run) -> Tables:
    """The run's clean tables as they stood on its as-of date."""
    until = run.manifest["outcomes_until"]
    return known_by(run.tables(), as_of(run), date.fromisoformat(until) if until else None)


def _only(table: pa.Table, column: str, value: str, what: str) -> pa.Table:
    found = table.filter(pc.equal(table[column], value))
    if found.num_rows == 0:
        raise UnknownRecordError(f"there is no {what} {value!r} in this run")
    return found
