"""Administration: runs and models, the log, accounts, settings, API tokens."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.errors import IntegrityError, SettingsError, UnknownRecordError
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.store.places import models
from fraud_pipeline.workbench import names
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.auth import accounts, sessions
from fraud_pipeline.workbench.auth.invitation_list import parse_invitees
from fraud_pipeline.workbench.auth.permissions import ROLE_WORDS, Role, Scope
from fraud_pipeline.workbench.db import audit_log, settings
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.pages import responses
from fraud_pipeline.workbench.pages.parameters import record_id

_LOG_PAGE = 100


def runs_page(context: RequestContext) -> Response:
    rows = []
    for folder in context.app_state.workspace.runs.glob("*"):
        run = runs.existing(context.app_state.workspace, folder.name)
        if run is not None:
            rows.append(run.manifest)
    rows.sort(key=lambda m: m["published"], reverse=True)
    return responses.render_page(
        context, "runs.html", runs=rows, current=context.app_state.leads.run_id
    )


def run_page(context: RequestContext) -> Response:
    """One run: inputs, model, settings, and the share of each rule's hits found improper."""
    app_state, wanted = context.app_state, context.path("run_id")
    known = {f.name for f in app_state.workspace.runs.glob("*")}
    run = runs.existing(app_state.workspace, wanted) if wanted in known else None
    if run is None:
        raise UnknownRecordError(f"there is no run {wanted}")
    manifest = run.manifest
    hits = _hit_rates(context) if run.run_id == app_state.leads.run_id else []
    return responses.render_page(
        context, "run.html", m=manifest, hits=hits, card=_card(context, manifest["model"]["name"]),
        rules=run.table("rules").to_pylist(),
    )  # fmt: skip


def _card(context: RequestContext, model: str) -> str:
    for folder in (context.app_state.workspace.models, models() / "risk"):
        path = folder / model / "card.md"
        if path.is_file():
            return files.read_text(path, "the model card")
    return ""


def _hit_rates(context: RequestContext) -> list[dict[str, Any]]:
    """Per rule: how many claims it hit were decided, and how many of these were improper."""
    decided = outcomes_table(context.app_state.db).select(["claim_id", "verdict", "decided_on"])
    return context.app_state.leads.query(
        """WITH verdicts AS (
            SELECT claim_id, arg_max(verdict, decided_on) AS verdict FROM (
                SELECT claim_id, verdict, decided_on FROM outcomes
                UNION ALL SELECT claim_id, verdict, decided_on FROM states) GROUP BY claim_id)
        SELECT r.rule_code, u.title_zh, u.title_en, count(*) AS decided,
            count(*) FILTER (v.verdict IN ('fraud', 'irregular')) AS improper
        FROM hits r JOIN verdicts v USING (claim_id) JOIN rules u USING (rule_code)
        WHERE v.verdict <> 'undetermined'
        GROUP BY ALL ORDER BY decided DESC, r.rule_code""",
        (), decided,
    )  # fmt: skip


def log_page(context: RequestContext, check: audit_log.LogCheck | None = None) -> Response:
    query = context.query()
    page = int(query["page"]) if query.get("page", "").isdigit() and len(query["page"]) < 9 else 1
    c = t.LOG.c
    terms = [getattr(c, name) == query[name] for name in ("action", "who") if query.get(name)]
    if query.get("subject"):
        terms.append(c.subject.contains(query["subject"], autoescape=True))
    with context.app_state.db.reading() as connection:
        rows = connection.execute(
            sa.select(t.LOG).where(*terms).order_by(c.seq.desc())
            .limit(_LOG_PAGE + 1).offset((max(1, page) - 1) * _LOG_PAGE)
        ).mappings().all()  # fmt: skip
        return responses.render_page(
            context, "log.html", rows=rows[:_LOG_PAGE], more=len(rows) > _LOG_PAGE, page=max(1, page),
            query=query, actions=sorted(names.DEEDS), check=check, head=audit_log.head(connection),
        )  # fmt: skip


def verify_log(context: RequestContext) -> Response:
    text = context.query().get("receipt", "").strip()
    try:
        receipt = Receipt.parse(text) if text else None
    except IntegrityError:
        raise SettingsError("凭证格式为 序号:散列 / a receipt reads NUMBER:HASH") from None
    with context.app_state.db.reading() as connection:
        check = audit_log.verify(connection, receipt)
    return log_page(context, check)


