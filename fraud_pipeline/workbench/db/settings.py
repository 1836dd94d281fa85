"""Settings of the workbench, kept in the database: each change is a new row and a row in the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import Field
from pydantic.fields import FieldInfo

from fraud_pipeline.core.strict_models import StrictModel
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.db import audit_log, tables
from fraud_pipeline.workbench.db.database import now

_ASSUMPTION = ("假设", "assumption")
_COMMON_SECURITY = ("通行安全做法", "common security practice")
_YUAN, _PERCENT, _TIMES = ("元", "yuan"), ("%", "percent"), ("次", "times")
_MINUTES, _HOURS, _DAYS = ("分钟", "minutes"), ("小时", "hours"), ("天", "days")
Pair = tuple[str, str]  # Chinese, English


@dataclass(frozen=True)
class SettingInfo:
    """What the page says of a setting: name, unit and source (zh, en); default; bounds."""

    name: Pair
    unit: Pair
    source: Pair
    default: int
    low: int
    high: int


def _setting(default: int, name: Pair, unit: Pair, low: int, high: int, source: Pair) -> Any:
    about: dict[str, Any] = {"name": name, "unit": unit, "source": source}
    return Field(default, ge=low, le=high, json_schema_extra=about)


class WorkbenchSettings(StrictModel):
    """The settings in force; all whole numbers."""

    four_eyes_amount: int = _setting(
        100_000, ("双人复核起点：申请金额", "claimed amount from which a second person must agree"),
        _YUAN, 1, 10**9, ("审计惯例；金额为假设", "audit custom; the amount is an assumption"),
    )  # fmt: skip
    lock_minutes: int = _setting(
        30, ("领取后无操作的保留时间", "a claim in work is kept without activity for"),
        _MINUTES, 1, 1440, _ASSUMPTION,
    )  # fmt: skip
    undo_minutes: int = _setting(
        30, ("本人结论可撤回的时间", "an own decision can be undone within"),
        _MINUTES, 1, 10_080, _ASSUMPTION,
    )  # fmt: skip
    session_idle_minutes: int = _setting(
        30, ("无操作自动退出", "signed out after inactivity of"),
        _MINUTES, 1, 1440, _COMMON_SECURITY,
    )  # fmt: skip
    session_hours: int = _setting(
        10, ("最长登录时间", "longest session"), _HOURS, 1, 168, _COMMON_SECURITY
    )
    attempts: int = _setting(
        5, ("登录失败次数上限", "failed sign-ins before a pause"), _TIMES, 1, 100, _COMMON_SECURITY
    )
    pause_minutes: int = _setting(
        15, ("登录失败后的暂停时间", "pause after failed sign-ins"),
        _MINUTES, 1, 1440, _COMMON_SECURITY,
    )  # fmt: skip
    invitation_hours: int = _setting(
        72, ("邀请有效期", "an invitation is valid for"), _HOURS, 1, 720, _COMMON_SECURITY
    )
    token_days: int = _setting(
        365, ("接口令牌有效期", "an API token is valid for"), _DAYS, 1, 1825, _COMMON_SECURITY
    )
    answer_days: int = _setting(
        15, ("当事人答复期限", "time for a party to answer a notice"),
        _DAYS, 1, 365, _ASSUMPTION,
    )  # fmt: skip
    file_megabytes: int = _setting(
        20, ("证据文件上限", "largest evidence file"), ("MB", "MB"), 1, 64,
        ("假设；上限为服务器的请求限制", "assumption; the upper bound is the request limit of the server"),
    )  # fmt: skip
    blind_percent: int = _setting(
        5, ("盲审复核比例", "share of verdicts for blind double review"),
        _PERCENT, 0, 100, ("审计惯例；比例为假设", "audit custom; the share is an assumption"),
    )  # fmt: skip
    deadline_days: int = _setting(
        10, ("办理时限", "time to decide a claim"), ("工作日", "working days"), 1, 365, _ASSUMPTION
    )


def _info(field: FieldInfo) -> SettingInfo:
    low, high = (getattr(one, name) for one, name in zip(field.metadata, ("ge", "le"), strict=True))
    about: Any = field.json_schema_extra
    return SettingInfo(**about, default=int(field.default), low=low, high=high)


SETTINGS = {key: _info(field) for key, field in WorkbenchSettings.model_fields.items()}
WORDS = {key: info.name for key, info in SETTINGS.items()}


def current(connection: sa.Connection) -> WorkbenchSettings:
    """The latest value of each setting; defaults for the others.

    A value outside the bounds, which an earlier version accepted or somebody wrote into the
    database, counts as the nearer bound: no stored value can keep everybody out.
    """
    s = tables.SETTINGS
    rows = connection.execute(sa.select(s.c.key, s.c.value).order_by(s.c.id))
    recorded: dict[str, Any] = {k: _bounded(SETTINGS[k], v) for k, v in rows if k in SETTINGS}
    return WorkbenchSettings.model_construct(**recorded)


def _bounded(info: SettingInfo, text: str) -> int:
    if not _is_whole(text):
        return info.default
    return max(info.low, min(info.high, int(text)))


def _is_whole(text: str) -> bool:
    """Whether the whole text is a number of at most 12 digits."""
    return text.isascii() and text.isdigit() and len(text) <= 12


def reset(connection: sa.Connection, key: str) -> int:
    """Sets one value to its default, in the system's name. Raises SettingsError for an unknown key."""
    if key not in SETTINGS:
        raise SettingsError(f"没有设置项 {key} / there is no setting {key}")
    change(connection, key, str(SETTINGS[key].default), None, "system")
    return SETTINGS[key].default


def change(connection: sa.Connection, key: str, value: str, by: int | None, who: str) -> None:
    """Sets one value. Raises SettingsError for an unknown key or a value outside its bounds."""
    if key not in SETTINGS:
        raise SettingsError(f"没有设置项 {key} / there is no setting {key}")
    info = SETTINGS[key]
    if not _is_whole(value) or not info.low <= int(value) <= info.high:
        raise SettingsError(
            f"{info.name[0]}须为 {info.low:,} 至 {info.high:,} 的整数（{info.unit[0]}） / "
            f"{info.name[1]}: a whole number from {info.low:,} to {info.high:,} ({info.unit[1]})"
        )
    before = getattr(current(connection), key)
    connection.execute(sa.insert(tables.SETTINGS).values(key=key, value=value, by=by, at=now()))
    audit_log.append(connection, by, who, "setting", key, before=before, after=int(value))
