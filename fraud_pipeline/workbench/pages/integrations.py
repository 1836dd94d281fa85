"""The doors to other systems: signing in at an identity provider, webhooks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.workbench.app_state import Ask
from fraud_pipeline.workbench.auth import oidc, sessions
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.exchange import webhooks
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.admin import number

_SHOWN = 30


def _cookie(ask: Ask) -> str:
    return "__Host-workbench-oidc" if ask.bench.secure else "workbench-oidc"


def oidc_start(ask: Ask) -> Response:
    provider = ask.bench.provider
    if provider is None:
        raise UnknownRecordError("no identity provider is set up")
    root = f"{ask.request.url.scheme}://{ask.request.url.netloc}"
    try:
        address, sealed = provider.begin(root, responses.inside(ask.query().get("next", "/")))
    except oidc.Unwelcome:
        return responses.to("/sign-in", "oidc_down")
    answer = responses.to(address)
    answer.set_cookie(
        _cookie(ask), sealed, max_age=oidc.COOKIE_SECONDS, httponly=True, samesite="lax",
        secure=ask.bench.secure, path="/",
    )  # fmt: skip
    return answer


def oidc_back(ask: Ask) -> Response:
    provider = ask.bench.provider
    if provider is None:
        raise UnknownRecordError("no identity provider is set up")
    secure = ask.bench.secure
    try:
        said, onward = provider.finish(ask.request.cookies.get(_cookie(ask), ""), ask.query())
        token = oidc.sign_in(ask.bench.db, provider, said)
    except oidc.Unwelcome:
        answer = responses.to("/sign-in", "refused_oidc")
    else:
        answer = responses.to(responses.inside(onward))
        answer.set_cookie(
            sessions.cookie_name(secure), token, httponly=True, samesite="lax", secure=secure,
            path="/",
        )  # fmt: skip
    answer.delete_cookie(_cookie(ask), secure=secure, httponly=True, samesite="lax")
    return answer


def webhooks_page(ask: Ask, secret: str = "") -> Response:
    w, o = t.WEBHOOKS, t.OUTBOX
    with ask.bench.db.reading() as connection:
        hooks = connection.execute(sa.select(w).order_by(w.c.id)).mappings().all()
        counted = connection.execute(
            sa.select(
                o.c.webhook_id, sa.func.count().label("n"),
                sa.func.count(o.c.delivered_at).label("arrived"),
                sa.func.count(o.c.next_at).label("waiting"),
            ).group_by(o.c.webhook_id)
        ).mappings()  # fmt: skip
        counts: dict[int, Any] = {row["webhook_id"]: dict(row) for row in counted}
        last = connection.execute(sa.select(o).order_by(o.c.id.desc()).limit(_SHOWN)).mappings()
        return responses.page(
            ask, "webhooks.html", hooks=hooks, counts=counts, last=list(last), secret=secret,
            events=webhooks.EVENTS,
        )  # fmt: skip


def make_webhook(ask: Ask) -> Response:
    """The secret stands on the answer to this form and nowhere else."""
    with ask.bench.db.writing() as connection:
        made = webhooks.make(
            connection, ask.field("name"), ask.field("url"), ask.form.get("event", []), ask.who
        )
    secret = webhooks.secret_of(ask.bench.key, made)
    return responses.page(
        ask, "once.html", what=ask.field("name"), secret=secret, back="/webhooks", link=False
    )


def revoke_webhook(ask: Ask) -> Response:
    with ask.bench.db.writing() as connection:
        if not webhooks.revoke(connection, number(ask.path("webhook_id")), ask.who):
            raise UnknownRecordError("there is no such webhook")
    return responses.to("/webhooks", "saved")


def resend(ask: Ask) -> Response:
    with ask.bench.db.writing() as connection:
        webhooks.resend(connection, number(ask.path("webhook_id")), ask.who)
    return responses.to("/webhooks", "saved")


HANDLERS = {
    "oidc_start": oidc_start, "oidc_back": oidc_back, "webhooks_page": webhooks_page,
    "make_webhook": make_webhook, "revoke_webhook": revoke_webhook, "resend": resend,
}  # fmt: skip
