"""The whole night at growing sizes: seconds and peak memory a step, growth, two scripts beside it.

``python -m benchmarks.nightly [--sizes 10000,100000] [--large] [--plain 10000,100000]
[--full 10000,100000] [--search tied] [--folder DIR] [--more 5000] [--profile] [--steps known,graph]``. Worlds come from the simulator (kept in ``--folder``), every run
is a process of its own, the way the scheduler starts it. ``--plain`` runs the script that does less,
``--full`` the one that gives all kinds of answers (``--search``: how it looks for rings). ``--large`` adds a million claims,
``--more N`` a second night with N further claims, ``--profile`` where the time of the last
size goes, function by function. Results also go to ``DIR/results.json``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.store import runs

NAMES = ("ingest", *(step.name for step in STEPS))
SEED = 5
LARGE = 1_000_000


def command(*arguments: str) -> tuple[float, float, float, str]:
    """Runs a Python process; wall seconds, CPU seconds, peak GB and its output."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen([sys.executable, *arguments], stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # it is reaped: say so
        out.seek(0)
        said = out.read()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return time.perf_counter() - begun, cpu, usage.ru_maxrss / 2**20, said


def world(folder: Path, n: int) -> Path:
    """The world of ``n`` claims, made once."""
    place = folder / f"world-{n}"
    if not place.is_dir():
        command("-m", "fraud_pipeline.cli.app", "simulate", "--claims", str(n), "--seed", str(SEED),
                "--out", str(place))  # fmt: skip
    return place


def night(data: Path, workspace: Path, *more: str) -> dict[str, Any]:
    """One night by command; the manifest's account of every step and the process's own."""
    seconds, cpu, peak, _ = command(
        "-m", "fraud_pipeline.cli.app", "score", "--data", str(data), "-w", str(workspace), *more
    )
    manifest = runs.find(workspace).manifest
    peak = max([peak, *(step["peak_mb"] / 1024 for step in manifest["steps"].values())])
    return {"seconds": seconds, "cpu": cpu, "peak_gb": peak, "steps": manifest["steps"],
            "claims": manifest["tables"]["claims"]["rows_clean"]}  # fmt: skip


def plain(data: Path, folder: Path) -> dict[str, Any]:
    out = folder / "plain.json"
    seconds, cpu, peak, _ = command("-m", "benchmarks._plain_script", str(data), str(out))
    return {**json.loads(out.read_text()), "seconds": seconds, "cpu": cpu, "peak_gb": peak}


