"""Makes the shipped risk model: how much each piece of evidence weighs before any verdict.

    python -m benchmarks._train_base --cache DIR [--worlds 60] [--report] [--finished FOLDER=CACHE]

The model is a mean of two: the weights of ``START``, which were learned on nine ordinary simulated
worlds, and, with the share ``SHARE``, weights learned on worlds of the world prior
(``simulate.draw_world``), in which habits, errors, gaps in the files, base rate and fraud are drawn
anew. What is learned is a weight per nat of surprisal beyond ``BEYOND``, never below zero and
pulled towards one common weight (``risk.ridge``); every world counts the same, at its own level.
Evidence that no world of the prior shows keeps its weight. Pull and share are stated and
not learned: worlds of one simulator always ask for less pull than worlds of other makers
bear, and for the whole share (docs/decisions/base-model.md).

Worlds kept apart then tell how the mean compares with either part, with a model of ordinary worlds
alone and with the sum of surprisals, which nobody taught; how much is left when whoever cheats
hides his one or two strongest signs, whatever they are; and what is lost on a typology that no
lesson showed. ``--finished`` adds the worlds of FOLDER, on the runs that ``fraud-pipeline benchmark --worlds FOLDER
--cache CACHE [--day-one]`` left: the first day's order of the claims to be ranked. ``--report`` prints this without writing a model. ``--cache`` keeps the surprisals
of each world, so that a run can be continued; worlds made by other features are made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import typer

from fraud_pipeline import risk
from fraud_pipeline.benchmark.case import Evidence, Tools
from fraud_pipeline.benchmark.world_folders import find
from fraud_pipeline.benchmark.world_measures import average_precision
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.risk.local import weights_by_feature
from fraud_pipeline.risk.model import Model
from fraud_pipeline.risk.ridge import learn
from fraud_pipeline.risk.surprisal import Tails
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import World, draw_world, simulate
from fraud_pipeline.store import files, places, runs
from fraud_pipeline.store.models import load_model, shipped_model
from fraud_pipeline.store.packs import load_packs

START, NAME = "evidence-1", "evidence-2"
SHARES = (0.25, 1 / 3, 0.5, 1.0)  # that are compared
SHARE = 1 / 3  # of what the prior's worlds teach; chosen by the worst world of two makers
BEYOND = 2.0  # nats: what more than about one claim in seven (e^-2) has says nothing
STRENGTH = 0.1  # standard deviation of the weights about the common one
PRIOR_SEED = 4_000_000  # the prior's worlds of teaching are numbered from here
ORDINARY = {"wuhan": 1071, "shanxi": 1030, "changxing": 1071}  # claims a world
ORDINARY_SEEDS = (301, 302)
# Counts of the rules' hits, which have features of their own: once is enough.
COUNTED = ("hard_hits", "strong_hits", "weak_hits", "rule_score")


@dataclass(frozen=True)
class Lesson:
    """One world: (n, k) nats beyond BEYOND of its claims, which are improper, and why."""

    name: str
    u: np.ndarray
    improper: np.ndarray
    typology: np.ndarray


def main(
    cache: Annotated[Path, typer.Option(help="Folder that keeps each world's surprisals.")],
    worlds: Annotated[int, typer.Option(min=6)] = 60,
    report: Annotated[bool, typer.Option(help="Print only; write no model.")] = False,
    finished: Annotated[
        list[str] | None, typer.Option(help="FOLDER=CACHE of finished runs.")
    ] = None,
) -> None:
    prior = [_kept(f"prior-{PRIOR_SEED + k}", cache) for k in range(worlds)]
    ordinary = [
        _kept(f"{programme}-{seed}-{level}", cache)
        for programme in ORDINARY for seed in ORDINARY_SEEDS for level in (0, 1, 2)
    ]  # fmt: skip
    apart = prior[::3]
    taught = [lesson for k, lesson in enumerate(prior) if k % 3]
    start = load_model(places.models(), START).first_weights
    others = [_finished(Path(folder), Path(runs_of))
              for folder, runs_of in (pair.split("=", 1) for pair in finished or ())]  # fmt: skip
    _compare(start, ordinary, taught, [apart, *others])
    _leave_one_out(start, taught, apart)
    if not report:
        _write(mixed(start, prior), len(prior))


def _kept(name: str, cache: Path) -> Lesson:
    """The world of this name through the product's own steps; from ``cache`` if it is there."""
    mark = hashlib.sha256(" ".join(FEATURE_NAMES).encode()).hexdigest()[:12]
    kept = cache / f"{name}-{mark}.npz"
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        lesson = _lesson(name, _world(name))
        np.savez_compressed(kept, u=lesson.u, improper=lesson.improper, typology=lesson.typology)
        print(f"{name}: {len(lesson.improper)} claims, {lesson.improper.mean():.3f} improper",
              flush=True)  # fmt: skip
    with np.load(kept) as values:
        return Lesson(name, values["u"], values["improper"], values["typology"])


