"""The steps that gather evidence: as-of cut, rules, graph, rings, prices, behaviour."""

from __future__ import annotations

from fraud_pipeline import behaviour, graph, pricing, programmes, rings
from fraud_pipeline.rings.search.executor import Executor
from fraud_pipeline.rings.search.tasks import LOCAL_EXECUTOR
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.artefacts import Unpublished
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.schema.outputs import HITS
from fraud_pipeline.steps.interface import Inputs, Outputs, Setup
from fraud_pipeline.steps.money_words import by_claim, by_run


def cut_as_of(inputs: Inputs, setup: Setup) -> Outputs:
    """The clean tables as they stood on the as-of date."""
    known = known_by(inputs.tables("clean"), setup.as_of, setup.outcomes_until)
    return {f"known/{name}": Unpublished(known[name]) for name in INPUT_TABLES}


def judge_rules(inputs: Inputs, setup: Setup) -> Outputs:
    """Every red flag on every claim, and the catalogue of flags with their counts."""
    judgement = programmes.judge(
        inputs.tables("known"), setup.packs, setup.as_of, setup.settings.programmes
    )
    return {
        "rule_results": judgement.results,
        "rules": judgement.rules,
        HITS: lambda: Unpublished(judgement.hits()),
    }


def build_graph(inputs: Inputs, setup: Setup) -> Outputs:
    """Ties between parties."""
    return {"ties": graph.build_ties(inputs.tables("known"), setup.settings.graph)}


def find_rings(inputs: Inputs, setup: Setup, executor: Executor = LOCAL_EXECUTOR) -> Outputs:
    """Dense groups with significance; ``executor`` runs the search's tasks, the result is the same."""
    settings, claims = setup.settings.rings, inputs.table("known/claims")
    ring_set = rings.find(
        inputs.table("ties"), claims, settings, setup.previous, judgements=setup.judgements,
        executor=executor, records=inputs.tables("known"),
    )  # fmt: skip
    account = rings.extend_ledger(
        setup.account, ring_set, claims, setup.as_of, settings.error_budget
    )
    ring_set = rings.add_certificates(ring_set, account)
    return {
        "rings": by_run(ring_set.rings, {"story_zh": 0, "story_en": 1}, claims, setup),
        "ring_members": ring_set.members,
        "ring_claims": ring_set.claims,
        "ring_evidence": by_run(
            ring_set.evidence, {"sentence_zh": 0, "sentence_en": 1}, claims, setup
        ),
        "ring_account": account,
    }


def judge_prices(inputs: Inputs, setup: Setup) -> Outputs:
    """Each price against its market."""
    price_results = pricing.judge(
        inputs.tables("known"), setup.settings.pricing, ring_claims=inputs.table("ring_claims")
    )
    words = {"claim_day_basis": 2, "basis": 2, "institution_zh": 0, "institution_en": 1}
    return {"price_results": by_claim(price_results, words, inputs.table("known/claims"), setup)}


def measure_behaviour(inputs: Inputs, setup: Setup) -> Outputs:
    """What the parties did before each claim."""
    return {"behaviour": behaviour.measure(inputs.tables("known"), setup.settings.behaviour)}
