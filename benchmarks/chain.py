"""The evidence steps on a simulated world, without files: shared by the ranking benchmarks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import IsolationForest

from fraud_pipeline import audit, behaviour, graph, pricing, programmes, rings, risk
from fraud_pipeline.records import RingSet
from fraud_pipeline.records.asof import known_by
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.models import load_model
from fraud_pipeline.store.packs import load_packs

AS_OF = date(2017, 12, 31)
DEVELOPMENT_SEEDS = tuple(range(1, 11))
REPORT_SEEDS = tuple(range(101, 111))
N_CLAIMS = 1071


@dataclass(frozen=True)
class Outcome:
    """One world scored: a row a claim with truth and every score, and the rings."""

    claims: pd.DataFrame
    rings: RingSet
    truth: pa.Table
    listed: frozenset[str]


def scored(seed: int, camouflage: int) -> Outcome:
    """Runs every step from tables to audit plan on ``simulate("wuhan", 1071, seed)``."""
    settings, packs = Settings(), load_packs(None)
    model = load_model(Path("no workspace"))
    world = simulate("wuhan", N_CLAIMS, seed, camouflage=camouflage)
    known = known_by(world.tables, AS_OF)
    results, rules = programmes.evaluate(known, packs, AS_OF, settings.programmes)
    ties = graph.build_ties(known, settings.graph)
    found = rings.find(ties, known["claims"], settings.rings, None)
    prices = pricing.judge(known, settings.pricing, ring_claims=found.claims)
    habits = behaviour.measure(known, settings.behaviour)
    features = risk.build_features(
        known, rules, results, prices, found, ties, habits, settings.risk
    )
    ranked = risk.score(features, rules, results, known, model, settings.risk)
    plan = audit.make_plan(ranked, known, settings.audit, budget=None, seed=1, as_of=AS_OF)
    joined = ranked.to_pandas().merge(world.truth.to_pandas(), on="claim_id")
    joined = joined.merge(features.to_pandas(), on="claim_id", suffixes=("", "_feature"))
    joined["loss"] = joined["true_loss"].astype(float)
    joined["amount"] = joined["claimed_amount"].astype(float)
    joined["improper"] = joined["is_fraud"] | joined["is_irregular"]
    return Outcome(joined, found, world.truth, frozenset(plan.plan["claim_id"].to_pylist()))


def floors(claims: pd.DataFrame) -> dict[str, np.ndarray]:
    """Scores that need none of the product: higher = look first."""
    plain = claims[["amount", "voucher_share", "employees", "enterprise_age_days"]]
    forest = IsolationForest(n_estimators=200, random_state=7).fit(plain.fillna(plain.median()))
    return {
        "random": np.random.default_rng(7).random(len(claims)),
        "largest amounts": claims["amount"].to_numpy(),
        "rules alone": claims["rule_score"].to_numpy() * claims["amount"].to_numpy(),
        "isolation forest": -forest.score_samples(plain.fillna(plain.median())),
    }
