"""Signing in at an identity provider: who is let in, who is not, and what a forged answer gets."""

import pytest
import sqlalchemy as sa
from joserfc.jwk import OctKey, RSAKey

from fraud_pipeline.errors import SettingsError
from fraud_pipeline.workbench.auth import accounts, oidc
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import tables as t
from tests.workbench.auth import identity_provider as fake
from tests.workbench.conftest import WorkbenchClient, engage


@pytest.fixture
def idp():
    made = fake.Provider()
    yield made
    made.close()


@pytest.fixture
def client(application, app_state, idp):
    app_state.provider = oidc.Provider(idp.issuer, fake.CLIENT, fake.SECRET, b"k" * 64)
    with app_state.db.writing() as connection:
        accounts.invite(connection, "oidc-lead", Role.LEAD, (), 1)
    return WorkbenchClient(application, base_url="http://127.0.0.1", follow_redirects=False)


def come(client, idp, **changes):
    """The whole way there and back; where it ends."""
    there = client.get("/oidc/start?next=/rings")
    back = idp.authorize(there.headers["location"]) | changes
    return client.get("/oidc/back", params=back).headers["location"]


def test_an_invited_account_is_bound_and_signs_in_again(client, idp, app_state):
    assert "/oidc/start?next=" in client.get("/sign-in?next=/rings").text
    assert come(client, idp) == "/rings"
    assert client.get("/queue").status_code == 200
    idp.claims = {"sub": "u-1", "preferred_username": "renamed"}  # the subject counts, not the name
    other = WorkbenchClient(client.app, base_url="http://127.0.0.1", follow_redirects=False)
    assert come(other, idp) == "/rings"
    with app_state.db.reading() as connection:
        deeds = connection.execute(sa.select(t.LOG.c.action, t.LOG.c.who)).all()
        used = connection.execute(sa.select(t.INVITATIONS.c.used_at)).scalars().all()
    assert ("oidc-bind", "oidc-lead") in deeds and ("sign-in", "oidc-lead") in deeds
    assert used[-1]  # the link is no second way in


@pytest.mark.parametrize(
    "claims",
    [{"sub": "u-2", "preferred_username": "lead"},  # has a password: a name takes nothing over
     {"sub": "u-2", "preferred_username": "nobody"}, {"sub": "u-2"}],
)  # fmt: skip
def test_who_has_no_account_of_their_own_is_not_let_in(client, idp, claims):
    idp.claims = claims
    assert come(client, idp) == "/sign-in?problem=refused_oidc"
    assert client.get("/queue").status_code == 303


def test_another_subject_cannot_use_a_bound_name_and_a_disabled_account_stays_out(
    client, idp, app_state
):
    assert come(client, idp) == "/rings"
    stranger = WorkbenchClient(client.app, base_url="http://127.0.0.1", follow_redirects=False)
    idp.claims = {"sub": "u-9", "preferred_username": "oidc-lead"}
    assert come(stranger, idp) == "/sign-in?problem=refused_oidc"
    with app_state.db.writing() as connection:
        connection.execute(sa.update(t.USERS).values(disabled_at="2020-01-01"))
    idp.claims = {"sub": "u-1"}
    assert come(stranger, idp) == "/sign-in?problem=refused_oidc"


@pytest.mark.parametrize(
    "bend",
    [{"nonce": "other"}, {"aud": "somebody else"}, {"iss": "https://evil.example"}, {"exp": 1},
     {"aud": [fake.CLIENT, "other"]}, {"sub": ""}],
    ids=lambda b: next(iter(b)),
)  # fmt: skip
def test_a_token_that_is_not_for_this_sign_in_is_refused(client, idp, bend):
    idp.bend = lambda claims: claims | bend
    assert come(client, idp) == "/sign-in?problem=refused_oidc"


@pytest.mark.parametrize("how", ["another key", "shared secret", "none"])
def test_a_token_signed_by_somebody_else_is_refused(client, idp, how):
    if how == "another key":
        idp.sign_with = RSAKey.generate_key(2048, {"kid": "k1"})
    elif how == "none":
        idp.unsigned = True
    else:  # the old trick: the algorithm of the head is not the sender's to choose
        idp.sign_with = OctKey.import_key(fake.SECRET * 4)
        idp.algorithm = "HS256"
    assert come(client, idp) == "/sign-in?problem=refused_oidc"


def test_state_cookie_and_code_are_bound_to_one_browser_and_one_time(client, idp):
    assert come(client, idp, state="other") == "/sign-in?problem=refused_oidc"
    assert come(client, idp, code="made-up") == "/sign-in?problem=refused_oidc"
    assert come(client, idp, iss="https://evil.example") == "/sign-in?problem=refused_oidc"
    there = client.get("/oidc/start")
    back = idp.authorize(there.headers["location"])
    stranger = WorkbenchClient(client.app, base_url="http://127.0.0.1", follow_redirects=False)
    assert stranger.get("/oidc/back", params=back).headers["location"].endswith("refused_oidc")
    stranger.cookies.set("workbench-oidc", "forged.cookie")
    assert stranger.get("/oidc/back", params=back).headers["location"].endswith("refused_oidc")


def test_an_answer_of_the_provider_works_once(client, idp):
    """The address that a browser came back by is in its history: opened again it lets nobody in."""
    there = client.get("/oidc/start?next=/rings")
    back = idp.authorize(there.headers["location"])
    sealed = client.cookies.get("workbench-oidc")
    assert client.get("/oidc/back", params=back).headers["location"] == "/rings"
    assert client.get("/oidc/back", params=back).headers["location"].endswith("refused_oidc")
    thief = WorkbenchClient(client.app, base_url="http://127.0.0.1", follow_redirects=False)
    thief.cookies.set("workbench-oidc", sealed)  # even with the cookie: the code was used
    assert thief.get("/oidc/back", params=back).headers["location"].endswith("refused_oidc")


def test_a_token_of_an_earlier_sign_in_is_refused(client, idp):
    """The provider is made to send an old token again: its nonce is of another sign-in."""
    kept = []
    idp.bend = lambda claims: kept.append(claims) or claims
    assert come(client, idp) == "/rings"
    idp.bend = lambda claims: kept[0]
    assert come(client, idp) == "/sign-in?problem=refused_oidc"


def test_nobody_is_sent_elsewhere_afterwards_and_a_silent_provider_is_said(client, idp, app_state):
    there = client.get("/oidc/start?next=//evil.example/x")
    back = idp.authorize(there.headers["location"])
    assert client.get("/oidc/back", params=back).headers["location"] == "/"
    app_state.provider = oidc.Provider("http://127.0.0.1:9", fake.CLIENT, fake.SECRET, b"k" * 64)
    fresh = WorkbenchClient(client.app, base_url="http://127.0.0.1", follow_redirects=False)
    assert fresh.get("/oidc/start").headers["location"] == "/sign-in?problem=oidc_down"


def test_without_a_provider_there_is_no_such_way(application, app_state):
    engage(app_state, "x1", Role.LEAD)
    client = WorkbenchClient(application, base_url="http://127.0.0.1", follow_redirects=False)
    assert client.get("/oidc/start").status_code == client.get("/oidc/back").status_code == 404
    assert "oidc" not in client.get("/sign-in").text
    with pytest.raises(SettingsError, match="https"):
        oidc.Provider("http://idp.example", "c", "s", b"k")
