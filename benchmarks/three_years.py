"""Three years of monthly audits over hundreds of worlds: money, rate, drift, gaming.

``python -m benchmarks.three_years [worlds] [first seed] [kind of world ...]``. Settings were tuned on seeds below
1,000; the default seeds begin there. Policies without inclusion probabilities for every claim
(the top of the list, Huzhou's groups) have no interval.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np

from benchmarks._audit_policies import POLICIES
from benchmarks._audit_worlds import FIRST_LATE, LATE, MONTHS, Kind
from benchmarks._audit_years import History, Sample, run
from fraud_pipeline.audit.total import total_interval

TOP, FIELD, PLAN = "top of the list", "Huzhou's groups", "plan"
WITHOUT_RATE = (TOP, FIELD)
SPANS = {"month": 1, "year": 12, "three years": MONTHS}
CONFIDENCE = 0.95

KINDS_OF_WORLD = (
    Kind("late kind appears"),
    Kind("late, fast forgetting", keeps=0.5),
    Kind("late kind in batches", in_batches=True),
    Kind("fraud adapts", adaptive=True),
    Kind("useless model", useless=True),
    Kind("heavy tails", tail=1.4, late=False),
    Kind("42 audits a year", per_month=35, yearly_audits=42),
    Kind("42 a year, useless", per_month=35, yearly_audits=42, useless=True),
)


@dataclass(frozen=True)
class Figures:
    """Over the worlds of one kind, for one policy."""

    found: float  # share of the improper money that was there
    undetected: float  # yuan a world
    gamers: float  # share recovered of what hides below last year's line; nan without any
    gained: float  # yuan a world that those gamers keep
    late_5: float  # of the late kind within five months, and within fifteen
    late_15: float
    late_auc: float  # in the last six months
    rates: dict[str, tuple[float, float, float]]  # span: coverage, half-width, bias (points)


def figures(kind: Kind, name: str, seeds: range) -> Figures:
    past = [run(kind, seed, POLICIES[name], probability=name not in WITHOUT_RATE) for seed in seeds]
    there = np.array([h.there for h in past])  # shape (worlds, months, kinds)
    found = np.array([h.found for h in past])
    hidden = np.array([h.hidden for h in past]).sum(axis=(0, 1))
    five, fifteen = (slice(FIRST_LATE, FIRST_LATE + k) for k in (5, 15))
    return Figures(
        float(found.sum() / there.sum()),
        float((there.sum() - found.sum()) / len(past)),
        float(hidden[0] / hidden[1]) if hidden[1] > 0 else float("nan"),
        float((hidden[1] - hidden[0]) / len(past)),
        _share(found[:, five, LATE], there[:, five, LATE]),
        _share(found[:, fifteen, LATE], there[:, fifteen, LATE]),
        _mean([late for h in past for _, late in h.auc[-6:]]),
        {} if name in WITHOUT_RATE else _rates(past),
    )


def _mean(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _share(found: np.ndarray, there: np.ndarray) -> float:
    return float(found.sum() / there.sum()) if there.sum() > 0 else float("nan")


def _rates(past: list[History]) -> dict[str, tuple[float, float, float]]:
    return {
        span: tuple(  # type: ignore[misc]
            np.mean(
                [
                    _rate(history.samples[at : at + length])
                    for history in past
                    for at in range(0, MONTHS, length)
                ],
                axis=0,
            )
        )
        for span, length in SPANS.items()
    }


def _rate(samples: list[Sample]) -> tuple[bool, float, float]:
    """Whether the interval holds the truth, its half-width and error in points."""
    total = sum(s.total_amount for s in samples)
    truth = sum(s.truth for s in samples)
    interval = total_interval(
        [s.drawn for s in samples], [s.improper for s in samples], total, CONFIDENCE
    )
    held = interval.low <= truth <= interval.high
    error = interval.estimate - truth
    return held, 50 * (interval.high - interval.low) / total, 100 * error / total


def report(kind: Kind, seeds: range) -> dict[str, Figures]:
    """Prints one table; returns the figures by policy."""
    begun = time.perf_counter()
    found = {name: figures(kind, name, seeds) for name in POLICIES}
    print(f"\n{kind.name}: {len(seeds)} worlds, {kind.per_month} claims a month, "
          f"{kind.yearly_audits} audits a year")  # fmt: skip
    print(f"{'policy':18} {'found':>6} {'of top':>7} {'undet. M':>8} {'gamers':>7} {'keep M':>7} "
          f"{'late 5m':>7} {'15m':>6} {'auc':>6}  coverage and +- by month, year, three years; "
          f"bias")  # fmt: skip
    for name, row in found.items():
        rates = "  ".join(f"{held:.3f} {width:5.2f}" for held, width, _ in row.rates.values())
        bias = f"  {row.rates['month'][2]:+.3f}" if row.rates else ""
        print(f"{name:18} {row.found:6.3f} {row.found / found[TOP].found:7.3f} "
              f"{row.undetected / 1e6:8.2f} {row.gamers:7.3f} {row.gained / 1e6:7.2f} {row.late_5:7.3f} "
              f"{row.late_15:6.3f} {row.late_auc:6.3f}  {rates}{bias}")  # fmt: skip
    print(f"plan against the field's strata: {found[PLAN].found / found[FIELD].found:.2f} times; "
          f"{time.perf_counter() - begun:.0f} s", flush=True)  # fmt: skip
    return found


def main(worlds: int, first: int, names: list[str]) -> None:
    seeds = range(first, first + worlds)
    for kind in KINDS_OF_WORLD:
        if not names or kind.name in names:
            report(kind, seeds)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 200,
        int(sys.argv[2]) if len(sys.argv) > 2 else 1_000,
        sys.argv[3:],
    )
