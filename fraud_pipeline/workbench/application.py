"""The web application: each route of the table, behind one guard.

The guard is the only way to a page: it reads who asks, compares with the permission the
route's row names, and lets no form through without its token. A route without a handler, or
a handler without a row, stops the start.
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
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fraud_pipeline.errors import FraudPipelineError, UnknownRecordError
from fraud_pipeline.workbench.app_state import Ask, Bench
from fraud_pipeline.workbench.auth import sessions
from fraud_pipeline.workbench.auth.oidc import Provider
from fraud_pipeline.workbench.auth.permissions import ROUTES, UPLOADS, Rule, allows
from fraud_pipeline.workbench.cases.attachments import Upload
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.errors import ActionRefusedError
from fraud_pipeline.workbench.pages import HANDLERS, forms, responses
from fraud_pipeline.workbench.pages.api import api_routes

Handler = Callable[[Ask], Response]
MOST_BYTES = 1 << 20  # of a form; ours are small
MOST_UPLOAD_BYTES = 64 << 20  # the setting may be lower, never higher
PUBLISH_SECONDS = 15
DELIVER_SECONDS = 2
_YEAR = 365 * 86_400


def make_application(
    workspace: Path, database: str, *, secure: bool = False,
    provider: Callable[[bytes], Provider] | None = None,
) -> Starlette:  # fmt: skip
    """The application over a workspace and a database; ``secure`` when served over TLS.

    ``provider`` makes the identity provider's side, given the installation's secret.
    """
    bench = Bench(workspace, Database(database), secure=secure)
    if provider is not None:
        bench.provider = provider(bench.key)
    named = {rule.name for rule in ROUTES}
    if named != set(HANDLERS):
        raise RuntimeError(f"routes and handlers differ: {sorted(named ^ set(HANDLERS))}")
    routes = [
        Route(rule.path, _endpoint(bench, rule, HANDLERS[rule.name]), methods=[rule.method])
        for rule in ROUTES
    ]
    routes += [Route("/static/{name}", _static), *api_routes(bench)]
    application = Starlette(routes=routes, lifespan=_publishing, exception_handlers={500: _broken})
    application.state.bench = bench
    application.add_middleware(_Headers, secure=secure)
    return application


@contextlib.asynccontextmanager
async def _publishing(application: Starlette) -> AsyncIterator[None]:
    """While the server runs, and once more when it ends, decisions are handed to the next night;
    and the webhooks' messages are sent."""
    bench: Bench = application.state.bench
    await run_in_threadpool(responses.warm)
    tasks = [
        asyncio.create_task(_again(bench.publish_outcomes, PUBLISH_SECONDS)),
        asyncio.create_task(_again(bench.deliver, DELIVER_SECONDS)),
    ]
    yield
    for task in tasks:
        task.cancel()
    await run_in_threadpool(bench.publish_outcomes)


async def _again(work: Callable[[], object], seconds: float) -> None:
    while True:
        try:
            await run_in_threadpool(work)
        except (
            FraudPipelineError,
            sa.exc.SQLAlchemyError,
        ) as error:  # a full disk must not stop it
            logging.getLogger(__name__).error("left for the next try: %s", error)
        await asyncio.sleep(seconds)


def _endpoint(
    bench: Bench, rule: Rule, handler: Handler
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        upload = None
        try:
            if rule.name in UPLOADS and sessions.cookie_name(bench.secure) in request.cookies:
                form, upload = await forms.with_file(request, MOST_UPLOAD_BYTES)
            else:
                form = await forms.plain(request, MOST_BYTES) if rule.changes else {}
        except forms.TooLargeError:
            return PlainTextResponse("too large", 413)
        return await run_in_threadpool(_guard, bench, rule, handler, request, form, upload)

    return answer


def _guard(
    bench: Bench, rule: Rule, handler: Handler, request: Request, form: dict[str, list[str]],
    upload: Upload | None,
) -> Response:  # fmt: skip
    """Who asks, whether they may, whether they mean it; then the page."""
    person = sessions.resume(bench.db, request.cookies.get(sessions.cookie_name(bench.secure)))
    before = request.cookies.get("workbench-form", "")
    token = person.csrf if person else (before if len(before) == 32 else secrets.token_hex(16))
    ask = Ask(bench, request, rule, person, form, _language(request), token, upload)
    answer = _refusal(ask, before) or _answer(ask, handler)
    if person is None and before != token:
        answer.set_cookie(
            "workbench-form", token, httponly=True, samesite="lax", secure=bench.secure
        )
    return answer


def _refusal(ask: Ask, before: str) -> Response | None:
    rule, person = ask.rule, ask.person
    if not allows(person.role if person else None, rule.needs):
        if person is not None:
            ask.log("denied", f"{rule.method} {ask.request.url.path[:200]}")
            return responses.sorry(ask, 403, "您的角色没有此权限", "your role does not allow this")
        if rule.method == "GET":
            return responses.to(f"/sign-in?next={quote(ask.request.url.path)}")
        return responses.sorry(ask, 401, "请先登录", "please sign in first")
    if not rule.changes:
        return None
    expected = person.csrf if person else before
    given = ask.field("csrf")
    elsewhere = ask.request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    if elsewhere or not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        return responses.sorry(
            ask,
            403,
            "表单已失效，请返回重新打开",
            "this form has expired; go back and open it again",
        )
    return None


def _answer(ask: Ask, handler: Handler) -> Response:
    try:
        return handler(ask)
    except ActionRefusedError as refused:
        back = responses.inside(ask.field("back") or "/queue")
        return responses.to(back.split("?said=")[0].split("&said=")[0], refused.key)
    except UnknownRecordError:
        return responses.sorry(ask, 404, "没有这条记录，或不在您的范围内",
                             "there is no such record, or it is outside your scope")  # fmt: skip
    except FraudPipelineError as error:
        zh, _, en = str(error).partition(" / ")
        return responses.sorry(ask, 400, zh, en or zh)


def _language(request: Request) -> str:
    chosen = request.cookies.get("workbench-language")
    if chosen in ("zh", "en"):
        return str(chosen)
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


async def _static(request: Request) -> Response:
    found = responses.static_files().get(request.path_params["name"])
    if found is None:
        return PlainTextResponse("not found", 404)
    return Response(found[0], media_type=found[1], headers={"Cache-Control": "max-age=31536000"})


def _broken(request: Request, error: Exception) -> Response:
    """A fault of ours: nothing of it is told outside; the server's own output has it."""
    return PlainTextResponse("出错了 something went wrong", 500, headers=responses.HEADERS)


class _Headers:
    """Puts the security headers on every answer, errors included."""

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
