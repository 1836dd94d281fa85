"""The workbench with many claims and many people: time to open, and no claim handed out twice.

    python -m benchmarks.workbench [--claims 1000000] [--people 20] [--rounds 30] [--think 5]
                                   [--scored WORKSPACE] [--keep FOLDER]

The run is not a scored one of that size: it is the shipped Wuhan sample scored once (or the run
of WORKSPACE) and repeated under new ids by SQL until it has that many claims: real tables of
real width. A server process of its own answers over HTTP; each person opens the queue, narrows
it, opens a claim, searches, opens the page of a party, with about five seconds between pages: a page every five seconds is faster
than anybody reads. The load generator runs on the same processors as the server.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import duckdb
import httpx
import numpy as np

from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.runs import Run, find
from fraud_pipeline.store.workspace import locked
from fraud_pipeline.workbench.auth import accounts
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db.database import Database

# Columns that name a claim, a contract, a party or a voucher: made different in every copy.
IDS = ("claim_id", "contract_id", "voucher_id", "enterprise_id", "institution_id", "party_id",
       "payer_id", "payee_id", "seller_id", "buyer_id", "left_id", "right_id", "ring_id",
       "invoice_no", "payment_id", "deliverable_id", "outcome_id")  # fmt: skip
ONCE = ("rules", "estimates", "quarantine", "repairs", "clean/market_prices")


def many(run: Run, to: Path, claims: int) -> Path:
    """``run`` repeated until it has ``claims`` claims, as a run folder below ``to/runs``."""
    folder = to / "runs" / f"20170630-{claims:016d}"
    (folder / "clean").mkdir(parents=True)
    copies = max(1, claims // run.table("clean/claims").num_rows)
    for path in sorted(run.folder.rglob("*.parquet")):
        name = path.relative_to(run.folder).with_suffix("").as_posix()
        target = folder / f"{name}.parquet"
        if name in ONCE or copies == 1 or name in ("features", "behaviour", "audit_frame"):
            shutil.copyfile(path, target)
            continue
        columns = duckdb.sql(f"SELECT * FROM '{path}' LIMIT 0").columns  # noqa: S608
        shown = ", ".join(_copied(column) for column in columns)
        duckdb.sql(
            f"COPY (SELECT {shown} FROM range({copies}) c(i), '{path}') TO '{target}' "  # noqa: S608
            "(FORMAT parquet, COMPRESSION zstd)"
        )
    shutil.copyfile(run.folder / "plan.json", folder / "plan.json")
    manifest = {**run.manifest, "run_id": folder.name}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (to / "runs" / "LATEST").write_text(folder.name + "\n")
    return folder


def _copied(column: str) -> str:
    if column in IDS:
        return f"\"{column}\" || '-' || lpad(i::VARCHAR, 5, '0') AS \"{column}\""
    if column == "comparables":
        return ("array_to_string(list_transform(string_split(comparables, ';'), "
                "lambda x: x || '-' || lpad(i::VARCHAR, 5, '0')), ';') AS comparables")  # fmt: skip
    return f'"{column}"'


class Browser(httpx.Client):
    """One signed-in person."""

    def submit(self, path: str, **fields: str) -> httpx.Response:
        token = re.search(r'name="csrf" value="([^"]+)"', self.get("/method").text)
        return self.post(path, data={"csrf": token[1] if token else "", **fields})


def person(root: str, name: str) -> Browser:
    browser = Browser(base_url=root, timeout=60)
    browser.submit("/sign-in", name=name, password=f"a plain password of {name[::-1]}", next="/")
    return browser


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--think", type=float, default=5.0, help="seconds between pages, about")
    parser.add_argument("--keep", type=Path, help="make it here, or use what was made here")
    parser.add_argument("--scored", type=Path, help="a workspace whose run is repeated")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        workspace = given.keep or Path(scratch)
        folder = next((workspace / "runs").glob("2*"), None)
        if folder is None:
            run = find(given.scored) if given.scored else _scored(workspace / "small")
            started = time.perf_counter()
            folder = many(run, workspace, given.claims)
            print(f"made a run in {time.perf_counter() - started:.0f} s")
        _measure(workspace, folder, given.people, given.rounds, given.think)


def _scored(workspace: Path) -> Run:
    with locked(workspace) as place:
        return score(Request(data=str(data_samples() / "wuhan"), workspace=workspace), place)


def _measure(workspace: Path, folder: Path, people: int, rounds: int, think: float) -> None:
    for old in workspace.glob("workbench.db*"):
        old.unlink()
    db = Database(f"sqlite:///{workspace / 'workbench.db'}")
    for k in range(max(people, 50)):
        with db.writing() as connection:
            token = accounts.invite(connection, f"person {k}", Role.LEAD, (), 1)
        with db.writing() as connection:
            accounts.accept_invitation(
                connection, token, f"a plain password of {f'person {k}'[::-1]}"
            )
    db.dispose()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from fraud_pipeline.cli.app import main; main()", "serve",
               "-w", str(workspace), "--port", str(port)]  # fmt: skip
    started = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        for line in server.stdout or ():
            if "workbench:" in line:
                break
        print(
            f"server ready after {time.perf_counter() - started:.0f} s (copy for looking up made)"
        )
        root = f"http://127.0.0.1:{port}"
        _wait_for(root)
        browsers = [person(root, f"person {k}") for k in range(people)]
        before = _cpu_seconds(server.pid)
        pages = _opening(browsers, folder, people, rounds, think)
        spent = _cpu_seconds(server.pid) - before
        print(f"  server CPU {1000 * spent / pages:.0f} ms a page")
        _taking(root)
        status = Path(f"/proc/{server.pid}/status").read_text()
        print(re.search(r"VmHWM:\s+(\d+)", status)[0])  # type: ignore[index]
    finally:
        server.kill()


def _wait_for(root: str) -> None:
    """Returns when the server answers; a loaded machine takes a while after the address is printed."""
    for _ in range(120):
        try:
            httpx.get(f"{root}/health", timeout=5)
        except httpx.TransportError:
            time.sleep(0.5)
        else:
            return


def _opening(browsers: list[Browser], folder: Path, people: int, rounds: int, think: float) -> int:
    ids = [r[0] for r in duckdb.sql(
        f"SELECT DISTINCT claim_id FROM '{folder}/explanations.parquet' "  # noqa: S608
        "USING SAMPLE reservoir(2000 ROWS) REPEATABLE (7)").fetchall()]  # fmt: skip
    claims, enterprises = (folder / "clean" / f"{n}.parquet" for n in ("claims", "enterprises"))
    rows = duckdb.sql(
        f"SELECT claim_id, contract_id, enterprise_id, institution_id, name FROM '{claims}' "  # noqa: S608
        f"JOIN '{enterprises}' USING (enterprise_id) USING SAMPLE reservoir(2000 ROWS) REPEATABLE (7)"
    ).fetchall()
    texts = [str(text) for row in rows for text in row if text]
    parties = [pair for row in rows for pair in (("enterprise", row[2]), ("institution", row[3]))]
    took: dict[str, list[float]] = defaultdict(list)
    failed: list[str] = []
    guard = threading.Lock()

    def work(k: int) -> None:
        browser = browsers[k]
        chance = np.random.default_rng(k)
        time.sleep(think * chance.uniform(0, 3))  # nobody arrives in the same instant as all others
        for _ in range(rounds):
            for what, path in (
                ("queue", "/queue"), ("queue narrowed", f"/queue?typology=T01&least=20000&page={chance.integers(1, 9)}"),
                ("claim", f"/claims/{ids[chance.integers(len(ids))]}"),
                ("search", f"/search?q={_typed(texts, chance)}"),
                ("entity", f"/entities/{'/'.join(parties[chance.integers(len(parties))])}"),
            ):  # fmt: skip
                started = time.perf_counter()
                answer = browser.get(path)
                seconds = time.perf_counter() - started
                with guard:
                    took[what].append(seconds * 1000)
                    failed.extend([path] if answer.status_code != 200 else [])
                time.sleep(think * chance.uniform(0.5, 1.5))

    _together(people, work)
    if failed:
        raise SystemExit(f"{len(failed)} pages failed, the first {failed[0]}")
    print(
        f"{people} people at once, about {think:.0f} s between pages; load of the machine {os.getloadavg()[0]:.1f}"
    )
    for what, values in took.items():
        median, high = np.percentile(values, [50, 95])
        print(
            f"  {what:15} n={len(values):5}  median {median:6.0f} ms  95th percentile {high:6.0f} ms"
        )
    return sum(len(values) for values in took.values())


def _typed(texts: list[str], chance: np.random.Generator) -> str:
    """What somebody types: a part of a number or name, as often as all of it."""
    text = texts[chance.integers(len(texts))]
    return text if chance.random() < 0.5 else text[-max(3, len(text) // 2) :]


def _cpu_seconds(pid: int) -> float:
    """Processor time a process used so far: does not depend on who else uses the machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _taking(root: str) -> None:
    browsers = [person(root, f"person {k}") for k in range(50)]
    got: list[str] = []
    start = threading.Barrier(50)

    def take(k: int) -> None:
        token = re.search(r'name="csrf" value="([^"]+)"', browsers[k].get("/method").text)
        start.wait()
        answer = browsers[k].post(
            "/queue/take", data={"csrf": token[1] if token else "", "query": ""}
        )
        got.append(answer.headers["location"].split("?")[0])

    started = time.perf_counter()
    _together(50, take)
    print(f"50 concurrent take-next: {len(set(got))} different claims of {len(got)} "
          f"in {time.perf_counter() - started:.1f} s")  # fmt: skip
    if len(set(got)) != 50:
        raise SystemExit("a claim was handed out twice")


def _together(count: int, work: object) -> None:
    threads = [threading.Thread(target=work, args=(k,)) for k in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
