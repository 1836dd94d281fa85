"""The measures in the Prometheus text format, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable

from fraud_pipeline.monitor.alarms import Alarm
from fraud_pipeline.monitor.freshness import Freshness
from fraud_pipeline.monitor.measures import Measures

Sample = tuple[dict[str, str], float]


def as_prometheus(measures: Measures | None, fresh: Freshness, raised: list[Alarm]) -> str:
    """One family a measure, every name beginning ``fraud_pipeline_``.

    What is unknown has no sample; zero alarms are a sample of 0.
    """
    families = [*_of_freshness(fresh), *(_of_run(measures) if measures else [])]
    families.append(("alarms", "groups with an alarm", [({}, len(raised))]))
    families.append(
        ("alarm", "1 = the group has an alarm", [({"group": a.group}, 1) for a in raised])
    )
    text = []
    for name, help_text, samples in families:
        text.append(
            f"# HELP fraud_pipeline_{name} {help_text}\n# TYPE fraud_pipeline_{name} gauge\n"
        )
        text += [
            f"fraud_pipeline_{name}{_labels(labels)} {value:.10g}\n" for labels, value in samples
        ]
    return "".join(text)


def _of_freshness(fresh: Freshness) -> list[tuple[str, str, list[Sample]]]:
    stamps = [("published", fresh.published), ("success", fresh.last_success)]
    return [
        ("last_timestamp_seconds", "last publication and last success",
         [({"of": name}, at.timestamp()) for name, at in stamps if at]),
        ("data_age_days", "days since the data's as-of date",
         [({}, fresh.data_age_days)] if fresh.data_age_days is not None else []),
        # Names that dashboards already query.
        ("missing_nights", "days without a success in the last 30", [({}, len(fresh.days_without_run))]),
        ("unfinished_nights", "attempts that never ended", [({}, fresh.unfinished)]),
    ]  # fmt: skip


def _of_run(m: Measures) -> list[tuple[str, str, list[Sample]]]:
    kinds = ("rows_in", "rows_clean", "rows_quarantined")
    return [
        ("rows", "rows of an input table",
         [({"table": t, "kind": k}, float(row[k] or 0)) for t, row in m.volumes.items() for k in kinds]),
        ("missing_share", "share of a column without a value",
         [({"column": c}, share) for c, (share, _, _) in m.missing.items()]),
        ("psi", "population stability index of new claims against the run before",
         [({"column": s.name, "kind": kind}, s.psi)
          for kind, shifts in (("feature", m.features), ("score", m.scores)) for s in shifts]),
        ("rule_hits", "claims a rule fires on", [({"rule": c}, r["n_hit"]) for c, r in m.rules.items()]),
        ("rule_errors", "claims a rule failed on", [({"rule": c}, r["n_error"]) for c, r in m.rules.items()]),
        ("hit_share", "improper among decided, by how the claim was selected",
         [({"stratum": name, "when": when}, rate.share)
          for name, pair in m.hit_rates.items()
          for when, rate in zip(("recent", "earlier"), pair, strict=True) if rate]),
        ("queue_claims", "claims without a verdict", [({"of": "open"}, m.queue.open),
         ({"of": "waiting_long"}, m.queue.waiting_long), ({"of": "listed"}, m.queue.listed)]),
        ("queue_age_days", "days since submission", [({"of": "median"}, m.queue.median_days),
         ({"of": "oldest"}, m.queue.oldest_days)]),
        ("money_yuan", "sums over the ranked list", [({"of": k}, v) for k, v in m.money.items()]),
        ("step_seconds", "seconds of a step", [({"step": k}, now) for k, (now, _) in m.steps.items()]),
    ]  # fmt: skip


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(_label(k, v) for k, v in _sorted(labels)) + "}"


def _sorted(labels: dict[str, str]) -> Iterable[tuple[str, str]]:
    return sorted(labels.items())


def _label(name: str, value: str) -> str:
    escaped = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'{name}="{escaped}"'
