"""Is the last good run as fresh as it should be, and did every night come?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from fraud_pipeline.core.time_zone import TIME_ZONE

LOOK_BACK_DAYS = 30
_ZONE = ZoneInfo(TIME_ZONE)


class AttemptEvent(Protocol):
    """A line of the workspace's diary."""

    @property
    def at(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def pid(self) -> int: ...
    @property
    def run_id(self) -> str | None: ...
    @property
    def reason(self) -> str | None: ...


@dataclass(frozen=True)
class Freshness:
    """Where the nights stand; ``problems`` is empty when all is as it should be."""

    run_id: str | None
    data_as_of: date | None
    published: datetime | None
    last_success: datetime | None  # also a night that found nothing new
    hours_since_success: float | None
    data_age_days: int | None
    missing_nights: tuple[date, ...]
    unfinished: int  # begun and never ended: killed, or at work now
    running: bool
    problems: tuple[str, ...]


def freshness(
    manifest: dict[str, Any] | None, diary: Sequence[AttemptEvent], now: datetime, *, running: bool,
    max_age_hours: float, max_data_days: int | None = None,
) -> Freshness:  # fmt: skip
    """Judged at ``now`` (with time zone) from the last good manifest and the diary.

    A night is missing when a day of the last 30, after the first success and before
    today, saw no success. A day is one in Asia/Shanghai.
    """
    successes = [_instant(e.at) for e in diary if e.event in ("published", "unchanged")]
    published = _instant(manifest["published"]) if manifest else None
    last = max([*successes, *([published] if published else [])], default=None)
    hours = (now - last).total_seconds() / 3600 if last else None
    as_of = date.fromisoformat(manifest["as_of"]) if manifest else None
    age = (now.astimezone(_ZONE).date() - as_of).days if as_of else None
    missing = _missing(successes, now)
    unfinished = _unfinished(diary)
    return Freshness(
        manifest["run_id"] if manifest else None, as_of, published, last, hours, age, missing,
        unfinished, running,
        tuple(_problems(diary, hours, age, missing, running, max_age_hours, max_data_days)),
    )  # fmt: skip


def _problems(
    diary: Sequence[AttemptEvent], hours: float | None, age: int | None, missing: tuple[date, ...],
    running: bool, max_age_hours: float, max_data_days: int | None,
) -> list[str]:  # fmt: skip
    said = []
    if hours is None:
        said.append("尚无运行 no run was ever published")
    elif hours < -0.1:
        said.append(f"时钟回拨 the clock stands {-hours:.1f} h before the last success")
    elif hours > max_age_hours:
        said.append(f"已 {hours:.0f} 小时未成功 no success for {hours:.0f} h")
    if missing:
        days = ", ".join(d.isoformat() for d in missing[-5:])
        said.append(f"缺 {len(missing)} 夜 nights missing: {days}")
    ended = [e for e in diary if e.event != "begun"]
    if ended and ended[-1].event == "failed":
        said.append(f"最近一次失败 the last attempt failed: {ended[-1].reason}")
    elif _unfinished(diary[-1:]) and not running:
        said.append("最近一次被中断 the last attempt was killed; the next one goes on")
    if max_data_days is not None and age is not None and age > max_data_days:
        said.append(f"数据已 {age} 天未更新 the data ends {age} days ago")
    return said


def _missing(successes: list[datetime], now: datetime) -> tuple[date, ...]:
    if not successes:
        return ()
    seen = {s.astimezone(_ZONE).date() for s in successes}
    today = now.astimezone(_ZONE).date()
    first = max(min(seen), today - timedelta(days=LOOK_BACK_DAYS))
    days = (first + timedelta(days=n) for n in range(max(0, (today - first).days)))
    return tuple(d for d in days if d not in seen)


def _unfinished(diary: Sequence[AttemptEvent]) -> int:
    """Beginnings not followed by an end of the same process."""
    return sum(
        entry.event == "begun"
        and not any(later.pid == entry.pid and later.event != "begun" for later in diary[at + 1 :])
        for at, entry in enumerate(diary)
    )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def as_text(fresh: Freshness) -> str:
    """For the command line: data as of, age, and what is wrong, one line each."""
    if fresh.run_id is None:
        return "\n".join(fresh.problems)
    lines = [
        f"最近运行 last good run {fresh.run_id}",
        f"数据截至 data as of {fresh.data_as_of}（{fresh.data_age_days} 天前 days ago）",
        f"最近成功 last success {_local(fresh.last_success)}"
        f"（{fresh.hours_since_success:.1f} 小时前 h ago）",
    ]
    if fresh.running:
        lines.append("正在运行 a night is at work now")
    return "\n".join([*lines, *(f"! {problem}" for problem in fresh.problems)] or ["—"])


def _local(instant: datetime | None) -> str:
    return instant.astimezone(_ZONE).isoformat(timespec="minutes") if instant else "—"
