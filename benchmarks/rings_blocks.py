"""How often an honest market that falls into blocks has a ring or certifies one.

    python -m benchmarks.rings_blocks [markets] [first seed]

Markets of 2 to 8 blocks, own-block shares .3 to 1, seasonal calls, with and without registers
(``benchmarks._block_markets``). A market errs at alpha when a ring is shown with p <= alpha, and
"shown" when any ring is shown. Interval: Clopper and Pearson 1934, 95 %.
"""

from __future__ import annotations

import sys
from collections import defaultdict

from scipy.stats import binomtest

from benchmarks._block_markets import block_market
from fraud_pipeline import rings
from fraud_pipeline.settings import RingSettings

LEVELS = (0.01, 0.05, 1.0)


def kind_of(about: dict[str, float]) -> str:
    """The kind of market, each reported apart."""
    own = "own share below .6" if about["own"] < 0.6 else "own share .6 and more"
    return f"{'with' if about['register'] else 'without'} registers, {own}"


def least_p_values(markets: int, first: int, null_samples: int) -> dict[str, list[float]]:
    """The smallest p of any ring shown in each market (2 where there is none), by kind of market."""
    out: dict[str, list[float]] = defaultdict(list)
    for seed in range(first, first + markets):
        claims, ties, about = block_market(seed)
        found = rings.find(ties, claims, RingSettings(null_samples=null_samples))
        out[kind_of(about)].append(min(found.rings["p_value"].to_pylist(), default=2.0))
    return out


def print_error_shares(least_p: dict[str, list[float]]) -> None:
    """A table of the markets that err at each level, a row a kind of market and level."""
    print(
        "| markets | n | alpha | with a ring at alpha | share | exact 95 % interval |\n|---|---|---|---|---|---|"
    )
    for kind, p in sorted(least_p.items()):
        for alpha in LEVELS:
            errors = sum(one <= alpha for one in p)
            low, high = binomtest(errors, len(p)).proportion_ci(0.95, "exact")
            name = "shown" if alpha == 1.0 else f"{alpha}"
            print(
                f"| {kind} | {len(p)} | {name} | {errors} | {errors / len(p):.3f} | {low:.3f}–{high:.3f} |",
                flush=True,
            )


def main(markets: int = 300, first: int = 1000) -> None:
    print_error_shares(least_p_values(markets, first, 19))


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
