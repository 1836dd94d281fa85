"""How often rings are certified where there is no fraud at all.

    python -m benchmarks.rings_null [worlds] [first seed] [file]

Worlds of 300, 500 and 1,071 claims without planted fraud, to which heavy firms, campaigns, towns
with suppliers of their own and groups of companies are added (``benchmarks._innocent``). A world
errs at alpha when any ring has p <= alpha or q <= alpha. Interval: Clopper and Pearson 1934,
95 %. A last line repeats the smaller worlds with groups whose holdings nobody recorded. ``file``
keeps the answer of each world as it comes, so that a stopped count goes on where it was.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from benchmarks._innocent import with_innocents
from fraud_pipeline import graph, rings
from fraud_pipeline.settings import GraphSettings, RingSettings
from fraud_pipeline.simulate import NONE, simulate

SIZES = (300, 500, 300, 500, 300, 1071)
LEVELS = (0.001, 0.01, 0.05)


def least_p(seed: int, n_claims: int, recorded: bool = True) -> tuple[float, str]:
    """The smallest p or q of any ring of one such world (1 if there is none), and its parties."""
    world = simulate("wuhan", n_claims, seed, fraud=NONE)
    tables = with_innocents(world.tables, seed, recorded)
    ties = graph.build_ties(tables, GraphSettings())
    found = rings.find(ties, tables["claims"], RingSettings())
    if found.rings.num_rows == 0:
        return 1.0, ""
    p = np.minimum(found.rings["p_value"].to_numpy(), found.rings["q_value"].to_numpy())
    worst = found.rings["ring_id"][int(p.argmin())].as_py()
    parties = [
        party
        for ring, party in zip(
            *(found.members[c].to_pylist() for c in ("ring_id", "party_id")), strict=True
        )
        if ring == worst
    ]
    return float(p.min()), " ".join(sorted(p[:6] for p in parties))


def least_p_values(
    worlds: int,
    first: int,
    sizes: Sequence[int] = SIZES,
    recorded: bool = True,
    kept: Path | None = None,
) -> np.ndarray:
    """One smallest p a world, float64 (worlds,)."""
    known = {}
    if kept is not None and kept.is_file():
        known = dict(json.loads(line) for line in kept.read_text("utf-8").splitlines())
    out = np.ones(worlds)
    for n in range(worlds):
        world = f"{first + n} {sizes[n % len(sizes)]} {recorded}"
        if world not in known:
            known[world] = least_p(first + n, sizes[n % len(sizes)], recorded)
            if kept is not None:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([world, known[world]]) + "\n")
        out[n], who = known[world]
        if recorded and out[n] <= max(LEVELS):
            print(f"  seed {first + n}: {out[n]:.3g}  {who}", flush=True)
    return out


def report(name: str, p: np.ndarray) -> None:
    for alpha in LEVELS:
        errors = int((p <= alpha).sum())
        low, high = binomtest(errors, p.size).proportion_ci(0.95, "exact")
        print(
            f"| {name} | {p.size} | {alpha} | {errors} | {errors / p.size:.3f} | "
            f"{low:.3f}–{high:.3f} |",
            flush=True,
        )


def main(worlds: int = 300, first: int = 50_000, kept: str | None = None) -> None:
    begin = time.perf_counter()
    file = Path(kept) if kept else None
    p = least_p_values(worlds, first, kept=file)
    hidden = least_p_values(
        max(worlds // 4, 1), first + worlds, (300, 500), recorded=False, kept=file
    )
    print("| worlds without fraud | worlds | alpha | certified in | share | exact 95 % interval |")
    print("|---|---|---|---|---|---|")
    report("all look-alikes", p)
    report("groups not recorded", hidden)
    print(
        f"\nseeds {first}–{first + p.size + hidden.size - 1}, {time.perf_counter() - begin:.0f} s"
    )


if __name__ == "__main__":
    asked = [*sys.argv[1:], *("300", "50000")[len(sys.argv) - 1 :]]
    main(int(asked[0]), int(asked[1]), asked[2] if len(asked) > 2 else None)
