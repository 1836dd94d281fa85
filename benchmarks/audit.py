"""Audit policies on the same made-up lists: money found, width of the rate, does it hold.

``python -m benchmarks.audit [worlds]`` prints one table a population. "Share of best" is
the improper money found over what the best possible list of that length holds; the
interval is the product's own for every policy that has inclusion probabilities.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from benchmarks._audit_policies import equal_among_top_tenths
from fraud_pipeline import audit
from fraud_pipeline.audit import draw as drawing
from fraud_pipeline.audit.interval import rate_interval
from fraud_pipeline.audit.limits import Limits
from fraud_pipeline.audit.plan import Requirements
from fraud_pipeline.core.money import from_fen
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.inputs import CLAIMS
from fraud_pipeline.schema.outputs import RANKED_CLAIMS
from fraud_pipeline.settings import AuditSettings

AS_OF = date(2018, 1, 1)
DRAWS = 20


@dataclass(frozen=True)
class World:
    """Arrays of shape (n,); ``loss`` is what the model expects, ``improper`` what is there."""

    ranked: pa.Table
    tables: Tables
    amount: np.ndarray
    loss: np.ndarray
    improper: np.ndarray
    firm: np.ndarray
    place: np.ndarray


def make_world(n: int, seed: int, *, useless: bool) -> World:
    """Log-normal amounts, Zipf-like institutions, 8 % improper, half of it visible."""
    rng = np.random.default_rng(seed)
    amount = np.round(np.minimum(rng.lognormal(np.log(20_000), 1.0, n), 500_000), 2)
    firm = rng.integers(0, max(n // 2, 1), n)
    place = np.minimum(rng.zipf(1.5, n) - 1, 119)
    seen = rng.normal(size=n)
    bad = rng.random(n) < 1.0 / (1.0 + np.exp(3.6 - 1.6 * (seen + 0.8 * rng.normal(size=n))))
    severity = np.where(rng.random(n) < 0.5, 1.0, rng.uniform(0.1, 0.9, n))
    score = rng.normal(size=n) if useless else seen
    risk = 1.0 / (1.0 + np.exp(3.1 - 1.3 * score))
    risk = np.clip(risk * 0.08 / risk.mean(), 0.0, 0.97)
    loss = np.round(risk * 0.75 * amount, 2)
    rank = np.empty(n, dtype=np.int64)
    rank[np.argsort(-loss, kind="stable")] = np.arange(1, n + 1)
    zero = np.zeros(n)
    columns = {
        "claim_id": [f"C{i:07d}" for i in range(n)], "rank": rank, "risk": risk,
        "log_odds": score, "expected_loss": _money(loss), "rule_score": zero,
        "price_score": zero, "ring_score": zero, "behaviour_score": zero,
        "programme": ["wuhan"] * n, "enterprise_id": [f"E{i:06d}" for i in firm],
        "institution_id": [f"I{i:04d}" for i in place], "claimed_amount": _money(amount),
        "service_type": ["testing"] * n, "contract_amount": _money(amount * 2),
        "submitted_on": [date(2017, 5, 1)] * n,
    }  # fmt: skip
    table = pa.table(columns)
    return World(
        RANKED_CLAIMS.conform(table), Tables({"claims": CLAIMS.conform(table)}),
        amount, loss, np.where(bad, np.round(severity * amount, 2), 0.0), firm, place,
    )  # fmt: skip


def _money(yuan: np.ndarray) -> pa.Array:
    return from_fen(np.rint(yuan * 100).astype(np.int64))


def top_list(world: World, n: int) -> np.ndarray:
    """The first n of the list, for certain."""
    pi = np.zeros(len(world.loss))
    pi[np.argsort(-world.loss, kind="stable")[:n]] = 1.0
    return pi


def by_amount(world: World, n: int) -> np.ndarray:
    """The largest n amounts, for certain."""
    pi = np.zeros(len(world.loss))
    pi[np.argsort(-world.amount, kind="stable")[:n]] = 1.0
    return pi


def at_random(world: World, n: int) -> np.ndarray:
    return np.full(len(world.loss), n / len(world.loss))


def huzhou(world: World, n: int) -> np.ndarray:
    """Equal chances among large subsidies, many services and clients of busy institutions."""
    subsidy = np.bincount(world.firm, world.amount)[world.firm]
    services = np.bincount(world.firm)[world.firm]
    served = np.bincount(world.place)[world.place]
    return equal_among_top_tenths((subsidy, services, served), n)


def proportional(weight: np.ndarray, n: int) -> np.ndarray:
    """Probability proportional to ``weight``, cut at one."""
    pi = np.zeros(len(weight))
    open_ = np.ones(len(weight), dtype=bool)
    while True:
        pi[open_] = (n - (~open_).sum()) * weight[open_] / weight[open_].sum()
        if (pi <= 1.0).all():
            return np.maximum(pi, 1e-9)
        open_ &= pi < 1.0
        pi[~open_] = 1.0


def monetary_unit(world: World, n: int) -> np.ndarray:
    return proportional(world.amount, n)


def risk_proportional(world: World, n: int) -> np.ndarray:
    return proportional(world.loss + 1.0, n)


def ours(**changes: float) -> Callable[[World, int], np.ndarray]:
    """The product's plan with these settings."""

    def probabilities(world: World, n: int) -> np.ndarray:
        plan = audit.make_plan(
            world.ranked, world.tables, AuditSettings().model_copy(update=changes), budget=n, seed=1, as_of=AS_OF,
            requirements=Requirements(cover_enterprises=0.10),
        )  # fmt: skip
        return np.asarray(plan.frame["inclusion_prob"].to_numpy())

    return probabilities


