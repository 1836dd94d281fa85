"""The referral pack of a case: PDF, workbook, or both with the files in one archive."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.responses import Response

from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases import attachments, case_actions
from fraud_pipeline.workbench.cases.case_book import Case
from fraud_pipeline.workbench.cases.claim_view import claim_facts, mask_facts
from fraud_pipeline.workbench.cases.masking import mask_row
from fraud_pipeline.workbench.cases.referral import ReferralBuilder
from fraud_pipeline.workbench.cases.referral_parts import Material, Referral
from fraud_pipeline.workbench.cases.referral_pdf import render_pdf
from fraud_pipeline.workbench.cases.referral_words import COVER, RECIPIENTS
from fraud_pipeline.workbench.cases.referral_workbook import render_workbook
from fraud_pipeline.workbench.cases.regional import limit_claim
from fraud_pipeline.workbench.cases.ring_view import member_ties, ring_facts
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.case_access import accessible_case
from fraud_pipeline.workbench.pages.cases import case_claims, case_parties
from fraud_pipeline.workbench.pages.claim_access import refuse_hidden
from fraud_pipeline.workbench.pages.exports import file_response, zip_archive
from fraud_pipeline.workbench.pages.lookup import with_verdicts

MAX_CLAIMS = 400
_FORMS = {
    "pdf": "application/pdf", "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@dataclass(frozen=True)
class _Wish:
    """What is asked for: the form of the file, for whom, in which language, masked or not."""

    form: str
    recipient: str
    language: str
    reason: str | None = None  # for unmasked data; None = masked

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> _Wish:
        """Raises ActionRefusedError for a form or recipient that is not offered."""
        form, recipient = fields.get("form", ""), fields.get("recipient", "")
        if form not in _FORMS or recipient not in RECIPIENTS:
            raise ActionRefusedError("nothing_chosen")
        return cls(form, recipient, "en" if fields.get("language") == "en" else "zh")


def export_case(context: RequestContext) -> Response:
    """The pack with personal data masked, for who may export; the export is in the log."""
    case = accessible_case(context, context.path("case_id"))
    wish = _Wish.parse(context.query())
    return _answer(case, wish, _make(context, case, wish))


def make_referral(context: RequestContext) -> Response:
    """The pack, unmasked only with a reason; it becomes part of the case's history."""
    case = accessible_case(context, context.path("case_id"))
    wish = _Wish.parse({name: context.field(name) for name in context.form})
    if context.field("unmasked") == "1":
        wish = replace(wish, reason=context.reason())
    data = _make(context, case, wish)
    with context.app_state.db.writing() as connection:
        case_actions.record(
            connection, context.user, case.id, "referral", form=wish.form.upper(),
            language=wish.language, recipient=wish.recipient, unmasked=wish.reason is not None,
            reason=wish.reason or "", sha256=hashlib.sha256(data).hexdigest(),
        )  # fmt: skip
    return _answer(case, wish, data)


def _answer(case: Case, wish: _Wish, data: bytes) -> Response:
    name = f"case-{case.id}-{wish.language}.{wish.form}"
    return file_response(data, name, _FORMS[wish.form])


def _make(context: RequestContext, case: Case, wish: _Wish) -> bytes:
    if len(case.keys("claim")) > MAX_CLAIMS:
        raise ActionRefusedError("too_large_case")
    material = _material(context, case, wish.reason is not None)
    receipt = context.log(
        "export", f"case {case.id}", form=wish.form, language=wish.language,
        recipient=wish.recipient, unmasked=wish.reason is not None, reason=wish.reason or "",
        run=context.app_state.leads.run_id,
    )  # fmt: skip
    cover = _cover(context, case, receipt, wish)
    referral = ReferralBuilder(material, wish.language).build(case.title, cover)
    return _rendered(context, case, referral, wish, receipt)


def _rendered(
    context: RequestContext, case: Case, referral: Referral, wish: _Wish, receipt: Receipt
) -> bytes:
    made_at = datetime.fromisoformat(now())
    if wish.form == "pdf":
        return render_pdf(referral, made_at)
    if wish.form == "xlsx":
        return render_workbook(referral)
    parts = {f"case-{case.id}.pdf": render_pdf(referral, made_at),
             f"case-{case.id}.xlsx": render_workbook(referral)}  # fmt: skip
    if wish.reason is not None:  # what is in uploaded files cannot be masked
        for file in case.files:
            data = attachments.read_content(context.app_state.workspace.path, file)
            parts[f"files/{file['id']}-{file['name']}"] = data
    return zip_archive(context, parts, receipt)


