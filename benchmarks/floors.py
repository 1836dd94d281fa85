"""Each step against its floor: what it costs only to read what it reads, and to sort it once.

    python -m benchmarks.floors [--size 100000] [--repeat 3]
    python -m benchmarks.floors --data DIR

The floor of a step: every table it asks for (for ingest: every table it makes), decoded from Parquet with
all its columns and sorted by its key, in CPU seconds; the least of ``--repeat`` tries. The
step itself is run once, in the same process, alone; its seconds are of CPU too and hold the writing
of what it makes, which the floor does not.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.nightly import table, world
from fraud_pipeline.engine import runner
from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.schema import INPUT_TABLES, OUTPUT_TABLES, RingSet, Tables
from fraud_pipeline.store.runs import RING_TABLES
from fraud_pipeline.store.staged_inputs import StagedInputs
from fraud_pipeline.store.workspace import locked


class Noting(StagedInputs):
    """What a step asks for, noted by name."""

    asked: set[str]

    def table(self, name: str) -> pa.Table:
        self.asked.add(name)
        return super().table(name)

    def tables(self, stage: str) -> Tables:
        self.asked |= {f"{stage}/{name}" for name in INPUT_TABLES}
        return super().tables(stage)

    def rings(self) -> RingSet:
        self.asked |= set(RING_TABLES)
        return super().rings()


def measured(data: Path, folder: Path, repeat: int) -> list[tuple[str, float, float]]:
    """(step, its CPU seconds, CPU seconds of its floor), in the order of the steps."""
    runner.StagedInputs = Noting  # type: ignore[misc, attr-defined]
    found = []
    with locked(folder / "workspace") as place:
        run = runner.prepare_run(runner.Request(data=str(data), workspace=place.path), place)
        if not isinstance(run, runner.RunInProgress):
            raise SystemExit("the workspace holds this run already")
        made = {f"clean/{name}" for name in INPUT_TABLES}
        found.append(("ingest", run.loaded.cost["cpu_seconds"], _floor(run, made, repeat)))
        for step in STEPS:
            Noting.asked = set()
            staged, _ = runner.run_step(run, step)
            floor = _floor(run, Noting.asked, repeat)
            found.append((step.name, staged.cost["cpu_seconds"], floor))
    return found


def _floor(run: runner.RunInProgress, names: set[str], repeat: int) -> float:
    given = StagedInputs([run.loaded, *run.finished.values()])
    with tempfile.TemporaryDirectory() as scratch:
        files = {}
        for name in sorted(names):
            files[name] = Path(scratch) / f"{name.replace('/', '-')}.parquet"
            pq.write_table(given.table(name), files[name], compression="zstd")
        return min(_cpu(lambda: _read_and_sort(files)) for _ in range(repeat))


def _read_and_sort(files: dict[str, Path]) -> None:
    for name, path in files.items():
        rows = pq.read_table(path)
        schema = {**INPUT_TABLES, **OUTPUT_TABLES}.get(name.rpartition("/")[2])
        key = list(schema.key) if schema and schema.key else [rows.column_names[0]]
        rows.sort_by([(column, "ascending") for column in key])


def _cpu(work: Callable[[], None]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def shown(found: list[tuple[str, float, float]]) -> str:
    rows = [["step", "CPU s", "floor, CPU s", "times its floor"]]
    rows += [
        [name, f"{cpu:.1f}", f"{floor:.2f}", f"{cpu / floor:.1f}"] for name, cpu, floor in found
    ]
    whole, least = sum(cpu for _, cpu, _ in found), sum(floor for *_, floor in found)
    return table([*rows, ["all", f"{whole:.1f}", f"{least:.2f}", f"{whole / least:.1f}"]])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="a world that is there already")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        print(shown(measured(given.data or world(folder, given.size), folder, given.repeat)))


if __name__ == "__main__":
    main()