def settings_page(context: RequestContext) -> Response:
    s = t.SETTINGS
    with context.app_state.db.reading() as connection:
        values = settings.current(connection)
        past = connection.execute(sa.select(s).order_by(s.c.id.desc()).limit(50)).mappings().all()
        tokens = connection.execute(sa.select(t.TOKENS).order_by(t.TOKENS.c.id)).mappings().all()
    return responses.render_page(
        context, "settings.html", values=values, past=past, infos=settings.SETTINGS,
        words_of=settings.WORDS, tokens=tokens,
        scopes=list(Scope), fresh="",
    )  # fmt: skip


def change_setting(context: RequestContext) -> Response:
    with context.app_state.db.writing() as connection:
        settings.change(
            connection,
            context.field("key"),
            context.field("value").strip(),
            context.user.id,
            context.user.name,
        )
    return responses.redirect("/settings", "saved")


def people_page(context: RequestContext) -> Response:
    with context.app_state.db.reading() as connection:
        people = connection.execute(sa.select(t.USERS).order_by(t.USERS.c.id)).mappings().all()
    return responses.render_page(
        context, "people.html", people=people, roles=list(Role), role_words=ROLE_WORDS
    )


def invite(context: RequestContext) -> Response:
    with context.app_state.db.writing() as connection:
        hours = settings.current(connection).invitation_hours
        token = accounts.invite(
            connection,
            context.field("name"),
            _role(context),
            regions_field(context),
            hours,
            context.user,
        )
    return _invitation(context, context.field("name"), token)


def invite_list(context: RequestContext) -> Response:
    """Invites everybody of a list, all or nobody, and shows each one's link once."""
    people = parse_invitees(context.field("list"))
    links = []
    with context.app_state.db.writing() as connection:
        hours = settings.current(connection).invitation_hours
        for invitee in people:
            token = accounts.invite(
                connection, invitee.name, invitee.role, invitee.regions, hours, context.user
            )
            links.append((invitee, _welcome_address(context, token)))
    return responses.render_page(context, "invited.html", links=links, role_words=ROLE_WORDS)


def _welcome_address(context: RequestContext, token: str) -> str:
    return f"{context.request.url.scheme}://{context.request.url.netloc}/welcome/{token}"


def _invitation(context: RequestContext, name: str, token: str) -> Response:
    address = _welcome_address(context, token)
    return responses.render_page(
        context, "once.html", what=name, secret=address, back="/people", link=True
    )


def change_person(context: RequestContext) -> Response:
    """Changes role or regions, disables, enables, or renews the link; ends the account's sessions."""
    which, do = record_id(context.path("user_id")), context.field("do")
    u = t.USERS
    with context.app_state.db.writing() as connection:
        name = connection.execute(sa.select(u.c.name).where(u.c.id == which)).scalar()
        if name is None:
            raise UnknownRecordError("there is no such account")
        if which == context.user.id:
            raise SettingsError("管理员不能更改自己的账户 / nobody changes the own account")
        changes = _changes(context, do)
        if changes:
            connection.execute(sa.update(u).where(u.c.id == which).values(changes))
        sessions.end_all(connection, which)
        audit_log.append(
            connection,
            context.user.id,
            context.user.name,
            f"person-{do}",
            f"user {name}",
            **changes,
        )
        if do == "link":
            hours = settings.current(connection).invitation_hours
            return _invitation(context, name, accounts.new_invitation(connection, which, hours))
    return responses.redirect("/people", "saved")


def _changes(context: RequestContext, do: str) -> dict[str, Any]:
    """The columns of an account that ``do`` sets."""
    if do == "role":
        return {"role": _role(context).value, "regions": ";".join(regions_field(context))}
    if do not in ("disable", "enable", "link"):
        raise SettingsError("没有可更改的内容 / nothing to change")
    if do == "link":
        return {}
    return {"disabled_at": now() if do == "disable" else None}


def _role(context: RequestContext) -> Role:
    try:
        return Role(context.field("role"))
    except ValueError:
        raise SettingsError("没有这个角色 / there is no such role") from None


def regions_field(context: RequestContext) -> tuple[str, ...]:
    text = context.field("regions").replace("；", ";").replace("，", ";").replace(",", ";")
    return tuple(part.strip()[:60] for part in text.split(";") if part.strip())


HANDLERS = {
    "runs_page": runs_page, "run_page": run_page, "log_page": log_page, "verify_log": verify_log,
    "settings_page": settings_page, "change_setting": change_setting, "people_page": people_page, "invite": invite, "invite_list": invite_list,
    "change_person": change_person,
}  # fmt: skip
