"""Backtest month by month: how past rankings would have done on the verdicts that came later.

At the end of each month only what was known by then is used: claims, registers, and the
verdicts already decided. The claims open at that moment are ranked by the shipped model and
by the one trained on those verdicts, and both are compared with the verdicts that came later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.metrics import average_precision_score

from fraud_pipeline import programmes, risk
from fraud_pipeline.core.money import to_fen
from fraud_pipeline.engine import in_memory
from fraud_pipeline.engine.setup import setup_of_run
from fraud_pipeline.errors import InputError
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import runs
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.vocabulary.messages import t

MIN_VERDICTS = 10  # later verdicts that a month needs to be reported


@dataclass(frozen=True)
class Month:
    """One month-end: the numbers known, and how each ranking did on what came later.

    ``precision``: average precision among the claims audited later, weighted by the inverse
    of their inclusion probability where one is recorded. ``money``: share of the money later
    disallowed that the first tenth of the open claims holds. ``expected``: mean calibrated
    probability of those claims, ``improper_share``: the share that was improper, weighted alike.
    """

    as_of: date
    open_claims: int
    known_verdicts: int
    later_verdicts: int
    trust: float
    promoted: bool
    precision: dict[str, float]
    money: dict[str, float]
    expected: dict[str, float]
    improper_share: float


def backtest(
    clean: Tables, settings: Settings, packs: Mapping[str, programmes.Pack], model: risk.Model,
    months: int, progress: Callable[[str], None] = lambda words: None,
) -> list[Month]:  # fmt: skip
    """One entry for each month-end with enough later verdicts, oldest first.

    Raises InputError when there are no verdicts at all.
    """
    outcomes = clean["outcomes"]
    if outcomes.num_rows == 0:
        raise InputError("outcomes: there are no verdicts to compare a past ranking with")
    results = []
    for day in month_ends(pc.max(outcomes["decided_on"]).as_py(), months):
        progress(day.isoformat())
        month = _one(clean, settings, packs, model, day)
        if month is not None:
            results.append(month)
    return results


def of_run(
    workspace: Workspace, run_id: str | None, settings: Settings, months: int,
    progress: Callable[[str], None] = lambda words: None,
) -> list[Month]:  # fmt: skip
    """:func:`backtest` of the months before a published run's last verdict, by its accepted rows
    and its packs. ``run_id``: None = the last run."""
    run = runs.find(workspace.path, run_id)
    packs = setup_of_run(run, workspace).packs
    return backtest(run.tables(), settings, packs, shipped_model(), months, progress)


def month_ends(last: date, months: int) -> list[date]:
    """The last days of the ``months`` months before the month of ``last``, oldest first."""
    days, first = [], last.replace(day=1)
    for _ in range(months):
        days.append(first - timedelta(days=1))
        first = days[-1].replace(day=1)
    return days[::-1]


def _one(
    clean: Tables, settings: Settings, packs: Mapping[str, programmes.Pack], model: risk.Model,
    day: date,
) -> Month | None:  # fmt: skip
    if pc.min(clean["claims"]["submitted_on"]).as_py() > day:
        return None
    setup = Setup(day, day, settings, packs, model, None, None, 1, None, {})
    memory = in_memory.run(clean, setup)
    known = memory.tables("known")
    answer = risk.train(
        memory.table("features"), memory.table("rules"), known, model, model, settings.risk
    )
    promoted = isinstance(answer, risk.Learned) and answer.gate.passed
    learned = answer.model if isinstance(answer, risk.Learned) and promoted else model
    ranked = {"shipped": memory.table("ranked_claims")}
    ranked["in use"] = ranked["shipped"] if learned is model else _ranked(memory, learned, settings)
    later = _later(clean["outcomes"], day, ranked["shipped"]["claim_id"])
    if later.num_rows < MIN_VERDICTS or len(pc.unique(later["improper"])) < 2:
        return None
    measured = {name: _compare(table, later) for name, table in ranked.items()}
    weight, improper = _weight(later), later["improper"].to_numpy()
    return Month(
        day, ranked["shipped"].num_rows, known["outcomes"].num_rows, later.num_rows,
        answer.trust.share if isinstance(answer, risk.Learned) else 0.0, promoted,
        {n: t[0] for n, t in measured.items()}, {n: t[1] for n, t in measured.items()},
        {n: t[2] for n, t in measured.items()}, float(np.average(improper, weights=weight)),
    )  # fmt: skip


def _ranked(memory: in_memory.Memory, model: risk.Model, settings: Settings) -> pa.Table:
    features, rules = memory.table("features"), memory.table("rules")
    known = memory.tables("known")
    fitted = risk.fitted(model, features, rules, known, settings.risk)
    return risk.score(features, rules, memory.table("rule_results"), known, fitted)


def _later(outcomes: pa.Table, day: date, open_ids: pa.ChunkedArray) -> pa.Table:
    """The last deciding verdict, after ``day``, of each claim open on it; by claim id."""
    deciding = pc.is_in(outcomes["verdict"], pa.array(["fraud", "irregular", "clean"]))
    after = pc.greater(outcomes["decided_on"], pa.scalar(day))
    wanted = pc.is_in(outcomes["claim_id"], open_ids.combine_chunks())
    rows = outcomes.filter(pc.and_(pc.and_(deciding, after), wanted))
    rows = rows.sort_by([("claim_id", "ascending"), ("decided_on", "descending"),
                         ("outcome_id", "descending")])  # fmt: skip
    ids = rows["claim_id"].to_pylist()
    first = pa.array([k == 0 or ids[k] != ids[k - 1] for k in range(len(ids))], pa.bool_())
    rows = rows.filter(first)
    improper = pc.is_in(rows["verdict"], pa.array(["fraud", "irregular"])).cast(pa.float64())
    return rows.append_column("improper", improper)


def _weight(later: pa.Table) -> np.ndarray:
    probability = pc.fill_null(later["inclusion_prob"], np.nan).to_numpy()
    usual = np.nanmedian(probability) if np.isfinite(probability).any() else 1.0
    weight: np.ndarray = 1.0 / np.maximum(np.where(np.isnan(probability), usual, probability), 1e-3)
    return weight


def _compare(ranked: pa.Table, later: pa.Table) -> tuple[float, float, float]:
    at = pc.index_in(later["claim_id"], value_set=ranked["claim_id"].combine_chunks())
    rows, weight = ranked.take(at), _weight(later)
    improper, risk_then = later["improper"].to_numpy(), rows["risk"].to_numpy()
    precision = average_precision_score(improper, risk_then, sample_weight=weight)
    lost = to_fen(later["disallowed_amount"]).astype(float)
    first = rows["rank"].to_numpy() <= max(1, ranked.num_rows // 10)
    money = float(lost[first].sum() / lost.sum()) if lost.sum() > 0 else float("nan")
    return float(precision), money, float(np.average(risk_then, weights=weight))


def in_short(months: list[Month]) -> str:
    """One line over all months, medians: shipped model / model in use."""
    if not months:
        return t("backtest.nothing")
    medians = {
        name: tuple(float(np.nanmedian([getattr(m, what)[name] for m in months]))
                    for what in ("precision", "money"))
        for name in ("shipped", "in use")
    }  # fmt: skip
    (p_shipped, m_shipped), (p_used, m_used) = medians["shipped"], medians["in use"]
    return t(
        "backtest.short", n=len(months), p_shipped=p_shipped, p_used=p_used,
        m_shipped=m_shipped, m_used=m_used,
    )  # fmt: skip


def as_text(months: list[Month]) -> str:
    """A table a person reads; shipped model / model in use."""
    if not months:
        return t("backtest.nothing")
    lines = [
        f"{m.as_of}  {m.open_claims:>7}  {m.known_verdicts:>8}  {m.later_verdicts:>8}  "
        f"{m.trust:>5.0%}{'*' if m.promoted else ' '}  "
        f"{m.precision['shipped']:.2f} / {m.precision['in use']:.2f}  "
        f"{m.money['shipped']:.2f} / {m.money['in use']:.2f}  "
        f"{m.expected['in use']:>5.1%} / {m.improper_share:.1%}"
        for m in months
    ]
    return "\n".join([t("backtest.head"), *lines, t("backtest.note")])
