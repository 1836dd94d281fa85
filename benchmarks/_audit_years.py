"""One policy through three years of one world: score, draw, wait for verdicts, learn.

Each policy learns only from its own audits, whose verdicts arrive 60 to 200 days later;
all policies see the same months.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from benchmarks._audit_policies import Policy, draw
from benchmarks._audit_worlds import (
    KINDS,
    LATE,
    MONTHS,
    SEVERITY,
    Answer,
    Kind,
    Month,
    expert,
    learn,
    make_month,
    risk_of,
    usual_mix,
)  # fmt: skip
from fraud_pipeline.audit.total import AuditSample

Floats = np.ndarray

TEMPER, PULL, CLIP = 0.5, 20.0, 30.0


@dataclass
class Sample:
    """What one month's audit gives to the estimate."""

    drawn: AuditSample
    improper: Floats  # yuan found, shape (drawn,)
    total_amount: float
    truth: float  # improper yuan of the month


@dataclass
class History:
    """Three years of one policy in one world."""

    samples: list[Sample] = field(default_factory=list)
    found: list[Floats] = field(default_factory=list)  # yuan by kind
    there: list[Floats] = field(default_factory=list)
    hidden: list[tuple[float, float]] = field(default_factory=list)  # by gamers: found, there
    auc: list[tuple[float, float]] = field(default_factory=list)  # all, late kind


def run(kind: Kind, seed: int, policy: Policy, *, probability: bool) -> History:
    """Months in turn: fraud answers, the model scores, audits are drawn, verdicts come late."""
    rng = np.random.default_rng([seed, 99])
    coef, prior, past = expert(), expert(), History()
    store: list[tuple[Floats, ...]] = []
    lines: list[float] = []
    for month in range(MONTHS):
        answer = _answer(kind, month, past, lines)
        now = make_month(kind, seed, month, answer, coef)
        risk = risk_of(now.features, coef)
        pi = policy(now, risk, kind.audits(month))
        at = draw(pi, rng)
        _note(past, now, risk, pi, at)
        sure = pi >= 0.9
        lines.append(float((risk * SEVERITY * now.amount)[sure].min()) if sure.any() else np.inf)
        known = month + np.ceil(rng.uniform(60, 200, len(at)) / 30.4)
        store.append(
            (now.features[at], now.improper[at] > 0, pi[at], known, np.full(len(at), month))
        )
        coef = _learned(store, month, coef, prior, probability, kind.keeps ** (1 / 3))
    return past


def _learned(
    store: list[tuple[Floats, ...]], month: int, coef: Floats, prior: Floats, probability: bool,
    keeps: float,
) -> Floats:  # fmt: skip
    x, y, pi, known, made = (np.concatenate(part) for part in zip(*store, strict=True))
    at = known <= month + 1
    if at.sum() < 30:
        return coef
    full = np.minimum(1.0 / pi[at], CLIP) if probability else np.ones(at.sum())
    weight = full**TEMPER * keeps ** (month - made[at])
    return learn(
        x[at], y[at].astype(float), weight, full * 0.97 ** (month - made[at]), coef, prior, PULL
    )


def _note(past: History, now: Month, risk: Floats, pi: Floats, at: np.ndarray) -> None:
    past.samples.append(
        Sample(
            AuditSample.of(pi, now.amount, risk * SEVERITY * now.amount, at),
            now.improper[at],
            float(now.amount.sum()),
            float(now.improper.sum()),
        )
    )
    drawn = np.zeros(len(pi), dtype=bool)
    drawn[at] = True
    bad = now.kind >= 0
    past.found.append(np.bincount(now.kind[bad & drawn], now.improper[bad & drawn], KINDS))
    past.there.append(np.bincount(now.kind[bad], now.improper[bad], KINDS))
    past.hidden.append((
        float(now.improper[now.hidden & drawn].sum()), float(now.improper[now.hidden].sum())
    ))  # fmt: skip
    past.auc.append((auc(risk, bad), auc(risk, now.kind == LATE)))


def auc(score: Floats, bad: np.ndarray) -> float:
    """Chance that an improper claim scores above another; nan without any."""
    if not bad.any() or bad.all():
        return float("nan")
    rank = np.empty(len(score))
    rank[np.argsort(score)] = np.arange(1, len(score) + 1)
    m = int(bad.sum())
    return float((rank[bad].sum() - m * (m + 1) / 2) / (m * (len(score) - m)))


def _answer(kind: Kind, month: int, past: History, lines: list[float]) -> Answer:
    """Fraud moves to the kinds found least in the last year, and tires of being found."""
    mix = usual_mix(kind, month)
    if not kind.adaptive or month < 6:
        return Answer(mix)
    there, found = (np.sum(rows[-12:], axis=0) for rows in (past.there, past.found))
    caught = np.divide(found, there, out=np.zeros(KINDS), where=there > 0)
    zeal = 1.0 - 0.3 * float(found.sum() / max(there.sum(), 1.0))
    line = float(np.median(lines[-12:])) if month >= 12 else np.inf
    return Answer(mix * np.exp(-1.2 * caught), zeal, line)
