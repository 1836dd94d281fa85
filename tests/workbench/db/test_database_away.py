"""A database that goes away and comes back: a plain answer, nothing lost, nothing confirmed falsely."""

import contextlib
import socket
import sqlite3
import threading

import pytest
import sqlalchemy as sa

from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import audit_log, database
from fraud_pipeline.workbench.db.state_verification import state_faults
from tests.workbench import world
from tests.workbench.conftest import engage, message, sign_in
from tests.workbench.db.test_database import emptied

CLEAN = {"verdict": "clean", "reason": "documents_fit"}


class Line:
    """A network line to a server on this machine that can be cut and mended."""

    def __init__(self, port):
        self.target, self.sockets, self.is_cut = port, [], False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.target))
                self.sockets += [near, far]
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(a, b), daemon=True).start()

    def _carry(self, source, to):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)

    def cut(self):
        self.is_cut = True
        for one in self.sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.sockets = []

    def close(self):
        self.cut()
        self.listener.close()


def decide(client, k):
    return client.submit(f"/claims/{world.claim(k)}/decide", token=client.kept, **CLEAN)


def is_said(answer):
    """503, in both languages, without a trace of ours."""
    return (answer.status_code, "nothing was recorded" in answer.text) == (503, True)


@pytest.mark.postgres
def test_postgresql_away_and_back(postgres_url, workspace):
    url = sa.make_url(postgres_url)
    line = Line(url.port)
    address = url.set(port=line.port).render_as_string(hide_password=False)
    made = make_application(workspace, address)
    try:
        app_state = made.state.app_state
        engage(app_state, "lead", Role.LEAD)
        client = sign_in(made, "lead")
        client.kept = client.token
        assert message(decide(client, 20)) == "decided"
        line.cut()
        assert is_said(client.get("/queue")) and is_said(decide(client, 19))
        api = client.get("/api/v1/claims", headers={"authorization": "Bearer fp_x"})
        assert api.status_code == 503 and "detail" in api.json()
        line.is_cut = False
        assert client.get("/queue").status_code == 200
        assert message(decide(client, 19)) == "decided"
        with app_state.db.reading() as connection:
            count = connection.execute(sa.text("SELECT count(*) FROM decisions")).scalar()
            assert count == 2 and audit_log.verify(connection).is_intact
            assert list(state_faults(connection)) == []
    finally:
        made.state.app_state.db.dispose()
        line.close()
        emptied(postgres_url)


def test_a_locked_sqlite_is_said_and_nothing_is_recorded(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_LOCK_TIMEOUT_SECONDS", 0.2)
    path = tmp_path / "work.db"
    made = make_application(workspace, f"sqlite:///{path}")
    engage(made.state.app_state, "lead", Role.LEAD)
    client = sign_in(made, "lead")
    client.kept = client.token
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert client.get("/queue").status_code == 200  # readers do not wait
    assert is_said(decide(client, 20))
    other.execute("ROLLBACK")
    other.close()
    assert message(decide(client, 20)) == "decided"
    made.state.app_state.db.dispose()
