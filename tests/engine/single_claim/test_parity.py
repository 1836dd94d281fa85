"""The claim scorer and a run agree on a claim, to 1e-9, except for what only a full run can compute.

A claim is taken out of a world, a run is made without it, and it is scored by the claim scorer. The result is
compared with the steps of the run on the whole world with the claim in it, given the same rings,
the same crowd and the same marks of rules that fire often (``FROM_LAST_RUN``).
"""

import dataclasses
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fraud_pipeline import behaviour, graph, pricing, programmes, risk
from fraud_pipeline.engine import in_memory
from fraud_pipeline.engine.single_claim import (
    FROM_LAST_RUN,
    RUN_ONLY,
    ClaimScorer,
    as_dict,
    as_text,
    with_rows,
)
from fraud_pipeline.engine.single_claim import scorer as module
from fraud_pipeline.errors import InputError
from fraud_pipeline.features.catalogue import FEATURE_NAMES
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.schema import RingSet
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.settings import Settings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.steps.ranking import model_of
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs

WORLD = simulate("wuhan", 260, 4)
DAY = pc.max(WORLD.tables["claims"]["submitted_on"]).as_py() + timedelta(days=1)
SETUP = Setup(DAY, None, Settings(), load_packs(None), shipped_model(), None, None, 1, None, {})
BY_CONTRACT = ("contracts", "invoices", "payments")


def taken_out(tables, claim_id):
    """The world without the claim, and the rows it was filed with."""
    claims = tables["claims"]
    mine = pc.equal(claims["claim_id"], claim_id)
    filed, kept = {"claims": claims.filter(mine)}, {"claims": claims.filter(pc.invert(mine))}
    papers = tables["deliverables"]
    theirs = pc.equal(papers["claim_id"], claim_id)
    filed["deliverables"], kept["deliverables"] = (
        papers.filter(theirs),
        papers.filter(pc.invert(theirs)),
    )
    contract = filed["claims"]["contract_id"][0].as_py()
    if pc.sum(pc.equal(claims["contract_id"], contract)).as_py() == 1:
        for name in BY_CONTRACT:
            rows = pc.fill_null(pc.equal(tables[name]["contract_id"], contract), False)
            filed[name], kept[name] = (
                tables[name].filter(rows),
                tables[name].filter(pc.invert(rows)),
            )
    return tables.replaced(**kept), filed


def run_with(last, claim_id, tables):
    """Features, rule results and price of the claim by the steps of a full run, rings as last."""
    known, settings = known_by(tables, DAY), SETUP.settings
    results, _ = programmes.evaluate(known, SETUP.packs, DAY, settings.programmes)
    claims = known["claims"].filter(pc.equal(known["claims"]["claim_id"], claim_id)).to_pylist()[0]
    rings = last.rings()
    joined = [r for r, who in _members(rings).items()
              if claims["enterprise_id"] in who and claims["institution_id"] in who]  # fmt: skip
    added = pa.table(
        {
            "ring_id": pa.array(joined, pa.string()),
            "claim_id": pa.array([claim_id] * len(joined), pa.string()),
        }
    )
    rings = RingSet(
        rings.rings, rings.members, pa.concat_tables([rings.claims, added]), rings.evidence
    )
    crowd = behaviour.Crowd.of(last.table("behaviour"), settings.behaviour)
    features = risk.build_features(
        known, last.table("rules"), results, prices := pricing.judge(known, settings.pricing, rings.claims),
        rings, graph.build_ties(known, settings.graph),
        behaviour.measure(known, settings.behaviour, crowd), settings.risk,
    )  # fmt: skip
    return tuple(t.filter(pc.equal(t["claim_id"], claim_id)) for t in (features, results, prices))


def of_claim_day(price):
    """The columns known on the claim's own day; the others look at a whole run."""
    return [c for c in price.column_names
            if c.startswith("claim_day_") or c in ("claim_id", "unit_price", "comparables")]  # fmt: skip


def _said(results):
    """By rule; a limit nothing was measured against says nothing."""
    rows = {r["rule_code"]: r for r in results.to_pylist()}
    return {k: r if r["measured"] is not None else {**r, "limit": None} for k, r in rows.items()}


def _members(rings):
    found = {}
    for row in rings.members.to_pylist():
        found.setdefault(row["ring_id"], set()).add(row["party_id"])
    return found


def in_a_ring():
    truth = WORLD.truth
    found = truth.filter(pc.is_valid(truth["ring_id"]))["claim_id"].to_pylist()
    return sorted(found)[1]


def filing():
    claims = WORLD.tables["claims"]
    return claims.filter(pc.equal(claims["service_type"], "patent_invention"))["claim_id"][
        3
    ].as_py()


@pytest.fixture(scope="module")
def without_both():
    """The world without two claims, what each was filed with, and the run on the rest."""
    rest, filed = WORLD.tables, {}
    for claim_id in (in_a_ring(), filing()):
        rest, filed[claim_id] = taken_out(rest, claim_id)
    last = in_memory.run(rest, SETUP)
    return rest, filed, last, ClaimScorer(last.tables("known"), last, SETUP)


@pytest.fixture(scope="module", params=[in_a_ring(), filing()], ids=["ring", "filing"])
def scored(request, without_both):
    _, filed, last, scorer = without_both
    mine = filed[request.param]
    return request.param, mine, last, scorer, scorer.score(mine, DAY)


