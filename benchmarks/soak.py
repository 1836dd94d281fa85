"""Hours of a working day in minutes: people, webhooks with two bad receivers, a run beside it.

    python -m benchmarks.soak [--minutes 30] [--people 20] [--think 5] [--keep FOLDER]

People open the queue, take a claim, read it and decide it; one receiver of webhooks is sound, one
never answers, one answers 500; runs follow one another in the same workspace. At the end every
confirmed decision must be in the database and at the sound receiver, the whole workspace must
verify, and memory and open files of the server are compared with those after the first minute.
Exit status 1 when something was lost.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import sqlalchemy as sa

from benchmarks.workbench import Browser, _scored, _together, _wait_for
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.workbench.auth import accounts
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.db.verification import verify_all
from fraud_pipeline.workbench.exchange import outgoing, webhooks

COMMAND = [sys.executable, "-c", "from fraud_pipeline.cli.app import main; main()"]
NETWORK = "127.0.0.0/8"
_LAST_MESSAGES_SECONDS = 90


@dataclass
class Soak:
    """What happened so far; written by many threads under ``guard``."""

    until: float
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # milliseconds
    failed: list[str] = field(default_factory=list)
    confirmed: int = 0
    runs: int = 0
    usage: list[tuple[float, int]] = field(default_factory=list)  # MB in use, open files
    guard: threading.Lock = field(default_factory=threading.Lock)

    def is_over(self) -> bool:
        return time.monotonic() > self.until

    def timed(self, what: str, request: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        answer = request()
        with self.guard:
            self.took[what].append((time.perf_counter() - started) * 1000)
            if answer.status_code not in (200, 303):
                self.failed.append(f"{what}: {answer.status_code}")
        return answer


class Receiver:
    """A system that webhooks are sent to; ``kind``: sound, silent or failing."""

    def __init__(self, kind: str):
        self.ids: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                if kind == "silent":
                    time.sleep(3600)
                self.rfile.read(int(self.headers["content-length"]))
                outer.ids.add(self.headers["Webhook-Id"])
                self.send_response(200 if kind == "sound" else 500)
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--think", type=float, default=5.0, help="seconds between pages, about")
    parser.add_argument("--keep", type=Path, help="a workspace with a run, or where to make one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        workspace = given.keep or Path(scratch) / "w"
        if not (workspace / "runs" / "LATEST").is_file():
            _scored(workspace)
        sys.exit(_soak(workspace, given.people, given.minutes, given.think))


def _soak(workspace: Path, people: int, minutes: float, think: float) -> int:
    receivers = {kind: Receiver(kind) for kind in ("sound", "silent", "failing")}
    db = Database(f"sqlite:///{workspace / 'workbench.db'}")
    _staff(db, people, receivers)
    port = _free_port()
    server = subprocess.Popen(
        [*COMMAND, "serve", "-w", str(workspace), "--port", str(port), "--webhook-network", NETWORK],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    root = f"http://127.0.0.1:{port}"
    _wait_for(root)
    browsers = [_signed_in(root, f"person {k}") for k in range(people)]
    soak = Soak(time.monotonic() + 60 * minutes)
    beside = [threading.Thread(target=_runs, args=(soak, workspace)),
              threading.Thread(target=_watch, args=(soak, server.pid))]  # fmt: skip
    for thread in beside:
        thread.start()
    _together(people, lambda k: _work(soak, browsers[k], k, think))
    for thread in beside:
        thread.join()
    lost = _lost_messages(db, receivers["sound"])
    server.send_signal(signal.SIGTERM)
    server.wait(60)
    return _report(soak, db, workspace, lost, people, minutes)


def _signed_in(root: str, name: str) -> Browser:
    """As ``person``; a connection that the server may be closing at that moment is not used again."""
    browser = Browser(base_url=root, timeout=60, limits=httpx.Limits(keepalive_expiry=2))
    browser.submit("/sign-in", name=name, password=f"a plain password of {name[::-1]}", next="/")
    return browser


def _staff(db: Database, people: int, receivers: dict[str, Receiver]) -> None:
    for k in range(people):
        with db.writing() as connection:
            name = f"person {k}"
            token = accounts.invite(connection, name, Role.LEAD, (), 1)
            accounts.accept_invitation(connection, token, f"a plain password of {name[::-1]}")
    listed = outgoing.parse_networks([NETWORK])
    with db.writing() as connection:
        admin = accounts.Person(0, "benchmark", Role.ADMINISTRATOR, (), frozenset())
        for kind, receiver in receivers.items():
            webhooks.create(connection, kind, receiver.url, list(webhooks.EVENTS), admin, listed)


def _work(soak: Soak, browser: Browser, k: int, think: float) -> None:
    """One person: queue, take the next claim, decide it; a page every ``think`` seconds."""
    chance = np.random.default_rng(k)
    time.sleep(think * chance.uniform(0, 2))
    while not soak.is_over():
        soak.timed("queue", lambda: browser.get("/queue"))
        _pause(think, chance)
        taken = soak.timed("take", lambda: browser.submit("/queue/take", query=""))
        claim = taken.headers.get("location", "").split("?")[0]
        if not claim.startswith("/claims/"):
            continue
        page = soak.timed("claim", functools.partial(browser.get, claim))
        _pause(think, chance)
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        fields = {"csrf": token[1] if token else "", "verdict": "clean", "reason": "documents_fit"}
        answer = soak.timed(
            "decide", functools.partial(browser.post, f"{claim}/decide", data=fields)
        )
        if "decided" in answer.headers.get("location", ""):
            with soak.guard:
                soak.confirmed += 1
        _pause(think, chance)


def _pause(think: float, chance: np.random.Generator) -> None:
    time.sleep(think * chance.uniform(0.5, 1.5))


def _runs(soak: Soak, workspace: Path) -> None:
    """One run after another, each as of a day later than the one before."""
    for days in itertools.count(1):
        if soak.is_over():
            return
        day = (date(2017, 6, 30) + timedelta(days=days)).isoformat()
        data = str(data_samples() / "wuhan")
        run = subprocess.run(
            [*COMMAND, "score", "--data", data, "-w", str(workspace), "--as-of", day, "-q"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        with soak.guard:
            soak.runs += run.returncode == 0
            if run.returncode:
                soak.failed.append(f"run: {run.stderr.strip()[-200:]}")


def _watch(soak: Soak, pid: int) -> None:
    while not soak.is_over():
        status = Path(f"/proc/{pid}/status").read_text()
        megabytes = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]
        soak.usage.append((megabytes, len(os.listdir(f"/proc/{pid}/fd"))))
        time.sleep(5)


def _lost_messages(db: Database, sound: Receiver) -> int:
    """Messages for the sound receiver that did not arrive; waits a while for the last ones."""
    o = t.OUTBOX
    for _ in range(_LAST_MESSAGES_SECONDS):
        with db.reading() as connection:
            wanted = connection.execute(
                sa.select(sa.func.count()).where(o.c.webhook_id == 1)
            ).scalar_one()
        if len(sound.ids) >= wanted:
            break
        time.sleep(1)
    return int(wanted) - len(sound.ids)


def _report(
    soak: Soak, db: Database, workspace: Path, lost: int, people: int, minutes: float
) -> int:
    d = t.DECISIONS
    with db.reading() as connection:
        stored = connection.execute(
            sa.select(sa.func.count()).where(d.c.kind == "verdict")
        ).scalar_one()
    load = os.getloadavg()[0]
    print(f"{people} people for {minutes:g} minutes, {soak.runs} runs beside; load {load:.1f}")
    for what, values in soak.took.items():
        median, high = np.percentile(values, [50, 95])
        print(
            f"  {what:8} n={len(values):5}  median {median:6.0f} ms  95th percentile {high:6.0f} ms"
        )
    print(f"  decisions confirmed {soak.confirmed}, stored {stored}; messages lost {lost}; "
          f"failures {len(soak.failed)} {soak.failed[:3]}")  # fmt: skip
    early, late = soak.usage[min(12, len(soak.usage) - 1)], soak.usage[-1]
    print(f"  server: {early[0]:.0f} MB and {early[1]} files after a minute, "
          f"{late[0]:.0f} MB and {late[1]} files at the end, "
          f"largest {max(one for one, _ in soak.usage):.0f} MB")  # fmt: skip
    db.dispose()
    print("  " + verify_all(workspace).text.replace("\n", "; "))
    return int(bool(lost or soak.failed or stored < soak.confirmed))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
