"""Connections to other systems: sign-in at an identity provider, webhooks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.errors import UnknownRecordError
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.auth import oidc, sessions
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.exchange import webhooks
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.parameters import record_id

_SHOWN = 30


def _cookie(context: RequestContext) -> str:
    return "__Host-workbench-oidc" if context.app_state.secure else "workbench-oidc"


def oidc_start(context: RequestContext) -> Response:
    provider = context.app_state.provider
    if provider is None:
        raise UnknownRecordError("no identity provider is set up")
    root = f"{context.request.url.scheme}://{context.request.url.netloc}"
    try:
        address, sealed = provider.begin(
            root, responses.local_path(context.query().get("next", "/"))
        )
    except oidc.SignInRejectedError:
        return responses.redirect("/sign-in", problem="oidc_down")
    answer = responses.redirect(address)
    answer.set_cookie(
        _cookie(context), sealed, max_age=oidc.COOKIE_SECONDS, httponly=True, samesite="lax",
        secure=context.app_state.secure, path="/",
    )  # fmt: skip
    return answer


def oidc_back(context: RequestContext) -> Response:
    provider = context.app_state.provider
    if provider is None:
        raise UnknownRecordError("no identity provider is set up")
    secure = context.app_state.secure
    try:
        claims, target = provider.finish(
            context.request.cookies.get(_cookie(context), ""), context.query()
        )
        token = oidc.sign_in(context.app_state.db, provider, claims)
    except oidc.SignInRejectedError:
        answer = responses.redirect("/sign-in", problem="refused_oidc")
    else:
        answer = responses.redirect(responses.local_path(target))
        answer.set_cookie(
            sessions.cookie_name(secure), token, httponly=True, samesite="lax", secure=secure,
            path="/",
        )  # fmt: skip
    answer.delete_cookie(_cookie(context), secure=secure, httponly=True, samesite="lax")
    return answer


def webhooks_page(context: RequestContext, secret: str = "") -> Response:
    w, o = t.WEBHOOKS, t.OUTBOX
    with context.app_state.db.reading() as connection:
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
        return responses.render_page(
            context, "webhooks.html", hooks=hooks, counts=counts, last=list(last), secret=secret,
            events=webhooks.EVENTS,
        )  # fmt: skip


def make_webhook(context: RequestContext) -> Response:
    """Creates a webhook; its secret is shown on this page only."""
    with context.app_state.db.writing() as connection:
        webhook = webhooks.create(
            connection,
            context.field("name"),
            context.field("url"),
            context.form.get("event", []),
            context.user,
            context.app_state.webhook_networks,
        )
    secret = webhooks.secret_of(context.app_state.key, webhook)
    return responses.render_page(
        context,
        "once.html",
        what=context.field("name"),
        secret=secret,
        back="/webhooks",
        link=False,
    )


def revoke_webhook(context: RequestContext) -> Response:
    with context.app_state.db.writing() as connection:
        if not webhooks.revoke(connection, record_id(context.path("webhook_id")), context.user):
            raise UnknownRecordError("there is no such webhook")
    return responses.redirect("/webhooks", "saved")


def resend(context: RequestContext) -> Response:
    with context.app_state.db.writing() as connection:
        webhooks.resend(connection, record_id(context.path("webhook_id")), context.user)
    return responses.redirect("/webhooks", "saved")


HANDLERS = {
    "oidc_start": oidc_start, "oidc_back": oidc_back, "webhooks_page": webhooks_page,
    "make_webhook": make_webhook, "revoke_webhook": revoke_webhook, "resend": resend,
}  # fmt: skip
