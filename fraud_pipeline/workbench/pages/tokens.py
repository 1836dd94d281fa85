"""API tokens: an administrator makes, replaces and revokes them; a lead approves those for claims."""

from __future__ import annotations

import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.auth import tokens
from fraud_pipeline.workbench.auth.permissions import Scope
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.admin import regions_field
from fraud_pipeline.workbench.pages.parameters import record_id


def make_token(context: RequestContext) -> Response:
    """Creates a token; its secret is shown on this page only, or to whoever approves it."""
    known = {scope.value: scope for scope in Scope}
    scopes = tuple(known[s] for s in context.form.get("scope", []) if s in known)
    with context.app_state.db.writing() as connection:
        secret = tokens.create(
            connection, context.field("name"), scopes, context.user, regions_field(context)
        )
    return _answer(context, context.field("name"), secret)


def rotate_token(context: RequestContext) -> Response:
    """A new secret in the place of another one, which works for a day more."""
    with context.app_state.db.writing() as connection:
        secret = tokens.rotate(connection, record_id(context.path("token_id")), context.user)
    return _answer(context, "", secret)


def _answer(context: RequestContext, name: str, secret: str | None) -> Response:
    if secret is None:
        return responses.redirect("/settings", "token_waits")
    return _shown(context, name, secret, "/settings")


def _shown(context: RequestContext, name: str, secret: str, back: str) -> Response:
    return responses.render_page(
        context, "once.html", what=name, secret=secret, back=back, link=False
    )


def revoke_token(context: RequestContext) -> Response:
    with context.app_state.db.writing() as connection:
        tokens.revoke(connection, record_id(context.path("token_id")), context.user)
    return responses.redirect("/settings", "saved")


def tokens_page(context: RequestContext) -> Response:
    """Tokens that wait for somebody with this person's rights."""
    k = t.TOKENS
    with context.app_state.db.reading() as connection:
        waiting = connection.execute(
            sa.select(k).where(k.c.approved_at.is_(None), k.c.revoked_at.is_(None)).order_by(k.c.id)
        ).mappings()
        rows = [row for row in waiting
                if tokens.may_hand_out(context.user, row["scopes"], row["regions"])]  # fmt: skip
    return responses.render_page(context, "tokens.html", tokens=rows)


def approve_token(context: RequestContext) -> Response:
    """Approves a token; the secret is shown to this person, who passes it on."""
    with context.app_state.db.writing() as connection:
        secret = tokens.approve(connection, record_id(context.path("token_id")), context.user)
    return _shown(context, "", secret, "/tokens")


HANDLERS = {
    "make_token": make_token, "rotate_token": rotate_token, "revoke_token": revoke_token,
    "tokens_page": tokens_page, "approve_token": approve_token,
}  # fmt: skip
