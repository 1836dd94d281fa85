"""A few grouped alarms: changes that are large and, for counts, not explained by chance.

Every alarm needs a size that matters and, for counts, a probability under no change of at
most one in a thousand; related changes are one alarm that lists its members.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fraud_pipeline.monitor.drift import Shift
from fraud_pipeline.monitor.freshness import Freshness
from fraud_pipeline.monitor.measures import Measures, Rate
from fraud_pipeline.vocabulary.messages import one_of

PSI = 0.25  # the customary mark of a major shift
MAX_P_VALUE = 1e-3  # divided by the number of columns looked at
FELL, GREW = 0.05, 0.50  # of a table's rows
QUARANTINED, SILENT = 0.02, 0.05  # rise of a share
Z = 3.3  # about one in a thousand, one-sided
TIMES = 2.0  # a rule's rate that doubled or halved
SLOWER, SLOW_SECONDS = 3.0, 60.0
_MEMBERS_SHOWN = 5


@dataclass(frozen=True)
class Alarm:
    """One group's alarm: what moved, the members that moved most first."""

    group: str
    zh: str
    en: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        shown = "; ".join(self.members[:_MEMBERS_SHOWN])
        more = len(self.members) - _MEMBERS_SHOWN
        return f"{one_of(self.zh, self.en)}: {shown}" + (f"; +{more}" if more > 0 else "")


def alarms(measures: Measures, fresh: Freshness | None = None) -> list[Alarm]:
    """At most one alarm a group, in the order a person should look."""
    # The first column is the label of the group in Prometheus: dashboards on disk name it.
    groups = [
        (
            "nights",
            "定时运行异常",
            "scheduled runs missed or stale",
            list(fresh.problems) if fresh else [],
        ),
        ("volumes", "数据量异常", "volumes moved", _volumes(measures)),
        ("missing", "缺失值增多", "columns lost values", _missing(measures)),
        ("drift", "特征分布漂移", "features drifted", _shifted(measures.features)),
        ("scores", "评分分布漂移", "scores drifted", _shifted(measures.scores)),
        ("rules", "规则触发率突变", "rules fire differently", _rules(measures)),
        ("hits", "命中率变化", "hit rates moved", _hits(measures)),
        ("queue", "积压", "the queue ages", _queue(measures)),
        ("steps", "步骤变慢", "steps became slow", _steps(measures)),
    ]
    return [Alarm(group, zh, en, tuple(members)) for group, zh, en, members in groups if members]


def _volumes(measures: Measures) -> list[str]:
    lines = []
    for name, row in measures.volumes.items():
        clean, rows_in, before = (
            row["rows_clean"] or 0,
            row["rows_in"] or 0,
            row["rows_clean_before"],
        )
        if rows_in and (row["rows_quarantined"] or 0) / rows_in > QUARANTINED:
            lines.append(f"{name}: {row['rows_quarantined']} / {rows_in} quarantined")
        if before and clean < before * (1 - FELL):
            lines.append(f"{name}: {before} → {clean}")
        if before and clean > before * (1 + GREW) and clean - before > 100:
            lines.append(f"{name}: {before} → {clean}")
    if measures.new_claims == 0 and measures.before:
        lines.append("claims: none new")
    return lines


def _missing(measures: Measures) -> list[str]:
    moved = []
    for name, (share, before, rows) in measures.missing.items():
        if before is None or share - before <= SILENT or not rows:
            continue
        error = math.sqrt(max(before * (1 - before), 1 / rows) / rows)
        if (share - before) / error > Z:
            moved.append((before - share, f"{name}: {before:.0%} → {share:.0%}"))
    return [text for _, text in sorted(moved)]


def _shifted(shifts: list[Shift]) -> list[str]:
    bar = MAX_P_VALUE / max(1, len(shifts))
    return [f"{s.name} (PSI {s.psi:.2f})" for s in shifts if s.psi > PSI and s.p_value < bar]


def _rules(measures: Measures) -> list[str]:
    lines = []
    for code, row in sorted(measures.rules.items()):
        if row["n_error"]:
            lines.append((-math.inf, f"{code}: {row['n_error']} errors"))
        if row["n_hit_before"] is None:
            continue
        fresh_hits = row["n_hit"] - row["n_hit_before"]
        fresh = fresh_hits + row["n_pass"] - (row["n_pass_before"] or 0)
        n_judged_before = row["n_hit_before"] + (row["n_pass_before"] or 0)
        if fresh < 20 or n_judged_before < 20 or fresh_hits < 0:
            continue
        now, before = fresh_hits / fresh, row["n_hit_before"] / n_judged_before
        z = _z(fresh_hits, fresh, row["n_hit_before"], n_judged_before)
        if abs(z) > Z and not before / TIMES <= now <= before * TIMES:
            lines.append((-abs(z), f"{code}: {before:.1%} → {now:.1%} of new claims"))
    return [text for _, text in sorted(lines)]


def _hits(measures: Measures) -> list[str]:
    lines = []
    for stratum, (recent, earlier) in measures.hit_rates.items():
        if recent and earlier:
            z = _z(recent.improper, recent.n, earlier.improper, earlier.n)
            if abs(z) > Z:
                lines.append(f"{stratum}: {_rate(earlier)} → {_rate(recent)}")
    since = measures.found_since  # verdicts since the run before
    if since is not None and since.expected is not None:
        p = min(max(since.expected / since.n, 1e-6), 1 - 1e-6)
        z = (since.improper - since.expected) / math.sqrt(since.n * p * (1 - p))
        if abs(z) > Z:
            lines.append(f"expected {since.expected:.0f}, found {since.improper} of {since.n}")
    return lines


def _queue(measures: Measures) -> list[str]:
    queue = measures.queue
    if queue.open and queue.waiting_long / queue.open > 0.5 and queue.median_days > 180:
        return [
            f"{queue.waiting_long} / {queue.open} open > 60 d, median {queue.median_days:.0f} d"
        ]
    return []


def _steps(measures: Measures) -> list[str]:
    return [
        f"{name}: {before:.0f} → {now:.0f} s"
        for name, (now, before) in measures.steps.items()
        if before and now > SLOW_SECONDS and now > SLOWER * before
    ]


def _rate(rate: Rate) -> str:
    return f"{rate.share:.0%} [{rate.low:.0%}, {rate.high:.0%}]"


def _z(a: int, n: int, b: int, m: int) -> float:
    """Two proportions, pooled; 0 where neither can differ."""
    pooled = (a + b) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return (a / n - b / m) / error if error else 0.0
