"""The audit plan: how likely each claim is to be checked, which are drawn, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from fraud_pipeline.audit import draw as drawing
from fraud_pipeline.audit.budget import audits_for
from fraud_pipeline.audit.design import Design, design
from fraud_pipeline.audit.floors import check_settings
from fraud_pipeline.audit.population import Population, head_claims, population
from fraud_pipeline.audit.reasons import reasons
from fraud_pipeline.audit.strata import strata_of
from fraud_pipeline.audit.summary import empty_summary, summary_of
from fraud_pipeline.records import Tables
from fraud_pipeline.records.outputs import AUDIT_FRAME, AUDIT_PLAN, RANKED_CLAIMS
from fraud_pipeline.settings import AuditSettings


@dataclass(frozen=True)
class Plan:
    """The drawn claims, the whole population with its probabilities, and the figures."""

    plan: pa.Table
    frame: pa.Table
    summary: dict[str, Any]


def make_plan(
    ranked: pa.Table,
    tables: Tables,
    settings: AuditSettings,
    *,
    budget: int | None,
    seed: int,
    as_of: date,
    cover_enterprises: float | None = None,
    mandatory: pa.Array | None = None,
) -> Plan:
    """A probability sample of the ranked claims that recovers nearly what the top would.

    ``budget`` is in claims; None means the share in the settings, raised to what
    ``cover_enterprises`` (a share of the list's enterprises) takes. ``mandatory``
    claims are certain. The same arguments give the same plan in any row order.

    When enterprises must be covered, two strata are drawn apart: the head claim of
    each enterprise (highest expected loss) and all other claims. Their sizes are
    fixed, so at least as many enterprises are visited as heads are drawn, whatever
    the seed, and every claim's probability stays exact.

    Raises InputError for a budget that cannot be drawn or cannot reach the
    enterprises asked for, with the budget that could; SettingsError for shares
    that exceed the budget.
    """
    check_settings(settings)
    ranked = RANKED_CLAIMS.conform(ranked)
    claims = population(ranked, tables, settings, mandatory)
    n, covered = audits_for(claims, settings, budget, cover_enterprises)
    if n == 0:
        empty = AUDIT_FRAME.empty()
        about = {"budget": 0, "seed": seed, "as_of": as_of.isoformat(),
                 "frame_sha256": drawing.frame_sha256(empty),
                 "cover_enterprises": cover_enterprises}  # fmt: skip
        return Plan(AUDIT_PLAN.empty(), empty, empty_summary(about, settings))
    chosen = design(claims, settings, n, covered)
    frame = claims.table.append_column("inclusion_prob", pa.array(chosen.probabilities))
    root = drawing.frame_sha256(frame)
    order = draw_order(frame, seed, root)
    frame = AUDIT_FRAME.conform(frame.append_column("drawn", pa.array(order > 0)))
    plan = _plan_table(claims, chosen, order, strata_of(chosen, order, seed, root))
    about = {
        "budget": n, "seed": seed, "as_of": as_of.isoformat(), "frame_sha256": root,
        "cover_enterprises": cover_enterprises, "n_enterprises_guaranteed": covered,
    }  # fmt: skip
    return Plan(plan, frame, summary_of(claims, chosen, plan, about, settings))


def draw_order(frame: pa.Table, seed: int, root: str) -> np.ndarray:
    """For each claim of the frame its place in the order of drawing, 0 = not drawn.

    ``frame`` is sorted by claim id and needs no more than the published columns,
    so an outsider can repeat it.
    """
    units = drawing.to_units(frame["inclusion_prob"].to_numpy())
    heads = head_claims(frame)
    # a plan without a promised coverage is one stratum: its heads make no whole number
    strata = np.where(heads, 0, 1) if int(units[heads].sum()) % drawing.ONE == 0 else 0 * units
    ticket = drawing.tickets(seed, root, frame["claim_id"].to_pylist())
    starts = [drawing.start(seed, root, name) for name in ("heads", "others")]
    drawn = np.flatnonzero(drawing.draw(units, strata, ticket, starts))
    order = np.zeros(len(units), dtype=np.int64)
    order[drawn[np.argsort(ticket[drawn], kind="stable")]] = np.arange(1, len(drawn) + 1)
    return order


def _plan_table(
    claims: Population, chosen: Design, order: np.ndarray, strata: list[str]
) -> pa.Table:
    drawn = np.flatnonzero(order > 0)
    pi = chosen.probabilities[drawn]
    sentences = reasons(claims, drawn, pi, strata, chosen.floors.random)
    rows = claims.table.take(pa.array(drawn)).select(["claim_id", "enterprise_id"])
    added = {
        "stratum": pa.array(strata, pa.string()),
        "inclusion_prob": pa.array(pi),
        "draw": pa.array(order[drawn]),
        "reason_zh": pa.array([zh for zh, _ in sentences], pa.string()),
        "reason_en": pa.array([en for _, en in sentences], pa.string()),
    }
    for name, column in added.items():
        rows = rows.append_column(name, column)
    return AUDIT_PLAN.conform(rows)
