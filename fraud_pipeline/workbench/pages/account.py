"""Signing in and out, the first welcome, one's own account, the method page."""

from __future__ import annotations

import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from fraud_pipeline.errors import SettingsError, UnknownRecordError
from fraud_pipeline.workbench.app_state import Ask
from fraud_pipeline.workbench.auth import accounts, sessions
from fraud_pipeline.workbench.auth.permissions import May
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.db.settings import current
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import responses

_LANGUAGE_SECONDS = 365 * 86_400


def home(ask: Ask) -> Response:
    if ask.who.may(May.SEE_CLAIMS):
        return responses.to("/queue")
    if ask.who.may(May.SEE_INSIDERS):
        return responses.to("/insiders")
    return responses.to("/people")


def sign_in_page(ask: Ask) -> Response:
    return responses.page(ask, "sign_in.html", next=responses.inside(ask.query().get("next", "/")),
                        oidc=ask.bench.provider is not None)  # fmt: skip


def sign_in(ask: Ask) -> Response:
    client = ask.request.client
    token = sessions.sign_in(
        ask.bench.db, ask.field("name"), ask.field("password"), client.host if client else ""
    )
    if token is None:
        return responses.to("/sign-in", "refused")
    answer = responses.to(responses.inside(ask.field("next") or "/"))
    secure = ask.bench.secure
    answer.set_cookie(
        sessions.cookie_name(secure), token, httponly=True, samesite="lax", secure=secure, path="/"
    )
    return answer


def sign_out(ask: Ask) -> Response:
    name = sessions.cookie_name(ask.bench.secure)
    sessions.end(ask.bench.db, ask.request.cookies[name], ask.who)
    answer = responses.to("/sign-in", "signed_out")
    answer.delete_cookie(name, secure=ask.bench.secure, httponly=True, samesite="lax")
    return answer


def welcome_page(ask: Ask, problem: str = "") -> Response:
    with ask.bench.db.reading() as connection:
        name = accounts.invited(connection, ask.path("token"))
    if name is None:
        raise UnknownRecordError("this link was used or has expired")
    least = accounts.LEAST_PASSWORD
    return responses.page(
        ask, "welcome.html", 400 if problem else 200, name=name, problem=problem, least=least
    )


def welcome(ask: Ask) -> Response:
    if ask.field("password") != ask.field("again"):
        return welcome_page(ask, "两次输入不一致 / the two passwords differ")
    try:
        with ask.bench.db.writing() as connection:
            accounts.accept(connection, ask.path("token"), ask.field("password"))
    except SettingsError as error:
        return welcome_page(ask, str(error))
    return responses.to("/sign-in", "welcome")


def account_page(ask: Ask, problem: str = "") -> Response:
    c = t.CONFLICTS
    with ask.bench.db.reading() as connection:
        bound = connection.execute(sa.select(c).where(c.c.user_id == ask.who.id)).mappings().all()
    status = 400 if problem else 200
    return responses.page(ask, "account.html", status, conflicts=bound, problem=problem)


def change_password(ask: Ask) -> Response:
    with ask.bench.db.reading() as connection:
        hashed = connection.execute(
            sa.select(t.USERS.c.password_hash).where(t.USERS.c.id == ask.who.id)
        ).scalar()
    if not accounts.password_fits(hashed, ask.field("old")):
        return account_page(ask, "原密码不对 / the old password is wrong")
    try:
        accounts.check_password(ask.field("password"), ask.who.name)
    except SettingsError as error:
        return account_page(ask, str(error))
    with ask.bench.db.writing() as connection:
        accounts.set_password(connection, ask.who.name, ask.field("password"))
    return responses.to("/sign-in", "welcome")


def declare_conflict(ask: Ask) -> Response:
    party, reason = ask.field("party").strip()[:60], ask.field("reason").strip()[:500]
    if not party or not reason:
        raise ActionRefusedError("note_needed")
    with ask.bench.db.writing() as connection:
        connection.execute(
            sa.insert(t.CONFLICTS).values(
                user_id=ask.who.id, party_id=party, reason=reason, at=now()
            )
        )
        audit_log.append(
            connection, ask.who.id, ask.who.name, "conflict", f"party {party}", reason=reason
        )
    return responses.to("/account", "saved")


def language(ask: Ask) -> Response:
    answer = responses.to(responses.inside(ask.field("back") or "/"))
    if ask.field("language") in ("zh", "en"):
        answer.set_cookie(
            "workbench-language", ask.field("language"), max_age=_LANGUAGE_SECONDS, httponly=True,
            samesite="lax", secure=ask.bench.secure,
        )  # fmt: skip
    return answer


def method_page(ask: Ask) -> Response:
    return responses.page(ask, "method.html")


def health(ask: Ask) -> Response:
    """For a watchdog: the database answers and a run is at hand."""
    with ask.bench.db.reading() as connection:
        current(connection)
    return JSONResponse({"status": "ok"})


HANDLERS = {
    "home": home, "sign_in_page": sign_in_page, "sign_in": sign_in, "sign_out": sign_out,
    "welcome_page": welcome_page, "welcome": welcome, "account_page": account_page,
    "change_password": change_password, "declare_conflict": declare_conflict,
    "language": language, "method_page": method_page, "health": health,
}  # fmt: skip