def _world(name: str) -> World:
    if name.startswith("prior-"):
        seed = int(name.removeprefix("prior-"))
        drawn = draw_world(seed)
        return simulate(drawn.margins, drawn.n_claims, seed,
                        camouflage=drawn.camouflage, fraud=drawn.fraud)  # fmt: skip
    programme, own_seed, level = name.split("-")
    return simulate(programme, ORDINARY[programme], int(own_seed), camouflage=int(level))


def _lesson(name: str, world: World) -> Lesson:
    tools = Tools(Settings(), load_packs(None), shipped_model())
    as_of = pc.max(world.tables["claims"]["submitted_on"]).as_py() + timedelta(days=1)
    evidence = Evidence.of(known_by(world.tables, as_of), as_of, tools)
    truth = world.truth.to_pandas().set_index("claim_id")
    truth = truth.loc[evidence.features["claim_id"].to_pylist()]
    improper = truth["is_fraud"] | truth["is_irregular"]
    return _as_lesson(name, evidence.features, evidence.rules, improper, truth["typology"])


def _as_lesson(
    name: str, features: pa.Table, rules: pa.Table, improper: pd.Series, typology: pd.Series
) -> Lesson:
    nats = Tails.of(features, rules).nats(risk.matrix(features))
    nats[:, [FEATURE_NAMES.index(counted) for counted in COUNTED]] = 0.0
    u = np.maximum(nats - BEYOND, 0.0).astype(np.float32)
    return Lesson(name, u, improper.to_numpy(bool), typology.fillna("").to_numpy(str))


def mixed(
    start: np.ndarray, prior: Sequence[Lesson], without: str | None = None, share: float = SHARE
) -> np.ndarray:
    """(k,) ``start`` moved by ``share`` towards what the worlds of the prior teach, at its scale."""
    shown = np.any([lesson.u.max(axis=0) > 0 for lesson in prior], axis=0)
    learned = fit(prior, without)
    learned = np.where(shown, learned * start[shown].sum() / learned.sum(), start)
    return np.asarray((1 - share) * start + share * learned)


def fit(lessons: Sequence[Lesson], without: str | None = None) -> np.ndarray:
    """(k,) weights these worlds teach; claims of typology ``without`` are not shown."""
    rows = [lesson.typology != without for lesson in lessons]
    u = np.concatenate([m.u[r] for m, r in zip(lessons, rows, strict=True)]).astype(float)
    y = np.concatenate([m.improper[r] for m, r in zip(lessons, rows, strict=True)]).astype(float)
    weight = np.concatenate([np.full(r.sum(), 1.0 / r.sum()) for r in rows])
    # each world at its own level: otherwise worlds rich in fraud would teach what they share
    rates = [(m.improper[r].sum() + 0.5) / (r.sum() + 1.0)
             for m, r in zip(lessons, rows, strict=True)]  # fmt: skip
    level = np.concatenate(
        [np.full(r.sum(), np.log(p / (1 - p))) for p, r in zip(rates, rows, strict=True)]
    )
    common = (u > 0).any(axis=0).astype(float)
    return learn(u, y, weight / weight.mean(), level, common, [(STRENGTH, 1.0)]).weights


