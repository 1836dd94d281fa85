"""The workbench over a made-up run, and people of every role signed in."""

import re
import shutil
import warnings
from contextlib import contextmanager

import argon2
import pytest

from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth import accounts
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db.access_verification import fingerprint
from tests.ingest.conftest import postgres_url  # noqa: F401 - the same throw-away server
from tests.workbench import world

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PASSWORD = "correct horse battery"  # noqa: S105


class WorkbenchClient(TestClient):
    """A signed-in browser without the browser: ``submit`` posts a form with its token."""

    def submit(self, path, token=None, **fields):
        return self.post(path, data={"csrf": self.token if token is None else token, **fields})

    @property
    def token(self):
        found = re.search(r'name="csrf" value="([^"]+)"', self.get("/method").text)
        return found[1] if found else ""


def engage(app_state, name, role, regions=()):
    """An account with the usual password; the hash is made once, because it is slow on purpose."""
    with app_state.db.writing() as connection:
        accounts.invite(connection, name, role, regions, 1)
        users = accounts.t.USERS
        query = users.update().where(users.c.name == name).values(password_hash=HASHED)
        connection.execute(query)
        user_id = connection.execute(users.select().where(users.c.name == name)).first().id
        audit_log.append(connection, user_id, name, "password", f"user {name}",
                         fingerprint=fingerprint(HASHED))  # fmt: skip


# Hashing is slow on purpose; here it need only be right.
accounts._HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
HASHED = accounts._HASHER.hash(PASSWORD)


def sign_in(application, name, password=PASSWORD):
    client = WorkbenchClient(application, base_url="http://127.0.0.1", follow_redirects=False)
    client.answer = client.submit("/sign-in", name=name, password=password, next="/")
    return client


@pytest.fixture
def workspace(tmp_path):
    """A run of one's own, to change or to serve."""
    world.published(tmp_path / "w")
    return tmp_path / "w"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A run nobody changes, opened once, and a database with people to copy."""
    folder = tmp_path_factory.mktemp("prepared")
    world.published(folder)
    made = make_application(folder, f"sqlite:///{folder / 'work.db'}")
    staffed(made.state.app_state)
    assert made.state.app_state.leads.run_id == world.RUN
    made.state.app_state.db.dispose()
    yield made.state.app_state
    made.state.app_state.leads.close()


def staffed(app_state):
    """Somebody of every role, and a second lead."""
    for role in Role:
        engage(app_state, role.value, role)
    engage(app_state, "second", Role.LEAD)


@contextmanager
def over_a_copy(prepared, folder):
    """The application over the prepared run and a copy of its database in ``folder``."""
    shutil.copyfile(prepared.workspace.path / "work.db", folder / "work.db")
    made = make_application(prepared.workspace.path, f"sqlite:///{folder / 'work.db'}")
    app_state = made.state.app_state
    app_state._leads, app_state._pointer = prepared._leads, prepared._pointer
    yield made
    app_state.db.dispose()


@pytest.fixture
def application(prepared, tmp_path):
    with over_a_copy(prepared, tmp_path) as made:
        yield made


@pytest.fixture
def app_state(application):
    return application.state.app_state


def everybody(application):
    """``by("lead")``: that person at work, signed in once."""
    known = {}

    def by(name):
        if name not in known:
            known[name] = sign_in(application, name)
        return known[name]

    return by


@pytest.fixture
def signed(application):
    """``signed("lead")``: that person at work, signed in once."""
    return everybody(application)


def message(answer):
    """The key of what a person is told: in the address of a redirect, or on the page shown again."""
    found = re.search(
        r"[?&](?:flash|problem)=(\w+)$", answer.headers.get("location", "")
    ) or re.search(r'data-message="(\w+)"', answer.text)
    return found[1] if found else answer.headers.get("location", "")
