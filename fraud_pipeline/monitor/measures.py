"""The measures of a run and of the run before it: plain numbers, without a judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.monitor.drift import Shift, shifts

SCORES = ("risk", "log_odds", "rule_score", "price_score", "ring_score", "behaviour_score")
RECENT_DAYS = 90  # outcomes decided in so many days before the as-of date are "now"
LONG_DAYS = 60  # an open claim older than this waits long
CONFIDENCE = 0.95


class Source(Protocol):
    """Read access to a published run."""

    @property
    def manifest(self) -> dict[str, Any]: ...
    def table(self, name: str) -> pa.Table: ...
    def null_shares(self, name: str) -> dict[str, float]: ...


@dataclass(frozen=True)
class Rate:
    """Improper among decided, with an exact interval; ``expected`` by the model beforehand."""

    n: int
    improper: int
    low: float
    high: float
    expected: float | None = None

    @property
    def share(self) -> float:
        return self.improper / self.n


@dataclass(frozen=True)
class Queue:
    """Claims waiting for a verdict, by days since they were submitted."""

    open: int
    median_days: float
    oldest_days: int
    waiting_long: int
    listed: int  # on the audit list and open


@dataclass(frozen=True)
class Measures:
    """Everything measured; ``before`` values are None without a run to compare with."""

    run_id: str
    as_of: str
    published: str
    before: str | None
    volumes: dict[str, dict[str, int | None]]
    missing: dict[str, tuple[float, float | None, int]]  # table.column: share, before, rows
    features: list[Shift]  # claims that came since, against all before
    scores: list[Shift]
    rules: dict[str, dict[str, Any]]
    hit_rates: dict[str, tuple[Rate | None, Rate | None]]  # stratum: recent, earlier
    found_since: Rate | None  # verdicts since the run before, with what that run expected
    queue: Queue
    money: dict[str, float] = field(default_factory=dict)
    steps: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    new_claims: int | None = None


def measure(now: Source, before: Source | None) -> Measures:
    """Measures of ``now``, compared with ``before`` where there is one."""
    manifest, old = now.manifest, before.manifest if before else {}
    ranked = now.table("ranked_claims")
    features, scores, fresh = _drift(now, before)
    return Measures(
        run_id=manifest["run_id"],
        as_of=manifest["as_of"],
        published=manifest["published"],
        before=old.get("run_id"),
        volumes=_volumes(manifest, old),
        missing=_missing(now, before, manifest),
        features=features,
        scores=scores,
        rules=_rules(now, before),
        hit_rates=_hit_rates(now.table("clean/outcomes"), manifest["as_of"]),
        found_since=_found_since(now, before),
        queue=_queue(now, ranked, manifest["as_of"]),
        money={"expected_loss": _sum(ranked, "expected_loss"), "claimed": _sum(ranked, "claimed_amount")},
        steps={k: (v["seconds"], (old.get("steps") or {}).get(k, {}).get("seconds"))
               for k, v in manifest["steps"].items()},
        new_claims=fresh,
    )  # fmt: skip


def _volumes(now: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, dict[str, int | None]]:
    past = old.get("tables", {})
    return {
        name: {**account, "rows_clean_before": past.get(name, {}).get("rows_clean")}
        for name, account in now["tables"].items()
    }


def _missing(
    now: Source, before: Source | None, manifest: Mapping[str, Any]
) -> dict[str, tuple[float, float | None, int]]:
    shares: dict[str, tuple[float, float | None, int]] = {}
    for name in manifest["supplied"]:
        old = before.null_shares(f"clean/{name}") if before else {}
        rows = manifest["tables"].get(name, {}).get("rows_clean", 0)
        for column, share in now.null_shares(f"clean/{name}").items():
            shares[f"{name}.{column}"] = (share, old.get(column), rows)
    return shares


def _drift(now: Source, before: Source | None) -> tuple[list[Shift], list[Shift], int | None]:
    """Features of the claims that came since against all before; scores of both lists."""
    if before is None:
        return [], [], None
    current, earlier = now.table("features"), before.table("features")
    known = pc.is_in(current["claim_id"], value_set=earlier["claim_id"].combine_chunks())
    fresh = current.filter(pc.invert(known))
    listed, past = now.table("ranked_claims"), before.table("ranked_claims")
    new = listed.filter(pc.is_in(listed["claim_id"], value_set=fresh["claim_id"].combine_chunks()))
    return (
        shifts(earlier, fresh, list(FEATURE_NAMES)),
        shifts(past, new, list(SCORES)),
        fresh.num_rows,
    )


def _rules(now: Source, before: Source | None) -> dict[str, dict[str, Any]]:
    names = ["rule_code", "title_zh", "title_en", "n_hit", "n_pass", "n_error"]
    old = {r["rule_code"]: r for r in before.table("rules").to_pylist()} if before else {}
    return {
        row["rule_code"]: {
            **row,
            "n_hit_before": old.get(row["rule_code"], {}).get("n_hit"),
            "n_pass_before": old.get(row["rule_code"], {}).get("n_pass"),
        }
        for row in now.table("rules").select(names).to_pylist()
    }


def rate(improper: int, n: int, expected: float | None = None) -> Rate | None:
    """A hit rate with its exact (Clopper and Pearson) interval; None where nothing was decided."""
    if n == 0:
        return None
    tail = (1 - CONFIDENCE) / 2
    low = float(stats.beta.ppf(tail, improper, n - improper + 1)) if improper else 0.0
    high = float(stats.beta.isf(tail, improper + 1, n - improper)) if improper < n else 1.0
    return Rate(n, improper, low, high, expected)


def _hit_rates(outcomes: pa.Table, as_of: str) -> dict[str, tuple[Rate | None, Rate | None]]:
    decided = outcomes.filter(pc.not_equal(outcomes["verdict"], "undetermined"))
    since = pa.scalar(date.fromisoformat(as_of) - timedelta(days=RECENT_DAYS))
    recent = pc.fill_null(pc.greater(decided["decided_on"], since), False)
    how = pc.fill_null(decided["selected_by"], "unknown")
    improper = pc.is_in(decided["verdict"], value_set=pa.array(["fraud", "irregular"]))

    def of(mask: pa.ChunkedArray) -> Rate | None:
        return rate(pc.sum(pc.and_(improper, mask)).as_py() or 0, pc.sum(mask).as_py() or 0)

    rates = {}
    for stratum in sorted(pc.unique(how).to_pylist()):
        selected = pc.equal(how, stratum)
        rates[stratum] = (of(pc.and_(selected, recent)), of(pc.and_(selected, pc.invert(recent))))
    return rates


def _found_since(now: Source, before: Source | None) -> Rate | None:
    """Verdicts on claims that the run before still had open, and what it expected of them."""
    if before is None:
        return None
    outcomes = now.table("clean/outcomes")
    outcomes = outcomes.filter(pc.not_equal(outcomes["verdict"], "undetermined"))
    open_then = before.table("ranked_claims").select(["claim_id", "risk"])
    at = pc.index_in(outcomes["claim_id"], value_set=open_then["claim_id"].combine_chunks())
    decided = outcomes.filter(pc.is_valid(at))
    expected = pc.sum(open_then["risk"].take(at.drop_null())).as_py()
    improper = pc.is_in(decided["verdict"], value_set=pa.array(["fraud", "irregular"]))
    return rate(pc.sum(improper).as_py() or 0, decided.num_rows, expected)


def _queue(now: Source, ranked: pa.Table, as_of: str) -> Queue:
    claims = now.table("clean/claims").select(["claim_id", "submitted_on"])
    waiting = claims.filter(
        pc.is_in(claims["claim_id"], value_set=ranked["claim_id"].combine_chunks())
    )
    days = (np.datetime64(as_of, "D") - waiting["submitted_on"].to_numpy().astype("M8[D]")).astype(
        int
    )
    listed = now.table("audit_plan").num_rows
    if not len(days):
        return Queue(0, 0.0, 0, 0, listed)
    return Queue(
        len(days), float(np.median(days)), int(days.max()), int((days > LONG_DAYS).sum()), listed
    )


def _sum(table: pa.Table, column: str) -> float:
    return float(pc.sum(table[column]).as_py() or 0)
