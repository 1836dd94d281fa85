"""The auditors' workbook: who checks what, what to look at, and a sheet that can be read back.

Sheet ``outcomes`` carries the columns of the outcomes table with identifiers, selection and
probability filled in; verdicts are typed there and the file is handed to the next run.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from fraud_pipeline.schema.codes import TYPOLOGIES, VERDICTS
from fraud_pipeline.schema.inputs import OUTCOMES

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_GENERAL = (  # asked of every claim, whatever pointed at it
    ("核对合同、发票、付款凭证原件，金额、日期、当事人是否一致",
     "Contract, invoice and payment in the original: same amount, date and parties?"),
    ("交付物是否真实存在，是否为本企业本次服务所作",
     "Does the deliverable exist, and was it made for this enterprise and this service?"),
    ("向企业研发人员询问服务过程", "Ask the enterprise's engineers how the service was carried out"),
)  # fmt: skip


def workbook(
    plan: pa.Table, ranked: pa.Table, visits: pa.Table, hits: pa.Table, reserves: pa.Table
) -> bytes:
    """XLSX with the sheets 名单 (list), 核对 (checklist), 备用 (spares) and outcomes.

    ``plan`` is AUDIT_PLAN, ``ranked`` RANKED_CLAIMS, ``visits`` VISITS, ``reserves`` RESERVES;
    ``hits`` are rows of RULE_RESULTS with outcome hit. Text that a spreadsheet would run as a
    formula gets an apostrophe in front.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    leads = _leads(plan, ranked, visits)
    with xlsxwriter.Workbook(out, options) as workbook_out:
        bold = workbook_out.add_format({"bold": True, "text_wrap": True})
        wrap = workbook_out.add_format({"text_wrap": True, "valign": "top"})
        _write(workbook_out.add_worksheet("名单 leads"), _LEADS, leads, bold, wrap)
        _write(
            workbook_out.add_worksheet("核对 checklist"), _CHECKS, _checks(leads, hits), bold, wrap
        )
        spare = [[r["reserve"], r["claim_id"], r["enterprise_id"], r["note_zh"], r["note_en"]]
                 for r in reserves.to_pylist()]  # fmt: skip
        _write(workbook_out.add_worksheet("备用 spares"), _SPARES, spare, bold, wrap)
        _outcomes(workbook_out, plan, bold)
    return out.getvalue()


_LEADS = (
    ("走访 visit", 8), ("核查人 auditor", 12), ("地区 region", 12), ("申请编号 claim", 16),
    ("企业 enterprise", 22), ("机构 institution", 22), ("申请金额 claimed", 12),
    ("预计损失 expected loss", 12), ("抽取方式 stratum", 12), ("入样概率 probability", 10),
    ("抽中理由", 48), ("why", 48), ("安排 note", 30),
)  # fmt: skip
_CHECKS = (
    ("走访 visit", 8), ("申请编号 claim", 16), ("疑点 rule", 10), ("要核对什么", 60), ("what to check", 60),
    ("依据 clause", 30), ("已核对 done", 10), ("所见 finding", 40),
)  # fmt: skip
_SPARES = (
    ("次序 order", 8), ("申请编号 claim", 16), ("企业 enterprise", 22), ("说明", 40), ("note", 40),
)  # fmt: skip


def _leads(plan: pa.Table, ranked: pa.Table, visits: pa.Table) -> list[list[Any]]:
    at = pc.index_in(plan["claim_id"], value_set=ranked["claim_id"].combine_chunks())
    score = ranked.take(at.combine_chunks()).select(["claimed_amount", "expected_loss"])
    going = {row["claim_id"]: row for row in visits.to_pylist()}
    rows = []
    for row, money in zip(plan.to_pylist(), score.to_pylist(), strict=True):
        visit = going[row["claim_id"]]
        rows.append([
            visit["visit"], visit["auditor_id"], visit["region"], row["claim_id"],
            row["enterprise_id"], visit["institution_id"], float(money["claimed_amount"]),
            float(money["expected_loss"]), row["stratum"], row["inclusion_prob"],
            row["reason_zh"], row["reason_en"], visit["note_zh"],
        ])  # fmt: skip
    return sorted(rows, key=lambda row: (row[0], row[3]))


def _checks(leads: list[list[Any]], hits: pa.Table) -> list[list[Any]]:
    """One line for each thing to look at: the claim's own hits, then what is asked of all."""
    checks: dict[str, list[dict[str, Any]]] = {}
    for row in hits.to_pylist():
        checks.setdefault(row["claim_id"], []).append(row)
    rows: list[list[Any]] = []
    for lead in leads:
        for hit in checks.get(lead[3], []):
            rows.append([lead[0], lead[3], hit["rule_code"], hit["sentence_zh"],
                         hit["sentence_en"], hit["clause"], None, None])  # fmt: skip
        rows += [[lead[0], lead[3], None, zh, en, None, None, None] for zh, en in _GENERAL]
    return rows


def _write(
    sheet: Any, head: Sequence[tuple[str, int]], rows: list[list[Any]], bold: Any, wrap: Any
) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    for at, (name, width) in enumerate(head):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, name, bold)
    for line, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(line, at, value, wrap)
            elif value is not None:
                sheet.write_string(line, at, _harmless(str(value))[:32_767], wrap)
    sheet.autofilter(0, 0, max(len(rows), 1), len(head) - 1)


def _outcomes(workbook_out: Any, plan: pa.Table, bold: Any) -> None:
    """Every column of the outcomes table that people fill, verdicts from a list."""
    sheet = workbook_out.add_worksheet("outcomes")
    names = [c.name for c in OUTCOMES.columns if c.zh]
    date = workbook_out.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 2)
    for at, name in enumerate(names):
        sheet.write_string(0, at, name, bold)
        sheet.set_column(at, at, 18, date if name == "decided_on" else None)
    for line, row in enumerate(plan.sort_by("claim_id").to_pylist(), start=1):
        known = {
            "outcome_id": f"{row['claim_id']}-1", "claim_id": row["claim_id"],
            "selected_by": row["stratum"], "inclusion_prob": row["inclusion_prob"],
        }  # fmt: skip
        for at, name in enumerate(names):
            value = known.get(name)
            if isinstance(value, float):
                sheet.write_number(line, at, value)
            elif value is not None:
                sheet.write_string(line, at, _harmless(str(value)))
    last = max(plan.num_rows, 1)
    for name, allowed in (("verdict", VERDICTS), ("typology", TYPOLOGIES)):
        at = names.index(name)
        sheet.data_validation(1, at, last, at, {"validate": "list", "source": list(allowed)})


def _harmless(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text
