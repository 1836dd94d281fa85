"""One claim before payment: how long the desk takes to get ready and to answer.

    python -m benchmarks.one_claim --workspace WORKSPACE [--claims 20]
    python -m benchmarks.one_claim --size 1000 [--claims 20]

Claims of the run, chosen at random, are handed in again at the desk with their own rows. Cold:
reading the run and getting ready, once a process. Warm: every further claim; seconds by the clock
and of CPU, because the clock of a busy machine says more of its other work.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from fraud_pipeline.engine import run_queries, runner, single_claim
from fraud_pipeline.engine.setup import setup_of_run
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store import runs
from fraud_pipeline.store.workspace import Workspace, locked
from fraud_pipeline.store.worlds import write_world


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--claims", type=int, default=20)
    chosen = parser.parse_args()
    if chosen.workspace is not None:
        measured(chosen.workspace, chosen.claims)
        return
    with tempfile.TemporaryDirectory() as folder:
        data, workspace = Path(folder) / "world", Path(folder) / "workspace"
        write_world(simulate("wuhan", chosen.size, 5), data)
        with locked(workspace) as place:
            runner.score(runner.Request(data=str(data), workspace=workspace), place)
        measured(workspace, chosen.claims)


def measured(workspace: Path, n: int) -> None:
    begun = time.perf_counter()
    run = runs.find(workspace)
    setup = setup_of_run(run, Workspace(workspace))
    known = run_queries.known_to(run)
    read = time.perf_counter()
    desk = single_claim.ClaimScorer(known, run, setup)
    ready = time.perf_counter()
    claims = known["claims"]
    open_ids = run.table("ranked_claims")["claim_id"].to_pylist()
    wall, cpu = [], []
    for claim in np.random.default_rng(7).choice(
        open_ids, min(n + 1, len(open_ids)), replace=False
    ):
        rows = {"claims": claims.filter(pc.equal(claims["claim_id"], claim))}
        at, used = time.perf_counter(), time.process_time()
        desk.score(rows)
        wall.append(time.perf_counter() - at)
        cpu.append(time.process_time() - used)
    print(f"{claims.num_rows:,} claims: cold {read - begun:.1f} s to read + {ready - read:.1f} s to get "
          f"ready + {wall[0]:.2f} s for the first claim")  # fmt: skip
    for name, values in (("clock", wall[1:]), ("CPU", cpu[1:])):
        print(f"  warm, {name}: median {np.median(values):.2f} s, 95 % {np.quantile(values, 0.95):.2f} s, "
              f"worst {max(values):.2f} s ({len(values)} claims)")  # fmt: skip


if __name__ == "__main__":
    main()
