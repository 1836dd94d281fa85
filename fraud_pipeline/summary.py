"""What the command line says after a run or a check: plain text a clerk can read."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.records import INPUT_TABLES
from fraud_pipeline.records.loaded import Loaded
from fraud_pipeline.store.runs import Run

# Which kinds of check fall away when a table was not supplied.
SWITCHED_OFF = {
    "vouchers": "券面、有效期、余额 / face, validity, balance",
    "enterprises": "资格、人员、共用身份 / eligibility, staff, shared identity",
    "institutions": "机构类别、共用身份 / category, shared identity",
    "contracts": "合同顺序、拆分、文本雷同 / order, splitting, text reuse",
    "payments": "资金回流 / money going round",
    "invoices": "发票重复、作废、红冲 / duplicate and void invoices",
    "deliverables": "成果编号重复 / duplicate deliverables",
    "relations": "关联关系 / related parties",
    "market_prices": "目录价格 / catalogue prices",
    "outcomes": "学习与误付率估计 / learning and the improper-payment rate",
    "sanctions": "负面清单 / negative list",
}


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


def of_load(loaded: Loaded) -> str:
    """The loader's report: every row accounted for, in words."""
    lines = ["表 table            读入 in   可用 clean   隔离 quarantined"]
    for name, account in loaded.accounts.items():
        lines.append(
            f"{name:16} {account.rows_in:>10} {account.rows_clean:>12} "
            f"{account.rows_quarantined:>12}"
        )
    lines += ["", "隔离原因 quarantined by reason:"]
    lines += _counts(loaded.quarantine, ("table", "reason_code", "column"))
    lines += ["", "修复 repaired by kind:"]
    lines += _counts(loaded.repairs, ("table", "kind", "column"))
    missing = [name for name in INPUT_TABLES if not loaded.tables.supplied(name)]
    if missing:
        lines += ["", "未提供的表及因此停用的检查 tables not supplied and what that switches off:"]
        lines += [f"  {name}: {SWITCHED_OFF[name]}" for name in missing if name in SWITCHED_OFF]
    lines += [*(["", "备注 notes:"] if loaded.notes else []), *(f"  {n}" for n in loaded.notes)]
    return "\n".join(lines)


def yuan(table: pa.Table, column: str) -> str:
    """The sum of a money column in words for a person."""
    total = pc.sum(table[column]).as_py() or 0
    return f"{total:,.0f} 元"


def _counts(table: pa.Table, keys: Iterable[str]) -> list[str]:
    names = list(keys)
    counted = table.group_by(names).aggregate([([], "count_all")])
    counted = counted.sort_by([("count_all", "descending"), *((n, "ascending") for n in names)])
    return [
        f"  {row['count_all']:>8}  " + " · ".join(str(row[n]) for n in names if row[n])
        for row in counted.to_pylist()
    ] or ["  —"]


def _distinct(plan: pa.Table) -> int:
    return int(pc.count_distinct(plan["enterprise_id"]).as_py())
