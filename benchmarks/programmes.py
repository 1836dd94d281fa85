"""Several programmes in one night, each a workspace: seconds and memory of all together.

``python -m benchmarks.programmes [--programmes 10] [--claims 1000000] [--at-once 2]
[--folder DIR]``. The flow ``programmes`` works on ``--at-once`` of them at a time, each in a process of
its own, as the schedule starts it. Each is a world of the simulator with a seed of its own. Memory
is the greatest sum over the flow and its processes, looked at every second: pages that processes
share are counted once (PSS), files that are mapped as far as they are in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.nightly import command, table
from flows.commands import QUIET
from fraud_pipeline.store import runs

_LOOK_SECONDS = 1.0
_FLOW = """
import json, sys
from flows.programmes import Programme, programmes
programmes([Programme(**p) for p in json.loads(sys.argv[1])], at_once=int(sys.argv[2]),
           seconds_each=7200)
"""


def worlds(folder: Path, programmes: int, claims: int) -> list[Path]:
    """A world a programme; those that are there already are used again."""
    places = [folder / f"world-{claims}-{seed}" for seed in range(1, programmes + 1)]
    for seed, place in enumerate(places, 1):
        if not place.is_dir():
            command("-m", "fraud_pipeline.cli.app", "simulate", "--claims", str(claims),
                    "--seed", str(seed), "--out", str(place))  # fmt: skip
    return places


def family(pid: int) -> list[int]:
    """A process and all that come from it, as far as they are still there."""
    found = [pid]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def memory_gb(pids: list[int]) -> float:
    """What they hold together, GB of 2^30 bytes; shared pages once."""
    total = 0
    for pid in pids:
        try:
            said = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(kb) for kb in re.findall(r"^Pss:\s+(\d+) kB", said, re.M))
    return total / 2**20


def night_of_all(given: list[dict[str, str]], at_once: int) -> tuple[float, float]:
    """Seconds by the clock and the greatest memory of one run of the flow."""
    begun, most = time.perf_counter(), 0.0
    process = subprocess.Popen(
        [sys.executable, "-c", _FLOW, json.dumps(given), str(at_once)], env={**os.environ, **QUIET}
    )
    while process.poll() is None:
        most = max(most, memory_gb(family(process.pid)))
        time.sleep(_LOOK_SECONDS)
    if process.returncode != 0:
        raise SystemExit(f"the flow ended with {process.returncode}")
    return time.perf_counter() - begun, most


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.programmes")
    parser.add_argument("--programmes", type=int, default=10)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        places = worlds(given.folder or Path(scratch), given.programmes, given.claims)
        all_of_them = [
            {"name": f"p{seed}", "data": str(place), "workspace": f"{scratch}/p{seed}"}
            for seed, place in enumerate(places, 1)
        ]
        seconds, most = night_of_all(all_of_them, given.at_once)
        rows = [["programme", "claims", "its steps, s", "peak GB"]]
        for one in all_of_them:
            manifest = runs.find(Path(one["workspace"])).manifest
            steps = manifest["steps"].values()
            rows.append([one["name"], f"{manifest['tables']['claims']['rows_clean']:,}",
                         f"{sum(s['seconds'] for s in steps):.0f}",
                         f"{max(s['peak_mb'] for s in steps) / 1024:.2f}"])  # fmt: skip
    print(table(rows))
    print(f"\n{given.programmes} programmes of {given.claims:,} claims, {given.at_once} at a time: "
          f"{seconds:.0f} s, {most:.2f} GB at most together")  # fmt: skip


if __name__ == "__main__":
    main()
