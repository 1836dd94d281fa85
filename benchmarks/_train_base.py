"""Makes the shipped risk model: how much each piece of evidence weighs before any verdict.

    python -m benchmarks._train_base --cache DIR [--worlds 60] [--report]

Worlds of the world prior only (``simulate.draw_world``): programme, habits, errors, gaps in the
files, base rate and fraud are drawn anew for each. What is learned is a weight per nat of
surprisal beyond some nats, never below zero, all pulled towards one common weight with a strength
the worlds choose themselves (``risk.ridge``). Every world counts the same, at its own level.

Two thirds of the worlds teach. On the rest the number of nats that say nothing is chosen by the
mean and by the worst world against the sum of surprisals, which nobody taught. Then one typology
at a time is left out of the teaching, and its claims are searched for in the worlds kept apart:
what is lost is what the model owes to having seen that kind of fraud. ``--report`` prints this
without writing a model. ``--cache`` keeps the surprisals of each world, so that a run can be
continued; worlds of other code are made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow.compute as pc
import typer

from fraud_pipeline import risk
from fraud_pipeline.benchmark.case import Evidence, Tools
from fraud_pipeline.benchmark.world_measures import average_precision
from fraud_pipeline.engine.as_of_date import known_by
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.risk.local import weights_by_feature
from fraud_pipeline.risk.model import Model
from fraud_pipeline.risk.ridge import Ridge, learn
from fraud_pipeline.risk.surprisal import Tails
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import draw_world, simulate
from fraud_pipeline.store import files, places
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs

NAME = "evidence-2"
SEED = 4_000_000  # the worlds of teaching are numbered from here; nothing else uses them
CHOICES = (0.5, 1.0, 1.5, 2.0)  # nats
# Counts of the rules' hits, which have features of their own: once is enough.
COUNTED = ("hard_hits", "strong_hits", "weak_hits", "rule_score")


@dataclass(frozen=True)
class Lesson:
    """One world: (n, k) surprisals of its claims, which are improper, and their typologies."""

    number: int
    nats: np.ndarray
    improper: np.ndarray
    typology: np.ndarray

    def beyond(self, nats: float) -> np.ndarray:
        return np.maximum(self.nats - nats, 0.0)


def main(
    cache: Annotated[Path, typer.Option(help="Folder that keeps each world's surprisals.")],
    worlds: Annotated[int, typer.Option(min=6)] = 60,
    report: Annotated[bool, typer.Option(help="Print only; write no model.")] = False,
) -> None:
    lessons = [lesson_of(SEED + k, cache) for k in range(worlds)]
    teach = [lesson for lesson in lessons if lesson.number % 3]
    apart = [lesson for lesson in lessons if not lesson.number % 3]
    beyond = max(CHOICES, key=lambda nats: _held_out(fit(teach, nats), apart, nats))
    print(f"{len(teach)} worlds taught, {len(apart)} kept apart; nats that say nothing: {beyond}")
    _leave_one_out(teach, apart, beyond)
    if not report:
        _write(fit(lessons, beyond), beyond, lessons)


def lesson_of(seed: int, cache: Path) -> Lesson:
    """World ``seed`` of the prior through the product's own steps; from ``cache`` if it is there."""
    print_of_features = hashlib.sha256(" ".join(FEATURE_NAMES).encode()).hexdigest()[:12]
    kept = cache / f"{seed}-{print_of_features}.npz"
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        lesson = _made(seed)
        np.savez_compressed(kept, nats=lesson.nats, improper=lesson.improper,
                            typology=lesson.typology)  # fmt: skip
        print(f"world {seed}: {len(lesson.improper)} claims, {lesson.improper.mean():.3f} improper",
              flush=True)  # fmt: skip
    with np.load(kept) as values:
        return Lesson(seed, values["nats"], values["improper"], values["typology"])


def _made(seed: int) -> Lesson:
    tools = Tools(Settings(), load_packs(None), shipped_model())
    drawn = draw_world(seed)
    world = simulate(drawn.margins, drawn.n_claims, seed,
                     camouflage=drawn.camouflage, fraud=drawn.fraud)  # fmt: skip
    as_of = pc.max(world.tables["claims"]["submitted_on"]).as_py() + timedelta(days=1)
    evidence = Evidence.of(known_by(world.tables, as_of), as_of, tools)
    features = evidence.features
    nats = Tails.of(features, evidence.rules).nats(risk.matrix(features))
    nats[:, [FEATURE_NAMES.index(name) for name in COUNTED]] = 0.0
    truth = world.truth.to_pandas().set_index("claim_id").loc[features["claim_id"].to_pylist()]
    improper = (truth["is_fraud"] | truth["is_irregular"]).to_numpy()
    return Lesson(
        seed, nats.astype(np.float32), improper, truth["typology"].fillna("").to_numpy(str)
    )


