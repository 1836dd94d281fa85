"""The web application: every route of ``permissions.ROUTES`` behind one guard.

The guard resolves the session, checks the permission the route needs, and checks the CSRF
token of every form. A route without a handler, or a handler without a route, is an error at
start-up.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from fraud_pipeline.errors import FraudPipelineError, UnknownRecordError
from fraud_pipeline.workbench.app_state import AppState, RequestContext
from fraud_pipeline.workbench.auth import sessions
from fraud_pipeline.workbench.auth.oidc import Provider
from fraud_pipeline.workbench.auth.permissions import ROUTES, UPLOADS, RouteRule, allows
from fraud_pipeline.workbench.cases.attachments import Upload
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import HANDLERS, PAGES_OF_FORMS, forms, kept_forms, responses
from fraud_pipeline.workbench.pages.api import api_routes

Handler = Callable[[RequestContext], Response]
MAX_FORM_BYTES = 1 << 20
MAX_UPLOAD_BYTES = 64 << 20  # the setting file_megabytes may be lower, never higher
PUBLISH_SECONDS = 15
DELIVER_SECONDS = 2
REMIND_SECONDS = 3_600
_YEAR = 365 * 86_400


def make_application(
    workspace: Path, database: str, *, secure: bool = False,
    provider: Callable[[bytes], Provider] | None = None,
) -> Starlette:  # fmt: skip
    """The application over a workspace and a database; ``secure`` when served over TLS.

    ``provider`` makes the client of an identity provider from the installation's secret.
    """
    app_state = AppState(workspace, Database(database), secure=secure)
    if provider is not None:
        app_state.provider = provider(app_state.key)
    names = {rule.name for rule in ROUTES}
    if names != set(HANDLERS):
        raise RuntimeError(f"routes and handlers differ: {sorted(names ^ set(HANDLERS))}")
    routes = [
        Route(rule.path, _endpoint(app_state, rule, HANDLERS[rule.name]), methods=[rule.method])
        for rule in ROUTES
    ]
    routes += [Route("/static/{name}", _static), *api_routes(app_state)]
    application = Starlette(
        routes=routes,
        lifespan=_lifespan,
        exception_handlers={500: _server_error, sa.exc.OperationalError: _database_away},
    )
    application.state.app_state = app_state
    application.add_middleware(_Headers, secure=secure)
    return application


@contextlib.asynccontextmanager
async def _lifespan(application: Starlette) -> AsyncIterator[None]:
    """While the server runs: publishes decisions for the next run and delivers webhook messages.

    Decisions are published once more at shutdown.
    """
    app_state: AppState = application.state.app_state
    await run_in_threadpool(responses.compile_templates)
    tasks = [
        asyncio.create_task(_repeat(app_state.publish_outcomes, PUBLISH_SECONDS)),
        asyncio.create_task(_repeat(app_state.deliver, DELIVER_SECONDS)),
        asyncio.create_task(_repeat(app_state.remind, REMIND_SECONDS)),
    ]
    yield
    for task in tasks:
        task.cancel()
    await run_in_threadpool(app_state.publish_outcomes)


async def _repeat(work: Callable[[], object], seconds: float) -> None:
    while True:
        try:
            await run_in_threadpool(work)
        except (
            FraudPipelineError,
            sa.exc.SQLAlchemyError,
        ) as error:  # e.g. a full disk: keep running
            logging.getLogger(__name__).error("will be tried again: %s", error)
        await asyncio.sleep(seconds)


def _endpoint(
    app_state: AppState, rule: RouteRule, handler: Handler
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        upload = None
        try:
            if rule.name in UPLOADS and sessions.cookie_name(app_state.secure) in request.cookies:
                form, upload = await forms.read_upload(request, MAX_UPLOAD_BYTES)
            else:
                form = await forms.read_fields(request, MAX_FORM_BYTES) if rule.changes else {}
        except forms.TooLargeError:
            return PlainTextResponse("too large", 413)
        return await run_in_threadpool(_guard, app_state, rule, handler, request, form, upload)

    return answer


def _guard(
    app_state: AppState, rule: RouteRule, handler: Handler, request: Request, form: dict[str, list[str]],
    upload: Upload | None,
) -> Response:  # fmt: skip
    """Resolves the session, checks permission and CSRF token, then calls the handler."""
    person = sessions.resume(
        app_state.db, request.cookies.get(sessions.cookie_name(app_state.secure))
    )
    before = request.cookies.get("workbench-form", "")
    token = person.csrf if person else (before if len(before) == 32 else secrets.token_hex(16))
    context = RequestContext(
        app_state, request, rule, person, form, _language(request), token, upload
    )
    answer = _refusal(context, before) or _call_handler(context, handler)
    if person is None and before != token:
        answer.set_cookie(
            "workbench-form", token, httponly=True, samesite="lax", secure=app_state.secure
        )
    return answer


def _refusal(context: RequestContext, before: str) -> Response | None:
    rule, person = context.rule, context.person
    if not allows(person.role if person else None, rule.needs):
        if person is not None:
            context.log("denied", f"{rule.method} {context.request.url.path[:200]}")
            return responses.error_page(
                context, 403, "您的角色没有此权限", "your role does not allow this"
            )
        if rule.method == "GET":
            return responses.redirect(f"/sign-in?next={quote(context.request.url.path)}")
        return kept_forms.sign_in_with_form(context)
    return _forged(context, before) if rule.changes else None


def _forged(context: RequestContext, before: str) -> Response | None:
    """The refusal of a form without the token of this session; None where it has it."""
    person = context.person
    expected = person.csrf if person else before
    sent = context.field("csrf")
    cross_site = context.request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    if cross_site or not expected or not hmac.compare_digest(expected.encode(), sent.encode()):
        if person is not None and not cross_site and kept_forms.is_same_origin(context):
            return kept_forms.confirm_page(context)
        return responses.error_page(
            context,
            403,
            "表单已失效，请返回重新打开",
            "this form has expired; go back and open it again",
        )
    return None


def _call_handler(context: RequestContext, handler: Handler) -> Response:
    try:
        return handler(context)
    except ActionRefusedError as refused:
        return _refused(context, refused)
    except UnknownRecordError:
        return responses.error_page(context, 404, "没有这条记录，或不在您的范围内",
                             "there is no such record, or it is outside your scope")  # fmt: skip
    except FraudPipelineError as error:
        zh, _, en = str(error).partition(" / ")
        return responses.error_page(context, 400, zh, en or zh)


def _refused(context: RequestContext, refused: ActionRefusedError) -> Response:
    """The form again with what was entered, or the page the form was on, with the reason."""
    page = PAGES_OF_FORMS.get(context.rule.name)
    if page is not None:
        with contextlib.suppress(FraudPipelineError, ActionRefusedError):
            return page(context, refused.key)
    back = responses.local_path(context.field("back") or "/queue")
    return responses.redirect(responses.without_message(back), problem=refused.key)


def _language(request: Request) -> str:
    chosen = request.cookies.get("workbench-language")
    if chosen in ("zh", "en"):
        return str(chosen)
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


async def _static(request: Request) -> Response:
    asset = responses.static_files().get(request.path_params["name"])
    if asset is None:
        return PlainTextResponse("not found", 404)
    return Response(asset[0], media_type=asset[1], headers={"Cache-Control": "max-age=31536000"})


def _server_error(request: Request, error: Exception) -> Response:
    """Response to an unhandled error; details are in the server log only."""
    return PlainTextResponse("出错了 something went wrong", 500, headers=responses.HEADERS)


def _database_away(request: Request, error: Exception) -> Response:
    """Response while the database cannot be reached or is locked; the transaction was rolled back."""
    logging.getLogger(__name__).error("the database cannot be used: %s", type(error).__name__)
    text = (
        "数据库暂时不可用，此次操作没有记录，请稍后再试 / "
        "the database cannot be used at the moment; nothing was recorded, try again later"
    )
    if request.url.path.startswith("/api/"):
        return JSONResponse({"detail": text.partition(" / ")[2]}, 503, headers=responses.HEADERS)
    return PlainTextResponse(text, 503, headers=responses.HEADERS)


class _Headers:
    """Adds the security headers to every response, errors included."""

    def __init__(self, app: Any, secure: bool):
        self.app = app
        self.headers = dict(responses.HEADERS)
        if secure:
            self.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in self.headers.items()
                      if k.lower().encode() not in present),
                ]  # fmt: skip
            await send(message)

        await self.app(scope, receive, send_with_headers)
