"""Responses: pages rendered in the person's language, redirects, security headers, static files."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fraud_pipeline.core.currency import HOME, figures, shared_currency
from fraud_pipeline.core.templates import InCurrency
from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.explain.findings import evidence, plain
from fraud_pipeline.workbench import names, words
from fraud_pipeline.workbench.addresses import slug
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.auth.permissions import ROLE_WORDS, Permission
from fraud_pipeline.workbench.cases import svg_charts

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src "
    "'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}  # fmt: skip
# What was done; why something was refused is in ``words.PROBLEMS``. An address carries the one as
# ``flash`` and the other as ``problem``, so that no key of the one can be read as one of the other.
DONE_MESSAGES = {
    "still_yours": ("您还有一件正在办理，已为您打开；办结或放回后再领取", "this claim is still in your hands; decide or release it before taking another"),
    "taken": ("已领取，请办理", "this claim is yours now"), "released": ("已放回队列", "released to the queue"),
    "decided": ("结论已记录", "verdict recorded"), "second": ("结论已记录，待另一人复核", "verdict recorded; another person must agree"),
    "undone": ("已撤回", "undone"), "agreed": ("复核同意", "agreed"),
    "disagreed": ("复核不同意，已退回", "not agreed; sent back"), "snoozed": ("已暂缓", "snoozed"),
    "assigned": ("已分派", "assigned"), "reopened": ("已重新打开", "opened again"),
    "appealed": ("已登记异议", "objection recorded"), "saved": ("已保存", "saved"),
    "token_waits": ("已申请，须由有此权限的组长在“令牌”页批准", "asked for; a lead who has these rights approves it on the page Tokens"),
    "signed": ("已签署", "signed off"), "judged": ("已记录判断，下次运行生效", "judgement recorded; takes effect with the next run"),
    "welcome": ("密码已设置，请登录", "password set; please sign in"),
    "signed_out": ("已退出", "signed out"),
    "check": ("请独立作出结论；原结论在您完成后显示", "find for yourself: the first verdict is shown once yours stands"),
    "checked": ("盲审结论已记录", "your finding is recorded"),
    "case_opened": ("案件已开立", "the case is open"), "case_merged": ("已并案", "merged"),
    "case_split": ("已分案，这是新案件", "split: this is the new case"),
    "trial_read": ("已按所选重新读取", "read again as chosen"), "trial_removed": ("文件已删除", "the file is removed"),
    "attached": ("文件已上传", "file uploaded"),
}  # fmt: skip


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@cache
def _environment(code: str = HOME) -> jinja2.Environment:
    """The templates with the words of a currency."""
    environment = jinja2.Environment(
        loader=InCurrency(jinja2.PackageLoader("fraud_pipeline.workbench"), code), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(
        yuan=amount,  # the name in templates
        when=when,
        share=share,
        number=number,
        probability=probability,
        slug=slug,
        plain=plain,
        shown_by=evidence,
        tie_source=names.tie_source,
    )
    environment.globals.update(
        words=words,
        names_of=names,
        svg_charts=svg_charts,
        Permission=Permission,
        static=static_address,
        ROLE_WORDS=ROLE_WORDS,
    )
    return environment


def compile_templates() -> None:
    """Compiles every template at start-up, so that the first request does not wait for it."""
    for name in _environment().list_templates(extensions=["html"]):
        _environment().get_template(name)


def render_page(
    context: RequestContext, template: str, status: int = 200, **facts: Any
) -> Response:
    """A rendered template. In it ``t(zh, en)`` and ``w(table, code)`` give text in the person's language."""
    zh = context.language == "zh"

    def t(chinese: str, english: str) -> str:
        return chinese if zh else english

    def w(table: dict[str, tuple[str, ...]], code: str | None, *, meaning: bool = False) -> str:
        term = table.get(code or "")
        return term[2 * meaning + (not zh)] if term else (code or "—")

    query = context.query()
    problem = str(facts.pop("refused", "")) or query.get("problem", "")
    done = "" if problem else query.get("flash", "")
    code = currency_of(context, facts.get("lead"))
    html = _environment(code).get_template(template).render(
        t=t, w=w, lineage=lambda text: names.lineage(text, context.language),
        in_language=lambda text: text.split(" / ")[0 if zh else -1], lang=context.language, person=context.person, csrf=context.csrf,
        may=lambda needs: context.person is not None and context.person.may(needs),
        flash=words.PROBLEMS.get(problem) or DONE_MESSAGES.get(done), flash_key=problem or done,
        flash_kind="problem" if problem in words.PROBLEMS else "done",
        draft=facts.pop("draft", {}), current_path=context.request.url.path, return_address=_return_address(context), **facts,
    )  # fmt: skip
    return HTMLResponse(html, status)


