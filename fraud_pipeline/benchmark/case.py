"""One world to be judged: what a detector may see, and the answer it may not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import behaviour, graph, pricing, programmes, rings, risk
from fraud_pipeline.programmes import Pack
from fraud_pipeline.risk import Model
from fraud_pipeline.schema import RingSet, Tables
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import PROGRAMMES, World, margins_of, simulate
from fraud_pipeline.simulate.fraud.mix import FraudMix

DEVELOPMENT_SEEDS = tuple(range(1, 11))
TAUGHT_SEEDS, TRIED_SEEDS = DEVELOPMENT_SEEDS[:5], DEVELOPMENT_SEEDS[5:]  # learn on, try on
REPORT_SEEDS = tuple(range(101, 111))
_DECIDED = ("fraud", "irregular", "clean")


@dataclass(frozen=True)
class Tools:
    """What the product brings along: settings, rule packs and its shipped model."""

    settings: Settings
    packs: dict[str, Pack]
    model: Model


@dataclass(frozen=True)
class Case:
    """A world as it stood a day after its last claim.

    ``tables``: everything a detector may use. ``claims``: pandas, one row for each claim
    without a verdict, in the order of its id: these are to be ranked. ``answer``: the same
    rows with is_fraud, is_irregular, improper, typology, true_loss (yuan); never to be read
    by ``detect``.
    """

    programme: str
    seed: int
    camouflage: int
    as_of: date
    tables: Tables
    claims: pd.DataFrame
    answer: pd.DataFrame
    lookalikes: dict[str, np.ndarray]
    planted: dict[str, frozenset[str]]
    tools: Tools

    @property
    def name(self) -> str:
        return f"{self.programme}-{self.seed}-{self.camouflage}"

    @property
    def budget(self) -> int:
        """A tenth of the claims, which is what can be audited."""
        return max(1, len(self.claims) // 10)

    @cached_property
    def evidence(self) -> Evidence:
        """The product's own evidence steps, run once and shared by whoever asks."""
        return Evidence.of(self.tables, self.as_of, self.tools)


@dataclass(frozen=True)
class Evidence:
    """What each evidence step gave, and the features made of it."""

    results: pa.Table
    rules: pa.Table
    ties: pa.Table
    rings: RingSet
    prices: pa.Table
    habits: pa.Table
    features: pa.Table

    def fitted(self, tables: Tables, tools: Tools, model: Model | None = None) -> Model:
        """The shipped model, or ``model``, with what these claims and verdicts add to it."""
        chosen = model or tools.model
        return risk.fitted(chosen, self.features, self.rules, tables, tools.settings.risk)

    def ranked(self, tables: Tables, tools: Tools) -> pa.Table:
        """RANKED_CLAIMS as a run on ``tables`` would publish them."""
        model = self.fitted(tables, tools)
        return risk.score(self.features, self.rules, self.results, tables, model)

    @classmethod
    def of(cls, tables: Tables, as_of: date, tools: Tools) -> Evidence:
        settings = tools.settings
        results, rules = programmes.evaluate(tables, tools.packs, as_of, settings.programmes)
        ties = graph.build_ties(tables, settings.graph)
        ringset = rings.find(ties, tables["claims"], settings.rings, None, records=tables)
        prices = pricing.judge(tables, settings.pricing, ring_claims=ringset.claims)
        habits = behaviour.measure(tables, settings.behaviour)
        features = risk.build_features(
            tables, rules, results, prices, ringset, ties, habits, settings.risk
        )
        return cls(results, rules, ties, ringset, prices, habits, features)


def make_case(
    programme: str, n_claims: int, seed: int, camouflage: int, tools: Tools,
    fraud: FraudMix | None = None,
) -> Case:  # fmt: skip
    """The world of these arguments as a case; deterministic.

    ``programme``: a simulated programme or the id of any rule pack of ``tools``.
    """
    known = programme in PROGRAMMES or programme not in tools.packs
    of = programme if known else margins_of(tools.packs[programme])
    world = simulate(of, n_claims, seed, camouflage=camouflage, fraud=fraud)
    as_of = pc.max(world.tables["claims"]["submitted_on"]).as_py() + timedelta(days=1)
    tables = known_by(world.tables, as_of)
    claims = _open_claims(tables)
    truth = world.truth.to_pandas().set_index("claim_id").loc[claims["claim_id"]].reset_index()
    truth["true_loss"] = truth["true_loss"].astype(float)
    truth["improper"] = truth["is_fraud"] | truth["is_irregular"]
    return Case(
        programme, seed, camouflage, as_of, tables, claims, truth,
        _lookalikes(world, claims), _planted(world), tools,
    )  # fmt: skip


def _open_claims(tables: Tables) -> pd.DataFrame:
    outcomes = tables["outcomes"]
    decided = outcomes.filter(pc.is_in(outcomes["verdict"], pa.array(_DECIDED)))["claim_id"]
    claims = tables["claims"]
    rows = claims.filter(pc.invert(pc.is_in(claims["claim_id"], decided.combine_chunks())))
    return rows.sort_by("claim_id").to_pandas()


def _lookalikes(world: World, claims: pd.DataFrame) -> dict[str, np.ndarray]:
    members = world.groups.to_pandas().groupby("group")["claim_id"]
    return {str(name): claims["claim_id"].isin(ids).to_numpy() for name, ids in members}


def _planted(world: World) -> dict[str, frozenset[str]]:
    """Parties of each planted ring."""
    marked = world.truth.filter(pc.is_valid(world.truth["ring_id"]))
    claims = world.tables["claims"].select(["claim_id", "enterprise_id", "institution_id"])
    parties: dict[str, set[str]] = defaultdict(set)
    for row in marked.join(claims, "claim_id").to_pylist():
        parties[row["ring_id"]] |= {row["enterprise_id"], row["institution_id"]}
    return {ring: frozenset(parties[ring]) for ring in sorted(parties)}
