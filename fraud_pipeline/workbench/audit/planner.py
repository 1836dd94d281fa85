"""What an audit of a given size would recover, reach and show, by the audit package's own plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fraud_pipeline import audit
from fraud_pipeline.engine import run_queries
from fraud_pipeline.errors import InputError
from fraud_pipeline.store.runs import Run

_SHARES = (0.02, 0.05, 0.08, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7, 0.9)  # of the list, on the slider


@dataclass(frozen=True)
class PlanFigures:
    """Figures of one plan: audits, expected recovery (yuan), enterprises, half-width of the rate.

    ``frontier`` and ``yuan_per_tenth_point`` are those of plan.json.
    """

    budget: int
    recovery: float
    covered: int
    covered_share: float
    half_width: float
    frontier: list[dict[str, Any]]
    yuan_per_tenth_point: float | None


def budgets_of(n_claims: int, usual: int, wanted: int | None = None) -> list[int]:
    """The budgets of the slider for a list of ``n_claims``, with the usual and the wanted one."""
    budgets = {max(1, min(n_claims, round(share * n_claims))) for share in _SHARES}
    budgets |= {n for n in (usual, wanted) if n and 1 <= n <= n_claims}
    return sorted(budgets)


def plan_figures(run: Run, budget: int, cover: float | None) -> PlanFigures | None:
    """The figures of the plan with ``budget`` audits and the run's seed.

    ``cover``: share of the enterprises to reach (None: no promise). None when no plan of this size
    can keep the promises.
    """
    try:
        plan = audit.make_plan(
            run.table("ranked_claims"), run_queries.known_to(run), run_queries.settings_of(run).audit,
            budget=budget, seed=int(run.json("plan")["seed"]), as_of=run_queries.as_of(run),
            requirements=audit.Requirements(cover_enterprises=cover),
        )  # fmt: skip
    except InputError:
        return None
    s = plan.summary
    return PlanFigures(
        budget=budget, recovery=float(s["expected_recovery_of_design_amount"]),
        covered=int(s["n_enterprises_covered"]), covered_share=float(s["enterprise_covered_share"]),
        half_width=float(s["planned_half_width"]), frontier=s["frontier"],
        yuan_per_tenth_point=s["yuan_per_tenth_point"],
    )  # fmt: skip