def _cover(
    context: RequestContext, case: Case, receipt: Receipt, wish: _Wish
) -> list[tuple[str, str]]:
    leads, at = context.app_state.leads, 0 if wish.language == "zh" else 1
    masked = COVER["masked"][at]
    personal = masked if wish.reason is None else COVER["unmasked"][at] + wish.reason
    rows = (
        ("case", f"{case.id} · {case.title}"), ("to", RECIPIENTS[wish.recipient][at]),
        ("made", f"{context.user.name}, {responses.when(now())}"), ("data", leads.as_of),
        ("run", leads.run_id), ("receipt", str(receipt)), ("personal", personal),
    )  # fmt: skip
    return [(COVER[key][at], text) for key, text in rows]


def _material(context: RequestContext, case: Case, unmasked: bool) -> Material:
    """Facts of the case's claims, rings and parties, within the person's scope."""
    claims = with_verdicts(context, case_claims(context, case))
    facts = [
        {**_facts_of_claim(context, claim["claim_id"], unmasked), "verdict": claim["verdict"]}
        for claim in claims
    ]
    parties = case_parties(context, case)
    names = {p["key"]: p["name"] for p in parties}
    for claim in claims:
        for kind in ("enterprise", "institution"):
            names.setdefault(claim[f"{kind}_id"], claim[kind] or claim[f"{kind}_id"])
    if not unmasked:
        parties = [{**p, "row": mask_row(p["row"]) if p["row"] else None} for p in parties]
    rings = [_facts_of_ring(context, ring_id, names, unmasked) for ring_id in case.keys("ring")]
    return Material(
        facts,
        [r for r in rings if r],
        parties,
        case.files,
        _hashes(context),
        names,
        responses.currency_of(context),
    )


def _facts_of_claim(context: RequestContext, claim_id: str, unmasked: bool) -> dict[str, Any]:
    refuse_hidden(context, claim_id)
    app_state = context.app_state
    lead = app_state.leads.claim(claim_id) or app_state.leads.claim_outside_queue(claim_id)
    if lead is None:
        raise ActionRefusedError("nothing_chosen")
    facts = claim_facts(app_state.leads, app_state.workspace, lead, on_demand=False)
    facts = limit_claim(facts, app_state.leads, context.user)
    return facts if unmasked else mask_facts(facts, set())


def _facts_of_ring(
    context: RequestContext, ring_id: str, names: dict[str, str], unmasked: bool
) -> dict[str, Any] | None:
    """The ring and its evidence, strongest first; None when the present run has no such ring."""
    leads = context.app_state.leads
    ring = leads.lookup_one("rings", "ring_id", ring_id)
    if ring is None:
        return None
    if not unmasked:
        facts = ring_facts(leads, ring_id, [], True)
        pairs = member_ties(leads, facts["members"])
        return {"ring": facts["ring"], "ties": facts["ties"], "pairs": pairs}
    ties = leads.query(
        "SELECT * FROM ring_evidence WHERE ring_id = ? "
        "ORDER BY weight DESC, kind, left_id, right_id", [ring_id],
    )  # fmt: skip
    for tie in ties:
        for column in ("sentence_zh", "sentence_en"):
            for party, name in names.items():
                tie[column] = (tie[column] or "").replace(party, name)
    members = leads.query("SELECT party_id FROM ring_members WHERE ring_id = ?", [ring_id])
    return {"ring": ring, "ties": ties, "pairs": member_ties(leads, members)}


def _hashes(context: RequestContext) -> list[tuple[str, str]]:
    """Inputs, outputs, model and program of the run, each with its SHA-256."""
    manifest = context.app_state.leads.manifest
    rows = [*sorted(manifest["inputs"].items()), *sorted(manifest["outputs"].items())]
    rows.append((f"model {manifest['model']['name']}", manifest["model"]["sha256"]))
    rows.append((f"program {manifest['code']['version']}", manifest["code"]["sha256"]))
    return [(str(name), str(digest)) for name, digest in rows]


HANDLERS = {"export_case": export_case, "make_referral": make_referral}
