"""At what density a planted block is found: FRAUDAR's camouflage protocol, its peel and ours.

    python -m benchmarks.rings_density [worlds] [firms institutions]

After Hooi et al. 2016, section 5: firms x institutions are planted into an honest bipartite graph
with heavy-tailed popularity, each pair joined with probability ``density``, and every planted
firm gets as many further dealings as it has inside, at random institutions or at popular ones.
Dealings have days all over two years, so time helps nobody, and nobody shares any identity.
F1 is of the parties: FRAUDAR's densest block (weights 1 / ln(5 + degree)) against
the first ring shown by rings.find. Mean over worlds; found = mean F1 of 0.9 or more.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import rings
from fraud_pipeline.settings import RingSettings

FIRMS, INSTS, DEALINGS = 2_000, 200, 5_000
DENSITIES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
BLOCKS = ((12, 4), (30, 10), (60, 20))
START = date(2015, 1, 1)


def world(
    block: tuple[int, int], density: float, camouflage: str, seed: int
) -> tuple[np.ndarray, frozenset[str]]:
    """Distinct (firm, institution) rows, int64 (n, 2), and the planted parties that dealt inside."""
    rng = np.random.default_rng(seed)
    popularity = 1.0 / (np.arange(INSTS) + 3.0)
    popularity /= popularity.sum()
    honest = np.column_stack(
        [rng.integers(0, FIRMS, DEALINGS), rng.choice(INSTS, DEALINGS, p=popularity)]
    )
    firms = rng.choice(FIRMS, block[0], replace=False)
    insts = rng.choice(np.arange(INSTS // 4, INSTS), block[1], replace=False)
    inside = np.argwhere(rng.random(block) < density)
    planted = np.column_stack([firms[inside[:, 0]], insts[inside[:, 1]]])
    cover = rng.choice(INSTS, len(planted), p=popularity if camouflage == "popular" else None)
    rows = np.concatenate([honest, planted, np.column_stack([planted[:, 0], cover])])
    parties = frozenset(f"E{f}" for f in planted[:, 0]) | frozenset(f"I{k}" for k in planted[:, 1])
    return np.unique(rows, axis=0), parties


def by_peeling(dealings: np.ndarray) -> frozenset[str]:
    degree = np.bincount(dealings[:, 1], minlength=INSTS)
    weight = 1.0 / np.log(5.0 + degree[dealings[:, 1]])
    blocks = rings.dense_blocks(FIRMS + INSTS, dealings[:, 0], dealings[:, 1] + FIRMS, weight, 1)
    return frozenset(f"E{n}" if n < FIRMS else f"I{n - FIRMS}" for n in blocks[0][0].tolist())


def by_rings(dealings: np.ndarray, seed: int) -> frozenset[str]:
    rng = np.random.default_rng(seed + 1)
    days = rng.integers(0, 730, len(dealings))
    claims = pa.table(
        {
            "enterprise_id": [f"E{f}" for f in dealings[:, 0]],
            "institution_id": [f"I{k}" for k in dealings[:, 1]],
            "claimed_amount": pa.array([Decimal(1000)] * len(days), pa.decimal128(18, 2)),
            "submitted_on": [START + timedelta(int(d)) for d in days],
        }
    )
    found = rings.find(None, claims, RingSettings(null_samples=3))
    if found.rings.num_rows == 0:
        return frozenset()
    first = found.members.filter(pc.equal(found.members["ring_id"], found.rings["ring_id"][0]))
    return frozenset(first["party_id"].to_pylist())


def f1(found: frozenset[str], truth: frozenset[str]) -> float:
    return 2 * len(found & truth) / (len(found) + len(truth))


def main(worlds: int = 5, *only: int) -> None:
    for block in BLOCKS:
        if only and block != only:
            continue
        for camouflage in ("random", "popular"):
            print(f"\n{block[0]} x {block[1]}, camouflage {camouflage}")
            print("| density | FRAUDAR F1 | rings F1 |\n|---|---|---|")
            first: dict[str, float] = {}
            for density in DENSITIES:
                got = np.zeros((worlds, 2))
                for seed in range(worlds):
                    dealings, truth = world(block, density, camouflage, seed)
                    got[seed] = f1(by_peeling(dealings), truth), f1(by_rings(dealings, seed), truth)
                peel, ours = got.mean(axis=0)
                for name, value in (("FRAUDAR", peel), ("rings", ours)):
                    if value >= 0.9:
                        first.setdefault(name, density)
                print(f"| {density} | {peel:.2f} | {ours:.2f} |", flush=True)
            print(f"first found at: {first}", flush=True)


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:4]))