def _return_address(context: RequestContext) -> str:
    """The address of the page with its query, to come back to; of a form's answer, the start page."""
    url = context.request.url
    return (
        url.path + (f"?{url.query}" if url.query else "") if context.rule.method == "GET" else "/"
    )


def currency_of(context: RequestContext, lead: Any = None) -> str:
    """What amounts on a page are in: the currency of its claim, else the one of the run."""
    if context.person is None:
        return HOME
    codes = context.app_state.leads.currencies
    programme = lead.get("programme") if isinstance(lead, dict) else None
    return codes.get(programme or "") or shared_currency(codes.values())


def redirect(address: str, done: str = "", problem: str = "") -> Response:
    """303 to an address, so that a reload repeats nothing.

    ``done``: a key of DONE_MESSAGES, ``problem``: one of ``words.PROBLEMS``.
    """
    for name, key in (("flash", done), ("problem", problem)):
        if key:
            address += ("&" if "?" in address else "?") + f"{name}={key}"
    return RedirectResponse(address, 303)


def without_message(address: str) -> str:
    """The address without the message of an earlier action."""
    path, _, query = address.partition("?")
    parts = [part for part in query.split("&") if not part.startswith(("flash=", "problem="))]
    return path + (f"?{'&'.join(parts)}" if any(parts) else "")


def error_page(context: RequestContext, status: int, zh: str, en: str) -> Response:
    """The page for a refused or failed request, with its HTTP status and reason."""
    return render_page(context, "error.html", status, zh=zh, en=en, number=status)


def local_path(address: str) -> str:
    """The address if it is a path on this site, else ``/`` (no open redirect)."""
    fits = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if fits and address.isprintable() else "/"


@cache
def static_files() -> dict[str, tuple[bytes, str]]:
    """name -> (content, media type) of every static file."""
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    folder = resources.files("fraud_pipeline.workbench") / "static"
    return {
        item.name: (item.read_bytes(), f"{kinds[item.name.rsplit('.', 1)[1]]}; charset=utf-8")
        for item in folder.iterdir()
        if item.name.rsplit(".", 1)[-1] in kinds
    }


@cache
def static_address(name: str) -> str:
    """The URL of a static file; it changes with the content, so that it can be cached for good."""
    return f"/static/{name}?{hashlib.sha256(static_files()[name][0]).hexdigest()[:12]}"


def amount(value: Any) -> str:
    """An amount with thousands separators; decimals only when not zero."""
    return "—" if value is None else figures(Decimal(value))


def when(value: Any) -> str:
    """A day as it is; an instant as Chinese local time, to the minute."""
    if value is None:
        return "—"
    if isinstance(value, str) and "T" in value:
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(TIME_ZONE)).strftime("%Y-%m-%d %H:%M")
    return str(value)


def share(value: Any) -> str:
    """A share in percent; below 1 never shown as 100 %, above 0 never as 0 %."""
    if value is None:
        return "—"
    if 0.9995 <= float(value) < 1:
        return ">99.9%"
    return "<0.1%" if 0 < float(value) < 0.0005 else f"{float(value):.1%}"


def number(value: Any) -> str:
    """A number with four significant digits; from 1,000 on a whole number."""
    if value is None:
        return "—"
    return f"{float(value):,.0f}" if abs(float(value)) >= 1000 else f"{float(value):.4g}"


def probability(value: Any) -> str:
    """A small probability: in percent, below 0.1 % as a power of ten.

    >>> probability(5.15e-07)
    '5×10⁻⁷'
    """
    if value is None:
        return "—"
    if value >= 0.001 or value <= 0:
        return f"{float(value):.1%}"
    digits, power = f"{float(value):.0e}".split("e")
    return f"{digits}×10{str(int(power)).translate(_SUPERSCRIPT)}"


__all__ = [
    "HEADERS",
    "Markup",
    "error_page",
    "local_path",
    "redirect",
    "render_page",
    "static_files",
]
