"""Exports: the queue as a workbook, a claim or a ring as an evidence pack."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import xlsxwriter
from starlette.responses import Response

from fraud_pipeline import rings as ring_export
from fraud_pipeline.store.exports import harmless
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.vocabulary.risk import BANDS
from fraud_pipeline.vocabulary.term import label
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases import svg_charts
from fraud_pipeline.workbench.cases.claim_view import claim_facts, mask_facts, timeline
from fraud_pipeline.workbench.cases.masking import scrub
from fraud_pipeline.workbench.cases.party_statements import facts_in_favour
from fraud_pipeline.workbench.cases.regional import limit_claim
from fraud_pipeline.workbench.cases.ring_view import graph_data
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import (
    accessible_claim,
    account_names,
    refuse_hidden,
)
from fraud_pipeline.workbench.pages.rings import accessible_ring
from fraud_pipeline.workbench.queue import assignment
from fraud_pipeline.workbench.queue.filters import Filter

_SHEET_ROWS = 100_000
# Column of a queue row, its heading in Chinese and in English.
_COLUMNS = (
    ("rank", "排序", "rank"), ("claim_id", "申请编号", "claim"), ("enterprise", "企业", "enterprise"),
    ("institution", "机构", "institution"), ("region", "地区", "region"),
    ("service_type", "服务类型", "service type"), ("submitted_on", "申请日期", "submitted on"),
    ("claimed_amount", "申请金额", "claimed amount"), ("risk", "风险值", "risk"),
    ("expected_loss", "预计涉险", "expected loss"), ("typologies", "问题类型", "typologies"),
    ("ring_id", "团伙", "ring"), ("stratum", "层", "stratum"), ("status", "状态", "status"),
    ("top_reason", "主要理由", "main reason"),
)  # fmt: skip
# A fixed time inside archives, so that the same facts give the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def export_queue(context: RequestContext) -> Response:
    """The queue as filtered, as a workbook whose cells are text or numbers and never formulas."""
    app_state, chosen = context.app_state, Filter.parse(context.query())
    page = assignment.list_claims(
        app_state.db, app_state.leads, app_state.state_cache, context.user, chosen, size=_SHEET_ROWS
    )
    context.log(
        "export",
        "queue",
        rows=len(page.rows),
        filter=chosen.query_string(),
        run=app_state.leads.run_id,
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return file_response(
        queue_workbook(page.rows, context.language), f"queue-{app_state.leads.run_id}.xlsx", kind
    )


def queue_workbook(rows: list[dict[str, Any]], language: str) -> bytes:
    """Rows as one sheet of an .xlsx file, headings and reasons in one language.

    Text is written as text, never as a formula or link.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, bold = book.add_worksheet("queue"), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for at, (name, zh, en) in enumerate(_COLUMNS):
            sheet.write_string(0, at, zh if language == "zh" else en, bold)
            column = "top_reason_en" if (name, language) == ("top_reason", "en") else name
            for down, row in enumerate(rows, start=1):
                value = _cell(row, column, language)
                if isinstance(value, str):
                    sheet.write_string(down, at, str(harmless(value))[:32_767])
                elif name in ("rank", "claimed_amount", "risk", "expected_loss"):
                    sheet.write_number(down, at, float(value))
                elif value is not None:
                    sheet.write_string(down, at, str(harmless(str(value)))[:32_767])
    return out.getvalue()


def _cell(row: dict[str, Any], column: str, language: str) -> Any:
    """The value of a cell; where only an order of risk is known its band instead of a number."""
    if column == "risk" and row["risk_kind"] == "order":
        return label(BANDS, row["band"], language)
    return row[column]


def export_claim(context: RequestContext) -> Response:
    app_state = context.app_state
    lead = accessible_claim(context, context.path("claim_id"))
    refuse_hidden(context, lead["claim_id"])
    facts = claim_facts(app_state.leads, app_state.workspace, lead)
    facts = mask_facts(limit_claim(facts, app_state.leads, context.user), set())
    with app_state.db.reading() as connection:
        past, who = verdicts.history(connection, lead["claim_id"]), account_names(connection)
    receipt = context.log("export", f"claim {lead['claim_id']}", run=app_state.leads.run_id)
    page = responses.render_page(
        context, "pack_claim.html", f=facts, lead=lead, past=past, names=who, events=timeline(facts),
        favour=facts_in_favour(facts), receipt=receipt, run_id=app_state.leads.run_id,
    )  # fmt: skip
    parts = {
        "index.html": bytes(page.body), "workbench.css": responses.static_files()["workbench.css"][0],
        "facts.json": _json(facts), "decisions.json": _json(past),
        "rules.csv": csv_bytes(facts["rules"]), "reasons.csv": csv_bytes(facts["reasons"]),
    }  # fmt: skip
    return file_response(
        zip_archive(context, parts, receipt), f"claim-{lead['claim_id']}.zip", "application/zip"
    )


def export_ring(context: RequestContext) -> Response:
    app_state = context.app_state
    facts = accessible_ring(context, context.path("ring_id"), [], True)
    ring_id = facts["ring"]["ring_id"]
    receipt = context.log("export", f"ring {ring_id}", run=app_state.leads.run_id)
    members, edges = graph_data(facts, context.language)
    page = responses.render_page(
        context, "pack_ring.html", f=facts, ring=facts["ring"], members=members, edges=edges,
        receipt=receipt, run_id=app_state.leads.run_id, collapsed=[], query=[], most=10**6,
    )  # fmt: skip
    people = [m["legal_representative"] for m in facts["members"] if m["legal_representative"]]
    facts["members"] = [{k: v for k, v in m.items() if k != "legal_representative"}
                        for m in facts["members"]]  # fmt: skip
    parts = {
        "index.html": bytes(page.body), "workbench.css": responses.static_files()["workbench.css"][0],
        "ring.svg": str(svg_charts.ring(members, edges)).encode(), "facts.json": _json(facts),
        "ties.csv": csv_bytes(facts["ties"]), "claims.csv": csv_bytes(facts["claims"]),
    }  # fmt: skip
    if not context.user.regions:  # the graph of the run names every member, wherever it is
        graph = ring_export.as_graphml(app_state.leads.run.rings(), ring_id)
        parts["ring.graphml"] = scrub(graph, people).encode()
    return file_response(
        zip_archive(context, parts, receipt), f"ring-{ring_id}.zip", "application/zip"
    )


def zip_archive(context: RequestContext, parts: dict[str, bytes], receipt: Receipt) -> bytes:
    """A ZIP of the files with ``hashes.json``: hash of each, of the run's sources, and the log receipt."""
    leads = context.app_state.leads
    listed = {
        "run_id": leads.run_id, "log_receipt": str(receipt), "made_by": context.user.name,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(parts.items())},
        "run_outputs": leads.manifest["outputs"], "inputs": leads.manifest["inputs"],
        "model": leads.manifest["model"], "code": leads.manifest["code"],
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [*sorted(parts.items()), ("hashes.json", _json(listed))]:
            archive.writestr(zipfile.ZipInfo(name, _TIME), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=str).encode()


def csv_bytes(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({k: harmless(v) for k, v in row.items()} for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def file_response(data: bytes, name: str, kind: str) -> Response:
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"'}
    return Response(data, media_type=kind, headers=headers)


HANDLERS = {"export_queue": export_queue, "export_claim": export_claim, "export_ring": export_ring}
