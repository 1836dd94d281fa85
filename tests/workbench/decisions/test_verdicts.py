"""Verdicts: checked, seconded, undone, reopened, appealed against; and what comes back as labels."""

import re
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from fraud_pipeline.schema.inputs import OUTCOMES
from fraud_pipeline.vocabulary.typologies import ALLEGED
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.decisions.verdicts import Finding, validate
from fraud_pipeline.workbench.errors import ActionRefusedError
from tests.workbench import world
from tests.workbench.conftest import message

BIG, SMALL = world.claim(0), world.claim(20)  # 200,000 and 40,000 yuan
FRAUD = {"verdict": "fraud", "reason": "service_missing", "typology": "T01", "disallowed": "40,000"}
CLEAN = {"verdict": "clean", "reason": "documents_fit"}


def do(client, claim_id, deed, **fields):
    answer = client.submit(f"/claims/{claim_id}/{deed}", back=f"/claims/{claim_id}", **fields)
    return message(answer)


def outcomes(app_state):
    return {row["claim_id"]: row for row in outcomes_table(app_state.db).to_pylist()}


def states(app_state):
    with app_state.db.reading() as connection:
        return dict(connection.execute(sa.select(t.STATES.c.claim_id, t.STATES.c.status)).all())


def test_a_verdict_is_the_next_runs_label(app_state, signed):
    assert do(signed("reviewer"), SMALL, "decide", **FRAUD) == "decided"
    row = outcomes(app_state)[SMALL]
    assert (row["verdict"], row["typology"]) == ("fraud", "T01")
    assert row["disallowed_amount"] == Decimal("40000.00") and row["recovered_amount"] is None
    assert row["selected_by"] is None and row["inclusion_prob"] is None  # it was not drawn
    assert outcomes_table(app_state.db).schema.equals(OUTCOMES.arrow)


def test_a_drawn_claim_keeps_its_probability_and_explained_is_clean(app_state, signed):
    drawn = world.claim(11)
    finding = {"verdict": "explained", "reason": "tie_explained"}
    assert do(signed("reviewer"), world.claim(13), "decide", **finding) == "decided"
    do(signed("reviewer"), drawn, "decide", **finding)
    do(signed("second"), drawn, "second", answer="agree")
    row = outcomes(app_state)[drawn]
    assert (row["verdict"], row["selected_by"], row["inclusion_prob"]) == ("clean", "random", 0.25)
    assert isinstance(row["decided_on"], date)


def test_above_the_amount_a_second_person_must_agree(app_state, signed):
    finding = {**FRAUD, "disallowed": "200000"}
    assert do(signed("lead"), BIG, "decide", **finding) == "second"
    assert outcomes(app_state) == {}
    assert do(signed("lead"), BIG, "second", answer="agree") == "same_person"
    assert signed("reviewer").submit(f"/claims/{BIG}/second", answer="agree").status_code == 403
    assert do(signed("second"), BIG, "second", answer="disagree") == "note_needed"
    assert do(signed("second"), BIG, "second", answer="agree") == "agreed"
    assert outcomes(app_state)[BIG]["verdict"] == "fraud"
    assert do(signed("second"), BIG, "second", answer="agree") == "not_waiting"


def test_not_agreed_it_goes_back_to_the_queue(app_state, signed):
    do(signed("reviewer"), BIG, "decide", **{**FRAUD, "disallowed": "200000"})
    assert do(signed("leader"), BIG, "second", answer="disagree", note="证据不足") == "disagreed"
    assert states(app_state)[BIG] == "open" and outcomes(app_state) == {}
    assert "证据不足" in signed("reviewer").get(f"/claims/{BIG}").text


