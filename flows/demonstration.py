"""The demo: the nightly flow on the Wuhan sample, compared with the sample's truth."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from prefect import flow

from flows.nightly import run_as_tasks
from fraud_pipeline.cli.app import progress_bar
from fraud_pipeline.cli.run_summary import of_run
from fraud_pipeline.engine.runner import Request
from fraud_pipeline.store import files
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.runs import Run

SAME_RING = 0.5  # Jaccard overlap of claims from which a found ring is the planted one


def demonstrate(workspace: Path) -> str:
    """Runs the flow; returns how much of the planted fraud its audit list holds, in words."""
    sample = data_samples() / "wuhan"
    with progress_bar() as progress:

        @flow(name="demo")
        def demo() -> Run:
            return run_as_tasks(Request(data=str(sample), workspace=workspace), progress)

        run = demo()
    truth = files.read_table(sample / "truth.parquet")
    next_command = f"审阅与决定 to read and decide: .venv/bin/fraud-pipeline serve -w {workspace}"
    return "\n".join([of_run(run), "", *compare_with_truth(run, truth), "", next_command])


def compare_with_truth(run: Run, truth: pa.Table) -> list[str]:
    """How much of the planted fraud the run found, line by line."""
    listed = run.table("audit_plan")["claim_id"].combine_chunks()
    ranked = run.table("ranked_claims")
    open_claims = ranked["claim_id"].combine_chunks()
    truth = truth.filter(pc.is_in(truth["claim_id"], open_claims))
    improper = truth.filter(pc.or_(truth["is_fraud"], truth["is_irregular"]))
    on_list = improper.filter(pc.is_in(improper["claim_id"], listed))
    by_amount = ranked.sort_by([("claimed_amount", "descending"), ("claim_id", "ascending")])
    dearest = by_amount["claim_id"].slice(0, len(listed)).combine_chunks()
    same_size = truth.filter(pc.is_in(truth["claim_id"], dearest))
    planted, shown = _rings(truth), _rings(run.table("ring_claims"))
    n_found = sum(
        any(_jaccard(p, s) >= SAME_RING for s in shown.values()) for p in planted.values()
    )
    return [
        "与真相对照 compared with the sample's truth:",
        f"  埋入团伙 planted rings found: {n_found} of {len(planted)}",
        f"  问题申请在抽查名单 frauds and irregular claims in the audit list: "
        f"{on_list.num_rows} of {improper.num_rows}",
        f"  名单真实损失 true loss in the list: {_yuan(on_list)} of {_yuan(improper)} 元",
        f"  同样件数按金额抽 the same number by amount: {_yuan(same_size)} 元",
    ]


def _rings(table: pa.Table) -> dict[str, set[str]]:
    rings: dict[str, set[str]] = {}
    for ring, claim in zip(
        table["ring_id"].to_pylist(), table["claim_id"].to_pylist(), strict=True
    ):
        if ring is not None:
            rings.setdefault(ring, set()).add(claim)
    return rings


def _jaccard(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b)


def _yuan(truth: pa.Table) -> str:
    return f"{pc.sum(truth['true_loss']).as_py() or 0:,.0f}"
