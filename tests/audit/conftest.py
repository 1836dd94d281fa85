"""Made-up ranked lists with a known truth, and the tables an audit would leave behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline.audit import Plan
from fraud_pipeline.core.money import from_fen, to_fen
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.inputs import CLAIMS, OUTCOMES
from fraud_pipeline.schema.outputs import RANKED_CLAIMS


@dataclass(frozen=True)
class AuditWorld:
    """A ranked list, sorted by claim id, and what an audit of each claim would find."""

    ranked: pa.Table
    improper: np.ndarray  # yuan, shape (n,)

    @property
    def amount(self) -> np.ndarray:
        return to_fen(self.ranked["claimed_amount"]) / 100.0

    @property
    def rate(self) -> float:
        return float(self.improper.sum() / self.amount.sum())

    def tables(self) -> Tables:
        n = self.ranked.num_rows
        claims = self.ranked.select(
            ["claim_id", "programme", "enterprise_id", "institution_id", "claimed_amount"]
        )
        extra = {
            "service_type": pa.array(["testing"] * n),
            "contract_amount": self.ranked["claimed_amount"],
            "submitted_on": pa.array([date(2017, 5, 1)] * n),
        }
        for name, column in extra.items():
            claims = claims.append_column(name, column)
        return Tables({"claims": CLAIMS.conform(claims)})

    def audited(self, plan: Plan) -> Tables:
        """The tables after everybody in the plan was audited."""
        drawn = plan.frame["drawn"].to_numpy(zero_copy_only=False)
        found = self.improper[drawn]
        rows = {
            "outcome_id": [f"O{i:06d}" for i in range(len(found))],
            "claim_id": plan.plan["claim_id"],
            "decided_on": [date(2018, 3, 1)] * len(found),
            "verdict": np.where(found > 0, "irregular", "clean"),
            "disallowed_amount": from_fen(np.rint(found * 100).astype(np.int64)),
            "selected_by": plan.plan["stratum"],
            "inclusion_prob": plan.plan["inclusion_prob"],
        }
        return self.tables().replaced(outcomes=OUTCOMES.conform(pa.table(rows)))


def make_world(n: int, n_firms: int, seed: int, *, useless: bool = False) -> AuditWorld:
    """Log-normal amounts, about 8 % improper; the score knows half of it, or nothing."""
    rng = np.random.default_rng(seed)
    fen = (np.minimum(rng.lognormal(np.log(20_000), 1.0, n), 500_000) * 100).astype(np.int64)
    seen = rng.normal(size=n)
    bad = rng.random(n) < 1.0 / (1.0 + np.exp(3.6 - 1.6 * (seen + 0.8 * rng.normal(size=n))))
    severity = np.where(rng.random(n) < 0.5, 1.0, rng.uniform(0.1, 0.9, n))
    score = rng.normal(size=n) if useless else seen
    risk = 1.0 / (1.0 + np.exp(3.1 - 1.3 * score))
    risk = np.clip(risk * 0.08 / risk.mean(), 0.0, 0.97)
    loss = np.rint(risk * 0.75 * fen).astype(np.int64)
    rank = np.empty(n, dtype=np.int64)
    rank[np.argsort(-loss, kind="stable")] = np.arange(1, n + 1)
    zero = np.zeros(n)
    table = pa.table(
        {
            "claim_id": [f"C{i:07d}" for i in range(n)],
            "rank": rank,
            "risk": risk,
            "log_odds": score,
            "expected_loss": from_fen(loss),
            "rule_score": zero,
            "price_score": zero,
            "ring_score": zero,
            "behaviour_score": zero,
            "programme": ["wuhan"] * n,
            "enterprise_id": [f"E{i:06d}" for i in rng.integers(0, n_firms, n)],
            "institution_id": [f"I{i:04d}" for i in rng.integers(0, 40, n)],
            "claimed_amount": from_fen(fen),
        }
    )
    improper = np.where(bad, np.rint(severity * fen) / 100.0, 0.0)
    return AuditWorld(RANKED_CLAIMS.conform(table), improper)


@pytest.fixture(scope="session")
def world():
    return make_world
