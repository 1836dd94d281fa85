"""Speed of the peeling kernel: edges a second on one core, and that cost grows like the edges.

    python -m benchmarks.peeling [edges ...]

Bipartite graphs with heavy-tailed institutions; weights 1 / ln(5 + degree). The kernel is
compiled before it is timed; building the matrix (two sorts) is timed apart.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from fraud_pipeline.rings.search.dense_blocks import peel, symmetric


def market(edges: int, seed: int = 0) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """Nodes, left, right and weight of about ``edges`` distinct dealings."""
    rng = np.random.default_rng(seed)
    firms, insts = max(edges // 3, 2), max(edges // 40, 2)
    popularity = 1.0 / (np.arange(insts) + 3.0)
    inst = rng.choice(insts, edges, p=popularity / popularity.sum())
    pairs = np.unique(rng.integers(0, firms, edges) * insts + inst)
    left, right = pairs // insts, pairs % insts
    weight = 1.0 / np.log(5.0 + np.bincount(right, minlength=insts)[right])
    return firms + insts, left, right + firms, weight


def main(sizes: tuple[int, ...] = (100_000, 1_000_000)) -> None:
    n, left, right, weight = market(1_000)
    peel(*symmetric(n, left, right, weight))
    for size in sizes:
        n, left, right, weight = market(size)
        begin = time.perf_counter()
        matrix = symmetric(n, left, right, weight)
        built = time.perf_counter()
        cpu = time.process_time()
        _, _, density = peel(*matrix)
        cpu = time.process_time() - cpu
        wall = time.perf_counter() - built
        print(
            f"{left.size:>10,} edges: matrix {built - begin:6.2f} s, peel {wall:6.2f} s "
            f"({cpu:.2f} cpu s), {left.size / cpu / 1e6:5.2f} M edges/s, density {density:.3f}"
        )


if __name__ == "__main__":
    main(*([tuple(int(a) for a in sys.argv[1:])] if len(sys.argv) > 1 else []))
