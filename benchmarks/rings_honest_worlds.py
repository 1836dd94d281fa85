"""How often an honest world of the world prior has a ring or certifies one.

    python -m benchmarks.rings_honest_worlds [worlds] [first seed]

Worlds whose every habit is drawn anew (``simulate.draw_world``) and in which no fraud is planted,
19 null samples each. A world errs at alpha when a ring is shown with p <= alpha, and "shown" when
any ring is shown. Interval: Clopper and Pearson 1934, 95 %. One line a world on standard error.
"""

from __future__ import annotations

import sys
from collections import defaultdict

from benchmarks.rings_blocks import print_error_shares
from fraud_pipeline import graph, rings
from fraud_pipeline.settings import GraphSettings, RingSettings
from fraud_pipeline.simulate import draw_world, simulate


def least_p_value(seed: int, null_samples: int) -> tuple[str, float]:
    """(programme imitated, smallest p of any ring shown in the world, 2 where there is none)."""
    drawn = draw_world(seed, honest=True)
    tables = simulate(
        drawn.margins, drawn.n_claims, seed, camouflage=drawn.camouflage, fraud=drawn.fraud
    ).tables
    ties = graph.build_ties(tables, GraphSettings())
    settings = RingSettings(null_samples=null_samples)
    shown = rings.find(ties, tables["claims"], settings, records=tables)
    return drawn.margins.programme, min(shown.rings["p_value"].to_pylist(), default=2.0)


def main(worlds: int = 60, first: int = 8_820_000) -> None:
    by_programme: dict[str, list[float]] = defaultdict(list)
    for seed in range(first, first + worlds):
        programme, p = least_p_value(seed, 19)
        by_programme[programme].append(p)
        print(f"{seed} {programme} {p:.3g}", file=sys.stderr, flush=True)
    every = [p for values in by_programme.values() for p in values]
    print_error_shares({**by_programme, "all": every})


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
