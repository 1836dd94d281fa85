"""The figures of a plan: sizes, coverage, expected recovery, and what precision to promise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.audit.design import Design
from fraud_pipeline.audit.frontier import yuan_per_tenth
from fraud_pipeline.audit.population import Population
from fraud_pipeline.audit.precision import Precision, wanted_half_width
from fraud_pipeline.audit.strata import STRATA
from fraud_pipeline.settings import AuditSettings


def summary_of(
    claims: Population,
    design: Design,
    plan: pa.Table,
    about: dict[str, Any],
    settings: AuditSettings,
) -> dict[str, Any]:
    """What goes into plan.json; amounts in yuan, shares in [0, 1]."""
    n, pi, precision = int(about["budget"]), design.probabilities, design.precision
    strata = plan["stratum"].to_pylist()
    selected = pc.is_in(claims.table["claim_id"], value_set=plan["claim_id"]).to_numpy()
    covered = len(plan["enterprise_id"].unique())
    n_enterprises = len(claims.table["enterprise_id"].unique())
    greedy = float(np.sort(claims.loss)[::-1][:n].sum())
    expected = float(pi @ claims.loss)
    words_zh, words_en = _precision_words(precision, settings, len(claims))
    return {
        **about,
        "n_claims": len(claims),
        "n_enterprises": n_enterprises,
        "strata": {name: strata.count(name) for name in STRATA},
        "n_enterprises_covered": covered,
        "enterprise_covered_share": covered / n_enterprises,
        "smallest_inclusion_prob": float(pi.min()),
        "expected_recovery_amount": round(float(claims.loss[selected].sum()), 2),
        "expected_recovery_of_design_amount": round(expected, 2),
        "expected_recovery_of_top_amount": round(greedy, 2),
        "kept_of_top_share": expected / greedy if greedy > 0 else None,
        "planned_half_width": precision.widths.money,
        "planned_claims_half_width": precision.widths.claims,
        "target_half_width": settings.target_half_width,
        "precision": "met" if precision.met else "refused",
        "budget_needed": precision.budget_needed,
        "best_half_width": precision.best_half_width,
        "rolling_half_width": rolling_half_width(precision, settings),
        "precision_zh": words_zh,
        "precision_en": words_en,
        "parts": _parts(claims, plan, selected),
        "frontier": [point.figures for point in design.frontier],
        "yuan_per_tenth_point": yuan_per_tenth(design.frontier),
    }


def _parts(claims: Population, plan: pa.Table, selected: np.ndarray) -> list[dict[str, Any]]:
    """What each part of the budget is expected to buy: yuan recovered, claims stood for."""
    loss, weight = claims.loss[selected], 1.0 / plan["inclusion_prob"].to_numpy()
    stratum = np.array(plan["stratum"].to_pylist(), dtype=object)
    members = {name: stratum == name for name in STRATA}
    return [
        {"stratum": name, "audits": int(at.sum()),
         "expected_recovery_amount": round(float(loss[at].sum()), 2),
         "claims_stood_for": float(weight[at].sum())}
        for name, at in members.items() if at.any()
    ]  # fmt: skip


def empty_summary(about: dict[str, Any], settings: AuditSettings) -> dict[str, Any]:
    """The figures of a plan for an empty list."""
    return {
        **about,
        "n_claims": 0,
        "n_enterprises": 0,
        "n_enterprises_guaranteed": 0,
        "strata": dict.fromkeys(STRATA, 0),
        "n_enterprises_covered": 0,
        "target_half_width": settings.target_half_width,
        "precision": "none",
        "precision_zh": "没有待核查的申请，无需抽查。",
        "precision_en": "There is no open claim, so there is nothing to draw.",
    }


def rolling_half_width(precision: Precision, settings: AuditSettings) -> float:
    """Of a figure over three years of such lists: rounds are independent draws."""
    return precision.widths.larger / math.sqrt(3 * settings.rounds_per_year)


def _precision_words(
    precision: Precision, settings: AuditSettings, n_claims: int
) -> tuple[str, str]:
    target, width = 100 * wanted_half_width(settings), 100 * precision.widths.larger
    sure = f"{settings.confidence:.0%}"
    zh = f"预计本次抽查得出的误付率（按金额和按件数，{sure} 置信）精度不低于 ±{width:.2g} 个百分点"
    en = f"The improper share of money and of claims should come out within ±{width:.2g} points ({sure})"
    if precision.met:
        return f"{zh}，达到要求的 ±{target:.2g}。", f"{en}, as asked (±{target:.2g})."
    need_zh, need_en = _need(precision.budget_needed, n_claims)
    rolling = 100 * rolling_half_width(precision, settings)
    zh_more, en_more = (
        f"；连续三年合并约 ±{rolling:.2g}",
        f"; three such years together, ±{rolling:.2g}",
    )
    if precision.best_half_width is not None:
        best = 100 * precision.best_half_width
        zh_more += f"；同样件数不计追回最好可达 ±{best:.2g}"
        en_more += f"; the same audits with no thought of recovery could reach ±{best:.2g}"
    return (
        f"不能承诺 ±{target:.2g} 个百分点的精度：{need_zh}。{zh}{zh_more}。",
        f"A precision of ±{target:.2g} points cannot be promised: {need_en}. {en}{en_more}.",
    )


def _need(needed: int | None, n_claims: int) -> tuple[str, str]:
    if needed is None:
        return "须增加核查件数", "a larger budget is needed"
    if needed >= n_claims:
        return (
            f"须核查全部 {n_claims:,} 件",
            f"all {n_claims:,} claims would have to be audited",
        )
    return f"约需核查 {needed:,} 件", f"about {needed:,} audits are needed"
