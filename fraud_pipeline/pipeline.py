"""The steps in their order: claims in, ranked and explained audit list out. Read this first.

Each step is a plain function of the artefacts before it and the run's setup. No step opens a
file, reads a clock or draws from global randomness, so a run is a function of its inputs and
can be repeated to the byte. Who stores the artefacts in between, and in which process a step
runs, is decided above (:mod:`fraud_pipeline.engine.runner` and the flows). Which tables a step
reads and writes stands in :mod:`fraud_pipeline.steps`, how it does its work in its own package:

    step       reads                -> makes                                      package
    ingest     messy sources        -> clean tables, quarantine, repairs, counts  ingest
    known      clean tables         -> the same as they stood on the as-of date   schema
    rules      known, packs         -> hit / pass / not applicable / error        programmes
    graph      known                -> ties between parties                       graph
    rings      ties, claims         -> dense groups, significance, roles, summary rings
    prices     known, rings         -> each price against its market              pricing
    behaviour  known                -> what the parties did before the claim      behaviour
    features   all of the above     -> one row of numbers a claim                 features
    score      features, model      -> verdicts' lessons, ranked list                      risk
    plan       ranked list          -> the sampled audit, estimates of past ones  audit
    explain    features, model      -> reasons that add up to the score           explain
    report     everything           -> one page                                   report

``ingest`` comes before the steps: the runner needs its result to know whether there is
anything new to do at all.
"""

from __future__ import annotations

from fraud_pipeline.steps import evidence, ranking
from fraud_pipeline.steps.interface import Inputs, Outputs, Setup, Step

STEPS: tuple[Step, ...] = (
    Step("known", "截止日", evidence.cut_as_of),
    Step("rules", "规则", evidence.judge_rules),
    Step("graph", "关系图", evidence.build_graph),
    Step("rings", "团伙", evidence.find_rings),
    Step("prices", "价格", evidence.judge_prices),
    # The price model leaves half a core idle.
    Step("behaviour", "行为", evidence.measure_behaviour, concurrent_with_previous=True),
    Step("features", "特征", ranking.build_features),
    Step("score", "评分", ranking.score_claims),
    Step("plan", "抽查计划", ranking.plan_audit),
    Step("explain", "理由", ranking.explain_list),
    Step("report", "报告", ranking.write_report),
)


def concurrent_groups() -> list[tuple[Step, ...]]:
    """The steps in order, in groups whose members may run at the same time."""
    groups: list[tuple[Step, ...]] = []
    for step in STEPS:
        if step.concurrent_with_previous:
            groups[-1] = (*groups[-1], step)
        else:
            groups.append((step,))
    return groups


__all__ = ["STEPS", "Inputs", "Outputs", "Setup", "Step", "concurrent_groups"]
