"""Settings of the workbench, kept in the database: each change is a new row and a row in the log."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import sqlalchemy as sa

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.db import audit_log, tables
from fraud_pipeline.workbench.db.database import now


@dataclass(frozen=True)
class WorkbenchSettings:
    """The settings in force; all whole numbers."""

    four_eyes_amount: int = 100_000  # yuan claimed, from which a second person must agree
    lock_minutes: int = 30  # how long a taken claim stays one person's without a sign of life
    undo_minutes: int = 30  # how long one's own decision can be taken back without a lead
    session_idle_minutes: int = 30
    session_hours: int = 10  # a session's longest life
    attempts: int = 5  # failed sign-ins before a pause ...
    pause_minutes: int = 15  # ... of this length
    invitation_hours: int = 72
    answer_days: int = 15  # days a party is given to answer a notice
    deadline_days: int = 10  # working days to decide a claim, shown as age against deadline
    file_megabytes: int = 20  # largest evidence file (never above 64)
    blind_percent: int = 5  # of the verdicts that a second person checks without knowing them


WORDS = {
    "four_eyes_amount": ("双人复核起点金额（元）", "amount from which four eyes decide (yuan)"),
    "lock_minutes": ("领取后保留（分钟）", "a taken claim is kept for (minutes)"),
    "undo_minutes": ("可撤回时限（分钟）", "own decisions can be undone for (minutes)"),
    "session_idle_minutes": ("无操作退出（分钟）", "signed out after idling (minutes)"),
    "session_hours": ("最长登录（小时）", "longest session (hours)"),
    "attempts": ("登录失败次数上限", "failed sign-ins before a pause"),
    "pause_minutes": ("失败后暂停（分钟）", "pause after failures (minutes)"),
    "invitation_hours": ("邀请有效（小时）", "an invitation lasts (hours)"),
    "answer_days": ("当事人答复期限（天）", "a party is given to answer a notice (days)"),
    "file_megabytes": ("证据文件上限（MB）", "largest evidence file (MB)"),
    "blind_percent": ("盲审复核比例（%）", "verdicts checked blindly (%)"),
    "deadline_days": ("办理时限（工作日）", "deadline for a claim (working days)"),
}

_BOUNDS = {"blind_percent": (0, 100)}


def current(connection: sa.Connection) -> WorkbenchSettings:
    """The latest value of each setting; defaults for the others."""
    s = tables.SETTINGS
    rows = connection.execute(sa.select(s.c.key, s.c.value).order_by(s.c.id))
    known = {f.name for f in fields(WorkbenchSettings)}
    return replace(WorkbenchSettings(), **{k: int(v) for k, v in rows if k in known})


def change(connection: sa.Connection, key: str, value: str, by: int, who: str) -> None:
    """Sets one value. Raises SettingsError for an unknown key or a value outside its bounds."""
    if key not in WORDS:
        raise SettingsError(f"没有设置项 {key} / there is no setting {key}")
    low, high = _BOUNDS.get(key, (1, 10**9))
    if not value.isascii() or not value.isdigit() or not low <= int(value[:12]) <= high:
        raise SettingsError(
            f"{WORDS[key][0]}须为 {low:,} 至 {high:,} 的整数 / "
            f"{WORDS[key][1]}: a whole number from {low:,} to {high:,}"
        )
    before = getattr(current(connection), key)
    connection.execute(sa.insert(tables.SETTINGS).values(key=key, value=value, by=by, at=now()))
    audit_log.append(connection, by, who, "setting", key, before=before, after=int(value))
