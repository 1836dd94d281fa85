"""What the command line says after a run: plain text a clerk can read, and the same as facts."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import programmes
from fraud_pipeline.core.report import Report
from fraud_pipeline.engine import run_queries
from fraud_pipeline.store.runs import Run, currency_of_run
from fraud_pipeline.vocabulary.messages import one_of, t


def of_run(run: Run) -> Report:
    """The last lines of ``score``: how much was ranked, what is at risk, where to look."""
    ranked, plan = run.table("ranked_claims"), run.table("audit_plan")
    listed = ranked.filter(pc.is_in(ranked["claim_id"], plan["claim_id"].combine_chunks()))
    facts = {
        "run_id": run.run_id,
        "as_of": run.manifest["as_of"],
        "ranked": ranked.num_rows,
        "claimed": _sum(ranked, "claimed_amount"),
        "listed": plan.num_rows,
        "enterprises": pc.count_distinct(plan["enterprise_id"]).as_py(),
        "at_risk": _sum(listed, "expected_loss"),
        "rings": run.table("rings").num_rows,
        "quarantined": run.table("quarantine").num_rows,
        "report": run.folder / "report.html",
    }
    share = run_queries.settings_of(run).report.misread_share
    facts["misread"] = programmes.misread(run.table("rules"), share)
    lines = [t("run.summary", **facts).strip("\n"), *(one_of(*line) for line in facts["misread"])]
    return Report("\n".join(lines), facts, currency_of_run(run))


def _sum(table: pa.Table, column: str) -> Decimal:
    """The sum of a money column, yuan."""
    return pc.sum(table[column]).as_py() or Decimal(0)
