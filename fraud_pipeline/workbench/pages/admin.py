"""The office: runs and models, the log, people, settings, tokens."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fraud_pipeline.errors import IntegrityError, SettingsError, UnknownRecordError
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.store.places import models
from fraud_pipeline.workbench import names
from fraud_pipeline.workbench.app_state import Ask
from fraud_pipeline.workbench.auth import accounts, sessions
from fraud_pipeline.workbench.auth.permissions import ROLE_WORDS, Role, Scope
from fraud_pipeline.workbench.db import audit_log, settings
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import now
from fraud_pipeline.workbench.decisions.outcomes import decided_outcomes
from fraud_pipeline.workbench.pages import responses

_LOG_PAGE = 100


def runs_page(ask: Ask) -> Response:
    found = []
    for folder in ask.bench.workspace.runs.glob("*"):
        run = runs.existing(ask.bench.workspace, folder.name)
        if run is not None:
            found.append(run.manifest)
    found.sort(key=lambda m: m["published"], reverse=True)
    return responses.page(ask, "runs.html", runs=found, current=ask.bench.leads.run_id)


def run_page(ask: Ask) -> Response:
    """One run: what went in, what made it, and how often each rule's leads proved right."""
    bench, wanted = ask.bench, ask.path("run_id")
    known = {f.name for f in bench.workspace.runs.glob("*")}
    run = runs.existing(bench.workspace, wanted) if wanted in known else None
    if run is None:
        raise UnknownRecordError(f"there is no run {wanted}")
    manifest = run.manifest
    hits = _hit_rates(ask) if run.run_id == bench.leads.run_id else []
    return responses.page(
        ask, "run.html", m=manifest, hits=hits, card=_card(ask, manifest["model"]["name"]),
        rules=run.table("rules").to_pylist(),
    )  # fmt: skip


def _card(ask: Ask, model: str) -> str:
    for folder in (ask.bench.workspace.models, models() / "risk"):
        path = folder / model / "card.md"
        if path.is_file():
            return files.read_text(path, "the model card")
    return ""


