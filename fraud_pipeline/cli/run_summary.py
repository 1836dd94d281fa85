"""What the command line says after a run or a check: plain text a clerk can read."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.store.runs import Run


def of_run(run: Run) -> str:
    """The last lines of ``score``: how much was ranked, what is at risk, where to look."""
    ranked = run.table("ranked_claims")
    plan = run.table("audit_plan")
    listed = ranked.filter(pc.is_in(ranked["claim_id"], plan["claim_id"].combine_chunks()))
    return "\n".join(
        [
            f"运行 run {run.run_id}（截至 as of {run.manifest['as_of']}）",
            f"排序 ranked {ranked.num_rows} 件 claims，"
            f"申请 claimed {yuan(ranked, 'claimed_amount')}",
            f"抽查 audit list {plan.num_rows} 件 claims，{_distinct(plan)} 家企业 enterprises，"
            f"涉险 at risk {yuan(listed, 'expected_loss')}",
            f"疑似团伙 rings {run.table('rings').num_rows}，"
            f"隔离 quarantined {run.table('quarantine').num_rows} 处 entries",
            f"报告 report: {run.folder / 'report.html'}",
        ]
    )


def yuan(table: pa.Table, column: str) -> str:
    """The sum of a money column in words for a person."""
    total = pc.sum(table[column]).as_py() or 0
    return f"{total:,.0f} 元"


def _distinct(plan: pa.Table) -> int:
    return int(pc.count_distinct(plan["enterprise_id"]).as_py())