def test_ones_own_decision_can_be_undone_for_a_while(app_state, signed):
    do(signed("reviewer"), SMALL, "decide", **FRAUD)
    assert do(signed("lead"), SMALL, "undo") == "not_yours"
    assert do(signed("reviewer"), SMALL, "undo") == "undone"
    assert outcomes(app_state) == {} and states(app_state)[SMALL] == "taken"
    assert do(signed("reviewer"), SMALL, "undo") == "not_decided"
    do(signed("reviewer"), SMALL, "decide", **CLEAN)
    assert outcomes(app_state)[SMALL]["verdict"] == "clean"
    with app_state.db.reading() as connection:  # nothing was changed: four rows stand
        assert connection.execute(sa.select(sa.func.count()).select_from(t.DECISIONS)).scalar() == 3


def test_after_a_second_look_undoing_is_for_a_lead(app_state, signed):
    do(signed("reviewer"), BIG, "decide", **{**FRAUD, "disallowed": "1"})
    do(signed("second"), BIG, "second", answer="agree")
    assert do(signed("reviewer"), BIG, "undo") == "too_late"
    assert do(signed("lead"), BIG, "reopen", note="") == "note_needed"
    assert do(signed("lead"), BIG, "reopen", note="新材料") == "reopened"
    assert outcomes(app_state) == {} and states(app_state)[BIG] == "open"


def test_an_objection_lets_the_decision_stand_until_somebody_else_decides(app_state, signed):
    do(signed("second"), SMALL, "decide", **FRAUD)
    assert do(signed("lead"), SMALL, "appeal", note="企业提出异议") == "appealed"
    assert outcomes(app_state)[SMALL]["verdict"] == "fraud"
    assert do(signed("second"), SMALL, "decide", **CLEAN) == "same_person"
    assert do(signed("reviewer"), SMALL, "decide", **CLEAN) == "decided"
    rows = outcomes_table(app_state.db).to_pylist()
    assert [r["verdict"] for r in rows] == ["fraud", "clean"]  # the last word comes last
    do(signed("reviewer"), SMALL, "undo")
    do(signed("reviewer"), SMALL, "release")
    assert do(signed("second"), SMALL, "decide", **CLEAN) == "same_person"  # it waits again


def test_a_decided_claim_is_decided(signed):
    do(signed("reviewer"), SMALL, "decide", **CLEAN)
    assert do(signed("lead"), SMALL, "decide", **CLEAN) == "decided"
    assert do(signed("lead"), SMALL, "take") == "decided"
    assert do(signed("lead"), SMALL, "appeal", note="x") == "appealed"


@pytest.mark.parametrize(
    ("finding", "problem"),
    [(Finding("guilty", "other"), "verdict_needed"), (Finding("clean", ""), "reason_needed"),
     (Finding("clean", "money_returned"), "reason_needed"), (Finding("clean", "other"), "note_needed"),
     (Finding("fraud", "money_returned", "", "1"), "typology_needed"),
     *((Finding("fraud", "service_missing", code, "1"), "typology_needed")
       for code in ("T08", "T09", "T12", "T27")),
     *((Finding("fraud", "money_returned", "T14", amount), "amount_needed")
       for amount in ("", "abc", "-1", "100.01", "1e9", "NaN", "Infinity", "0.001"))],
)  # fmt: skip
def test_what_cannot_be_recorded_is_said(finding, problem):
    with pytest.raises(ActionRefusedError) as refused:
        validate(finding, Decimal("100.00"))
    assert refused.value.key == problem


@pytest.mark.parametrize(
    ("expected", "fen"), [("100", 10_000), ("0", 0), ("12.34", 1234), (" 1，0 ", 1000)]
)
def test_amounts_are_exact(expected, fen):
    assert (
        validate(Finding("fraud", "money_returned", "T14", expected), Decimal("100")).disallowed_fen
        == fen
    )


def test_the_form_offers_what_a_reviewer_may_allege_and_says_where_the_rest_belongs(signed):
    page = signed("lead").get(f"/claims/{SMALL}").text
    form = page.split('<select name="typology">')[1].split("</select>")[0]
    offered = re.findall(r'<option value="(T\d\d)"', form)
    assert offered == list(ALLEGED) and not {"T08", "T09", "T12"} & set(offered)
    assert "虚假合同" in form and "价格虚高" in form
    assert "审批人员的问题不在此认定" in page  # and where approvers' affairs belong