def _hit_rates(ask: Ask) -> list[dict[str, Any]]:
    """Per rule: of the decided claims it hit, how many were improper; and by region."""
    decided = decided_outcomes(ask.bench.db).select(["claim_id", "verdict", "decided_on"])
    return ask.bench.leads.rows(
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


def log_page(ask: Ask, verdict: audit_log.Verdict | None = None) -> Response:
    query = ask.query()
    page = int(query["page"]) if query.get("page", "").isdigit() and len(query["page"]) < 9 else 1
    c = t.LOG.c
    terms = [getattr(c, name) == query[name] for name in ("action", "who") if query.get(name)]
    if query.get("subject"):
        terms.append(c.subject.contains(query["subject"], autoescape=True))
    with ask.bench.db.reading() as connection:
        rows = connection.execute(
            sa.select(t.LOG).where(*terms).order_by(c.seq.desc())
            .limit(_LOG_PAGE + 1).offset((max(1, page) - 1) * _LOG_PAGE)
        ).mappings().all()  # fmt: skip
        return responses.page(
            ask, "log.html", rows=rows[:_LOG_PAGE], more=len(rows) > _LOG_PAGE, page=max(1, page),
            query=query, actions=sorted(names.DEEDS), verdict=verdict, head=audit_log.head(connection),
        )  # fmt: skip


def verify_log(ask: Ask) -> Response:
    given = ask.query().get("receipt", "").strip()
    try:
        receipt = Receipt.parse(given) if given else None
    except IntegrityError:
        raise SettingsError("凭证格式为 序号:散列 / a receipt reads NUMBER:HASH") from None
    with ask.bench.db.reading() as connection:
        verdict = audit_log.verify(connection, receipt)
    return log_page(ask, verdict)


def settings_page(ask: Ask) -> Response:
    s = t.SETTINGS
    with ask.bench.db.reading() as connection:
        values = settings.current(connection)
        past = connection.execute(sa.select(s).order_by(s.c.id.desc()).limit(50)).mappings().all()
        tokens = connection.execute(sa.select(t.TOKENS).order_by(t.TOKENS.c.id)).mappings().all()
    return responses.page(
        ask, "settings.html", values=values, past=past, words_of=settings.WORDS, tokens=tokens,
        scopes=list(Scope), fresh="",
    )  # fmt: skip


def change_setting(ask: Ask) -> Response:
    with ask.bench.db.writing() as connection:
        settings.change(
            connection, ask.field("key"), ask.field("value").strip(), ask.who.id, ask.who.name
        )
    return responses.to("/settings", "saved")


def make_token(ask: Ask) -> Response:
    """The token stands on the answer to this form and nowhere else, ever again."""
    known = {scope.value: scope for scope in Scope}
    scopes = tuple(known[s] for s in ask.form.get("scope", []) if s in known)
    with ask.bench.db.writing() as connection:
        token = accounts.make_token(connection, ask.field("name"), scopes, ask.who, _regions(ask))
    return responses.page(
        ask, "once.html", what=ask.field("name"), secret=token, back="/settings", link=False
    )


def revoke_token(ask: Ask) -> Response:
    which = number(ask.path("token_id"))
    with ask.bench.db.writing() as connection:
        done = connection.execute(
            sa.update(t.TOKENS)
            .where(t.TOKENS.c.id == which, t.TOKENS.c.revoked_at.is_(None))
            .values(revoked_at=now())
        )
        if done.rowcount == 0:
            raise UnknownRecordError("there is no such token")
        audit_log.append(connection, ask.who.id, ask.who.name, "revoke", f"token {which}")
    return responses.to("/settings", "saved")


def people_page(ask: Ask) -> Response:
    with ask.bench.db.reading() as connection:
        people = connection.execute(sa.select(t.USERS).order_by(t.USERS.c.id)).mappings().all()
    return responses.page(
        ask, "people.html", people=people, roles=list(Role), role_words=ROLE_WORDS
    )


def invite(ask: Ask) -> Response:
    with ask.bench.db.writing() as connection:
        hours = settings.current(connection).invitation_hours
        token = accounts.invite(
            connection, ask.field("name"), _role(ask), _regions(ask), hours, ask.who
        )
    return _invitation(ask, ask.field("name"), token)


def _invitation(ask: Ask, name: str, token: str) -> Response:
    address = f"{ask.request.url.scheme}://{ask.request.url.netloc}/welcome/{token}"
    return responses.page(ask, "once.html", what=name, secret=address, back="/people", link=True)


def change_person(ask: Ask) -> Response:
    """Another role or regions, a pause, a return, a fresh link; each ends the person's sessions."""
    which, do = number(ask.path("user_id")), ask.field("do")
    u = t.USERS
    with ask.bench.db.writing() as connection:
        name = connection.execute(sa.select(u.c.name).where(u.c.id == which)).scalar()
        if name is None:
            raise UnknownRecordError("there is no such account")
        if which == ask.who.id:
            raise SettingsError("管理员不能更改自己的账户 / nobody changes the own account")
        changes = _changes(ask, do)
        if changes:
            connection.execute(sa.update(u).where(u.c.id == which).values(changes))
        sessions.end_all(connection, which)
        audit_log.append(
            connection, ask.who.id, ask.who.name, f"person-{do}", f"user {name}", **changes
        )
        if do == "link":
            hours = settings.current(connection).invitation_hours
            return _invitation(ask, name, accounts.renew(connection, which, hours))
    return responses.to("/people", "saved")


def _changes(ask: Ask, do: str) -> dict[str, Any]:
    """The columns of an account that ``do`` sets."""
    if do == "role":
        return {"role": _role(ask).value, "regions": ";".join(_regions(ask))}
    if do not in ("disable", "enable", "link"):
        raise SettingsError("没有可更改的内容 / nothing to change")
    if do == "link":
        return {}
    return {"disabled_at": now() if do == "disable" else None}


def _role(ask: Ask) -> Role:
    try:
        return Role(ask.field("role"))
    except ValueError:
        raise SettingsError("没有这个角色 / there is no such role") from None


def _regions(ask: Ask) -> tuple[str, ...]:
    said = ask.field("regions").replace("；", ";").replace("，", ";").replace(",", ";")
    return tuple(part.strip()[:60] for part in said.split(";") if part.strip())


def number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 15):
        raise UnknownRecordError("there is no such record")
    return int(text)


HANDLERS = {
    "runs_page": runs_page, "run_page": run_page, "log_page": log_page, "verify_log": verify_log,
    "settings_page": settings_page, "change_setting": change_setting, "make_token": make_token,
    "revoke_token": revoke_token, "people_page": people_page, "invite": invite,
    "change_person": change_person,
}  # fmt: skip
