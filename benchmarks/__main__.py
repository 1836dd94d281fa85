"""``make bench``: every benchmark in turn, each printing its own table."""

import runpy
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    for script in sorted(HERE.glob("*.py")):
        if not script.name.startswith("_"):
            print(f"\n== {script.stem}", flush=True)
            runpy.run_module(f"benchmarks.{script.stem}", run_name="__main__")


if __name__ == "__main__":
    main()
