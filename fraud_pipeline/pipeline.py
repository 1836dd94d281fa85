"""The steps in their order: claims in, ranked and explained audit list out.

Each step is a plain function of the artefacts before it and the run's setup. No
step opens a file, reads a clock or draws from global randomness, so a run is a
function of its inputs and can be repeated to the byte. Who stores the artefacts
in between, and in which process a step runs, is decided above
(:mod:`fraud_pipeline.engine.runner` and the flows).

    ingest    messy sources      -> clean tables, quarantine, repairs, accounts
    known     clean tables       -> the same as they stood on the as-of date
    rules     known, packs       -> hit / pass / not applicable / error, with clause
    graph     known              -> ties between parties
    rings     ties, claims       -> dense groups with significance, roles and story
    prices    known, rings       -> each price against its market
    behaviour known              -> what the parties did before the claim
    features  all of the above   -> one row of numbers a claim
    score     features, model    -> the ranked list
    plan      ranked list        -> the sampled audit and the estimates of past ones
    explain   features, model    -> reasons that add up to the score
    report    everything         -> one page
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeAlias

import pyarrow as pa

from fraud_pipeline import (
    audit,
    behaviour,
    explain,
    graph,
    pricing,
    programmes,
    report,
    rings,
    risk,
)  # fmt: skip
from fraud_pipeline.rings.search import HERE
from fraud_pipeline.rings.work import Work
from fraud_pipeline.schema import INPUT_TABLES, RingSet, Tables
from fraud_pipeline.schema.artefacts import ChunkedTable, Deferred, Unpublished
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.schema.outputs import HITS
from fraud_pipeline.settings import Settings

Artefact: TypeAlias = pa.Table | dict[str, Any] | str
Outputs = Mapping[str, Artefact | ChunkedTable | Deferred | Unpublished]


@dataclass(frozen=True)
class Setup:
    """All a run depends on besides its tables."""

    as_of: date
    outcomes_until: date | None
    settings: Settings
    packs: Mapping[str, programmes.Pack]
    model: risk.Model
    previous: RingSet | None  # the rings of the night before, for ids that survive
    budget: int | None  # claims to audit; None = the share in the settings
    seed: int  # of the audit draw
    cover_enterprises: float | None
    about: dict[str, Any]  # run id, inputs and versions, for the report
    account: Mapping[str, Any] | None = None  # error probability the nights before spent
    judgements: Sequence[rings.Judgement] = ()  # of people, about members of rings


class Inputs(Protocol):
    """Read access to the artefacts of the steps before."""

    def table(self, name: str) -> pa.Table: ...
    def json(self, name: str) -> dict[str, Any]: ...
    def tables(self, stage: str) -> Tables: ...
    def rings(self) -> RingSet: ...
    def hits(self) -> pa.Table:
        """The hits of ``rule_results``: all the later steps ask of it, a fiftieth of its rows."""
        ...


@dataclass(frozen=True)
class Step:
    """A named step: what runs, in words for the progress display.

    ``beside``: it may run at the same time as the step before it, because neither reads what
    the other makes and both together fit into memory.
    """

    name: str
    zh: str
    run: Callable[[Inputs, Setup], Outputs]
    beside: bool = False


def _known(given: Inputs, setup: Setup) -> Outputs:
    known = known_by(given.tables("clean"), setup.as_of, setup.outcomes_until)
    return {f"known/{name}": Unpublished(known[name]) for name in INPUT_TABLES}


def _rules(given: Inputs, setup: Setup) -> Outputs:
    judged = programmes.judge(
        given.tables("known"), setup.packs, setup.as_of, setup.settings.programmes
    )
    return {
        "rule_results": judged.results,
        "rules": judged.rules,
        HITS: lambda: Unpublished(judged.hits()),
    }


def _graph(given: Inputs, setup: Setup) -> Outputs:
    return {"ties": graph.build_ties(given.tables("known"), setup.settings.graph)}


def find_rings(given: Inputs, setup: Setup, work: Work = HERE) -> Outputs:
    """The step rings; ``work`` does the pieces of its search and changes nothing about the result."""
    settings, claims = setup.settings.rings, given.table("known/claims")
    found = rings.find(
        given.table("ties"), claims, settings, setup.previous, judgements=setup.judgements,
        work=work,
    )  # fmt: skip
    account = rings.with_tonight(setup.account, found, claims, setup.as_of, settings.error_budget)
    found = rings.stamped(found, account)
    return {
        "rings": found.rings,
        "ring_members": found.members,
        "ring_claims": found.claims,
        "ring_evidence": found.evidence,
        "ring_account": account,
    }


def _prices(given: Inputs, setup: Setup) -> Outputs:
    judged = pricing.judge(
        given.tables("known"), setup.settings.pricing, ring_claims=given.table("ring_claims")
    )
    return {"price_results": judged}


def _behaviour(given: Inputs, setup: Setup) -> Outputs:
    return {"behaviour": behaviour.measure(given.tables("known"), setup.settings.behaviour)}


def _features(given: Inputs, setup: Setup) -> Outputs:
    built = risk.build_features(
        given.tables("known"),
        given.table("rules"),
        given.hits(),
        given.table("price_results"),
        given.rings(),
        given.table("ties"),
        given.table("behaviour"),
        setup.settings.risk,
    )
    return {"features": built}


def _score(given: Inputs, setup: Setup) -> Outputs:
    ranked = risk.score(
        given.table("features"),
        given.table("rules"),
        given.hits(),
        given.tables("known"),
        setup.model,
        setup.settings.risk,
    )
    kinds = risk.typology_scores(
        given.hits(), given.table("rules"), given.table("price_results"), given.rings()
    )
    return {"ranked_claims": ranked, "typology_scores": kinds}


def _plan(given: Inputs, setup: Setup) -> Outputs:
    known = given.tables("known")
    drawn = audit.make_plan(
        given.table("ranked_claims"),
        known,
        setup.settings.audit,
        budget=setup.budget,
        seed=setup.seed,
        as_of=setup.as_of,
        cover_enterprises=setup.cover_enterprises,
    )
    estimates = audit.estimate(known, setup.settings.audit, setup.as_of)
    return {
        "audit_plan": drawn.plan,
        "audit_frame": drawn.frame,
        "plan": drawn.summary,
        "estimates": estimates,
    }


def _explain(given: Inputs, setup: Setup) -> Outputs:
    chosen = explain.chosen_claims(
        given.table("ranked_claims"), given.table("audit_plan"), setup.settings.explain
    )
    return {"explanations": explain_claims(given, setup, chosen)}


def explain_claims(given: Inputs, setup: Setup, claim_ids: pa.Array) -> pa.Table:
    """The reasons of the named claims (EXPLANATIONS); also behind ``explain CLAIM``."""
    features = risk.rows_of(given.table("features"), claim_ids)
    return explain.explain(
        features,
        risk.contributions(features, setup.model),
        given.table("features"),
        given.table("rules"),
        given.hits(),
        given.table("price_results"),
        given.rings(),
        setup.settings.explain,
    )


def _report(given: Inputs, setup: Setup) -> Outputs:
    facts = report.facts(given, setup.about, setup.settings.report)
    settings, shown = setup.settings, {c["claim_id"]: c for c in facts["claims"]}
    said = explain.what_ifs(
        given.table("explanations"), given.table("ranked_claims"), list(shown),
        settings.explain.top_share, setup.model.line, settings.risk.hard_floor,
    )  # fmt: skip
    for claim, sentences in said.items():
        shown[claim]["what_if"] = [list(pair) for pair in sentences]
    return {"report": report.render(facts), "facts": facts}


STEPS: tuple[Step, ...] = (
    Step("known", "截止日", _known),
    Step("rules", "规则", _rules),
    Step("graph", "关系图", _graph),
    Step("rings", "团伙", find_rings),
    Step("prices", "价格", _prices),
    Step("behaviour", "行为", _behaviour, beside=True),  # prices leave half a core idle
    Step("features", "特征", _features),
    Step("score", "评分", _score),
    Step("plan", "抽查计划", _plan),
    Step("explain", "理由", _explain),
    Step("report", "报告", _report),
)


def rounds() -> list[tuple[Step, ...]]:
    """The steps in their order, those that may run side by side together."""
    result: list[tuple[Step, ...]] = []
    for step in STEPS:
        if step.beside:
            result[-1] = (*result[-1], step)
        else:
            result.append((step,))
    return result
