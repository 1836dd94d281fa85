"""The API: tokens with scopes, the same rules as the pages, and the description that fits it."""

import json
import re

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth import tokens
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import API_ROUTES, Role, Scope
from tests.workbench import world

FROM_ROWS = ("api_receive", "api_score")
SMALL, BIG = world.claim(20), world.claim(0)


def token(signed, *scopes):
    return handed_out(signed, name="财政", scope=[s.value for s in scopes])


def handed_out(signed, **fields):
    """The secret of a token that the administrator asked for, and a lead approved if need be."""
    page = signed("administrator").submit("/tokens", **fields)
    if page.status_code == 303:
        assert page.headers["location"] == "/settings?flash=token_waits"
        lead = signed("lead")
        waiting = re.findall(r"/tokens/(\d+)/approve", lead.get("/tokens").text)
        page = lead.submit(f"/tokens/{waiting[-1]}/approve")
    return re.search(r"fp_[\w-]+", page.text)[0]


def bearer(secret):
    return {"authorization": f"Bearer {secret}"}


def test_each_route_needs_its_own_scope(application, signed):
    client = signed("leader")
    for scope in Scope:
        secret = token(signed, scope)
        for rule in API_ROUTES:
            path = rule.path.replace("{claim_id}", world.claim(7))
            answer = client.request(rule.method, path, headers=bearer(secret), content="{}")
            if rule.needs in (None, scope):
                assert answer.status_code not in (401, 403), rule
            else:
                assert answer.status_code == 403, rule


@pytest.mark.parametrize(
    "header", [{}, bearer("fp_wrong"), bearer(""), {"authorization": "Basic eDp5"}]
)
def test_without_a_token_nothing_opens_not_even_signed_in(signed, header):
    for rule in API_ROUTES:
        if rule.needs:
            path = rule.path.replace("{claim_id}", SMALL)
            assert signed("lead").request(rule.method, path, headers=header).status_code == 401


def test_a_revoked_token_is_dead(signed):
    secret = token(signed, Scope.READ)
    assert signed("leader").get("/api/v1/claims", headers=bearer(secret)).status_code == 200
    signed("administrator").submit("/tokens/1/revoke")
    assert signed("leader").get("/api/v1/claims", headers=bearer(secret)).status_code == 401


def test_the_queue_goes_out_and_a_decision_comes_in(app_state, signed):
    head = bearer(token(signed, *Scope))
    client = signed("leader")
    body = client.get("/api/v1/claims?typology=T01", headers=head).json()
    assert body["total"] == 12 and body["claims"][0]["claimed_amount"] == "200000.00"
    assert world.PHONE not in json.dumps(body)
    finding = {
        "verdict": "irregular",
        "reason": "limit_broken",
        "typology": "T24",
        "disallowed_amount": "10",
    }
    first = client.post(f"/api/v1/claims/{SMALL}/decisions", headers=head, json=finding)
    assert (first.status_code, first.json()["needs_second"]) == (201, False)
    assert (
        client.post(f"/api/v1/claims/{SMALL}/decisions", headers=head, json=finding).status_code
        == 409
    )
    assert client.post(f"/api/v1/claims/{BIG}/decisions", headers=head, json=finding).json()[
        "needs_second"
    ]
    out = client.get("/api/v1/outcomes", headers=head).json()["outcomes"]
    assert [o["claim_id"] for o in out] == [SMALL]
    detail = client.get(f"/api/v1/claims/{SMALL}", headers=head).json()
    assert detail["status"] == "decided" and detail["decisions"][0]["disallowed_fen"] == 1000


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"verdict": 5}', b'{"x": "y"}', b'{"verdict": "guilty"}', b"\xff",
                                  rb'{"verdict": "clean", "reason": "other", "note": "\ud800"}',
                                  b"[" * 60_000])  # fmt: skip
def test_a_bad_body_is_422_and_records_nothing(signed, body):
    head = bearer(token(signed, *Scope))
    path = f"/api/v1/claims/{SMALL}/decisions"
    assert signed("leader").post(path, headers=head, content=body).status_code == 422
    assert signed("leader").get(f"/api/v1/claims/{SMALL}", headers=head).json()["decisions"] == []
    assert signed("leader").post(path, headers=head, content=b"x" * 70_000).status_code == 413


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """The API over a world of its own, with a token for everything."""
    folder = tmp_path_factory.mktemp("api")
    world.published(folder)
    made = make_application(folder, f"sqlite:///{folder / 'work.db'}")
    lead = Person(1, "lead", Role.LEAD, (), frozenset())
    with made.state.app_state.db.writing() as connection:
        secret = tokens.create(connection, "machine", tuple(Scope), lead)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", made)
    schema.headers_sent = bearer(secret)
    return schema


@pytest.mark.parametrize("rule", API_ROUTES, ids=lambda rule: rule.name)
@hypothesis.settings(max_examples=10, deadline=None, derandomize=True, database=None,
                     suppress_health_check=list(hypothesis.HealthCheck))  # fmt: skip
@hypothesis.given(data=st.data())
def test_the_api_is_what_its_description_says(described, rule, data):
    """Requests made up from the description: the answers are as it says."""
    case = data.draw(described[rule.path][rule.method].as_strategy())
    # that a token is needed is tried above; this check sends ours with every request it makes.
    # A row that fits the description may still be no claim (a contract of nobody's): 422 says so.
    left_out = [ignored_auth, *([positive_data_acceptance] if rule.name in FROM_ROWS else [])]
    case.call_and_validate(headers=described.headers_sent, excluded_checks=left_out)
