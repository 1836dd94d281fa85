"""Migrations and the work itself on SQLite and PostgreSQL; a killed server; what is confirmed stays."""

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import alembic.command
import alembic.config
import httpx
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from typer.testing import CliRunner

from fraud_pipeline.cli.command import Commands
from fraud_pipeline.cli.commands.serve import serve as serve_command
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.accounts import Person
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import audit_log, settings
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import MIGRATIONS, Database, _engine
from fraud_pipeline.workbench.decisions import blind_review, verdicts
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from fraud_pipeline.workbench.queue import assignment
from fraud_pipeline.workbench.queue.filters import Filter
from tests.workbench import world
from tests.workbench.conftest import PASSWORD, engage, message, sign_in

FRESH = "four plain words"
command_line = Commands()
command_line.command()(serve_command)


def migrations_are_the_tables(address):
    db = Database(address)
    Database(address).dispose()  # a second start changes nothing
    with db.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, t.METADATA) == []
    db.dispose()


def old_data_survives(address):
    """A database of the first version with somebody's account, filter and decision, brought up."""
    engine = _engine(sa.make_url(address))
    with engine.begin() as connection:
        config = alembic.config.Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "v0001")
        for statement in (
            "INSERT INTO users (name, role, regions, password_hash, created_at) VALUES ('old', 'lead', '', 'h', 'x')",
            "INSERT INTO filters (user_id, name, query, at) VALUES (1, 'f', 'ring=any', 'x')",
            "INSERT INTO decisions (claim_id, run_id, kind, verdict, reason, who, at, needs_second, log_seq)"
            " VALUES ('C1', 'r', 'verdict', 'clean', 'documents_fit', 'old', '2020-01-01T00:00:00+00:00', 0, 1)",
            "INSERT INTO tokens (name, token_hash, scopes, created_by, created_at) VALUES ('t', 'h', 's', 1, 'x')",
        ):  # fmt: skip
            connection.exec_driver_sql(statement)
        logged = {"verdict": "clean", "reason": "documents_fit", "run": "r"}
        assert audit_log.append(connection, 1, "old", "decide", "claim C1", **logged).seq == 1
    engine.dispose()
    db = Database(address)
    with db.reading() as connection:
        assert connection.execute(sa.select(t.FILTERS.c.shared)).scalar() == 0
        assert connection.execute(sa.select(t.TOKENS.c.regions)).scalar() == ""
        assert not blind_review.any_pending(connection)  # nothing of before is drawn
        assert connection.execute(sa.select(t.USERS.c.name, t.USERS.c.oidc_subject)).all() == [
            ("old", None)
        ]
    assert outcomes_table(db)["claim_id"].to_pylist() == ["C1"]
    db.dispose()


def checked(made, app_state):
    """Somebody who does not know the verdict is handed it and finds for themselves."""
    engage(app_state, "third", Role.REVIEWER)
    third = sign_in(made, "third")
    at = third.submit("/queue/blind").headers["location"].split("?")[0]
    assert 'id="check"' in third.get(at).text
    third.submit(f"{at}/blind", verdict="clean", reason="documents_fit")
    with app_state.db.reading() as connection:
        (pair,) = blind_review.double_verdicts(connection)
        assert (pair["first"]["verdict"], pair["second"]["verdict"]) == ("fraud", "clean")
        assert blind_review.agreement_summary([pair])[
            "n_agreed"
        ] == 0 and not blind_review.any_pending(connection)


