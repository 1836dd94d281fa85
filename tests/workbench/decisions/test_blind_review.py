"""Blind second checks: who may make one, what they are not shown, how agreement is told."""

import re

import pytest

from fraud_pipeline.audit.findings import agreement
from fraud_pipeline.audit.visits import double_checks
from fraud_pipeline.engine.audit_rounds import small_table
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.decisions import blind_review
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from tests.workbench import world
from tests.workbench.conftest import engage, message, sign_in
from tests.workbench.decisions.test_verdicts import CLEAN, FRAUD, do

ONE, BIG = world.claim(20), world.claim(0)
MINOR = FRAUD | {"disallowed": "1"}
WORKERS = (Role.REVIEWER, Role.LEAD, Role.INVESTIGATOR)


@pytest.fixture(autouse=True)
def every(signed):
    """Every verdict is drawn, so that the tests need not look for one that is."""
    signed("administrator").submit("/settings", key="blind_percent", value="100")


def page(client, claim=ONE):
    return client.get(f"/claims/{claim}").text


def shows(text):
    return 'id="decisions"' in text


def checking(text):
    return 'id="check"' in text


def flash_of(answer):
    return message(answer)


@pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
def test_the_verdict_is_kept_from_whoever_could_be_the_second(application, app_state, signed, role):
    engage(app_state, "first person", Role.REVIEWER)
    do(sign_in(application, "first person"), ONE, "decide", **MINOR)
    client = signed(role.value)
    if role in (Role.ADMINISTRATOR, Role.INSPECTOR):
        assert client.get(f"/claims/{ONE}").status_code == 403
        assert client.submit(f"/claims/{ONE}/blind", **CLEAN).status_code == 403
    elif role in WORKERS:
        before = page(client)
        assert checking(before) and not shows(before) and "first person" not in before
        assert flash_of(client.submit(f"/claims/{ONE}/blind", **CLEAN)) == "checked"
        after = page(client)
        assert shows(after) and not checking(after) and "first person" in after
    else:  # they decide nothing, so nothing need be kept from them
        assert shows(page(client)) and not checking(page(client))
        assert client.submit(f"/claims/{ONE}/blind", **CLEAN).status_code == 403


def test_who_decided_sees_it_and_cannot_check_it(app_state, signed):
    do(signed("reviewer"), ONE, "decide", **MINOR)
    assert shows(page(signed("reviewer"))) and not checking(page(signed("reviewer")))
    assert flash_of(signed("reviewer").submit(f"/claims/{ONE}/blind", **CLEAN)) == "no_check"
    assert flash_of(signed("reviewer").submit("/queue/blind")) == "none_to_check"


def test_packs_wait_and_the_next_person_is_not_asked_again(signed):
    do(signed("reviewer"), ONE, "decide", **MINOR)
    for pack in ("pack.zip", "objection.zip"):
        assert flash_of(signed("lead").get(f"/claims/{ONE}/{pack}")) == "blind_first"
    signed("lead").submit(f"/claims/{ONE}/blind", **MINOR)
    assert signed("lead").get(f"/claims/{ONE}/pack.zip").status_code == 200
    assert flash_of(signed("second").submit(f"/claims/{ONE}/blind", **CLEAN)) == "no_check"
    assert shows(page(signed("second")))


def test_four_eyes_come_first_and_who_looked_then_knows_too_much(signed):
    do(signed("investigator"), BIG, "decide", **MINOR)
    assert shows(page(signed("second"), BIG)) and shows(page(signed("lead"), BIG))
    assert not checking(page(signed("lead"), BIG))  # it does not stand yet
    signed("lead").submit(f"/claims/{BIG}/second", answer="agree")
    for knows in ("investigator", "lead", "second"):
        assert shows(page(signed(knows), BIG)) and not checking(page(signed(knows), BIG)), knows
        assert flash_of(signed(knows).submit(f"/claims/{BIG}/blind", **CLEAN)) == "no_check"
    assert checking(page(signed("reviewer"), BIG)) and not shows(page(signed("reviewer"), BIG))


def test_a_verdict_taken_back_needs_no_check(signed):
    do(signed("reviewer"), ONE, "decide", **MINOR)
    do(signed("reviewer"), ONE, "undo")
    assert not checking(page(signed("lead"))) and shows(page(signed("lead")))


def test_a_check_needs_the_same_care_and_changes_no_verdict(app_state, signed):
    do(signed("reviewer"), ONE, "decide", **MINOR)
    before = outcomes_table(app_state.db)
    assert (
        flash_of(signed("lead").submit(f"/claims/{ONE}/blind", verdict="fraud")) == "reason_needed"
    )
    assert flash_of(signed("lead").submit(f"/claims/{ONE}/blind", **CLEAN)) == "checked"
    assert outcomes_table(app_state.db).equals(before) and before.num_rows == 1
    with app_state.db.reading() as connection:
        assert not blind_review.any_pending(connection) and blind_review.pending(connection) == {}


def test_it_is_handed_out_within_reach_only(application, app_state, signed):
    engage(app_state, "over there", Role.REVIEWER, (world.HERE,))
    engage(app_state, "bound one", Role.REVIEWER)
    there, bound = sign_in(application, "over there"), sign_in(application, "bound one")
    bound.submit("/account/conflicts", party=world.enterprise(20), reason="亲属")
    assert 'id="take-blind"' not in signed("lead").get("/queue").text
    do(signed("reviewer"), ONE, "decide", **MINOR)
    assert 'id="take-blind"' in signed("lead").get("/queue").text
    assert (
        flash_of(there.submit("/queue/blind"))
        == flash_of(bound.submit("/queue/blind"))
        == "none_to_check"
    )
    assert there.submit(f"/claims/{ONE}/blind", **CLEAN).status_code == 404
    assert flash_of(bound.submit(f"/claims/{ONE}/blind", **CLEAN)) == "conflict"
    assert signed("lead").submit("/queue/blind").headers["location"] == f"/claims/{ONE}?flash=check"


