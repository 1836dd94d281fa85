"""The audit plan: how likely each claim is to be checked, which are drawn, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.audit import draw as drawing
from fraud_pipeline.audit.budget import audits_for, enterprises_to_cover
from fraud_pipeline.audit.design import Design, audits_within, design
from fraud_pipeline.audit.limits import Limits, Load, load_of
from fraud_pipeline.audit.population import Population, head_claims, population
from fraud_pipeline.audit.reasons import reasons
from fraud_pipeline.audit.strata import strata_of
from fraud_pipeline.audit.summary import empty_summary, summary_of
from fraud_pipeline.errors import InputError
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import AUDIT_FRAME, AUDIT_PLAN, RANKED_CLAIMS
from fraud_pipeline.settings import AuditSettings


@dataclass(frozen=True)
class Plan:
    """The drawn claims, the whole population with its probabilities, and the figures."""

    plan: pa.Table
    frame: pa.Table
    summary: dict[str, Any]


@dataclass(frozen=True)
class Requirements:
    """What a plan must reach, whatever the seed; nothing asked for, nothing promised.

    ``cover_enterprises``: share of the list's enterprises with an audit, 0 to 1.
    ``mandatory``: ids of claims that are certain. ``visited``: ids of the enterprises already
    audited this year; the share then counts over the year, of all that claimed in it.
    """

    cover_enterprises: float | None = None
    mandatory: pa.Array | None = None
    visited: pa.Array | None = None


def make_plan(
    ranked: pa.Table,
    tables: Tables,
    settings: AuditSettings,
    *,
    budget: int | None,
    seed: int,
    as_of: date,
    requirements: Requirements | None = None,
    limits: Limits | None = None,
) -> Plan:
    """A probability sample of the ranked claims that recovers nearly what the top would.

    ``budget`` is in claims; None means the share in the settings, raised to what the
    enterprises to cover take. ``limits`` holds a budget in auditor-days and the most audits
    a region or an institution may get; with a budget in both, the scarcer one counts. The
    same arguments give the same plan in any row order.

    When enterprises must be covered, two strata are drawn apart: the head claim of
    each enterprise (highest expected loss) and all other claims. Their sizes are
    fixed, so at least as many enterprises are visited as heads are drawn, whatever
    the seed, and every claim's probability stays exact.

    Raises InputError for a budget that cannot be drawn or cannot reach the
    enterprises asked for, with the budget that could; SettingsError for shares
    that exceed the budget.
    """
    ranked = RANKED_CLAIMS.conform(ranked)
    wanted = requirements or Requirements()
    claims = population(ranked, tables, settings, wanted.mandatory)
    load = load_of(claims.table, tables, limits or Limits())
    claims, covered = _still_to_cover(claims, tables, as_of, wanted)
    if wanted.visited is not None:
        load = replace(load, apart=True)  # who is a head no longer follows from the frame
    n = _audits(claims, settings, budget, covered, load)
    if n == 0:
        empty = AUDIT_FRAME.empty()
        about = {"budget": 0, "seed": seed, "as_of": as_of.isoformat(),
                 "frame_sha256": drawing.frame_sha256(empty),
                 "cover_enterprises": wanted.cover_enterprises}  # fmt: skip
        return Plan(AUDIT_PLAN.empty(), empty, empty_summary(about, settings))
    chosen = design(claims, settings, n, covered, load)
    frame = _frame(claims, chosen, load)
    root = drawing.frame_sha256(frame)
    order = draw_order(frame, seed, root)
    frame = AUDIT_FRAME.conform(frame.append_column("drawn", pa.array(order > 0)))
    plan = _plan_table(claims, chosen, order, strata_of(chosen, order, seed, root))
    about = {
        "budget": chosen.n, "seed": seed, "as_of": as_of.isoformat(), "frame_sha256": root,
        "cover_enterprises": wanted.cover_enterprises, "n_enterprises_guaranteed": covered,
        **_load_figures(claims, chosen, order, load),
    }  # fmt: skip
    return Plan(plan, frame, summary_of(claims, chosen, plan, about, settings))


def _audits(
    claims: Population, settings: AuditSettings, budget: int | None, covered: int, load: Load
) -> int:
    """Claims to draw under a budget in audits, in days or in both."""
    if load.days is None or len(claims) == 0:
        return audits_for(claims, settings, budget, covered)
    within = audits_within(claims, settings, load, covered)
    return audits_for(claims, settings, within if budget is None else min(budget, within), covered)


def _still_to_cover(
    claims: Population, tables: Tables, as_of: date, wanted: Requirements
) -> tuple[Population, int]:
    """Who can still be visited for the first time this year, and how many must be.

    Without ``visited`` the promise is about this list alone. With it, about all
    enterprises that claimed in the calendar year; those visited before count as covered,
    and only first visits can add to them.
    """
    share, visited = wanted.cover_enterprises, wanted.visited
    if visited is None or share is None:
        return claims, enterprises_to_cover(claims.n_enterprises, share)
    filed = tables["claims"]["submitted_on"]
    this_year = pc.and_(pc.equal(pc.year(filed), as_of.year), pc.less_equal(filed, as_of))
    enterprises = pc.unique(tables["claims"]["enterprise_id"].filter(this_year))
    done = pc.sum(pc.is_in(enterprises, value_set=visited.cast(pa.string()))).as_py() or 0
    owed = max(enterprises_to_cover(len(enterprises), share) - done, 0)
    before = pc.is_in(claims.table["enterprise_id"], value_set=visited.cast(pa.string()))
    fresh = claims.heads & ~before.to_numpy()
    if owed > fresh.sum():
        raise InputError(
            f"{owed} more enterprises must be visited this year, but only {fresh.sum()} that "
            f"were not yet are on the list"
        )
    return replace(claims, heads=fresh), owed


def _frame(claims: Population, chosen: Design, load: Load) -> pa.Table:
    frame = claims.table.append_column("inclusion_prob", pa.array(chosen.probabilities))
    if load.any:
        name = np.full(len(claims), "", dtype=object)
        for part in chosen.parts:
            name[part.members] = part.name
        frame = frame.append_column("part", pa.array(name, pa.string()))
        nothing = [None] * len(claims)
        frame = frame.append_column("place", pa.array(load.places or nothing, pa.string()))
        days = nothing if load.days is None else np.round(load.days, 3)
        frame = frame.append_column("cost_days", pa.array(days, pa.float64()))
    return frame


def _load_figures(
    claims: Population, chosen: Design, order: np.ndarray, load: Load
) -> dict[str, Any]:
    """What limits cost and how they are kept; empty without limits."""
    if not load.any:
        return {}
    pi, selected = chosen.probabilities, order > 0
    figures: dict[str, Any] = {"limits": {
        group.name: {"most": group.most, "drawn": int(selected[group.members].sum()),
                     "expected": round(float(pi[group.members].sum()), 3)}
        for group in load.groups
    }}  # fmt: skip
    if load.days is not None:
        figures |= {
            "day_budget": load.most_days,
            "days_drawn": round(float(load.days[selected].sum()), 3),
            "days_expected": round(float(load.days @ pi), 3),
            "days_kept_for_every_seed": load.places is None or bool(np.ptp(load.days) == 0),
        }
    return figures


def draw_order(frame: pa.Table, seed: int, root: str) -> np.ndarray:
    """For each claim of the frame its place in the order of drawing, 0 = not drawn.

    ``frame`` is sorted by claim id and needs no more than the published columns,
    so an outsider can repeat it.
    """
    units = drawing.to_units(frame["inclusion_prob"].to_numpy())
    ticket = drawing.tickets(seed, root, frame["claim_id"].to_pylist())
    if drawing.has_parts(frame):
        strata, line, names = drawing.order_in_parts(frame, ticket, seed, root)
    else:
        heads = head_claims(frame)
        # a plan without a promised coverage is one stratum: its heads make no whole number
        apart = int(units[heads].sum()) % drawing.ONE == 0
        strata = np.where(heads, 0, 1) if apart else 0 * units
        line, names = ticket, ["heads", "others"]
    starts = [drawing.start(seed, root, name) for name in names]
    selected = np.flatnonzero(drawing.draw(units, strata, line, starts))
    order = np.zeros(len(units), dtype=np.int64)
    order[selected[np.argsort(ticket[selected], kind="stable")]] = np.arange(1, len(selected) + 1)
    return order


def _plan_table(
    claims: Population, chosen: Design, order: np.ndarray, strata: list[str]
) -> pa.Table:
    selected = np.flatnonzero(order > 0)
    pi = chosen.probabilities[selected]
    sentences = reasons(claims, selected, pi, strata, chosen.floors.random)
    rows = claims.table.take(pa.array(selected)).select(["claim_id", "enterprise_id"])
    added = {
        "stratum": pa.array(strata, pa.string()),
        "inclusion_prob": pa.array(pi),
        "draw": pa.array(order[selected]),
        "reason_zh": pa.array([zh for zh, _ in sentences], pa.string()),
        "reason_en": pa.array([en for _, en in sentences], pa.string()),
    }
    for name, column in added.items():
        rows = rows.append_column(name, column)
    return AUDIT_PLAN.conform(rows)
