"""How long the command line takes to start: whole processes, the median of five.

    python -m benchmarks.startup [WORKSPACE]

The target is half a second each on a quiet machine; ten times that fails, on any machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

REPEATS, TARGET, LIMIT = 5, 0.5, 5.0  # processes a command; seconds


def median_seconds(arguments: list[str]) -> float:
    """Wall-clock seconds of ``fraud-pipeline ARGUMENTS``, median of REPEATS processes."""
    line = [sys.executable, "-m", "fraud_pipeline", *arguments]
    seconds = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def main() -> int:
    """Prints a line a command; 1 when one is over LIMIT."""
    workspace = sys.argv[1] if len(sys.argv) > 1 else "demo"
    worst = 0.0
    for arguments in (["--help"], ["status", "-w", workspace], ["--version"]):
        seconds = median_seconds(arguments)
        worst = max(worst, seconds)
        mark = "" if seconds <= TARGET else f"  (target {TARGET} s)"
        print(f"{arguments[0]:<10} {seconds:.2f} s{mark}")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
