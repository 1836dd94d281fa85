"""Is the last good run as recent as it should be, and did every scheduled run happen?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fraud_pipeline.core.time_zone import TIME_ZONE
from fraud_pipeline.store.attempts import AttemptEvent
from fraud_pipeline.vocabulary.messages import t

LOOK_BACK_DAYS = 30
_ZONE = ZoneInfo(TIME_ZONE)


@dataclass(frozen=True)
class Freshness:
    """How recent the runs of a workspace are; ``problems`` is empty when all is well."""

    run_id: str | None
    data_as_of: date | None
    published: datetime | None
    last_success: datetime | None  # also an attempt that found nothing new
    hours_since_success: float | None
    data_age_days: int | None
    days_without_run: tuple[date, ...]
    unfinished: int  # begun and never ends: killed, or at work now
    running: bool
    problems: tuple[str, ...]


def freshness(
    manifest: dict[str, Any] | None, attempts: Sequence[AttemptEvent], now: datetime, *, running: bool,
    max_age_hours: float, max_data_days: int | None = None,
) -> Freshness:  # fmt: skip
    """Judged at ``now`` (with time zone) from the last good manifest and the attempts.

    ``days_without_run``: of the last 30 days, those after the first success and before today
    that had no success. Days are those of Asia/Shanghai.
    """
    successes = [_instant(e.at) for e in attempts if e.event in ("published", "unchanged")]
    published = _instant(manifest["published"]) if manifest else None
    last = max([*successes, *([published] if published else [])], default=None)
    hours = (now - last).total_seconds() / 3600 if last else None
    as_of = date.fromisoformat(manifest["as_of"]) if manifest else None
    age = (now.astimezone(_ZONE).date() - as_of).days if as_of else None
    missing = _missing(successes, now)
    unfinished = _unfinished(attempts)
    return Freshness(
        manifest["run_id"] if manifest else None, as_of, published, last, hours, age, missing,
        unfinished, running,
        tuple(_problems(attempts, hours, age, missing, running, max_age_hours, max_data_days)),
    )  # fmt: skip


def _problems(
    attempts: Sequence[AttemptEvent], hours: float | None, age: int | None, missing: tuple[date, ...],
    running: bool, max_age_hours: float, max_data_days: int | None,
) -> list[str]:  # fmt: skip
    problems = []
    if hours is None:
        problems.append(t("status.never"))
    elif hours < -0.1:
        problems.append(t("status.clock", hours=-hours))
    elif hours > max_age_hours:
        problems.append(t("status.late", hours=hours))
    if missing:
        days = ", ".join(d.isoformat() for d in missing[-5:])
        problems.append(t("status.missing", n=len(missing), days=days))
    ends = [e for e in attempts if e.event != "begun"]
    if ends and ends[-1].event == "failed":
        problems.append(t("status.failed", reason=ends[-1].reason))
    elif _unfinished(attempts[-1:]) and not running:
        problems.append(t("status.killed"))
    if max_data_days is not None and age is not None and age > max_data_days:
        problems.append(t("status.old_data", days=age))
    return problems


def _missing(successes: list[datetime], now: datetime) -> tuple[date, ...]:
    if not successes:
        return ()
    success_days = {s.astimezone(_ZONE).date() for s in successes}
    today = now.astimezone(_ZONE).date()
    first = max(min(success_days), today - timedelta(days=LOOK_BACK_DAYS))
    days = (first + timedelta(days=n) for n in range(max(0, (today - first).days)))
    return tuple(d for d in days if d not in success_days)


def _unfinished(attempts: Sequence[AttemptEvent]) -> int:
    """Beginnings not followed by an end of the same process."""
    return sum(
        entry.event == "begun"
        and not any(
            later.pid == entry.pid and later.event != "begun" for later in attempts[at + 1 :]
        )
        for at, entry in enumerate(attempts)
    )


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def as_text(fresh: Freshness) -> str:
    """For the command line: data as of, age, and what is wrong, one line each."""
    if fresh.run_id is None:
        return "\n".join(fresh.problems)
    lines = [
        t("status.last_run", run_id=fresh.run_id),
        t("status.data", as_of=fresh.data_as_of, days=fresh.data_age_days),
        t("status.last_success", at=_local(fresh.last_success), hours=fresh.hours_since_success),
    ]
    if fresh.running:
        lines.append(t("status.running"))
    return "\n".join([*lines, *(f"! {problem}" for problem in fresh.problems)] or ["—"])


def _local(instant: datetime | None) -> str:
    return instant.astimezone(_ZONE).isoformat(timespec="minutes") if instant else "—"