def works(workspace, address):
    """Take, decide, second look, log and append-only hold; eight at once get eight claims."""
    made = make_application(workspace, address)
    app_state = made.state.app_state
    for name, role in (("lead", Role.LEAD), ("second", Role.LEAD)):
        engage(app_state, name, role)
    lead, other = sign_in(made, "lead"), sign_in(made, "second")
    with app_state.db.writing() as connection:
        settings.change(connection, "blind_percent", "100", 1, "x")
    taken = lead.submit("/queue/take", query="").headers["location"].split("?")[0]
    assert taken == f"/claims/{world.claim(0)}"
    fraud = {"verdict": "fraud", "reason": "money_returned", "typology": "T14", "disallowed": "5"}
    assert lead.submit(f"{taken}/decide", **fraud).headers["location"].endswith("second")
    assert other.submit(f"{taken}/second", answer="agree").headers["location"].endswith("agreed")
    checked(made, app_state)
    got = []

    def one(k):
        person = Person(1000 + k, f"p{k}", Role.REVIEWER, (), frozenset())
        got.append(
            assignment.take_next(
                app_state.db, app_state.leads, app_state.state_cache, person, Filter()
            )
        )

    threads = [threading.Thread(target=one, args=(k,)) for k in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(got) == [world.claim(k) for k in range(1, 9)]
    with app_state.db.reading() as connection:
        assert audit_log.verify(connection).is_intact
        assert len(verdicts.history(connection, world.claim(0))) == 2
    for statement in ("UPDATE log SET who = 'x'", "DELETE FROM decisions"):
        with (
            pytest.raises(sa.exc.DatabaseError, match="append-only"),
            app_state.db.writing() as connection,
        ):
            connection.exec_driver_sql(statement)
    assert other.get("/queue").status_code == other.get("/audit").status_code == 200
    app_state.db.dispose()


def test_sqlite(tmp_path, workspace):
    address = f"sqlite:///{tmp_path / 'x.db'}"
    migrations_are_the_tables(address)
    works(workspace, address)
    old_data_survives(f"sqlite:///{tmp_path / 'old.db'}")


@pytest.mark.postgres
def test_postgresql(postgres_url, workspace):
    migrations_are_the_tables(postgres_url)
    works(workspace, postgres_url)
    emptied(postgres_url)
    old_data_survives(postgres_url)
    emptied(postgres_url)


def emptied(address):
    engine = sa.create_engine(address)
    with engine.begin() as connection:  # the server is shared with other tests
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(workspace, port, *more):
    command = [sys.executable, "-c", "from fraud_pipeline.cli.app import main; main()", "serve",
               "-w", str(workspace), "--port", str(port), *more]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def started(server):
    answer = ""
    for line in server.stdout:
        answer += line
        if "workbench:" in line:
            break
    return answer


def wait_for(port):
    for _ in range(200):
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5)
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(port)


class Web(httpx.Client):
    def submit(self, path, **fields):
        token = re.search(r'name="csrf" value="([^"]+)"', self.get("/method").text)[1]
        return self.post(path, data={"csrf": token, **fields})


@pytest.mark.long
def test_a_killed_server_loses_no_confirmed_decision(workspace):
    """The command itself: its one-time link, a decision, SIGKILL, and all of it is there again."""
    port = free_port()
    server = serve(workspace, port)
    try:
        result = started(server)
        link = re.search(r"/welcome/[\w-]+", result)[0]
        wait_for(port)
        web = Web(base_url=f"http://127.0.0.1:{port}", timeout=30)
        assert web.submit(link, password=FRESH, again=FRESH).status_code == 303
        db = Database(f"sqlite:///{workspace / 'workbench.db'}")
        engage(SimpleNamespace(db=db), "lead", Role.LEAD)
        web.submit("/sign-in", name="lead", password=PASSWORD, next="/")
        for k in (18, 19, 20):
            answer = web.submit(
                f"/claims/{world.claim(k)}/decide", verdict="clean", reason="documents_fit"
            )
            assert message(answer) == "decided"
        server.send_signal(signal.SIGKILL)
        server.wait()
        with db.reading() as connection:
            assert audit_log.verify(connection).is_intact
        server = serve(workspace, port)
        assert "/welcome/" not in started(server)  # the link was used: there is no other
        wait_for(port)
        assert web.get(f"/claims/{world.claim(20)}").text.count("未见问题") >= 1
    finally:
        server.kill()
        server.wait()
    out = workspace / "o.csv"
    assert "3 outcomes" in asked(workspace, "--export-outcomes", str(out))
    assert "log rows hold" in asked(workspace, "--verify-log")


def asked(workspace, *more):
    """What the command prints when it only answers a question."""
    answer = CliRunner().invoke(command_line, ["-w", str(workspace), *more], catch_exceptions=False)
    assert answer.exit_code == 0
    return answer.output


@pytest.mark.parametrize(
    ("more", "expected"),
    [(["--database", "nonsense"], "not a database address"), (["--database", "env:NO_SUCH_NAME"], "not set"),
     (["--export-outcomes", "o.doc"], ".csv or .parquet"), ([], "no run has been published"),
     (["--oidc-issuer", "https://idp.example"], "needs --oidc-client"),
     (["--oidc-issuer", "https://idp.example", "--oidc-client", "c", "--oidc-secret", "plain"], "env:NAME"),
     (["--verify-log", "--receipt", "1:00"], "log row 1: the receipt is not met")],
)  # fmt: skip
def test_bad_input_is_said_in_one_line(tmp_path, monkeypatch, more, expected):
    monkeypatch.delenv("NO_SUCH_NAME", raising=False)
    with pytest.raises(FraudPipelineError, match=re.escape(expected)) as raised:
        asked(tmp_path, *more)
    assert "\n" not in str(raised.value)