POLICIES: dict[str, Callable[[World, int], np.ndarray]] = {
    "largest amounts": by_amount,
    "top of the list": top_list,
    "random": at_random,
    "Huzhou's groups": huzhou,
    "monetary unit": monetary_unit,
    "risk-proportional": risk_proportional,
    "plan, money first": ours(precision_price=0.0),
    "plan (default)": ours(),
    "plan, price 15 %": ours(precision_price=0.15),
}


def measure(policy: str, n: int, budget: int, worlds: int, *, useless: bool) -> list[float]:
    """Share of best, bias (points), half-width (points), coverage, smallest probability."""
    rows = []
    for seed in range(1, worlds + 1):
        world = make_world(n, seed, useless=useless)
        pi = POLICIES[policy](world, budget)
        best = np.sort(world.improper)[::-1][:budget].sum()
        truth = world.improper.sum() / world.amount.sum()
        rng = np.random.default_rng(seed)
        for _ in range(DRAWS if (pi < 1.0).any() and (pi > 0.0).all() else 1):
            at = _draw(pi, rng)
            found = world.improper[at].sum() / best
            interval = rate_interval(world.improper[at], world.amount[at], pi[at], 0.95)
            held = interval.low <= truth <= interval.high
            width = (interval.high - interval.low) / 2.0
            rows.append([found, interval.estimate - truth, width, held, pi.min()])
    mean = np.mean(rows, axis=0)
    return [mean[0], 100 * mean[1], 100 * mean[2], mean[3], min(row[4] for row in rows)]


def _draw(pi: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    units = np.rint(pi * drawing.ONE).astype(np.int64)
    order = rng.permutation(len(pi))
    return order[drawing.hits(units[order], int(rng.integers(drawing.ONE)))]


def main(worlds: int) -> None:
    for n, budget, useless in ((420, 42, False), (1_071, 107, False), (1_071, 107, True),
                               (3_000, 300, False)):  # fmt: skip
        model = "useless model" if useless else "model"
        print(f"\n{n} claims, {budget} audits, {model}, {worlds} worlds x {DRAWS} draws")
        print(f"{'policy':20} {'of best':>8} {'bias':>7} {'+-':>6} {'covers':>7} {'min prob':>9}")
        for name in POLICIES:
            share, bias, width, held, least = measure(name, n, budget, worlds, useless=useless)
            rate = f"{width:6.2f} {held:7.3f}" if least > 0 else f"{'none':>6} {held:7.3f}"
            print(f"{name:20} {share:8.3f} {bias:+7.2f} {rate} {least:9.5f}")
    _speed()


def _speed() -> None:
    """Seconds of the processor, which other work on the machine does not lengthen."""
    world = make_world(1_000_000, 1, useless=False)
    rng = np.random.default_rng(1)
    table = pa.table(
        {"claim_id": world.ranked["claim_id"], "days": rng.choice([0.5, 1.0, 2.0], 1_000_000)}
    )
    limits = Limits(days=80_000.0, days_by_claim=table, each_institution=20_000)
    for name, given in (("enterprises covered", None), ("and days, limits by place", limits)):
        begun = time.process_time()
        plan = audit.make_plan(
            world.ranked, world.tables, AuditSettings(), budget=None, seed=1, as_of=AS_OF,
            requirements=Requirements(cover_enterprises=0.10), limits=given,
        )  # fmt: skip
        drawn = time.process_time()
        audit.verify_plan(plan.frame, plan.plan, 1, plan.summary["frame_sha256"])
        print(f"a million claims, {name}: planned in {drawn - begun:.1f} s, "
              f"verified in {time.process_time() - drawn:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
