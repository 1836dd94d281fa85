"""The steps that turn evidence into a ranked, sampled and explained list."""

from __future__ import annotations

import pyarrow as pa

from fraud_pipeline import audit, explain, report, risk
from fraud_pipeline.core.currency import HOME, everywhere, shared_currency
from fraud_pipeline.steps.interface import Inputs, Outputs, Setup
from fraud_pipeline.steps.money_words import by_claim, currencies

RISK_MODEL = "risk_model"  # artefact: what a run adds to its model


def build_features(inputs: Inputs, setup: Setup) -> Outputs:
    """One row of numbers a claim."""
    built = risk.build_features(
        inputs.tables("known"),
        inputs.table("rules"),
        inputs.hits(),
        inputs.table("price_results"),
        inputs.rings(),
        inputs.table("ties"),
        inputs.table("behaviour"),
        setup.settings.risk,
    )
    return {"features": built}


def score_claims(inputs: Inputs, setup: Setup) -> Outputs:
    """What verdicts teach, the ranked list, and a score for each kind of fraud."""
    features, rules, known = inputs.table("features"), inputs.table("rules"), inputs.tables("known")
    model, log_odds = risk.fitted_with_log_odds(
        setup.model, features, rules, known, setup.settings.risk
    )
    ranked = risk.score(features, rules, inputs.hits(), known, model, log_odds)
    typologies = risk.typology_scores(
        inputs.hits(), inputs.table("rules"), inputs.table("price_results"), inputs.rings()
    )
    return {RISK_MODEL: model.run, "ranked_claims": ranked, "typology_scores": typologies}


def model_of(inputs: Inputs, setup: Setup) -> risk.Model:
    """The setup's model with what the run's claims and verdicts added to it."""
    return risk.with_run(setup.model, inputs.json(RISK_MODEL))


def plan_audit(inputs: Inputs, setup: Setup) -> Outputs:
    """The sampled audit, and the estimates of past ones."""
    known = inputs.tables("known")
    plan = audit.make_plan(
        inputs.table("ranked_claims"),
        known,
        setup.settings.audit,
        budget=setup.budget,
        seed=setup.seed,
        as_of=setup.as_of,
        requirements=audit.Requirements(setup.cover_enterprises),
    )
    estimates = audit.estimate(known, setup.settings.audit, setup.as_of)
    return {
        "audit_plan": by_claim(
            plan.plan, {"reason_zh": 0, "reason_en": 1}, inputs.table("ranked_claims"), setup
        ),
        "audit_frame": plan.frame,
        "plan": plan.summary,
        "estimates": estimates,
    }


def explain_list(inputs: Inputs, setup: Setup) -> Outputs:
    """Reasons for the top of the list and for every sampled claim."""
    chosen = explain.chosen_claims(
        inputs.table("ranked_claims"), inputs.table("audit_plan"), setup.settings.explain
    )
    return {"explanations": explain_claims(inputs, setup, chosen)}


def explain_claims(inputs: Inputs, setup: Setup, claim_ids: pa.Array) -> pa.Table:
    """The reasons of the named claims (EXPLANATIONS); also used by ``explain CLAIM``."""
    features = risk.rows_of(inputs.table("features"), claim_ids)
    explanations = explain.explain(
        features,
        risk.contributions(features, model_of(inputs, setup)),
        inputs.table("features"),
        inputs.table("rules"),
        inputs.hits(),
        inputs.table("price_results"),
        inputs.rings(),
        setup.settings.explain,
    )
    return by_claim(explanations, {"sentence_zh": 0, "sentence_en": 1}, features, setup)


def write_report(inputs: Inputs, setup: Setup) -> Outputs:
    """One page, and the facts on it as JSON."""
    facts = report.facts(inputs, setup.about, setup.settings.report)
    settings, shown = setup.settings, {c["claim_id"]: c for c in facts["claims"]}
    sentences = explain.what_ifs(
        inputs.table("explanations"), inputs.table("ranked_claims"), list(shown),
        settings.explain.top_share, model_of(inputs, setup),
    )  # fmt: skip
    for claim, pairs in sentences.items():
        shown[claim]["what_if"] = [list(pair) for pair in pairs]
    codes = currencies(inputs.table("ranked_claims"), setup)
    facts["currencies"] = codes
    facts["currency"] = shared_currency(codes.values())
    facts["claims"] = [
        {**claim, **{name: everywhere(claim[name], codes.get(claim["programme"], HOME))
                     for name in ("findings", "what_if") if name in claim}}
        for claim in facts["claims"]
    ]  # fmt: skip
    return {"report": report.render(facts), "facts": facts}
