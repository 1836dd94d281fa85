"""The pack for a party that objects: notice, grounds, objection form and rights."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases.claim_view import claim_facts, mask_facts
from fraud_pipeline.workbench.cases.party_statements import favour_for_party, grounds_for_party
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.decisions.outcomes import effective_verdicts
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import accessible_claim, refuse_hidden
from fraud_pipeline.workbench.pages.exports import csv_bytes, file_response, zip_archive

# Columns of a rule's result that the party receives: measurement and clause, no score.
_DISCLOSED = (
    "rule_code",
    "title_zh",
    "title_en",
    "sentence_zh",
    "sentence_en",
    "measured",
    "limit",
    "clause",
)


def objection_pack(context: RequestContext) -> Response:
    """A draft for staff to check before sending; it names no natural person of another party."""
    app_state = context.app_state
    lead = accessible_claim(context, context.path("claim_id"))
    refuse_hidden(context, lead["claim_id"])
    facts = mask_facts(
        claim_facts(app_state.leads, app_state.workspace, lead, on_demand=False), set()
    )
    receipt = context.log(
        "export", f"claim {lead['claim_id']}", run=app_state.leads.run_id, pack="objection"
    )
    with app_state.db.reading() as connection:
        past, days = (
            verdicts.history(connection, lead["claim_id"]),
            current(connection).answer_days,
        )
    hits = grounds_for_party(app_state.leads, facts)
    until = date.fromisoformat(now()[:10]) + timedelta(days=days)
    shared: dict[str, Any] = {"f": facts, "lead": lead, "grounds": hits, "until": until,
                              "receipt": receipt}  # fmt: skip
    effective = effective_verdicts(past)
    letter = responses.render_page(context, "notice.html", **shared)
    form = responses.render_page(
        context, "objection.html", **shared, decision=effective[-1] if effective else None,
        favour=favour_for_party(facts),
    )  # fmt: skip
    disclosed = [{name: row[name] for name in _DISCLOSED} for row in hits]
    parts = {
        "1-notice.html": _standalone(letter), "2-objection.html": _standalone(form),
        "3-grounds.csv": csv_bytes(disclosed),
        "workbench.css": responses.static_files()["workbench.css"][0],
    }  # fmt: skip
    return file_response(
        zip_archive(context, parts, receipt), f"objection-{lead['claim_id']}.zip", "application/zip"
    )


def _standalone(page: Response) -> bytes:
    """A rendered page as a file of its own: style sheet in the same folder, no script, no menu."""
    text = bytes(page.body).decode()
    head, _, rest = text.partition("<head>")
    inside, _, body = rest.partition("</head>")
    head_lines = "\n".join(
        line for line in inside.splitlines() if not line.startswith(("<link", "<script"))
    )
    main = "<main" + body.split("<main", 1)[1].split("</main>", 1)[0] + "</main>"
    return f'{head}<head>{head_lines}\n<link rel="stylesheet" href="workbench.css"></head><body>{main}</body></html>'.encode()


HANDLERS = {"objection_pack": objection_pack}
