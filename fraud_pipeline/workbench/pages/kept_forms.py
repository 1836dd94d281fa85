"""What a person entered survives a refusal, an expired session and a new session.

A refused form is shown again with its fields (``entered``). When the session has ended, the
sign-in page carries the form along, and after signing in its fields are shown with a button that
sends them: nothing is recorded before that. A form from another site is never carried along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from starlette.responses import Response

from fraud_pipeline.workbench import words
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.pages import responses

Fields = dict[str, list[str]]
_NOT_KEPT = frozenset(("csrf", "back", "password", "again", "current", "kept", "name", "next"))
_LABELS = {
    "verdict": ("结论", "verdict"), "reason": ("理由", "reason"), "typology": ("问题类型", "kind of problem"),
    "disallowed": ("不予认可金额（元）", "amount disallowed, yuan"), "note": ("说明", "note"),
    "until": ("至", "until"), "to": ("分派给", "assign to"), "answer": ("复核意见", "second review"),
    "party": ("主体", "party"), "action": ("操作", "action"), "claim": ("申请", "claim"),
}  # fmt: skip
_CODES: dict[str, Mapping[str, tuple[str, ...]]] = {
    "verdict": words.VERDICTS, "typology": words.ALLEGED,
    "reason": {code: reason[:2] for code, reason in words.REASONS.items()},
}  # fmt: skip


def entered(context: RequestContext) -> dict[str, str]:
    """The fields of the refused form by name, to fill them in again."""
    return {name: values[0] for name, values in context.form.items() if name not in _NOT_KEPT}


def sign_in_with_form(context: RequestContext) -> Response:
    """The sign-in page for a form that was sent without a session; it carries the form along."""
    carried = _packed(context) if is_same_origin(context) else ""
    return sign_in_again(context, carried, "sign_in_first")


def sign_in_again(context: RequestContext, carried: str, problem: str) -> Response:
    return responses.render_page(
        context, "sign_in.html", 401, next="/", kept=carried, refused=problem,
        oidc=context.app_state.provider is not None and not carried,
    )  # fmt: skip


def continue_page(context: RequestContext, person: Person, carried: str) -> Response | None:
    """The carried form with a button that sends it; None when ``carried`` is no carried form."""
    try:
        packed = json.loads(carried)
        path, fields = str(packed["path"]), {str(k): list(v) for k, v in packed["fields"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if responses.local_path(path) != path or not fields:
        return None
    signed = replace(context, person=person, csrf=person.csrf)
    return _confirm(signed, path, fields, 200)


def confirm_page(context: RequestContext) -> Response:
    """The form again, for a person whose session is newer than the form; nothing is recorded yet."""
    return _confirm(context, context.request.url.path, _kept_fields(context), 403)


def is_same_origin(context: RequestContext) -> bool:
    """Whether the browser says that the form came from a page of this site."""
    headers = context.request.headers
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return bool(headers.get("origin")) and urlsplit(headers["origin"]).netloc == headers.get("host")


def _packed(context: RequestContext) -> str:
    fields = _kept_fields(context)
    if not fields:
        return ""
    return json.dumps({"path": context.request.url.path, "fields": fields}, ensure_ascii=False)


def _kept_fields(context: RequestContext) -> Fields:
    return {k: list(v) for k, v in context.form.items() if k == "back" or k not in _NOT_KEPT}


def _confirm(context: RequestContext, path: str, fields: Fields, status: int) -> Response:
    at = 0 if context.language == "zh" else 1
    shown = [
        (_LABELS[name][at], "; ".join(_word(name, value, at) for value in values))
        for name, values in fields.items() if name in _LABELS and any(values)
    ]  # fmt: skip
    back = responses.local_path((fields.get("back") or ["/"])[0])
    return responses.render_page(
        context, "continue.html", status, path=path, fields=fields, shown=shown, back=back
    )


def _word(field: str, value: str, at: int) -> str:
    term = _CODES.get(field, {}).get(value)
    return term[at] if term else value
