"""Every route as every role, from the one table; nothing open that should be closed."""

import re

import pytest

from fraud_pipeline.workbench.auth.permissions import (
    API_ROUTES,
    GRANTED,
    ROUTES,
    Permission,
    Role,
    allows,
)
from tests.workbench import world

ROLES = [None, *Role]
NAMES = {"claim_id": world.claim(5), "ring_id": world.RING, "run_id": world.RUN, "user_id": "1",
         "token_id": "1", "batch": "none", "token": "none", "filter_id": "1", "file_id": "1",
         "webhook_id": "1", "case_id": "1", "kind": "enterprise", "key": world.enterprise(5),
         "party_id": world.enterprise(5), "event_id": "1"}  # fmt: skip


def address(path):
    return re.sub(r"\{(\w+)\}", lambda m: NAMES[m[1]], path)


@pytest.fixture(scope="module")
def everybody(tmp_path_factory):
    from fraud_pipeline.workbench.application import make_application
    from tests.workbench.conftest import WorkbenchClient, engage, sign_in

    folder = tmp_path_factory.mktemp("matrix")
    world.published(folder / "w")
    made = make_application(folder / "w", f"sqlite:///{folder / 'work.db'}")
    people = {None: WorkbenchClient(made, base_url="http://127.0.0.1", follow_redirects=False)}
    for role in Role:
        engage(made.state.app_state, role.value, role)
        people[role] = sign_in(made, role.value)
    return people


@pytest.mark.parametrize("role", ROLES, ids=lambda r: r.value if r else "nobody")
def test_every_route_answers_each_role_as_the_table_says(everybody, role):
    client = everybody[role]
    token = client.token
    for rule in ROUTES:
        if rule.name in ("sign_out", "change_password"):
            continue
        path = address(rule.path)
        answer = client.get(path) if rule.method == "GET" else client.submit(path, token)
        allowed = allows(role, rule.needs)
        if allowed:
            assert answer.status_code in (200, 303, 400, 404, 422), (rule, answer.status_code)
            assert not answer.headers.get("location", "").startswith("/sign-in?next"), rule
        elif role is None:
            closed = (303, "/sign-in?next=") if rule.method == "GET" else (401, "")
            assert answer.status_code == closed[0], rule
            assert answer.headers.get("location", "").startswith(closed[1]), rule
        else:
            assert answer.status_code == 403, rule


@pytest.mark.parametrize("role", ROLES, ids=lambda r: r.value if r else "nobody")
def test_no_role_opens_the_api_by_being_signed_in(everybody, role):
    for rule in API_ROUTES:
        answer = everybody[role].request(rule.method, address(rule.path), content="{}")
        assert answer.status_code == (401 if rule.needs else 200), rule


@pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
def test_no_form_passes_without_its_token(everybody, role):
    client = everybody[role]
    for rule in ROUTES:
        if rule.changes:
            for wrong in ("", "x" * 32, "ü"):
                answer = client.submit(address(rule.path), wrong)
                assert answer.status_code == 403, (rule, wrong)


def test_a_form_from_another_site_is_refused_even_with_the_token(everybody):
    client = everybody[Role.LEAD]
    answer = client.post(
        "/queue/take", data={"csrf": client.token}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


def test_the_auditor_changes_nothing_and_the_administrator_sees_no_claim():
    writes = {rule.needs for rule in ROUTES if rule.changes}
    assert GRANTED[Role.AUDITOR] & writes <= {Permission.ANYONE, Permission.SIGNED_IN}
    seeing = {Permission.SEE_CLAIMS, Permission.UNMASK, Permission.WORK, Permission.EXPORT}
    assert not GRANTED[Role.ADMINISTRATOR] & seeing
    assert GRANTED[None] == {Permission.ANYONE}


def test_the_insider_view_is_for_the_inspector_alone_who_sees_nothing_else():
    assert [role for role in ROLES if allows(role, Permission.SEE_INSIDERS)] == [Role.INSPECTOR]
    own = {rule.path for rule in ROUTES if allows(Role.INSPECTOR, rule.needs)}
    assert not {p for p in own if p.startswith(("/claims", "/rings", "/queue", "/log", "/runs"))}


def test_every_route_is_in_the_table_once(application):
    served = {(m, r.path) for r in application.routes for m in r.methods or () if m != "HEAD"}
    listed = [(r.method, r.path) for r in (*ROUTES, *API_ROUTES)]
    assert len(listed) == len(set(listed))
    assert served == {*listed, ("GET", "/static/{name}")}


def test_every_answer_carries_the_security_headers(everybody):
    for path in ("/queue", "/sign-in", "/nothing", "/static/workbench.css", "/api/v1/claims"):
        headers = everybody[Role.REVIEWER].get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert everybody[Role.REVIEWER].get("/queue").headers["cache-control"] == "no-store"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Somebody of every role, bound to another region than the claim and ring of NAMES."""
    from fraud_pipeline.workbench.application import make_application
    from tests.workbench.conftest import engage, sign_in

    folder = tmp_path_factory.mktemp("elsewhere")
    world.published(folder / "w")
    made = make_application(folder / "w", f"sqlite:///{folder / 'work.db'}")
    for role in Role:
        engage(made.state.app_state, role.value, role, (world.THERE,))
    return {role: sign_in(made, role.value) for role in Role}


@pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
def test_no_route_opens_a_claim_or_ring_of_another_region(elsewhere, role):
    client = elsewhere[role]
    token = client.token
    for rule in ROUTES:
        if not rule.path.startswith(
            ("/claims/", "/rings/", "/entities/", "/parties/")
        ) or not allows(role, rule.needs):
            continue
        path = address(rule.path)
        answer = client.get(path) if rule.method == "GET" else client.submit(path, token)
        assert answer.status_code == 404, (rule, answer.status_code)
        # and one of the own region opens, so that 404 means something
    if allows(role, Permission.SEE_CLAIMS):
        assert client.get(f"/claims/{world.claim(20)}").status_code == 200
