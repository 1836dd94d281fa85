"""A prior over worlds: every nuisance parameter, the audits and the fraud drawn anew for each world.

A detector is trained and chosen on worlds of this prior, judged by the worst of them and with one
mechanism left out, so that no single setting of the simulator is what it has learned. The ranges
are wide on purpose: RANGES is their only list, and a test holds that each of them reaches the
tables and that no nuisance parameter is without one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from fraud_pipeline.simulate.fraud.mix import FraudMix, RingPlan
from fraud_pipeline.simulate.world.margins import Margins
from fraud_pipeline.simulate.world.nuisance import Nuisance
from fraud_pipeline.simulate.world.programmes import PROGRAMMES
from fraud_pipeline.simulate.world.random_streams import stream


@dataclass(frozen=True)
class Range:
    """A uniform distribution on [low, high]; ``log`` in the logarithm; ``none`` is the chance of 0."""

    low: float
    high: float
    log: bool = False
    none: float = 0.0

    def draw(self, rng: np.random.Generator) -> float:
        luck, place = rng.random(2)
        if luck < self.none:
            return 0.0
        if self.log:
            return float(self.low * (self.high / self.low) ** place)
        return float(self.low + (self.high - self.low) * place)


RANGES: dict[str, Range] = {
    "tenant_share": Range(0.0, 0.6),
    "bookkeeper_share": Range(0.0, 0.6),
    "enterprises_per_bookkeeper": Range(5, 80, log=True),
    "micro_share": Range(0.01, 0.3, log=True),
    "no_rd_share": Range(0.005, 0.3, log=True),
    "free_mail_share": Range(0.0, 0.9),
    "small_holdings_share": Range(0.005, 0.15, log=True, none=0.2),
    "own_form_share": Range(0.0, 0.4),
    "loyal_share": Range(0.0, 0.5),
    "near_share": Range(0.3, 1.0),
    "rush_share": Range(0.0, 0.5),
    "own_incubator_share": Range(0.2, 1.0),
    "agent_share": Range(0.0, 0.7),
    "agents": Range(5, 150, log=True),
    "reviewers": Range(2, 30, log=True),
    "reviewer_in_charge": Range(0.0, 1.0),
    "prompt_institutions": Range(0.01, 0.5, log=True, none=0.3),
    "supplier_share": Range(0.005, 0.15, log=True, none=0.3),
    "institution_spread": Range(0.02, 0.25, log=True),
    "noise": Range(0.6, 2.0, log=True),
    "title_spread": Range(0.02, 0.4, log=True, none=0.2),
    "place_spread": Range(0.02, 0.25, log=True, none=0.2),
    "price_list_share": Range(0.0, 0.6),
    "late_signing": Range(0.001, 0.25, log=True),
    "early_confirmation": Range(0.001, 0.1, log=True),
    "without_tax": Range(0.001, 0.3, log=True),
    "shared_invoice": Range(0.0, 0.5),
    "short_report": Range(0.001, 0.2, log=True),
    "slipped_digit": Range(0.001, 0.03, log=True),
    "goods_rate": Range(0.001, 0.08, log=True),
    "spoiled_invoice": Range(0.001, 0.05, log=True),
    "refund": Range(0.002, 0.1, log=True),
    "standard_text": Range(0.0, 0.6),
    "empty_cells": Range(0.0, 0.6),
    "town_names": Range(0.01, 0.95, log=True, none=0.4),
    "own_qualifications": Range(0.05, 1.0, none=0.5),
    "audited_share": Range(0.01, 0.15, log=True),
    "random_share": Range(0.0, 1.0),
    "missed": Range(0.0, 0.3),
    "audited_until": Range(0.3, 0.9),
}
WHOLE = ("enterprises_per_bookkeeper", "agents", "reviewers")
# Tables and columns that a bureau may not have, each left out with this chance.
TABLE_MISSING = 0.15
COLUMN_MISSING = 0.1
OPTIONAL_TABLES = ("payments", "invoices", "deliverables", "relations", "market_prices",
                   "sanctions", "outcomes")  # fmt: skip
OPTIONAL_COLUMNS = (
    ("claims", "confirmed_at"), ("claims", "agent_id"), ("claims", "contact_phone"),
    ("claims", "device_id"), ("claims", "report_text"), ("claims", "reviewer_id"),
    ("claims", "service_title"), ("claims", "service_start_on"), ("claims", "service_end_on"),
    ("enterprises", "legal_representative"), ("enterprises", "address"), ("enterprises", "phone"),
    ("enterprises", "email"), ("enterprises", "bank_account"), ("enterprises", "founded_on"),
    ("enterprises", "annual_revenue"), ("enterprises", "rd_employees"),
    ("enterprises", "industry"), ("enterprises", "qualifications"),
    ("institutions", "phone"), ("institutions", "bank_account"), ("institutions", "address"),
    ("contracts", "text"), ("contracts", "registration_no"),
)  # fmt: skip

BASE_RATE = Range(0.01, 0.20, log=True)  # of claims that are improper
IN_RINGS = Range(0.1, 0.7)  # of the improper claims
CLAIMS = Range(800, 2500, log=True)
RING_ENTERPRISES = Range(3, 60, log=True)
RING_INSTITUTIONS = Range(1, 8, log=True)
RING_CLAIMS = Range(1.0, 3.0)  # an enterprise
RING_SHELLS = Range(0.0, 1.0)
RING_SHARED = Range(0.05, 0.9)  # members that use a common identifier
RING_SPAN = Range(20, 900, log=True)  # days
RING_PRICE = Range(1.0, 2.2)  # times the market
RING_KINDS = ("T01", "T12", "T13", "T14", "T20")


@dataclass(frozen=True)
class DrawnWorld:
    """The arguments of one world: ``simulate(world.margins, world.n_claims, seed, …)``."""

    margins: Margins
    n_claims: int
    camouflage: int
    fraud: FraudMix


def draw_nuisance(rng: np.random.Generator) -> Nuisance:
    """Every nuisance parameter from its range, and what the bureau's files lack."""
    values = {name: of.draw(rng) for name, of in RANGES.items()}
    whole = {name: max(1, round(values[name])) for name in WHOLE}
    tables = tuple(t for t in OPTIONAL_TABLES if rng.random() < TABLE_MISSING)
    columns = tuple(c for c in OPTIONAL_COLUMNS if rng.random() < COLUMN_MISSING)
    return Nuisance(**{**values, **whole}, missing_tables=tables, missing_columns=columns)  # type: ignore[arg-type]


