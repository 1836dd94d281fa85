"""The demo: the nightly flow on the Wuhan sample, compared with the sample's ground truth."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from prefect import flow

from flows.nightly import run_as_tasks
from fraud_pipeline.cli.commands.score import step_names
from fraud_pipeline.cli.progress import progress
from fraud_pipeline.cli.run_summary import of_run
from fraud_pipeline.core.report import Report
from fraud_pipeline.engine.runner import Request
from fraud_pipeline.store import files
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.runs import Run
from fraud_pipeline.vocabulary.messages import t

SAME_RING = 0.5  # Jaccard overlap of claims from which a found ring is the planted one


def demonstrate(workspace: Path) -> Report:
    """Runs the flow and says how much of what was planted it put before the auditors."""
    sample = data_samples() / "wuhan"
    with progress(*step_names()) as begins:

        @flow(name="demo")
        def demo() -> Run:
            return run_as_tasks(Request(data=str(sample), workspace=workspace), begins)

        run = demo()
    truth = files.read_table(sample / "truth.parquet")
    summary, compared = of_run(run), compare_with_truth(run, truth)
    parts = [summary.text, compared.text, t("demo.next", workspace=workspace)]
    return Report("\n\n".join(parts), {**summary.facts, "truth": compared.facts})


def compare_with_truth(run: Run, truth: pa.Table) -> Report:
    """What of the planted fraud the run found."""
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
    met = sum(any(_jaccard(p, s) >= SAME_RING for s in shown.values()) for p in planted.values())
    facts = {
        "planted_rings": len(planted), "planted_rings_found": met,
        "improper_claims": improper.num_rows, "improper_claims_listed": on_list.num_rows,
        "true_loss": _loss(improper), "true_loss_listed": _loss(on_list),
        "true_loss_listed_by_amount": _loss(same_size),
    }  # fmt: skip
    lines = [
        t("demo.truth"),
        t("demo.rings", met=met, planted=len(planted)),
        t("demo.claims", found=on_list.num_rows, improper=improper.num_rows),
        t("demo.loss", found=_loss(on_list), improper=_loss(improper)),
        t("demo.by_amount", loss=_loss(same_size)),
    ]
    return Report("\n".join(lines), facts)


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


def _loss(truth: pa.Table) -> Decimal:
    """True loss of the claims, yuan."""
    return Decimal(pc.sum(truth["true_loss"]).as_py() or 0)
