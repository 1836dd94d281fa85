"""Both engines on one world: a real Spark master and two workers on this machine's loopback.

``python -m benchmarks.spark [--claims 2000] [--master spark://host:7077] [--folder DIR]`` makes a
world of two programmes that share enterprises and institutions, runs ``score`` with either
engine, each in a process of its own, and holds every published table of one against the other:
text, dates and money must be the same, numbers within 1e-9. Prints the largest difference and
the seconds of every step; ends with exit status 1 when a table differs. Needs ``make spark``.
``--sizes WORKSPACE`` instead prints what the tables of a run weigh, a claim, and what each task
that must see everything reads of them: the basis of the sizing in docs/scaling.md.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.features.catalogue import BEHAVIOUR_FEATURES
from fraud_pipeline.pipeline import STEPS
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.simulate import simulate
from fraud_pipeline.simulate.world.national import tagged
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.runs import Run

TOLERANCE = 1e-9
_PARTY = ("enterprise_id", "institution_id", "buyer_id", "seller_id", "payer_id", "payee_id",
          "party_id", "incubator_id")  # fmt: skip


def world(folder: Path, n_claims: int) -> Path:
    """Two programmes' tables in one folder; one party in ten of the second is of the first."""
    if folder.is_dir():
        return folder
    first = simulate("wuhan", n_claims=n_claims - n_claims // 3, seed=5).tables
    second = simulate("shanxi", n_claims=n_claims // 3, seed=7).tables
    shared = {
        **_same(first["enterprises"]["enterprise_id"], second["enterprises"]["enterprise_id"]),
        **_same(first["institutions"]["institution_id"], second["institutions"]["institution_id"]),
    }
    for name in INPUT_TABLES:
        more = _renamed(tagged(second[name], "B-"), shared)
        if name in ("enterprises", "institutions"):  # the first programme has their row
            known = first[name][f"{name[:-1]}_id"].combine_chunks()
            more = more.filter(pc.invert(pc.is_in(more[f"{name[:-1]}_id"], known)))
        files.write_table(folder / f"{name}.parquet", pa.concat_tables([first[name], more]))
    return folder


def _same(first: pa.ChunkedArray, second: pa.ChunkedArray) -> dict[str, str]:
    mine, theirs = sorted(first.to_pylist()), sorted(second.to_pylist())
    return dict(zip(theirs[::10], mine, strict=False))


def _renamed(table: pa.Table, names: dict[str, str]) -> pa.Table:
    old, new = pa.array(list(names)), pa.array(list(names.values()))
    for at, column in enumerate(table.column_names):
        if column in _PARTY:
            other = new.take(pc.index_in(table[column], value_set=old).combine_chunks())
            table = table.set_column(at, column, pc.coalesce(other, table[column]))
    return table


@contextlib.contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[str]:
    """The address of a standalone master with ``workers`` workers of one core each."""
    import pyspark  # noqa: PLC0415 - the extra

    home = Path(pyspark.__file__).parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    master = f"spark://127.0.0.1:{port}"
    server = "org.apache.spark.deploy"
    commands = [
        [f"{server}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    ]
    commands += [
        [f"{server}.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1500m",
         "--webui-port", "0", "--work-dir", str(folder / f"worker-{n}"), master]
        for n in range(workers)
    ]  # fmt: skip
    started = []
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    try:
        for number, command in enumerate(commands):
            log = (folder / f"server-{number}.log").open("wb")
            started.append(
                subprocess.Popen(
                    [str(home / "bin/spark-class"), *command], env=environment, stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )  # fmt: skip
            _answers(port)
        yield master
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait()


def _answers(port: int, seconds: float = 90.0) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.5)
    raise SystemExit("the Spark master does not answer")


def score(data: Path, workspace: Path, *more: str) -> tuple[Run, float]:
    """One night by command; the run and its seconds by the clock."""
    begun = time.perf_counter()
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, "-m", "fraud_pipeline.cli.app", "score", "--data", str(data)]
    subprocess.run([*command, "-w", str(workspace), *more], check=True, env=environment)
    return runs.find(workspace), time.perf_counter() - begun


def differences(left: Run, right: Run) -> tuple[list[str], float, int, int]:
    """What differs in words, the largest difference of numbers, tables, tables equal to the byte."""
    said, worst, same = [], 0.0, 0
    names = sorted(n for n in left.manifest["outputs"] if n.endswith(".parquet"))
    for name in names:
        same += left.manifest["outputs"][name] == right.manifest["outputs"].get(name)
        stem = name.removesuffix(".parquet")
        wrong, apart = compare(left.table(stem), right.table(stem))
        worst = max(worst, apart)
        said += [f"{stem}: {what}" for what in wrong]
    return said, worst, len(names), same


def compare(left: pa.Table, right: pa.Table) -> tuple[list[str], float]:
    """Columns of two tables that differ, and the largest difference of their numbers."""
    if left.schema != right.schema or left.num_rows != right.num_rows:
        return [f"{left.num_rows} rows and {right.num_rows}, or other columns"], 0.0
    wrong, worst = [], 0.0
    for name in left.column_names:
        a, b = left[name].combine_chunks(), right[name].combine_chunks()
        if not pa.types.is_floating(a.type):
            wrong += [] if a.equals(b) else [name]
            continue
        if not a.is_null().equals(b.is_null()):
            wrong.append(f"{name}: known in one only")
            continue
        x, y = (c.drop_null().to_numpy(zero_copy_only=False) for c in (a, b))
        apart = np.abs(x - y)[x != y] / np.maximum(1.0, np.abs(x[x != y]))
        apart = apart[~(np.isnan(x[x != y]) & np.isnan(y[x != y]))]
        worst = max(worst, float(apart.max(initial=0.0)))
        if not (apart <= TOLERANCE).all():
            wrong.append(f"{name}: numbers {apart.max():.1e} apart")
    return wrong, worst


# What the tasks that see every claim, or a service's, read (fraud_pipeline/engine/spark); columns, None: all.
ALONE: dict[str, dict[str, list[str] | None]] = {
    "text reuse (T01)": dict.fromkeys(
        ("clean/claims", "clean/contracts", "clean/deliverables", "clean/vouchers",
         "clean/enterprises")),
    "ties by text": {
        "clean/claims": ["claim_id", "enterprise_id", "submitted_on", "report_text"],
        "clean/contracts": None},
    "ties by identity": {
        "clean/claims": ["claim_id", "enterprise_id", "institution_id", "submitted_on",
                         "contact_phone", "device_id", "agent_id"],
        **dict.fromkeys(("clean/vouchers", "clean/enterprises", "clean/institutions",
                         "clean/payments", "clean/relations"))},
    "rings (the driver)": {
        "clean/claims": ["claim_id", "enterprise_id", "institution_id", "claimed_amount",
                         "contract_amount", "submitted_on"],
        "ties": None},
    "prices, all services": dict.fromkeys(("clean/claims", "clean/institutions", "clean/outcomes")),
    "outlyingness": {
        "features": ["claim_id", *(f.name for f in BEHAVIOUR_FEATURES)]},
    "driver: longest table kept": {"clean/claims": None},
}  # fmt: skip


def sizes(workspace: Path) -> None:
    """Bytes a claim in memory and on disk, by table and by task."""
    run = runs.find(workspace)
    n = run.manifest["tables"]["claims"]["rows_clean"]
    print(f"{run.run_id}, {n} claims: bytes a claim\n{'table':<24}{'memory':>10}{'disk':>10}")
    total = np.zeros(2)
    for name in sorted(k for k in run.manifest["outputs"] if k.endswith(".parquet")):
        table = run.table(name.removesuffix(".parquet"))
        weight = np.array([table.nbytes, (run.folder / name).stat().st_size]) / n
        total += weight
        print(f"{name.removesuffix('.parquet'):<24}{weight[0]:>10.0f}{weight[1]:>10.0f}")
    print(f"{'all':<24}{total[0]:>10.0f}{total[1]:>10.0f}")
    for task, tables in ALONE.items():
        read = sum(
            (t if columns is None else t.select(columns)).nbytes
            for t, columns in ((run.table(name), c) for name, c in tables.items())
        )
        print(f"{task}: reads {read / n:.0f} bytes a claim, {read / n / 10:.1f} GB at 100 million")
    services = pc.value_counts(run.table("clean/claims")["service_type"].combine_chunks())
    share = pc.max(services.field("counts")).as_py() / n
    print(f"the largest service, which is one task of the prices, has {share:.0%} of the claims")
    texts = {
        f"{name}.{column}": run.table(f"clean/{name}")[column].nbytes / n
        for name, column in (
            ("claims", "report_text"), ("contracts", "text"), ("deliverables", "text")
        )
    }  # fmt: skip
    longest = max(texts, key=lambda name: texts[name])
    print(f"longest text: {longest}, {texts[longest]:.0f} bytes a claim, 2 GB at "
          f"{2**31 / texts[longest] / 1e6:.1f} million")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=2000)
    parser.add_argument("--master", help="a cluster that is there; default: one is started here")
    parser.add_argument("--folder", type=Path, help="where worlds and runs are kept")
    parser.add_argument("--sizes", type=Path, help="a workspace whose last run is weighed")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cluster ends with us
    if given.sizes:
        sizes(given.sizes)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        data = world(folder / f"world-{given.claims}", given.claims)
        with tempfile.TemporaryDirectory(dir=folder) as place, contextlib.ExitStack() as stack:
            base = Path(place)
            embedded, alone = score(data, base / "duckdb")
            begun = time.perf_counter()
            master = given.master or stack.enter_context(cluster(base))
            up = time.perf_counter() - begun
            spark, beside = score(data, base / "spark", "--engine", "spark", "--master", master)
            raise SystemExit(_told(embedded, alone, spark, beside, up, master))


def _told(embedded: Run, alone: float, spark: Run, beside: float, up: float, master: str) -> int:
    wrong, worst, n, same = differences(embedded, spark)
    print(f"\n{'step':<12}{'duckdb s':>10}{'spark s':>10}")
    for name in ("ingest", *(step.name for step in STEPS)):
        a, b = (run.manifest["steps"][name]["seconds"] for run in (embedded, spark))
        print(f"{name:<12}{a:>10.1f}{b:>10.1f}")
    print(f"{'all':<12}{alone:>10.1f}{beside:>10.1f}   (cluster up in {up:.1f} s: {master})")
    claims = embedded.manifest["tables"]["claims"]["rows_clean"]
    print(f"{claims} claims, run {embedded.run_id} and {spark.run_id}: {n} tables compared, {same} equal "
          f"to the byte; numbers at most {worst:.1e} apart")  # fmt: skip
    for line in wrong:
        print("DIFFERS", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    main()
