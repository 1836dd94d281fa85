"""What leaves the house: the queue as a workbook, a claim or a ring as an evidence pack."""

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
from fraud_pipeline.workbench.app_state import Ask
from fraud_pipeline.workbench.cases import svg_charts
from fraud_pipeline.workbench.cases.claim_view import dossier, in_favour, masked, timeline
from fraud_pipeline.workbench.cases.masking import scrub
from fraud_pipeline.workbench.cases.ring_view import picture
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import names, refuse_hidden, within_reach
from fraud_pipeline.workbench.pages.rings import in_reach
from fraud_pipeline.workbench.queue import assignment
from fraud_pipeline.workbench.queue.filters import Filter

_SHEET_ROWS = 100_000
_COLUMNS = (
    ("rank", "排序"), ("claim_id", "申请编号"), ("enterprise", "企业"), ("institution", "机构"),
    ("region", "地区"), ("service_type", "服务类型"), ("submitted_on", "申请日期"),
    ("claimed_amount", "申请金额"), ("risk", "概率"), ("expected_loss", "预计涉险"),
    ("typologies", "问题类型"), ("ring_id", "团伙"), ("stratum", "层"), ("status", "状态"),
    ("top_reason", "主要理由"),
)  # fmt: skip
# One fixed time inside archives: the same facts make the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def export_queue(ask: Ask) -> Response:
    """The queue as filtered, as a workbook whose cells are text or numbers and never formulas."""
    bench, chosen = ask.bench, Filter.of(ask.query())
    found = assignment.listing(
        bench.db, bench.leads, bench.standing, ask.who, chosen, size=_SHEET_ROWS
    )
    ask.log(
        "export", "queue", rows=len(found.rows), filter=chosen.address(), run=bench.leads.run_id
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return as_file(workbook(found.rows), f"queue-{bench.leads.run_id}.xlsx", kind)


def workbook(rows: list[dict[str, Any]]) -> bytes:
    """Rows as one sheet: text is written as text, whatever it begins with."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, bold = book.add_worksheet("queue"), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for at, (name, zh) in enumerate(_COLUMNS):
            sheet.write_string(0, at, f"{zh} {name}", bold)
            for down, row in enumerate(rows, start=1):
                value = row[name]
                if name in ("rank", "claimed_amount", "risk", "expected_loss"):
                    sheet.write_number(down, at, float(value))
                elif value is not None:
                    sheet.write_string(down, at, str(harmless(str(value)))[:32_767])
    return out.getvalue()


def export_claim(ask: Ask) -> Response:
    bench = ask.bench
    lead = within_reach(ask, ask.path("claim_id"))
    refuse_hidden(ask, lead["claim_id"])
    facts = masked(dossier(bench.leads, bench.workspace, lead), set())
    with bench.db.reading() as connection:
        past, who = verdicts.history(connection, lead["claim_id"]), names(connection)
    receipt = ask.log("export", f"claim {lead['claim_id']}", run=bench.leads.run_id)
    page = responses.page(
        ask, "pack_claim.html", f=facts, lead=lead, past=past, names=who, events=timeline(facts),
        favour=in_favour(facts), receipt=receipt, run_id=bench.leads.run_id,
    )  # fmt: skip
    parts = {
        "index.html": bytes(page.body), "workbench.css": responses.static_files()["workbench.css"][0],
        "facts.json": _json(facts), "decisions.json": _json(past),
        "rules.csv": as_csv(facts["rules"]), "reasons.csv": as_csv(facts["reasons"]),
    }  # fmt: skip
    return as_file(archive(ask, parts, receipt), f"claim-{lead['claim_id']}.zip", "application/zip")


def export_ring(ask: Ask) -> Response:
    bench = ask.bench
    facts = in_reach(ask, ask.path("ring_id"), [], True)
    ring_id = facts["ring"]["ring_id"]
    receipt = ask.log("export", f"ring {ring_id}", run=bench.leads.run_id)
    members, edges = picture(facts, ask.language)
    page = responses.page(
        ask, "pack_ring.html", f=facts, ring=facts["ring"], members=members, edges=edges,
        receipt=receipt, run_id=bench.leads.run_id, folds=[], query=[], most=10**6,
    )  # fmt: skip
    people = [m["legal_representative"] for m in facts["members"] if m["legal_representative"]]
    facts["members"] = [{k: v for k, v in m.items() if k != "legal_representative"}
                        for m in facts["members"]]  # fmt: skip
    parts = {
        "index.html": bytes(page.body), "workbench.css": responses.static_files()["workbench.css"][0],
        "ring.svg": str(svg_charts.ring(members, edges)).encode(), "facts.json": _json(facts),
        "ties.csv": as_csv(facts["ties"]), "claims.csv": as_csv(facts["claims"]),
        "ring.graphml": scrub(
            ring_export.as_graphml(bench.leads.run.rings(), ring_id), people
        ).encode(),
    }  # fmt: skip
    return as_file(archive(ask, parts, receipt), f"ring-{ring_id}.zip", "application/zip")


def archive(ask: Ask, parts: dict[str, bytes], receipt: Receipt) -> bytes:
    """The files, and a list with the hash of each, of the run's sources, and the log's receipt."""
    leads = ask.bench.leads
    listed = {
        "run_id": leads.run_id, "log_receipt": str(receipt), "made_by": ask.who.name,
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


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({k: harmless(v) for k, v in row.items()} for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def as_file(data: bytes, name: str, kind: str) -> Response:
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"'}
    return Response(data, media_type=kind, headers=headers)


HANDLERS = {"export_queue": export_queue, "export_claim": export_claim, "export_ring": export_ring}
