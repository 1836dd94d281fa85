"""Simulated worlds: how long and how large, and published figures against simulated ones.

    python -m benchmarks.worlds [CLAIMS ...]      the national world, default one million
    python -m benchmarks.worlds margins [SEED]    the table of docs/simulate.md

The national world is made part by part (one a province), as a caller with little memory
would; each part is counted and dropped.
"""

from __future__ import annotations

import resource
import sys
import time

from fraud_pipeline.simulate import simulate, simulate_parts
from fraud_pipeline.simulate.world.programmes import PROGRAMMES

SEED = 90


def measure(n_claims: int) -> str:
    """One line: claims, rows of all tables, seconds on the clock and of the processor, peak."""
    clock, processor = time.perf_counter(), time.process_time()
    claims = rows = improper = 0
    for world in simulate_parts("national", n_claims, SEED, camouflage=1):
        claims += world.tables["claims"].num_rows
        rows += sum(table.num_rows for table in world.tables.values())
        improper += world.truth.num_rows - world.truth["typology"].null_count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return (
        f"{claims:>10,} claims {rows:>11,} rows {improper:>8,} improper "
        f"{time.perf_counter() - clock:7.1f} s {time.process_time() - processor:7.1f} cpu-s "
        f"{peak:5.2f} GB peak"
    )


def margins(seed: int) -> None:
    """A Markdown table a programme: published figure, simulated one."""
    for name, programme in PROGRAMMES.items():
        if not programme.published:
            continue
        print(f"\n### {name}, seed {seed}\n\n| | published | simulated |\n|---|---:|---:|")
        for figure, (published, made) in simulate(name, programme.services, seed).margins.items():
            form = ".3f" if "share" in figure else ",.0f"
            print(f"| {figure} | {published:{form}} | {made:{form}} |")


def main() -> None:
    wanted = sys.argv[1:]
    if wanted[:1] == ["margins"]:
        margins(int(wanted[1]) if len(wanted) > 1 else 7)
        return
    for size in wanted or ["1000000"]:
        print(measure(int(size)), flush=True)


if __name__ == "__main__":
    main()
