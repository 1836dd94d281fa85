"""The log: every look and deed a row, each bound to the last, and the database holds us to it."""

import ast
from pathlib import Path

import pytest
import sqlalchemy as sa

from fraud_pipeline import workbench
from fraud_pipeline.store.hash_chain import Receipt
from fraud_pipeline.workbench import names
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.exchange import intake
from tests.workbench import world
from tests.workbench.cases.test_attachments import PDF, hand_in


def actions(app_state):
    with app_state.db.reading() as connection:
        rows = connection.execute(sa.select(t.LOG).order_by(t.LOG.c.seq)).mappings()
        return [(r["who"], r["action"], r["subject"]) for r in rows]


def verify(app_state, receipt=None):
    with app_state.db.reading() as connection:
        return audit_log.verify(connection, receipt)


def tamper(app_state, statement):
    """What somebody with the database file could do: take the triggers off and write."""
    with app_state.db.writing() as connection:
        for verb in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS log_no_{verb}")
        connection.exec_driver_sql(statement)


def test_every_look_deed_export_and_setting_is_a_row(app_state, signed):
    lead, admin = signed("lead"), signed("administrator")
    lead.get(f"/claims/{world.claim(1)}")
    lead.get(f"/rings/{world.RING}")
    lead.submit(f"/claims/{world.claim(1)}/unmask", field="enterprise.phone", reason="致电核实")
    lead.submit(f"/claims/{world.claim(20)}/decide", verdict="clean", reason="documents_fit")
    lead.get("/queue.xlsx")
    lead.get(f"/claims/{world.claim(1)}/pack.zip")
    lead.get("/people")
    admin.submit("/settings", key="undo_minutes", value="5")
    seen = actions(app_state)
    for expected in (
        ("lead", "view", f"claim {world.claim(1)}"), ("lead", "view", f"ring {world.RING}"),
        ("lead", "unmask", f"claim {world.claim(1)}"), ("lead", "decide", f"claim {world.claim(20)}"),
        ("lead", "export", "queue"), ("lead", "export", f"claim {world.claim(1)}"),
        ("lead", "denied", "GET /people"), ("administrator", "setting", "undo_minutes"),
    ):  # fmt: skip
        assert expected in seen
    assert verify(app_state).is_intact


@pytest.mark.parametrize("table", t.APPEND_ONLY)
def test_the_database_refuses_to_change_or_remove_a_row(app_state, signed, table):
    clean = {"verdict": "clean", "reason": "documents_fit"}
    signed("administrator").submit("/settings", key="blind_percent", value="100")
    signed("lead").submit(f"/claims/{world.claim(20)}/decide", **clean)
    signed("reviewer").submit(f"/claims/{world.claim(20)}/blind", **clean)
    signed("lead").submit(f"/rings/{world.RING}/judge", action="remove", party="INST0", reason="x")
    signed("administrator").submit("/settings", key="undo_minutes", value="5")
    signed("leader").submit("/audit/sign-off", note="同意")
    hand_in(signed("lead"), "a.pdf", PDF)
    signed("lead").submit(f"/claims/{world.claim(2)}/noise", rule="T01", note="x")
    signed("lead").submit("/cases", source="claim", key=world.claim(5), title="x")
    intake.store_rows(app_state.db, {"claims": [{"claim_id": "N"}]}, "token x")
    column = "seq" if table == "log" else "id"
    for statement in (f"UPDATE {table} SET {column} = {column} + 99", f"DELETE FROM {table}"):  # noqa: S608
        with (
            pytest.raises(sa.exc.DatabaseError, match="append-only"),
            app_state.db.writing() as connection,
        ):
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [("UPDATE log SET who = 'nobody' WHERE seq = 2", "changed"),
     ("UPDATE log SET detail = '{}' WHERE seq = 3", "changed"),
     ("DELETE FROM log WHERE seq = 2", "missing"),
     ("DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)", "end of the log")],
)  # fmt: skip
def test_verify_finds_what_was_tampered_with(app_state, signed, statement, problem):
    signed("lead").get(f"/claims/{world.claim(1)}")
    assert verify(app_state).is_intact
    tamper(app_state, statement)
    verdict = verify(app_state)
    assert not verdict.is_intact and problem in verdict.problem
    assert "problem" in signed("auditor").get("/log/verify").text


def test_a_receipt_finds_an_end_that_was_cut_off_cleverly(app_state, signed):
    signed("lead").get(f"/claims/{world.claim(1)}")
    with app_state.db.reading() as connection:
        noted = audit_log.head(connection)
    before = Receipt(noted.seq - 1, "")
    with app_state.db.reading() as connection:
        previous = connection.execute(
            sa.select(t.LOG.c.hash).where(t.LOG.c.seq == before.seq)
        ).scalar_one()
    tamper(app_state, f"DELETE FROM log WHERE seq = {noted.seq}")  # noqa: S608
    tamper(app_state, f"UPDATE log_head SET seq = {before.seq}, hash = '{previous}'")  # noqa: S608
    assert verify(app_state).is_intact  # the chain alone cannot know
    assert not verify(app_state, noted).is_intact


def test_the_auditor_verifies_with_a_receipt_in_the_page(app_state, signed):
    with app_state.db.reading() as connection:
        noted = audit_log.head(connection)
    client = signed("auditor")
    assert "flash done" in client.get(f"/log/verify?receipt={noted}").text
    assert "flash problem" in client.get("/log/verify?receipt=1:00").text
    assert client.get("/log/verify?receipt=abc").status_code == 400


def deeds(path):
    """The action each call to the log names, where it is written out."""
    at = {"audit_log.append": 3, "context.log": 0, "_log": 2}
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(call, ast.Call) and (place := at.get(ast.unparse(call.func))) is not None:
            action = call.args[place] if len(call.args) > place else None
            if isinstance(action, ast.Constant):
                yield action.value


def test_every_deed_that_can_be_logged_has_a_name_in_both_languages():
    package = Path(workbench.__file__).parent
    logged = {deed for path in package.rglob("*.py") for deed in deeds(path)}
    assert {"view", "decide", "invite", "setting", "export", "api-read"} <= logged
    assert logged <= set(names.DEEDS)
