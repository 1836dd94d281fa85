"""The audit planner: budget against expected recovery, coverage of enterprises and margin of error."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.responses import JSONResponse, Response

from fraud_pipeline.audit.frontier_chart import Language, frontier_chart
from fraud_pipeline.audit.frontier_words import frontier_words
from fraud_pipeline.workbench.app_state import RequestContext
from fraud_pipeline.workbench.audit.planner import PlanFigures, budgets_of, plan_figures
from fraud_pipeline.workbench.pages import responses

_LABELS = {
    "budget": ("抽查件数", "claims audited"), "recovery": ("预计追回（元）", "expected recovery, yuan"),
    "coverage": ("覆盖企业（%）", "enterprises reached, %"),
    "half_width": ("误差范围（±百分点）", "margin of error, ± points"), "percent": ("%", "%"),
    "impossible": ("件数太少", "too few"), "claims": ("%d 件", "%d claims"), "computing": ("正在测算……", "being worked out…"),
}  # fmt: skip


def planner_page(context: RequestContext) -> Response:
    n_claims, usual = context.app_state.leads.size, _usual(context)
    cover, wanted = _cover(context), context.query().get("budget", "")
    budget = _whole(wanted, n_claims) or usual
    budgets = budgets_of(n_claims, usual, budget)
    return responses.render_page(
        context, "planner.html", budgets=budgets, budget=budget, n_claims=n_claims,
        cover=f"{cover:g}", cover_share=cover / 100, point=_point(context, budget, cover),
        labels={key: texts[context.language != "zh"] for key, texts in _LABELS.items()},
    )  # fmt: skip


def planner_data(context: RequestContext) -> Response:
    """The figures of one budget as JSON."""
    budget = _whole(context.query().get("budget", ""), context.app_state.leads.size)
    return JSONResponse(_point(context, budget or _usual(context), _cover(context)))


def _usual(context: RequestContext) -> int:
    leads = context.app_state.leads
    return max(1, min(int(leads.run.json("plan")["budget"]), max(leads.size, 1)))


def _whole(text: str, most: int) -> int | None:
    fits = text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most
    return int(text) if fits else None


def _cover(context: RequestContext) -> float:
    """The share of enterprises to reach, in percent; 0 without a promise."""
    return float(_whole(context.query().get("cover", ""), 100) or 0)


def _point(context: RequestContext, budget: int, cover: float) -> dict[str, Any]:
    run = context.app_state.leads.run
    figures = context.app_state.cached(
        ("planner", run.run_id, budget, cover),
        lambda: plan_figures(run, budget, cover / 100 or None),
    )
    zh = context.language == "zh"
    if figures is None:
        return {"budget": budget, "problem": (
            f"抽查 {budget} 件不足以同时覆盖所要求的企业并使每件申请都有机会被抽到，请增加件数。" if zh else
            f"{budget} audits are too few to reach the enterprises asked for and to give every claim a chance."
        )}  # fmt: skip
    values = asdict(figures)
    lang: Language = "zh" if zh else "en"
    return {
        **values, "problem": "", "sentence": _sentence(figures, zh),
        "picture": frontier_chart(figures.frontier, lang), "picture_text": frontier_words(values, lang),
    }  # fmt: skip


def _sentence(f: PlanFigures, zh: bool) -> str:
    width, share = 100 * f.half_width, 100 * f.covered_share
    if zh:
        return (f"抽查 {f.budget:,} 件：预计追回 {f.recovery:,.0f} 元，覆盖 {f.covered:,} 家企业"
                f"（{share:.1f}%），误付率误差范围 ±{width:.1f} 个百分点。")  # fmt: skip
    return (f"{f.budget:,} audits: about {f.recovery:,.0f} yuan recovered, {f.covered:,} enterprises "
            f"reached ({share:.1f}%), improper-payment rate within ±{width:.1f} points.")  # fmt: skip


HANDLERS = {"planner_page": planner_page, "planner_data": planner_data}
