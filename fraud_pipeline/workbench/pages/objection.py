"""The pack for a party that objects: the letter, the facts it is judged by, a form, the rights."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.cases.claim_view import claim_facts, facts_in_favour, mask_facts
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.decisions import verdicts
from fraud_pipeline.workbench.decisions.outcomes import effective_verdicts
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.claim_access import accessible_claim, refuse_hidden
from fraud_pipeline.workbench.pages.exports import archive, csv_bytes, file_response

# What a party is told of each fact: what was measured and the clause, not our score.
_TOLD = (
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
    """A draft for staff to check: nothing in it names another party's persons."""
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
    asked = [r for r in facts["rules"] if r["outcome"] == "hit" and r["severity"] != "info"]
    until = date.fromisoformat(now()[:10]) + timedelta(days=days)
    shared: dict[str, Any] = {"f": facts, "lead": lead, "asked": asked, "until": until,
                              "receipt": receipt}  # fmt: skip
    stands = effective_verdicts(past)
    letter = responses.render_page(context, "notice.html", **shared)
    form = responses.render_page(
        context, "objection.html", **shared, decision=stands[-1] if stands else None,
        favour=facts_in_favour(facts),
    )  # fmt: skip
    told = [{name: row[name] for name in _TOLD} for row in asked]
    parts = {
        "1-notice.html": _alone(letter), "2-objection.html": _alone(form),
        "3-grounds.csv": csv_bytes(told),
        "workbench.css": responses.static_files()["workbench.css"][0],
    }  # fmt: skip
    return file_response(
        archive(context, parts, receipt), f"objection-{lead['claim_id']}.zip", "application/zip"
    )


def _alone(page: Response) -> bytes:
    """A page of ours as a file that is opened by itself: its style lies beside it, no script."""
    text = bytes(page.body).decode()
    head, _, rest = text.partition("<head>")
    inside, _, body = rest.partition("</head>")
    kept = "\n".join(
        line for line in inside.splitlines() if not line.startswith(("<link", "<script"))
    )
    main = "<main" + body.split("<main", 1)[1].split("</main>", 1)[0] + "</main>"
    return f'{head}<head>{kept}\n<link rel="stylesheet" href="workbench.css"></head><body>{main}</body></html>'.encode()


HANDLERS = {"objection_pack": objection_pack}