def fit(lessons: list[Lesson], beyond: float, without: str | None = None) -> Ridge:
    """The weights these worlds teach; claims of typology ``without`` are not shown."""
    rows = [lesson.typology != without for lesson in lessons]
    u = np.concatenate([m.beyond(beyond)[r] for m, r in zip(lessons, rows, strict=True)])
    y = np.concatenate([m.improper[r] for m, r in zip(lessons, rows, strict=True)]).astype(float)
    size = np.concatenate([np.full(r.sum(), r.sum()) for r in rows]).astype(float)
    # each world at its own level: otherwise worlds rich in fraud would teach what they share
    rate = np.concatenate(
        [np.full(r.sum(), (m.improper[r].sum() + 0.5) / (r.sum() + 1.0))
         for m, r in zip(lessons, rows, strict=True)])  # fmt: skip
    weight = 1.0 / size
    prior = (u > 0).any(axis=0).astype(float)
    return learn(u, y, weight / weight.mean(), np.log(rate / (1 - rate)), prior)


def _held_out(ridge: Ridge, apart: list[Lesson], beyond: float) -> float:
    """Mean average precision over the worlds kept apart, and how often nobody's sum does better."""
    mine = np.array([_precision(m, m.beyond(beyond) @ ridge.weights) for m in apart])
    floor = np.array([_precision(m, m.nats.sum(axis=1)) for m in apart])
    ratio = mine / floor
    print(f"beyond {beyond}: average precision {mine.mean():.3f} (sum of surprisals {floor.mean():.3f}), "
          f"worst tenth {np.quantile(mine, 0.1):.3f}, ratio median {np.median(ratio):.2f} "
          f"worst {ratio.min():.2f}, common weight {ridge.slope:.2f}, strength {ridge.strength}",
          flush=True)  # fmt: skip
    return float(mine.mean() + np.quantile(mine, 0.1))


def _precision(lesson: Lesson, score: np.ndarray, typology: str | None = None) -> float:
    """Average precision of a score; of one ``typology`` against the honest claims alone."""
    y = lesson.improper if typology is None else lesson.typology == typology
    rows = np.ones(len(y), dtype=bool) if typology is None else y | ~lesson.improper
    return average_precision(y[rows], score[rows])


def _leave_one_out(teach: list[Lesson], apart: list[Lesson], beyond: float) -> None:
    whole = fit(teach, beyond)
    for typology in sorted({t for m in apart for t in np.unique(m.typology) if t}):
        unseen = fit(teach, beyond, typology)
        pairs = [
            [_precision(m, m.beyond(beyond) @ r.weights, typology) for r in (whole, unseen)]
            for m in apart if (m.typology == typology).sum() >= 3
        ]  # fmt: skip
        if pairs:
            seen, without = np.mean(pairs, axis=0)
            print(f"{typology}: taught {seen:.3f}, left out of the teaching {without:.3f} "
                  f"({len(pairs)} worlds)", flush=True)  # fmt: skip


def _write(ridge: Ridge, beyond: float, lessons: list[Lesson]) -> None:
    folder = places.models() / "risk"
    weights = {"beyond": beyond, "weights": weights_by_feature(ridge.weights)}
    card = folder / NAME / "card.md"
    model = Model(NAME, {
        "features.json": json.dumps(FEATURE_NAMES),
        "evidence.json": json.dumps(weights, indent=1, sort_keys=True),
        "card.md": card.read_text("utf-8") if card.is_file() else f"# Model card: {NAME}\n",
    })  # fmt: skip
    shutil.rmtree(folder / NAME, ignore_errors=True)
    for name, text in model.files.items():
        files.write_bytes(folder / NAME / name, text.encode())
    manifest = {name: files.sha256_of(folder / NAME / name) for name in model.files}
    files.write_json(folder / NAME / "manifest.json", manifest)
    files.write_bytes(folder / "CURRENT", f"{NAME}\n".encode())
    print(
        f"{NAME}: {len(lessons)} worlds, common weight {ridge.slope:.2f}, strength {ridge.strength}"
    )


if __name__ == "__main__":
    typer.run(main)