def draw_fraud(rng: np.random.Generator, n_claims: int, without: str | None = None) -> FraudMix:
    """Base rate, rings of any shape and a random weight for each kind; ``without`` leaves one out."""
    rate, in_rings = BASE_RATE.draw(rng), IN_RINGS.draw(rng)
    kinds = [kind for kind in sorted(FraudMix().share) if kind != without]
    weight = rng.dirichlet(np.full(len(kinds), 0.7))
    share = {k: float(rate * (1 - in_rings) * w) for k, w in zip(kinds, weight, strict=True)}
    rings: list[RingPlan] = []
    wanted = rate * in_rings * n_claims
    while wanted > 0:
        plan = _ring(rng, without, most=int(0.12 * n_claims))
        rings.append(plan)
        wanted -= plan.enterprises * plan.claims_per_enterprise
    return FraudMix(rings=tuple(rings), share=share, claims=n_claims)


def _ring(rng: np.random.Generator, without: str | None, most: int) -> RingPlan:
    kinds = [kind for kind in RING_KINDS if kind != without]
    enterprises = max(3, min(most, round(RING_ENTERPRISES.draw(rng))))
    institutions = min(round(RING_INSTITUTIONS.draw(rng)), max(1, enterprises // 2))
    price = RING_PRICE.draw(rng)
    return RingPlan(
        kinds[int(rng.integers(len(kinds)))], enterprises, institutions,
        claims_per_enterprise=RING_CLAIMS.draw(rng), shells=RING_SHELLS.draw(rng),
        shared=RING_SHARED.draw(rng), span_days=round(RING_SPAN.draw(rng)),
        price=(price, 1.2 * price),
    )  # fmt: skip


def draw_world(seed: int, *, honest: bool = False, without: str | None = None) -> DrawnWorld:
    """World number ``seed`` of the prior; the same number gives the same world.

    ``honest`` plants nothing; ``without`` is a typology that is never planted.
    """
    rng = stream(seed, "world prior")
    names = sorted(name for name in PROGRAMMES if name != "national")
    margins = PROGRAMMES[names[int(rng.integers(len(names)))]]
    n_claims = round(CLAIMS.draw(rng))
    nuisance = draw_nuisance(rng)
    camouflage = int(rng.integers(3))
    fraud = draw_fraud(rng, n_claims, without)
    if honest:
        fraud = FraudMix(rings=(), share={}, cash_out=0.0)
    return DrawnWorld(replace(margins, nuisance=nuisance), n_claims, camouflage, fraud)


def undrawn() -> list[str]:
    """Nuisance parameters without a distribution: there should be none."""
    covered = {*RANGES, "missing_tables", "missing_columns"}
    return [f.name for f in fields(Nuisance) if f.name not in covered]