def test_a_claim_that_left_the_queue_overnight_can_still_be_checked(app_state, signed, monkeypatch):
    do(signed("reviewer"), ONE, "decide", **MINOR)
    queued = app_state.leads.claim
    monkeypatch.setattr(app_state.leads, "claim", lambda one: None if one == ONE else queued(one))
    assert signed("reviewer").get(f"/claims/{ONE}").status_code == 404
    assert checking(page(signed("lead")))
    assert flash_of(signed("lead").submit(f"/claims/{ONE}/blind", **CLEAN)) == "checked"
    assert signed("lead").get(f"/claims/{ONE}").status_code == 404


def test_a_partys_past_does_not_tell_either(app_state, signed, monkeypatch):
    """The next run knows the verdict and shows it among the party's earlier claims."""
    do(signed("reviewer"), ONE, "decide", **MINOR)
    row = {"claim_id": ONE, "verdict": "irregular", "decided_on": "2017-07-01"}
    lead, reviewer = (
        Person(k, n, Role.LEAD, (), frozenset()) for k, n in ids(app_state, "lead", "reviewer")
    )
    with app_state.db.reading() as connection:
        assert blind_review.hide_pending_verdicts(connection, [row], lead)[0]["verdict"] is None
        assert blind_review.hide_pending_verdicts(connection, [row], reviewer) == [row]


def ids(app_state, *names):
    from fraud_pipeline.workbench.db.tables import USERS

    with app_state.db.reading() as connection:
        known = {n: i for i, n in connection.execute(USERS.select().with_only_columns(
            USERS.c.id, USERS.c.name))}  # fmt: skip
    return [(known[name], name) for name in names]


def test_agreement_is_shown_on_the_audit_page(app_state, signed, tmp_path):
    words = [(MINOR, MINOR), (MINOR, CLEAN), (CLEAN, CLEAN), (CLEAN, CLEAN)]
    for k, (first, second) in enumerate(words, start=16):
        do(signed("reviewer"), world.claim(k), "decide", **first)
        signed("lead").submit(f"/claims/{world.claim(k)}/blind", **second)
    do(signed("reviewer"), world.claim(21), "decide", **CLEAN)
    result = signed("auditor").get("/audit").text.split('id="checked"')[1].split("</section>")[0]
    # 3 of 4 agree; by chance 2/4·1/4 + 2/4·3/4 = 1/2 would: κ = (3/4 − 1/2) / (1 − 1/2)
    assert "3 / 4 = 75.0%" in result and "0.50" in result
    assert "已完成 4 件，待复核 1 件" in result
    assert re.findall(r"/claims/(\w+)", result) == [world.claim(17)]
    answer = signed("leader").get("/audit/double_checks.csv")
    (tmp_path / "d.csv").write_bytes(answer.content)
    columns = dict.fromkeys(("claim_id", "auditor_id", "verdict"), "text")
    found = agreement(small_table(tmp_path / "d.csv", columns), 0.95).to_pylist()[0]
    assert (found["n_double"], found["n_agreed"], found["kappa"]) == (4, 3, 0.5)
    assert signed("lead").get("/audit/double_checks.csv").status_code == 403


def test_the_draw_can_be_made_again_and_is_the_audits_own_in_a_plan(app_state):
    key = app_state.key
    tickets = [blind_review.draw_number(key, f"C{k}") for k in range(20_000)]
    assert tickets[:9] == [blind_review.draw_number(key, f"C{k}") for k in range(9)]
    assert blind_review.draw_number(b"another secret", "C0") != tickets[0]
    assert abs(sum(t < 0.05 for t in tickets) / 20_000 - 0.05) < 0.006  # four standard errors
    plan, run = app_state.leads.run.json("plan"), app_state.leads.run
    rows = double_checks(run.table("audit_plan"), plan["seed"], plan["frame_sha256"], 0.25)
    drawn = set(rows["claim_id"].to_pylist())
    assert len(drawn) == 3
    queue = app_state.leads.query("SELECT * FROM queue")
    with app_state.db.reading() as connection:
        picked = {q["claim_id"] for q in queue if app_state.is_drawn(connection, q, 25)}
        assert not any(app_state.is_drawn(connection, q, 0) for q in queue)
        assert all(app_state.is_drawn(connection, q, 100) for q in queue)
    planned = {q["claim_id"] for q in queue if q["stratum"]}
    assert picked & planned == drawn
    others = {q["claim_id"] for q in queue} - planned
    assert picked - planned == {one for one in others if blind_review.draw_number(key, one) < 0.25}


@pytest.mark.parametrize(
    ("value", "taken"), [("0", True), ("100", True), ("101", False), ("-1", False)]
)
def test_the_share_is_a_setting(signed, value, taken):
    answer = signed("administrator").submit("/settings", key="blind_percent", value=value)
    assert (answer.status_code == 303) == taken


def test_batches_and_the_api_are_drawn_from_as_well(app_state, signed):
    from tests.workbench.exchange.test_api import Scope, bearer, token

    picked = [world.claim(k) for k in (21, 22)]
    signed("lead").submit("/queue/bulk", claim=picked, do="close", **CLEAN)
    signed("leader").post(
        f"/api/v1/claims/{ONE}/decisions", headers=bearer(token(signed, Scope.WRITE)), json=CLEAN
    )
    with app_state.db.reading() as connection:
        assert set(blind_review.pending(connection)) == {*picked, ONE}
