"""Sign-in and sign-out, invitations, the person's own account, the method page."""

from __future__ import annotations

import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.auth import accounts, sessions
from fraud_pipeline.workbench.auth.permissions import Permission
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import kept_forms, responses

_LANGUAGE_SECONDS = 365 * 86_400


def home(context: RequestContext) -> Response:
    if context.user.may(Permission.SEE_CLAIMS):
        return responses.redirect("/queue")
    if context.user.may(Permission.SEE_INSIDERS):
        return responses.redirect("/insiders")
    return responses.redirect("/people")


def sign_in_page(context: RequestContext) -> Response:
    return responses.render_page(context, "sign_in.html", next=responses.local_path(context.query().get("next", "/")),
                        kept="", oidc=context.app_state.provider is not None)  # fmt: skip


def sign_in(context: RequestContext) -> Response:
    client = context.request.client
    try:
        token = sessions.sign_in(
            context.app_state.db,
            context.field("name"),
            context.field("password"),
            client.host if client else "",
        )
    except accounts.BusyError:
        return kept_forms.sign_in_again(context, context.field("kept"), "busy")
    carried = context.field("kept")
    if token is None:
        if carried:
            return kept_forms.sign_in_again(context, carried, "refused")
        return responses.redirect("/sign-in", problem="refused")
    person = sessions.resume(context.app_state.db, token) if carried else None
    answer = (person and kept_forms.continue_page(context, person, carried)) or responses.redirect(
        responses.local_path(context.field("next") or "/")
    )
    secure = context.app_state.secure
    answer.set_cookie(
        sessions.cookie_name(secure), token, httponly=True, samesite="lax", secure=secure, path="/"
    )
    return answer


def sign_out(context: RequestContext) -> Response:
    name = sessions.cookie_name(context.app_state.secure)
    sessions.end(context.app_state.db, context.request.cookies[name], context.user)
    answer = responses.redirect("/sign-in", "signed_out")
    answer.delete_cookie(name, secure=context.app_state.secure, httponly=True, samesite="lax")
    return answer


def welcome_page(context: RequestContext, problem: str = "") -> Response:
    with context.app_state.db.reading() as connection:
        name = accounts.invited_name(connection, context.path("token"))
        is_first = accounts.is_first(connection)
    if name is None:
        return responses.error_page(
            context, 404, "这个邀请链接已用过或已过期，请向管理员要一个新的",
            "this invitation link was used or has expired; ask the administrator for a new one",
        )  # fmt: skip
    minimum = accounts.MIN_PASSWORD_LENGTH
    return responses.render_page(
        context,
        "welcome.html",
        400 if problem else 200,
        name=context.field("name") or name,
        problem=problem,
        least=minimum,
        is_first=is_first,
    )


def welcome(context: RequestContext) -> Response:
    if context.field("password") != context.field("again"):
        return welcome_page(context, "两次输入不一致 / the two passwords differ")
    try:
        with context.app_state.db.writing() as connection:
            accounts.accept_invitation(
                connection, context.path("token"), context.field("password"), context.field("name")
            )
    except SettingsError as error:
        return welcome_page(context, str(error))
    return responses.redirect("/sign-in", "welcome")


def account_page(context: RequestContext, problem: str = "") -> Response:
    c = t.CONFLICTS
    with context.app_state.db.reading() as connection:
        bound = (
            connection.execute(sa.select(c).where(c.c.user_id == context.user.id)).mappings().all()
        )
    status = 400 if problem else 200
    return responses.render_page(context, "account.html", status, conflicts=bound, problem=problem)


def change_password(context: RequestContext) -> Response:
    with context.app_state.db.reading() as connection:
        hashed = connection.execute(
            sa.select(t.USERS.c.password_hash).where(t.USERS.c.id == context.user.id)
        ).scalar()
    if not accounts.verify_password(hashed, context.field("old")):
        return account_page(context, "原密码不对 / the old password is wrong")
    try:
        accounts.check_password(context.field("password"), context.user.name)
    except SettingsError as error:
        return account_page(context, str(error))
    with context.app_state.db.writing() as connection:
        accounts.set_password(connection, context.user.name, context.field("password"))
    return responses.redirect("/sign-in", "welcome")


def declare_conflict(context: RequestContext) -> Response:
    party, reason = context.field("party").strip()[:60], context.field("reason").strip()[:500]
    if not party or not reason:
        raise ActionRefusedError("note_needed")
    with context.app_state.db.writing() as connection:
        connection.execute(
            sa.insert(t.CONFLICTS).values(
                user_id=context.user.id, party_id=party, reason=reason, at=now()
            )
        )
        audit_log.append(
            connection,
            context.user.id,
            context.user.name,
            "conflict",
            f"party {party}",
            reason=reason,
        )
    return responses.redirect("/account", "saved")


def language(context: RequestContext) -> Response:
    answer = responses.redirect(responses.local_path(context.field("back") or "/"))
    if context.field("language") in ("zh", "en"):
        answer.set_cookie(
            "workbench-language", context.field("language"), max_age=_LANGUAGE_SECONDS, httponly=True,
            samesite="lax", secure=context.app_state.secure,
        )  # fmt: skip
    return answer


def method_page(context: RequestContext) -> Response:
    return responses.render_page(context, "method.html")


def health(context: RequestContext) -> Response:
    """For monitoring: 200 while the database answers."""
    with context.app_state.db.reading() as connection:
        current(connection)
    return JSONResponse({"status": "ok"})


HANDLERS = {
    "home": home, "sign_in_page": sign_in_page, "sign_in": sign_in, "sign_out": sign_out,
    "welcome_page": welcome_page, "welcome": welcome, "account_page": account_page,
    "change_password": change_password, "declare_conflict": declare_conflict,
    "language": language, "method_page": method_page, "health": health,
}  # fmt: skip