def _compare(
    start: np.ndarray, ordinary: Sequence[Lesson], taught: Sequence[Lesson],
    judges: Sequence[Sequence[Lesson]],
) -> None:  # fmt: skip
    models = {
        "sum of surprisals": np.ones(len(FEATURE_NAMES)),
        START: start,
        "ordinary worlds": fit(ordinary),
        **{f"{share:.2f} of the prior": mixed(start, taught, share=share) for share in SHARES},
    }
    for judge in judges:
        print(f"average precision on {len(judge)} worlds from {judge[0].name} on: mean, worst tenth and "
              "worst; then with the one and two strongest signs of each improper claim hidden")  # fmt: skip
        for name, weights in models.items():
            figures = []
            for hidden in (0, 1, 2):
                precise = [_precision(m, _hide(m, weights, hidden), weights) for m in judge]
                figures.append(
                    f"{np.mean(precise):.3f} {np.quantile(precise, 0.1):.3f} {min(precise):.3f}"
                )
            print(f"  {name}: " + " | ".join(figures), flush=True)


def _finished(folder: Path, cache: Path) -> list[Lesson]:
    """The claims to be ranked of the worlds of ``folder`` that have a run in ``cache``."""
    lessons = []
    for world in find(folder, None, (0, 1, 2)):
        workspaces = [cache / f"{world.name}{suffix}" for suffix in ("-day-one", "")]
        present = [path for path in workspaces if path.is_dir()]
        if not present:
            continue
        run = runs.find(present[0], None)
        features = run.table("features")
        answer = world.answer().set_index("claim_id").loc[features["claim_id"].to_pylist()]
        whole = _as_lesson(
            world.name, features, run.table("rules"), answer["improper"], answer["typology"]
        )
        rows = answer["to_rank"].to_numpy(bool)
        lessons.append(
            Lesson(whole.name, whole.u[rows], whole.improper[rows], whole.typology[rows])
        )
    return lessons


def _hide(lesson: Lesson, weights: np.ndarray, signs: int) -> np.ndarray:
    """The evidence when each improper claim hides what weighs most for it."""
    u = lesson.u.copy()
    rows = np.flatnonzero(lesson.improper)
    for _ in range(signs):
        u[rows, (u[rows] * weights).argmax(axis=1)] = 0.0
    return u


def _precision(
    lesson: Lesson, u: np.ndarray, weights: np.ndarray, typology: str | None = None
) -> float:
    """Average precision; of one ``typology`` against the honest claims alone."""
    y = lesson.improper if typology is None else lesson.typology == typology
    rows = np.ones(len(y), dtype=bool) if typology is None else y | ~lesson.improper
    return average_precision(y[rows], (u @ weights)[rows])


def _leave_one_out(start: np.ndarray, taught: Sequence[Lesson], apart: Sequence[Lesson]) -> None:
    whole = mixed(start, taught)
    for typology in sorted({t for m in apart for t in np.unique(m.typology) if t}):
        unseen = mixed(start, taught, typology)
        shown = [m for m in apart if (m.typology == typology).sum() >= 3]
        if shown:
            seen, without = (
                np.mean([_precision(m, m.u, w, typology) for m in shown]) for w in (whole, unseen)
            )
            print(f"{typology}: taught {seen:.3f}, never shown {without:.3f} ({len(shown)} worlds)",
                  flush=True)  # fmt: skip


def _write(weights: np.ndarray, n_worlds: int) -> None:
    folder = places.models() / "risk"
    evidence = {"beyond": BEYOND, "weights": weights_by_feature(weights)}
    card = folder / NAME / "card.md"
    model = Model(NAME, {
        "features.json": json.dumps(FEATURE_NAMES),
        "evidence.json": json.dumps(evidence, indent=1, sort_keys=True),
        "card.md": card.read_text("utf-8") if card.is_file() else f"# Model card: {NAME}\n",
    })  # fmt: skip
    shutil.rmtree(folder / NAME, ignore_errors=True)
    for name, text in model.files.items():
        files.write_bytes(folder / NAME / name, text.encode())
    manifest = {name: files.sha256_of(folder / NAME / name) for name in model.files}
    files.write_json(folder / NAME / "manifest.json", manifest)
    files.write_bytes(folder / "CURRENT", f"{NAME}\n".encode())
    print(f"{NAME}: {START} and {n_worlds} worlds of the prior")


if __name__ == "__main__":
    typer.run(main)