def full(data: Path, folder: Path, search: str) -> dict[str, Any]:
    """The script with all kinds of answers, its tables thrown away."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        out = Path(place) / "full.json"
        seconds, cpu, peak, _ = command("-m", "benchmarks._full_script", str(data), str(out),
                                        "--search", search)  # fmt: skip
        return {**json.loads(out.read_text()), "seconds": seconds, "cpu": cpu, "peak_gb": peak}


def exponent(small: tuple[int, float], large: tuple[int, float]) -> float:
    """How the seconds grow: 1 = in proportion to the claims."""
    return math.log(large[1] / max(small[1], 1e-3)) / math.log(large[0] / small[0])


def night_before(data: Path, fewer: int, to: Path) -> Path:
    """The world without its last ``fewer`` claims: what the previous run had."""
    to.mkdir(parents=True, exist_ok=True)
    text = pacsv.ConvertOptions(column_types={"submitted_on": pa.string(), "claim_id": pa.string()})
    whole = data / "claims.parquet"  # the simulator's form from 100,000 claims on
    claims = (
        pq.read_table(whole)
        if whole.is_file()
        else pacsv.read_csv(data / "claims.csv", convert_options=text)
    )
    order = pc.sort_indices(claims, [("submitted_on", "ascending"), ("claim_id", "ascending")])
    order = order.slice(0, claims.num_rows - fewer)
    for path in sorted(data.glob("*.parquet")):
        pq.write_table(claims.take(order), to / path.name) if path == whole else shutil.copy(
            path, to
        )
    kept = claims["claim_id"].take(order).combine_chunks()
    for path in sorted(data.glob("*.csv")):
        lines = path.read_bytes()
        if path.stem == "claims":
            wanted = {f'"{claim}"'.encode() for claim in kept.to_pylist()}
            head, *rows = lines.split(b"\n")
            lines = b"\n".join([head, *(r for r in rows if r.split(b",", 1)[0] in wanted)]) + b"\n"
        (to / path.name).write_bytes(lines)
    return to


def profile(data: Path, folder: Path) -> list[str]:
    """The functions the most time was spent in, themselves (cProfile), top twenty."""
    code = (
        "import cProfile,pstats,sys;from pathlib import Path;"
        "from fraud_pipeline.engine.runner import Request,score;from fraud_pipeline.store.workspace import locked\n"
        "p=cProfile.Profile();w=Path(sys.argv[2])\n"
        "with locked(w) as place:\n"
        "    p.runcall(score, Request(data=sys.argv[1], workspace=w), place)\n"
        "pstats.Stats(p).sort_stats('tottime').print_stats(20)"
    )
    with tempfile.TemporaryDirectory(dir=folder) as workspace:
        said = command("-c", code, str(data), workspace)[3]
    lines = re.sub(r"\S*/(site-packages/|fraud_pipeline/)", r"\1", said).splitlines()
    return [line for line in lines if re.match(r"\s+[\d/]+\s+\d", line)]


_SOME = """
import json, sys
from pathlib import Path
from fraud_pipeline.engine import runner
from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.store.workspace import locked
with locked(Path(sys.argv[2])) as place:
    run = runner.prepare_run(runner.Request(data=sys.argv[1], workspace=place.path), place)
    costs = {"ingest": run.loaded.cost}
    for step in STEPS:
        if step.name in sys.argv[3].split(","):
            costs[step.name] = runner.run_step(run, step)[0].cost
print(json.dumps(costs))
"""


def some_steps(data: Path, folder: Path, names: str) -> str:
    """Only the named steps (each needs what it reads before it), nothing published."""
    with tempfile.TemporaryDirectory(dir=folder) as workspace:
        said = command("-c", _SOME, str(data), workspace, names)[3]
    costs = json.loads(said.splitlines()[-1])  # DuckDB may show its progress before
    rows = [[name, f"{c['cpu_seconds']:.1f}", f"{c['seconds']:.1f}", f"{c['peak_mb'] / 1024:.2f}",
             f"{c['rows']:,}"] for name, c in costs.items()]  # fmt: skip
    return table([["step", "CPU s", "s", "peak GB", "rows"], *rows])


def table(rows: list[list[str]]) -> str:
    head, *body = rows
    return "\n".join("| " + " | ".join(r) + " |" for r in (head, ["---"] * len(head), *body))


def compared(said: dict[str, Any]) -> str:
    """Product and scripts, a row each; chance worlds left out are told and never only scaled."""
    rows = [["claims", "run", "CPU s", "by the clock, s", "peak GB", "product CPU / its CPU"]]
    for n in sorted({int(k) for k in [*said["plain"], *said["full"]]}):
        ours = said["nights"].get(str(n))
        runs_of = [("product", ours), ("plain script", said["plain"].get(str(n)))]
        runs_of += [(f"full script, {k}", one) for k, one in said["full"].get(str(n), {}).items()]
        rows += [[f"{n:,}", *_row(name, one, ours)] for name, one in runs_of if one]
    return table(rows)


def _row(name: str, one: dict[str, Any], ours: dict[str, Any] | None) -> list[str]:
    cpu, times = f"{one['cpu']:.1f}", f"{ours['cpu'] / one['cpu']:.2f}" if ours else "—"
    if one.get("worlds", 0) < one.get("worlds_wanted", 0):
        scaled = one["cpu"] - one["worlds_cpu"] + one["worlds_cpu_scaled"]
        name = f"{name} ({one['worlds']} of {one['worlds_wanted']} chance worlds run)"
        cpu += f" as run, {scaled:.0f} scaled to all"
        times += f" as run, {ours['cpu'] / scaled:.2f} scaled" if ours else ""
    return [name, cpu, f"{one['seconds']:.1f}", f"{one['peak_gb']:.2f}", times]


def shown(nights: dict[int, dict[str, Any]]) -> str:
    """The tables a person reads: CPU seconds, because the clock also counts other people's work."""
    sizes = sorted(nights)
    rows = [["step", *(f"{n:,}: CPU s (GB)" for n in sizes), "growth"]]
    for name in NAMES:
        costs = [nights[n]["steps"][name] for n in sizes]
        cells = [f"{c['cpu_seconds']:.1f} ({c['peak_mb'] / 1024:.2f})" for c in costs]
        rows.append([name, *cells, _growth(sizes, [c["cpu_seconds"] for c in costs])])
    for what, key in (
        ("all, CPU s", "cpu"),
        ("all, by the clock", "seconds"),
        ("peak GB", "peak_gb"),
    ):
        values = [nights[n][key] for n in sizes]
        grown = "" if key == "peak_gb" else _growth(sizes, values)
        rows.append([what, *(f"{v:.1f}" for v in values), grown])
    return table(rows)


