"""API tokens: nobody hands out a right they lack; tokens end, are replaced and are revoked."""

import re

import pytest
import sqlalchemy as sa

from fraud_pipeline.workbench.auth.permissions import SCOPE_NEEDS, Role, Scope, allows
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.state_verification import state_faults
from tests.workbench import world
from tests.workbench.conftest import engage, sign_in
from tests.workbench.exchange.test_api import bearer, token

SECRET = re.compile(r"fp_[\w-]+")


def status(signed, secret, path="/api/v1/claims"):
    return signed("leader").get(path, headers=bearer(secret)).status_code


def rows(app_state):
    with app_state.db.reading() as connection:
        return connection.execute(sa.select(t.TOKENS).order_by(t.TOKENS.c.id)).all()


@pytest.mark.parametrize("scope", list(Scope), ids=lambda scope: scope.value)
def test_an_administrator_gets_no_secret_for_a_right_the_role_lacks(app_state, signed, scope):
    answer = signed("administrator").submit("/tokens", name="系统", scope=[scope.value])
    is_own = allows(Role.ADMINISTRATOR, SCOPE_NEEDS[scope])
    assert bool(SECRET.search(answer.text)) == is_own
    assert is_own == (scope is Scope.CLAIMS_IN)
    (row,) = rows(app_state)
    assert (row.approved_at is not None) == is_own
    assert signed("administrator").submit("/tokens/1/approve").status_code == 403
    again = signed("administrator").submit("/tokens/1/rotate")
    assert bool(SECRET.search(again.text)) == is_own


def test_the_secret_is_shown_to_who_approves_and_only_once(app_state, signed):
    signed("administrator").submit("/tokens", name="财政", scope=["claims:read"])
    assert "财政" in signed("lead").get("/tokens").text
    page = signed("lead").submit("/tokens/1/approve")
    assert status(signed, SECRET.search(page.text)[0]) == 200
    assert signed("lead").submit("/tokens/1/approve").status_code == 404
    assert "财政" not in signed("lead").get("/tokens").text
    with app_state.db.reading() as connection:
        assert list(state_faults(connection)) == []


def test_a_lead_of_one_region_approves_tokens_of_that_region_alone(application, app_state, signed):
    engage(app_state, "local", Role.LEAD, (world.HERE,))
    local = sign_in(application, "local")
    for regions in ("", world.THERE, f"{world.HERE};{world.THERE}", world.HERE):
        signed("administrator").submit("/tokens", name="x", scope=["claims:read"], regions=regions)
    answers = [local.submit(f"/tokens/{k}/approve").status_code for k in (1, 2, 3, 4)]
    assert answers == [404, 404, 404, 200]


def test_a_token_ends_on_its_day(app_state, signed):
    signed("administrator").submit("/settings", key="token_days", value="1")
    secret = token(signed, Scope.READ)
    assert status(signed, secret) == 200
    with app_state.db.writing() as connection:
        connection.execute(sa.update(t.TOKENS).values(expires_at="2020-01-01T00:00:00+00:00"))
    assert status(signed, secret) == 401


def test_a_replaced_token_works_for_a_day_more(app_state, signed):
    old = token(signed, Scope.READ)
    before = rows(app_state)[0].expires_at
    signed("administrator").submit("/tokens/1/rotate")
    assert rows(app_state)[0].expires_at == before  # the new one has no secret yet
    new = SECRET.search(signed("lead").submit("/tokens/2/approve").text)[0]
    assert status(signed, old) == status(signed, new) == 200
    first, second = rows(app_state)
    assert first.expires_at < second.expires_at and second.replaces == 1
    assert (second.scopes, second.regions) == (first.scopes, first.regions)
    with app_state.db.reading() as connection:
        assert list(state_faults(connection)) == []
    signed("administrator").submit("/tokens/2/revoke")
    assert status(signed, new) == 401
    assert signed("administrator").submit("/tokens/2/rotate").status_code == 404


def test_a_token_that_waits_opens_nothing(app_state, signed):
    signed("administrator").submit("/tokens", name="x", scope=["claims:read"])
    stored = rows(app_state)[0].token_hash
    assert stored.startswith("waiting ") and status(signed, stored) == 401
