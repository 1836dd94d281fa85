"""A declared scope is enough: what lies outside it may be gone or be noise, and nothing changes."""

from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline import behaviour, graph, pricing, programmes, risk
from fraud_pipeline.engine import scope
from fraud_pipeline.engine.scope import ArrowSelection, own_claims, rows_within
from fraud_pipeline.features.catalogue import BEHAVIOUR_FEATURES, FEATURES
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.scope import Level
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.packs import load_packs

TABLES = simulate("wuhan", 320, 9).tables
CLAIMS = TABLES["claims"]
DAY = pc.max(CLAIMS["submitted_on"]).as_py() + timedelta(days=1)
PACKS, SETTINGS = load_packs(None), Settings()
BY_CODE = {rule.code: rule for rule in ALL_RULES}


@pytest.fixture(scope="module")
def run():
    """What the steps before the features made of the whole world, without rings."""
    results, rules = programmes.evaluate(TABLES, PACKS, DAY, SETTINGS.programmes)
    return {
        "rules": rules, "rule_results": results, "ties": graph.build_ties(TABLES, SETTINGS.graph),
        "prices": pricing.judge(TABLES, SETTINGS.pricing),
        "behaviour": behaviour.measure(TABLES, SETTINGS.behaviour),
    }  # fmt: skip


def built(run, tables):
    """Features of the claims among ``tables`` from the rows of the step's other inputs about them."""
    ids = tables["claims"]["claim_id"].combine_chunks()
    rows = {n: run[n].filter(pc.is_in(run[n]["claim_id"], value_set=ids))
            for n in ("rule_results", "prices", "behaviour")}  # fmt: skip
    firms = tables["claims"]["enterprise_id"].combine_chunks()
    ties = run["ties"]
    ties = ties.filter(pc.or_(pc.is_in(ties["left_id"], firms), pc.is_in(ties["right_id"], firms)))
    return risk.build_features(tables, run["rules"], rows["rule_results"], rows["prices"], RingSet.empty(),
                               ties, rows["behaviour"], SETTINGS.risk)  # fmt: skip


def with_history(rows, own):
    """Rows of a scope with the audited claims of all parties in it: outcomes are history."""
    audited = CLAIMS.filter(
        pc.is_in(CLAIMS["claim_id"], TABLES["outcomes"]["claim_id"].combine_chunks())
    )
    theirs = audited.filter(pc.or_(
        pc.is_in(audited["enterprise_id"], own["enterprise_id"].combine_chunks()),
        pc.is_in(audited["institution_id"], own["institution_id"].combine_chunks())))  # fmt: skip
    new = theirs.filter(
        pc.invert(pc.is_in(theirs["claim_id"], rows["claims"]["claim_id"].combine_chunks()))
    )
    claims = pa.concat_tables([rows["claims"], new])
    return rows | {"claims": claims, "outcomes": TABLES["outcomes"]}


def test_a_feature_is_the_same_where_its_scope_is_all_there_is(run):
    everything = built(run, TABLES)
    others = [f for f in FEATURES if f not in BEHAVIOUR_FEATURES]
    for one in scope.feature_passes(f for f in others if f.scope.level is not Level.SHARED):
        for claim_id in CLAIMS["claim_id"].to_pylist()[::25]:
            own = own_claims(TABLES, claim_id, one.level)
            rows = rows_within(one.level, ArrowSelection(TABLES, own), ["enterprises"])
            given = TABLES.replaced(**with_history(rows, own))
            same_feature(everything, built(run, given), one.names, claim_id)


def same_feature(everything, few, names, claim_id):
    for name in names:
        theirs, mine = (
            t.filter(pc.equal(t["claim_id"], claim_id))[name][0] for t in (everything, few)
        )
        assert mine.equals(theirs), (name, claim_id)


def test_behaviour_is_the_same_where_its_scope_is_all_there_is(run):
    by_enterprise, by_institution, by_agent = scope.feature_passes(BEHAVIOUR_FEATURES)
    assert by_agent.by == "agent_id" and "invoice_reused" in by_enterprise.names
    for one in (by_enterprise, by_institution):
        for claim_id in CLAIMS["claim_id"].to_pylist()[::9]:
            own = own_claims(TABLES, claim_id, one.level)
            rows = rows_within(
                one.level, ArrowSelection(TABLES, own), scope.tables_read(one.scopes), one.sharing
            )
            same_feature(run["behaviour"], behaviour.measured(rows, one.names), one.names, claim_id)
    for claim_id in CLAIMS["claim_id"].to_pylist()[::9]:
        mine = pc.equal(CLAIMS["claim_id"], claim_id)
        agent = CLAIMS.filter(mine)["agent_id"][0]
        rows = CLAIMS.filter(pc.fill_null(pc.or_(mine, pc.equal(CLAIMS["agent_id"], agent)), False)
                             if agent.is_valid else mine)  # fmt: skip
        found = behaviour.measured({"claims": rows}, by_agent.names)
        same_feature(run["behaviour"], found, by_agent.names, claim_id)


def test_a_feature_of_too_narrow_a_scope_is_noticed(run):
    narrow = scope.FeaturePass("enterprise_id", Level.ENTERPRISE, ("institution_claims_365d",), ())
    wrong = 0
    for claim_id in CLAIMS["claim_id"].to_pylist()[::9]:
        own = own_claims(TABLES, claim_id, narrow.level)
        rows = rows_within(narrow.level, ArrowSelection(TABLES, own), [])
        found = behaviour.measured(rows, narrow.names)
        try:
            same_feature(run["behaviour"], found, narrow.names, claim_id)
        except AssertionError:
            wrong += 1
    assert wrong


def test_what_only_a_run_can_say():
    assert set(scope.FROM_LAST_RUN) == {
        "ring_score",
        "ring_surprise",
        "ring_strength",
        "outlyingness",
    }
    assert scope.RUN_ONLY == ("L13", "T09")
    assert not {code for code in scope.RUN_ONLY if BY_CODE[code].severity != "info"}
