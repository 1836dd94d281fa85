"""Signing in: invitations once, throttling, expiry, cookies, regions, conflicts."""

import re
import threading
import time

import argon2
import pytest
import sqlalchemy as sa

from fraud_pipeline.errors import SettingsError, WorkspaceError
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth import accounts, sessions
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import settings
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import Database
from tests.workbench import world
from tests.workbench.conftest import PASSWORD, WorkbenchClient, engage, message, sign_in

SHORT = "short"
GOOD = "four plain words here"


def test_the_first_administrator_gets_a_link_that_works_once(workspace, tmp_path):
    application = make_application(workspace, f"sqlite:///{tmp_path / 'fresh.db'}")
    db = application.state.app_state.db
    with db.writing() as connection:
        lost = accounts.first_administrator(connection, settings.WorkbenchSettings())
    with db.writing() as connection:  # a second start before the link was used
        token = accounts.first_administrator(connection, settings.WorkbenchSettings())
    client = WorkbenchClient(application, base_url="http://127.0.0.1", follow_redirects=False)
    assert client.get(f"/welcome/{lost}").status_code == 404
    assert client.submit(f"/welcome/{token}", password=SHORT, again=SHORT).status_code == 400
    assert client.submit(f"/welcome/{token}", password=GOOD, again=GOOD).status_code == 303
    assert client.submit(f"/welcome/{token}", password=GOOD, again=GOOD).status_code == 404
    assert sign_in(application, "admin", GOOD).get("/people").status_code == 200
    with db.writing() as connection:
        assert accounts.first_administrator(connection, settings.WorkbenchSettings()) is None


def test_no_secret_stands_in_the_database(application, app_state, signed):
    client = signed("reviewer")
    cookie = next(c.value for c in client.cookies.jar if c.name == "workbench")
    with app_state.db.reading() as connection:
        for table in (t.USERS, t.SESSIONS, t.INVITATIONS, t.LOG):
            text = str(connection.execute(sa.select(table)).all())
            assert cookie not in text and PASSWORD not in text


def test_five_wrong_passwords_pause_the_account_for_everybody(application):
    for _ in range(5):
        answer = sign_in(application, "lead", "wrong password!").answer
        assert message(answer) == "refused"
    assert message(sign_in(application, "lead").answer) == "refused"
    assert sign_in(application, "reviewer").answer.headers["location"] == "/"


def test_a_name_that_does_not_exist_is_refused_alike(application):
    nobody = sign_in(application, "nobody", "wrong password!").answer
    wrong = sign_in(application, "lead", "wrong password!").answer
    assert (nobody.status_code, nobody.headers["location"]) == (
        wrong.status_code,
        wrong.headers["location"],
    )


@pytest.mark.parametrize(("column", "hours"), [("seen_at", -0.6), ("created_at", -10.1)])
def test_a_session_expires_by_idling_and_by_age(app_state, signed, column, hours):
    client = signed("reviewer")
    with app_state.db.writing() as connection:
        connection.execute(sa.update(t.SESSIONS).values({column: accounts.now_plus(hours=hours)}))
    assert client.get("/queue").headers["location"].startswith("/sign-in")


def test_a_clock_set_back_makes_no_session_last_longer(app_state, signed):
    client = signed("reviewer")
    assert client.get("/queue").status_code == 200
    with app_state.db.writing() as connection:  # as if it had begun a day later than now
        later = accounts.now_plus(days=1)
        connection.execute(sa.update(t.SESSIONS).values(created_at=later, seen_at=later))
    assert client.get("/queue").status_code == 303
    assert sign_in(client.app, "reviewer").get("/queue").status_code == 200


def test_signing_out_ends_the_session_on_the_server(app_state, signed):
    client = signed("reviewer")
    kept = next(c.value for c in client.cookies.jar if c.name == "workbench")
    client.submit("/sign-out")
    assert sessions.resume(app_state.db, kept) is None


def test_a_disabled_account_is_out_at_once(app_state, signed):
    client, admin = signed("reviewer"), signed("administrator")
    with app_state.db.reading() as connection:
        number = connection.execute(
            sa.select(t.USERS.c.id).where(t.USERS.c.name == "reviewer")
        ).scalar_one()
    assert admin.submit(f"/people/{number}", do="disable").status_code == 303
    assert client.get("/queue").status_code == 303
    assert admin.submit(f"/people/{number}", do="role", role="emperor").status_code == 400


def test_an_administrator_invites_and_the_link_is_shown_once(application, signed):
    answer = signed("administrator").submit(
        "/people", name="王五", role="reviewer", regions="武昌；江夏"
    )
    link = re.search(r"/welcome/[\w-]+", answer.text)[0]
    client = WorkbenchClient(application, base_url="http://127.0.0.1", follow_redirects=False)
    assert "王五" in client.get(link).text
    again = signed("administrator").submit("/people", name="王五", role="reviewer", regions="")
    assert again.status_code == 400