def test_closing_in_bulk_and_taking_it_back(app_state, signed):
    ids = [world.claim(k) for k in (15, 16, 17)]
    signed("reviewer").submit(f"/claims/{ids[0]}/take")
    lead = signed("lead")
    answer = lead.submit(
        "/queue/bulk", do="close", verdict="clean", reason="documents_fit", claim=ids, back="/queue"
    )
    batch = re.search(r"batch=(\w+)", answer.headers["location"])[1]
    assert message(answer) == "second"  # 72,000 + 64,000 together
    assert set(states(app_state)) == set(ids) and states(app_state)[ids[0]] == "taken"
    assert (
        signed("second")
        .submit(f"/queue/bulk/{batch}/undo")
        .headers["location"]
        .endswith("not_yours")
    )
    assert do(signed("second"), ids[1], "second", answer="agree") == "agreed"
    assert set(outcomes(app_state)) == set(ids[1:])
    assert lead.submit(f"/queue/bulk/{batch}/undo").headers["location"].endswith("too_late")


def test_a_bulk_close_is_undone_whole_and_accuses_nobody(app_state, signed):
    ids, lead = [world.claim(22), world.claim(23)], signed("lead")
    answer = lead.submit(
        "/queue/bulk", do="close", verdict="clean", reason="documents_fit", claim=ids, back="/queue"
    )
    batch = re.search(r"batch=(\w+)", answer.headers["location"])[1]
    assert set(outcomes(app_state)) == set(ids)
    lead.submit(f"/queue/bulk/{batch}/undo")
    assert outcomes(app_state) == {} and set(states(app_state).values()) == {"open"}
    accused = lead.submit(
        "/queue/bulk",
        do="close",
        verdict="fraud",
        reason="money_returned",
        claim=ids,
        back="/queue",
    )
    assert accused.headers["location"].endswith("verdict_needed")


def test_one_decision_fans_out_over_a_ring_and_the_sum_needs_four_eyes(app_state, signed):
    signed("reviewer").submit(f"/claims/{world.claim(1)}/take")
    path = f"/rings/{world.RING}"
    finding = {"verdict": "fraud", "reason": "money_returned", "typology": "T14", "note": ""}
    preview = signed("investigator").submit(f"{path}/decide", **finding).text
    assert outcomes(app_state) == {} and states(app_state) == {world.claim(1): "taken"}
    total = sum(world.amount(k) for k in (0, 2, 3))
    assert f"{total:,.0f}" in preview and "涉嫌骗取" in preview and "另有 1 件" in preview
    answer = signed("investigator").submit(f"{path}/decide", confirmed="1", **finding)
    assert message(answer) == "second"
    fanned = [world.claim(k) for k in (0, 2, 3)]
    assert do(signed("lead"), fanned[0], "second", answer="agree") == "agreed"
    found = outcomes(app_state)
    assert sorted(found) == fanned
    for k in (0, 2, 3):
        assert found[world.claim(k)]["disallowed_amount"] == world.amount(k)


def test_a_member_is_taken_out_or_put_in_as_a_judgement(app_state, signed):
    path, lead = f"/rings/{world.RING}/judge", signed("lead")
    answer = [
        message(lead.submit(path, action=action, party=party, reason=reason))
        for action, party, reason in (
            ("remove", world.enterprise(0), "孵化器内正常共用"), ("add", "INST1", "同一控制人"),
            ("remove", "INST2", "x"), ("add", world.enterprise(1), "x"), ("add", "NOBODY", "x"),
            ("burn", world.enterprise(0), "x"), ("remove", world.enterprise(0), " "))
    ]  # fmt: skip
    assert answer == ["judged"] * 2 + ["not_a_member"] * 4 + ["note_needed"]
    assert "孵化器内正常共用" in lead.get(f"/rings/{world.RING}").text