def _growth(sizes: list[int], seconds: list[float]) -> str:
    if len(sizes) < 2:
        return ""
    return f"{exponent((sizes[-2], seconds[-2]), (sizes[-1], seconds[-1])):.2f}"


def asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.nightly")
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--plain", default="10000,100000")
    parser.add_argument("--full", default="", help="the full script at these sizes")
    parser.add_argument("--search", choices=("tied", "louvain"), default="tied")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--more", type=int, default=0)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--steps", default="", help="only these, e.g. known,graph,behaviour")
    parser.add_argument("--folder", type=Path)
    return parser.parse_args(arguments)


def measured(given: argparse.Namespace, folder: Path, sizes: list[int]) -> dict[str, Any]:
    """What is asked for, run; beside what earlier runs left in ``results.json``."""
    results = folder / "results.json"
    said: dict[str, Any] = {"nights": {}, "plain": {}, "full": {}}
    if results.is_file():
        said |= json.loads(results.read_text())
    for n in sizes:
        with tempfile.TemporaryDirectory(dir=folder) as workspace:
            said["nights"][str(n)] = one = night(world(folder, n), Path(workspace))
        results.write_text(json.dumps(said, indent=1))
        print(f"{n}: {one['seconds']:.1f} s, {one['peak_gb']:.2f} GB", flush=True)
    for n in (int(n) for n in given.plain.split(",") if n):
        said["plain"][str(n)] = plain(world(folder, n), folder)
        results.write_text(json.dumps(said, indent=1))
    for n in (int(n) for n in given.full.split(",") if n):
        found = said["full"].setdefault(str(n), {})
        found[given.search] = full(world(folder, n), folder, given.search)
        results.write_text(json.dumps(said, indent=1))
    return said


def main(arguments: list[str] | None = None) -> None:
    given = asked(arguments)
    scratch = None if given.folder else tempfile.TemporaryDirectory()
    folder = given.folder or Path(scratch.name if scratch else ".")
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [int(n) for n in given.sizes.split(",") if n] + ([LARGE] if given.large else [])
    if given.steps:
        for n in sizes:
            print(f"{n:,} claims\n\n{some_steps(world(folder, n), folder, given.steps)}")
        return
    said = measured(given, folder, sizes)
    if said["nights"]:
        print(shown({int(k): v for k, v in said["nights"].items()}))
    print("\n" + compared(said))
    if given.more and sizes:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            data, workspace = world(folder, sizes[-1]), Path(place) / "w"
            night(night_before(data, given.more, Path(place) / "before"), workspace)
            second = night(data, workspace)
        print(
            f"\nthe night that adds {given.more:,} claims to {sizes[-1]:,}: {second['seconds']:.1f} s"
        )
    if given.profile and sizes:
        print("\n" + "\n".join(profile(world(folder, sizes[-1]), folder)))
    if scratch:
        scratch.cleanup()


if __name__ == "__main__":
    main()
