"""Makes the shipped risk model: how much each piece of evidence weighs before any verdict.

    python -m benchmarks._train_base [--keep FILE.npz]

Worlds of development seeds only, several programmes, three levels of camouflage, each with its own
random mix of fraud, so that no single mix is what the model expects. What is learned is a weight per
nat of surprisal beyond ``BEYOND``, never below zero, all pulled towards one common weight with a
strength the worlds choose themselves (``risk.ridge``). A world's vocabulary, its rules that hit
everybody and its price level cannot get into such weights, because each claim was compared with
its own programme first. Seeds 1-7 teach; on 8-10 the model is held beside the plain sum of
surprisals, which no world taught.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from sklearn.metrics import average_precision_score

from fraud_pipeline import risk
from fraud_pipeline.benchmark.case import Case, Tools, make_case
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.risk.local import weights_by_feature
from fraud_pipeline.risk.model import Model
from fraud_pipeline.risk.ridge import Ridge, learn
from fraud_pipeline.risk.surprisal import Tails
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate.fraud.mix import FraudMix
from fraud_pipeline.store import files, places
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs

PROGRAMMES = {"wuhan": 1071, "shanxi": 1200, "changxing": 900, "zhejiang": 2000}
TAUGHT, CHOSEN = range(1, 8), range(8, 11)
NAME = "evidence-1"
BEYOND = 2.0  # nats: what more than about one claim in seven (e^-2) has says nothing
# Counts of the rules' hits, which have features of their own: once is enough.
COUNTED = ("hard_hits", "strong_hits", "weak_hits", "rule_score")


def main() -> None:
    keep = Path(sys.argv[sys.argv.index("--keep") + 1]) if "--keep" in sys.argv else None
    nats, improper, seed = _worlds(keep)
    u = np.maximum(nats - BEYOND, 0.0)
    u[:, [FEATURE_NAMES.index(n) for n in COUNTED]] = 0.0
    taught = np.isin(seed, list(TAUGHT))
    prior = (u[taught] > 0).any(axis=0).astype(float)
    ridge = learn(u[taught], improper[taught], np.ones(int(taught.sum())),
                  np.zeros(int(taught.sum())), prior)  # fmt: skip
    for number in CHOSEN:
        rows = seed == number
        by = {"weights": u[rows] @ ridge.weights, "plain sum": u[rows].sum(axis=1)}
        said = {
            n: round(float(average_precision_score(improper[rows], s)), 3) for n, s in by.items()
        }
        print(f"seed {number}: average precision {said}")
    _write(ridge, int(taught.sum()))


def _worlds(keep: Path | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(nats (n, k), improper (n,), seed (n,)) of all worlds; from ``keep`` if it is there."""
    if keep is not None and keep.is_file():
        with np.load(keep) as kept:
            return kept["nats"], kept["improper"], kept["seed"]
    nats, improper, seeds = _made()
    if keep is not None:
        np.savez_compressed(keep, nats=nats, improper=improper, seed=seeds)
    return nats, improper, seeds


def _made() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    tools = Tools(Settings(), load_packs(None), shipped_model())
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for programme, n_claims in PROGRAMMES.items():
        for seed in (*TAUGHT, *CHOSEN):
            # the smaller programmes speak once a seed, at a level that goes round
            for level in (0, 1, 2) if programme == "wuhan" else (seed % 3,):
                case = make_case(programme, n_claims, seed, level, tools, _mix(seed * 3 + level))
                y = case.answer["improper"].to_numpy(dtype=float)
                found.append((_nats_of(case), y, np.full(len(y), seed)))
                print(case.name, flush=True)
    nats, improper, seeds = (np.concatenate([f[k] for f in found]) for k in range(3))
    return nats, improper, seeds


def _mix(number: int) -> FraudMix:
    """A mix of fraud around the usual one: each share times e^N(0, 0.5), some rings left out."""
    rng, usual = np.random.default_rng(number), FraudMix()
    share = {t: s * float(np.exp(rng.normal(0, 0.5))) for t, s in usual.share.items()}
    kept = tuple(r for r in usual.rings if rng.random() < 0.8) or usual.rings[:1]
    return replace(usual, share=share, rings=kept)


def _nats_of(case: Case) -> np.ndarray:
    evidence = case.evidence
    tails = Tails.of(evidence.features, evidence.rules)
    mine = risk.rows_of(evidence.features, pa.array(case.claims["claim_id"]))
    return tails.nats(risk.matrix(mine.sort_by("claim_id")))


def _write(ridge: Ridge, n: int) -> None:
    folder = places.models() / "risk"
    weights = {"beyond": BEYOND, "weights": weights_by_feature(ridge.weights)}
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
    print(f"{NAME}: {n} claims, common weight {ridge.slope:.2f}, strength {ridge.strength}")


if __name__ == "__main__":
    main()
