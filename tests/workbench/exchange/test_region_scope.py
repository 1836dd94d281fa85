"""A token bound to regions sees and takes only claims of its regions, at every door."""

import pytest

from fraud_pipeline.workbench.auth.permissions import API_ROUTES, Scope
from fraud_pipeline.workbench.db import tables as t
from tests.workbench import world
from tests.workbench.decisions.test_verdicts import CLEAN, do
from tests.workbench.exchange.test_api import bearer, handed_out
from tests.workbench.exchange.test_intake import CLAIM

OURS, THEIRS = world.claim(13), world.claim(5)  # of 江夏 and 武昌
ENTERPRISE, OTHER = world.enterprise(13), world.enterprise(5)
FINDING = {"verdict": "clean", "reason": "documents_fit"}


@pytest.fixture
def head(signed):
    """A token for everything, of one region."""
    everything = [s.value for s in Scope]
    return bearer(handed_out(signed, name="江夏财政", scope=everything, regions=world.THERE))


def ask(signed, head, method, path, **given):
    return signed("leader").request(method, path, headers=head, **given)


BODIES = {
    "api_decide": (FINDING, 404),
    "api_receive": ({"claims": [{**CLAIM, "enterprise_id": OTHER}]}, 422),
    "api_score": ({"claims": [{**CLAIM, "enterprise_id": OTHER}]}, 422),
}


@pytest.mark.parametrize("rule", API_ROUTES, ids=lambda rule: rule.name)
def test_no_door_opens_to_another_region(signed, head, rule):
    """Generated from the table of doors: a new one must say here what it does outside."""
    signed("administrator").submit("/settings", key="four_eyes_amount", value="900000")
    do(signed("reviewer"), world.claim(20), "decide", **CLEAN)
    do(signed("reviewer"), world.claim(9), "decide", **CLEAN)
    body, status = BODIES.get(rule.name, (None, 404 if "{claim_id}" in rule.path else 200))
    answer = ask(signed, head, rule.method, rule.path.replace("{claim_id}", THEIRS), json=body)
    assert answer.status_code == status, answer.text
    if rule.name == "api_queue":
        assert {c["region"] for c in answer.json()["claims"]} == {world.THERE}
        assert ask(signed, head, "GET", "/api/v1/claims?region=武昌").json()["total"] == 0
    elif rule.name == "api_outcomes":
        assert [o["claim_id"] for o in answer.json()["outcomes"]] == [world.claim(20)]
    elif status == 422:
        assert answer.json()["problems"][0]["reason_code"] == "outside_region"
    elif rule.needs:
        assert status == 404, "this door must be tried with something of another region"


def test_in_its_own_region_it_does_what_it_may(signed, head):
    assert ask(signed, head, "GET", f"/api/v1/claims/{OURS}").json()["region"] == world.THERE
    done = ask(signed, head, "POST", f"/api/v1/claims/{OURS}/decisions", json=FINDING)
    assert done.status_code == 201
    claim = {**CLAIM, "enterprise_id": ENTERPRISE}
    taken = ask(signed, head, "POST", "/api/v1/claims", json={"claims": [claim]})
    assert (taken.status_code, taken.json()["new"]) == (202, 1)


ENTERPRISE_ROW = {"enterprise_id": "91420100MA4K000011", "name": "新企业"}
INSTITUTION = {"name": "新机构", "category": "university"}
PAPER = {"enterprise_id": ENTERPRISE, "institution_id": "INST1", "service_type": "testing",
         "amount": "900", "signed_on": "2017-05-01"}  # fmt: skip
OWN = {**CLAIM, "enterprise_id": ENTERPRISE}


@pytest.mark.parametrize(
    ("tables", "fits"),
    [
        ({"claims": [CLAIM], "enterprises": [{**ENTERPRISE_ROW, "region": world.THERE}]}, True),
        ({"claims": [CLAIM], "enterprises": [{**ENTERPRISE_ROW, "region": world.HERE}]}, False),
        ({"claims": [CLAIM], "enterprises": [ENTERPRISE_ROW]}, False),  # of a region nobody knows
        ({"claims": [CLAIM]}, False),
        # nobody moves another region's enterprise, claim or contract into the own one
        ({"claims": [{**CLAIM, "enterprise_id": OTHER}],
          "enterprises": [{**ENTERPRISE_ROW, "enterprise_id": OTHER, "region": world.THERE}]}, False),
        ({"claims": [{**OWN, "claim_id": THEIRS}]}, False),
        ({"claims": [OWN], "contracts": [{**PAPER, "contract_id": "HT5"}]}, False),
        ({"claims": [OWN], "contracts": [{**PAPER, "contract_id": "HT13"}]}, True),
        ({"claims": [{**OWN, "contract_id": "HT13"}],
          "payments": [{"payment_id": "P9", "contract_id": "HT13", "amount": "5",
                        "paid_on": "2017-07-01"}]}, True),
        ({"claims": [OWN], "payments": [{"payment_id": "P0", "contract_id": "HT13", "amount": "5",
                                         "paid_on": "2017-07-01"}]}, False),
        ({"claims": [OWN], "deliverables": [{"deliverable_id": "D1", "claim_id": THEIRS,
                                             "kind": "report"}]}, False),
        ({"claims": [OWN], "institutions": [{**INSTITUTION, "institution_id": "INST0"}]}, False),
        ({"claims": [OWN], "institutions": [{**INSTITUTION, "institution_id": "INST9"}]}, True),
    ],
)  # fmt: skip
def test_what_it_hands_in_is_of_its_region_row_by_row(app_state, signed, head, tables, fits):
    answer = ask(signed, head, "POST", "/api/v1/claims", json=tables)
    assert answer.status_code == (202 if fits else 422), answer.text
    if not fits:
        assert {p["reason_code"] for p in answer.json()["problems"]} == {"outside_region"}
        assert answer.json()["problems"][0]["row"] == 1
    with app_state.db.reading() as connection:
        kept = connection.execute(t.RECEIVED.select()).all()
    assert bool(kept) == fits


def test_what_another_region_handed_in_before_the_run_is_not_replaced(signed, head):
    whole = bearer(handed_out(signed, name="省", scope=[s.value for s in Scope]))
    theirs = {"claims": [{**CLAIM, "enterprise_id": OTHER}]}
    assert ask(signed, whole, "POST", "/api/v1/claims", json=theirs).status_code == 202
    answer = ask(signed, head, "POST", "/api/v1/claims", json={"claims": [OWN]})
    assert answer.status_code == 422


def test_the_settings_page_says_what_a_token_is_bound_to(signed, head):
    text = signed("auditor").get("/settings").text
    assert "江夏财政" in text and world.THERE in text