@pytest.mark.parametrize("bad", ["short", "aaaaaaaaaaaaaaaa", "Li-Si li-si li-si", "x" * 201])
def test_weak_passwords_are_refused(bad):
    with pytest.raises(SettingsError):
        accounts.check_password(bad, "li-si")


def test_cookies_are_closed_to_scripts_and_bound_to_tls(workspace, tmp_path):
    made = make_application(workspace, f"sqlite:///{tmp_path / 's.db'}", secure=True)
    engage(made.state.app_state, "lead", Role.LEAD)
    client = WorkbenchClient(made, base_url="https://127.0.0.1", follow_redirects=False)
    answer = client.submit("/sign-in", name="lead", password=PASSWORD, next="/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-workbench=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "max-age" in client.get("/queue").headers["strict-transport-security"]


@pytest.mark.parametrize(
    "away", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb"]
)
def test_nobody_is_sent_to_another_site(application, away):
    client = WorkbenchClient(application, base_url="http://127.0.0.1", follow_redirects=False)
    answer = client.submit("/sign-in", name="lead", password=PASSWORD, next=away)
    assert answer.headers["location"] == "/"


def test_a_region_bounds_queue_claim_ring_and_export(application, app_state):
    engage(app_state, "local", Role.LEAD, (world.THERE,))
    client = sign_in(application, "local")
    assert world.claim(0) not in client.get("/queue?status=all").text
    assert world.claim(12) in client.get("/queue?status=all").text
    assert client.get(f"/queue?region={world.HERE}").text.count("/claims/") == 0
    assert client.get(f"/claims/{world.claim(0)}").status_code == 404
    assert client.submit(f"/claims/{world.claim(0)}/take").status_code == 404
    assert client.get(f"/claims/{world.claim(0)}/pack.zip").status_code == 404
    assert client.get(f"/rings/{world.RING}").status_code == 404
    taken = client.submit("/queue/take", query="").headers["location"]
    assert taken.startswith(f"/claims/{world.claim(12)}")


def test_a_declared_conflict_closes_the_partys_claims(signed):
    client = signed("reviewer")
    assert client.get(f"/claims/{world.claim(0)}").status_code == 200
    client.submit("/account/conflicts", party="INST0", reason="配偶任职")
    assert message(client.get(f"/claims/{world.claim(0)}")) == "conflict"
    assert world.claim(3) not in client.get("/queue").text
    assert (
        client.submit("/queue/take", query="")
        .headers["location"]
        .startswith(f"/claims/{world.claim(1)}")
    )
    refused = client.submit(
        f"/claims/{world.claim(3)}/decide", verdict="clean", reason="documents_fit"
    )
    assert message(refused) == "conflict"


def test_a_database_out_of_reach_is_said_without_its_password():
    with pytest.raises(WorkspaceError, match=r"refused|connect|fail") as raised:
        Database("postgresql+psycopg://clerk:s3cret@127.0.0.1:1/none?connect_timeout=2")
    assert "s3cret" not in str(raised.value)


def test_what_is_typed_as_a_name_is_kept_nowhere(application, app_state):
    """People type their password into the wrong box."""
    sign_in(application, PASSWORD + " oops", "x" * 14)
    with app_state.db.reading() as connection:
        for table in (t.ATTEMPTS, t.LOG):
            assert "oops" not in str(connection.execute(sa.select(table)).all())


def test_wrong_guesses_cannot_fill_the_disk(application, app_state):
    for _ in range(9):
        sign_in(application, "lead", "wrong password!")
    with app_state.db.reading() as connection:
        counted = sa.select(sa.func.count()).where(t.LOG.c.action == "refused")
        assert connection.execute(counted).scalar_one() == 5


def test_a_paused_name_costs_no_hash(application, monkeypatch):
    for _ in range(5):
        sign_in(application, "lead", "wrong password!")
    monkeypatch.setattr(accounts, "verify_password", lambda *a: pytest.fail("hashed"))
    assert message(sign_in(application, "lead").answer) == "refused"


def test_a_flood_of_sign_ins_waits_in_a_short_queue_and_the_rest_is_turned_away(
    application, signed, monkeypatch
):
    """Two hashes at once, eight in all; a page of somebody signed in does not wait for them."""
    lead, gate, running = signed("lead"), threading.Event(), []

    class Slow:
        def verify(self, hashed, password):
            running.append(1)
            assert len(running) <= 2
            gate.wait(10)
            running.pop()
            raise argon2.exceptions.VerifyMismatchError

    monkeypatch.setattr(accounts, "_HASHER", Slow())
    found = []
    flood = [threading.Thread(target=lambda k=k: found.append(message(sign_in(application, f"x{k}").answer)))
             for k in range(20)]  # fmt: skip
    for thread in flood:
        thread.start()
    while found.count("busy") < 12:
        time.sleep(0.01)
    assert lead.get("/queue").status_code == 200 and len(running) == 2
    gate.set()
    for thread in flood:
        thread.join(10)
    assert sorted(found) == ["busy"] * 12 + ["refused"] * 8
