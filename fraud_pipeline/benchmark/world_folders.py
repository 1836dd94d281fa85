"""Worlds made by anybody, in folders: scored by the product, compared with their truth.

A folder of worlds holds ``<name>/data`` (the tables a bureau hands in) and ``<name>/truth``:
``truth.parquet`` (claim_id, is_fraud, is_irregular, true_loss …), ``hidden/claims.parquet`` (claim_id,
to_rank, group_mask …), ``hidden/rings.parquet`` and ``hidden/world.json`` (seed, camouflage, programme,
as_of, groups). Only this module reads the truth; the product is handed ``data`` and the as-of date.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fraud_pipeline import risk
from fraud_pipeline.benchmark.world_measures import measure
from fraud_pipeline.engine import run_queries, runner
from fraud_pipeline.engine.loading import Request
from fraud_pipeline.errors import InputError
from fraud_pipeline.risk.surprisal import Tails
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.models import load_model
from fraud_pipeline.store.workspace import Workspace, locked

WITHHELD_ON_DAY_ONE = ("outcomes", "sanctions")


@dataclass(frozen=True)
class WorldFolder:
    """One world on disk; ``about`` is its ``hidden/world.json``."""

    name: str
    data: Path
    truth: Path
    about: dict[str, Any]

    @property
    def camouflage(self) -> int:
        return int(self.about.get("camouflage", 0))

    def answer(self) -> pd.DataFrame:
        """One row a claim: the truth with what is hidden of it."""
        truth = pd.read_parquet(self.truth / "truth.parquet")
        hidden = pd.read_parquet(self.truth / "hidden" / "claims.parquet")
        both = truth.merge(hidden, on="claim_id", how="left", validate="1:1")
        both["improper"] = both["is_fraud"] | both["is_irregular"]
        both["true_loss"] = pd.to_numeric(both["true_loss"].astype(str), errors="coerce").fillna(
            0.0
        )
        return both


def find(folder: Path, seed: int | None, camouflage: Sequence[int]) -> list[WorldFolder]:
    """The worlds of ``folder`` with this seed and these levels, by name.

    Raises InputError when there is none.
    """
    worlds = []
    for place in sorted(p for p in folder.iterdir() if (p / "data").is_dir()):
        note = place / "truth" / "hidden" / "world.json"
        if note.is_file():
            world = WorldFolder(
                place.name, place / "data", place / "truth", dict(files.read_json(note))
            )
            if seed in (None, world.about.get("seed")) and world.camouflage in camouflage:
                worlds.append(world)
    if not worlds:
        raise InputError(
            f"{folder}: no world of this seed and camouflage (NAME/data and NAME/truth)"
        )
    return worlds


def evaluate_worlds(
    worlds: Sequence[WorldFolder], cache: Path, *, day_one: bool, rescore: bool,
    progress: Callable[[str], None],
) -> list[dict[str, Any]]:  # fmt: skip
    """The figures of each world, in the order given.

    ``cache``: workspaces that keep the runs, so that what has not changed is not run again.
    ``rescore``: the newest run in the cache is taken whatever code made it, and its features
    are scored by this code: quick, and right while only the risk changes.
    """
    figures = []
    for world in worlds:
        progress(world.name)
        workspace = Workspace(cache / f"{world.name}{'-day-one' if day_one else ''}")
        run = _run(world, workspace, day_one=day_one, rescore=rescore)
        ranked = _ranked_again(run, workspace) if rescore else run.table("ranked_claims")
        measured = measure(world.answer(), world.about, world.truth, run, ranked, _floors(run))
        figures.append({"world": world.name, "camouflage": world.camouflage, **measured})
    return figures


def _run(world: WorldFolder, workspace: Workspace, *, day_one: bool, rescore: bool) -> runs.Run:
    if rescore and (workspace.runs / "LATEST").is_file():
        return runs.find(workspace.path, None)
    as_of = date.fromisoformat(str(world.about["as_of"]))
    with tempfile.TemporaryDirectory() as scratch:
        data = world.data
        if day_one:
            data = Path(scratch) / "data"
            data.mkdir()
            for path in sorted(world.data.iterdir()):
                if path.stem not in WITHHELD_ON_DAY_ONE:
                    shutil.copy2(path, data / path.name)
        with locked(workspace.path) as own:
            return runner.score(Request(str(data), own.path, as_of=as_of), own)


def _ranked_again(run: runs.Run, workspace: Workspace) -> pa.Table:
    features, rules, known = run.table("features"), run.table("rules"), run_queries.known_to(run)
    settings = run_queries.settings_of(run).risk
    model = risk.fitted(load_model(workspace.models), features, rules, known, settings)
    return risk.score(features, rules, run.hits(), known, model)


def _floors(run: runs.Run) -> dict[str, pd.Series]:
    """Scores that nobody taught, by claim: the sum of surprisals, of ranks, and rules alone."""
    features = run.table("features")
    nats = Tails.of(features, run.table("rules")).nats(
        risk.matrix(features), risk.programmes_of(features)
    )
    ids = features["claim_id"].to_pylist()
    ranks = pd.DataFrame(nats).rank(pct=True).to_numpy()
    scores = {
        "sum of surprisals (one-sided ECOD)": nats.sum(axis=1),
        "sum of ranks": np.where(nats > 0, ranks, 0.0).sum(axis=1),
        "rules alone": np.nan_to_num(features["rule_score"].to_numpy()),
    }
    return {name: pd.Series(values, ids) for name, values in scores.items()}