def test_every_feature_equals_the_runs(scored, without_both):
    claim_id, filed, last, _, answer = scored
    features, results, price = run_with(last, claim_id, with_rows(without_both[0], filed))
    assert answer.features.column_names == features.column_names
    mine, theirs = risk.matrix(answer.features), risk.matrix(features)
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-9)
    model = model_of(last, SETUP)
    assert answer.ranked["log_odds"][0].as_py() == pytest.approx(
        model.log_odds(theirs)[0], abs=1e-9
    )
    kept = results.filter(pc.invert(pc.is_in(results["rule_code"], pa.array(RUN_ONLY))))
    assert _said(answer.rule_results) == _said(kept)
    same = of_claim_day(price)
    assert answer.price.select(same).to_pylist() == price.select(same).to_pylist()


def equals_the_run(last, answer, claim_id, tables):
    features, results, price = run_with(last, claim_id, tables)
    np.testing.assert_allclose(
        risk.matrix(answer.features), risk.matrix(features), rtol=0, atol=1e-9
    )
    kept = results.filter(pc.invert(pc.is_in(results["rule_code"], pa.array(RUN_ONLY))))
    assert _said(answer.rule_results) == _said(kept)
    same = of_claim_day(price)
    assert answer.price.select(same).to_pylist() == price.select(same).to_pylist()


def handed_in():
    """A known claim of another institution, amount and voucher; and one of parties unknown so far."""
    claims = WORLD.tables["claims"]
    row, other = claims.slice(40, 1).to_pylist()[0], claims.slice(90, 1).to_pylist()[0]
    keys = ("institution_id", "contract_amount", "voucher_id", "contact_phone")
    new = {"claim_id": "new", "enterprise_id": "nobody", "institution_id": "nowhere"}
    rows = {"again": {**row, **{k: other[k] for k in keys}}, "unknown": {**row, **new}}
    return {n: {"claims": pa.Table.from_pylist([r], schema=claims.schema)} for n, r in rows.items()}


@pytest.fixture(scope="module")
def of_all():
    last = in_memory.run(WORLD.tables, SETUP)
    return last, ClaimScorer(last.tables("known"), last, SETUP)


@pytest.mark.parametrize("case", ["again", "unknown"])
def test_a_known_row_in_other_words_and_unknown_parties(of_all, case):
    last, client = of_all
    filed = handed_in()[case]
    claim_id = filed["claims"]["claim_id"][0].as_py()
    answer = client.score(filed, DAY)
    equals_the_run(last, answer, claim_id, with_rows(WORLD.tables, filed))


@pytest.mark.parametrize("scored", [filing()], indirect=True)
def test_a_free_run_differs_only_in_what_is_taken_from_the_last(scored, without_both):
    claim_id, filed, _, _, answer = scored
    whole = in_memory.run(with_rows(without_both[0], filed), SETUP).table("features")
    row = whole.filter(pc.equal(whole["claim_id"], claim_id)).to_pylist()[0]
    mine = answer.features.to_pylist()[0]
    for name in set(FEATURE_NAMES) - set(FROM_LAST_RUN):
        assert mine[name] == pytest.approx(row[name], abs=1e-9), name
    assert abs(mine["outlyingness"] - row["outlyingness"]) < 0.25  # another crowd, another forest


def test_a_wrong_closure_would_be_noticed(scored, monkeypatch):
    """Without the rows the claim touches the answer is another one: the parity test can fail."""
    _, filed, _, client, answer = scored

    def blind(tables, claim):
        return tables.replaced(
            claims=tables["claims"].filter(pc.equal(tables["claims"]["claim_id"], claim))
        )

    monkeypatch.setattr(module, "related_rows", blind)
    monkeypatch.setattr(module, "two_hop_scope", lambda tables, near, claim: near)
    other = client.score(filed, DAY)
    assert not np.allclose(
        risk.matrix(other.features), risk.matrix(answer.features), equal_nan=True
    )


def test_the_claim_scorer_keeps_nothing_of_a_query(scored):
    _, filed, _, client, answer = scored
    again = client.score(filed, DAY)
    for part in ("ranked", "features", "rule_results", "price", "explanations", "typologies"):
        assert getattr(again, part).equals(getattr(answer, part)), part
    assert dataclasses.replace(again).what_if == answer.what_if


def test_what_is_said_adds_up_and_is_said_twice(scored):
    claim_id, _, _, _, answer = scored
    total = sum(answer.explanations["contribution"].to_pylist())
    assert total == pytest.approx(answer.ranked["log_odds"][0].as_py(), abs=1e-6)
    row = answer.ranked.to_pylist()[0]
    assert 0 <= row["risk_low"] <= row["risk"] <= row["risk_high"] <= 1
    zh, en = as_text(answer, "zh"), as_text(answer, "en")
    assert claim_id in zh and "疑点" in zh and "Leads for review" in en
    assert as_dict(answer)["claim_id"] == claim_id


def test_two_claims_at_once_are_refused(scored):
    _, _, last, client, _ = scored
    with pytest.raises(InputError, match="one claim"):
        client.score({"claims": last.table("clean/claims").slice(0, 2)})
