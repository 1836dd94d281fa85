"""What the database holds is what the log says: every forged row is found and named."""

import shutil
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import Database
from fraud_pipeline.workbench.db.state_verification import state_faults
from fraud_pipeline.workbench.db.verification import log_faults
from fraud_pipeline.workbench.decisions import outcomes
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table
from tests.workbench import world
from tests.workbench.cases.test_attachments import PDF, hand_in
from tests.workbench.conftest import everybody, over_a_copy
from tests.workbench.decisions.test_verdicts import BIG, CLEAN, FRAUD, SMALL, do


def faults(app_state):
    with app_state.db.reading() as connection:
        return list(state_faults(connection))


def forge(app_state, *statements):
    """What somebody with the database file could do: take the triggers off and write."""
    with app_state.db.writing() as connection:
        for table in t.APPEND_ONLY:
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="module")
def database_of_a_day(prepared, tmp_path_factory):
    """The database after a day's work of every kind, by every role that may."""
    folder = tmp_path_factory.mktemp("worked")
    with over_a_copy(prepared, folder) as application:
        work_a_day(application.state.app_state, everybody(application))
    return folder / "work.db"


@pytest.fixture
def worked(database_of_a_day, tmp_path):
    """A copy of that database, opened."""
    shutil.copyfile(database_of_a_day, tmp_path / "work.db")
    opened = SimpleNamespace(db=Database(f"sqlite:///{tmp_path / 'work.db'}"))
    yield opened
    opened.db.dispose()


def work_a_day(app_state, signed):
    lead, reviewer, admin = signed("lead"), signed("reviewer"), signed("administrator")
    do(reviewer, SMALL, "decide", **FRAUD)
    do(lead, BIG, "decide", **{**FRAUD, "disallowed": "200000"})
    do(signed("second"), BIG, "second", answer="agree")
    do(reviewer, world.claim(19), "decide", **CLEAN)
    do(reviewer, world.claim(19), "undo")
    do(lead, SMALL, "appeal", note="企业异议")
    do(lead, world.claim(18), "take")
    reviewer.submit(f"/claims/{world.claim(17)}/take")
    reviewer.get(f"/claims/{world.claim(17)}")
    lead.submit("/queue/bulk", do="assign", to="1", claim=[world.claim(16)], back="/queue")
    hand_in(reviewer, "a.pdf", PDF)
    lead.submit(f"/rings/{world.RING}/judge", action="add", party="INST1", reason="同一控制人")
    signed("leader").submit("/audit/sign-off", note="同意")
    admin.submit("/settings", key="undo_minutes", value="5")
    admin.submit("/settings", key="undo_minutes", value="6")
    admin.submit("/people", name="新人", role="reviewer", regions="武昌")
    with app_state.db.reading() as connection:
        user = connection.exec_driver_sql("SELECT id FROM users WHERE name='新人'").scalar()
    admin.submit(f"/people/{user}", do="role", role="lead", regions="武昌;江夏")
    admin.submit(f"/people/{user}", do="disable")
    for scope in ("claims:write", "claims:read"):
        admin.submit("/tokens", name="财政", scope=[scope], regions="武昌")
    lead.submit("/tokens/2/approve")
    admin.submit("/tokens/1/revoke")
    admin.submit("/webhooks", name="推送", url="https://example.org/a", event=["decision"])
    reviewer.submit("/account/conflicts", party="INST2", reason="亲属")


def test_what_people_did_is_what_the_log_says(worked):
    assert faults(worked) == []


@pytest.mark.parametrize(
    "statement, named",
    [
        ("UPDATE decisions SET verdict='clean' WHERE id=1", "decisions, row 1: verdict is 'clean', the log has 'fraud'"),
        ("UPDATE decisions SET disallowed_fen=1 WHERE id=1", "decisions, row 1: disallowed_fen"),
        ("UPDATE decisions SET note='x' WHERE id=1", "decisions, row 1: note"),
        ("UPDATE decisions SET who='somebody' WHERE id=1", "decisions, row 1: who"),
        ("UPDATE decisions SET needs_second=0 WHERE id=2", "decisions, row 2: needs_second"),
        ("UPDATE decisions SET inclusion_prob=0.5 WHERE id=1", "decisions, row 1: inclusion_prob"),
        ("UPDATE decisions SET claim_id='C0000005' WHERE id=1", "decisions, row 1: log row"),
        ("DELETE FROM decisions WHERE id=1", "decisions: the row of log row"),
        ("DELETE FROM decisions", "decisions: the row of log row"),
        ("INSERT INTO decisions SELECT 99, 'C0000007', run_id, kind, verdict, typology, disallowed_fen, reason, note, "
         "\"by\", who, at, refers_to, batch, ring_id, selected_by, inclusion_prob, needs_second, log_seq, blind "
         "FROM decisions WHERE id=1", "decisions, row 99: log row"),
        ("UPDATE sign_offs SET note='x'", "sign_offs, row 1: note"),
        ("DELETE FROM sign_offs", "sign_offs: the row of log row"),
        ("INSERT INTO sign_offs SELECT 9, 'other', frame_sha256, note, \"by\", who, at, log_seq FROM sign_offs", "sign_offs, row 9"),
        ("UPDATE ring_judgements SET party_id='INST2'", "ring_judgements, row 1: party_id"),
        ("UPDATE evidence_files SET sha256='0'", "evidence_files, row 1: sha256"),
        ("UPDATE settings SET value='900' WHERE id=1", "settings: undo_minutes"),
        ("INSERT INTO settings VALUES (9, 'attempts', '100', 1, '')", "settings: attempts"),
        ("UPDATE users SET role='administrator' WHERE name='reviewer'", "users, reviewer: role is 'administrator'"),
        ("UPDATE users SET regions='' WHERE name='新人'", "users, 新人: regions"),
        ("UPDATE users SET disabled_at=NULL WHERE name='新人'", "users, 新人: disabled"),
        ("INSERT INTO users (id, name, role, regions, created_at) VALUES (99, 'ghost', 'lead', '', '')", "users: the log knows of no invitation of ghost"),
        ("DELETE FROM users WHERE name='auditor'", "users: auditor was invited and is missing"),
        ("UPDATE states SET status='snoozed' WHERE claim_id='C0000000'", f"states, claim {BIG}: status is 'snoozed'"),
        ("DELETE FROM states WHERE claim_id='C0000000'", f"states, claim {BIG}: log row"),
        ("UPDATE users SET password_hash='x' WHERE name='lead'", "users, lead: password_hash is not the one the log has"),
        ("UPDATE users SET oidc_subject='x' WHERE name='lead'", "users, lead: oidc_subject is not the one the log has"),
        ("UPDATE tokens SET scopes='claims:read' WHERE id=1", "tokens, row 1: the log knows of no such token"),
        ("UPDATE tokens SET regions='' WHERE id=2", "tokens, row 2: the log knows of no such token"),
        ("UPDATE tokens SET revoked_at=NULL WHERE id=1", "tokens, row 1: revoked_at"),
        ("UPDATE tokens SET token_hash='0' WHERE id=2", "tokens, row 2: token_hash"),
        ("UPDATE tokens SET expires_at=NULL WHERE id=2", "tokens, row 2: expires_at"),
        ("INSERT INTO tokens (name, token_hash, scopes, created_by, created_at, regions, approved_at) "
         "VALUES ('x', 'h', 'claims:read', 1, '', '', 'y')", "tokens, row 3: the log knows of no such token"),
        ("DELETE FROM tokens WHERE id=1", "tokens: the row of log row"),
        ("UPDATE webhooks SET url='https://evil.example'", "webhooks, row 1: the log knows of no webhook to https://evil.example"),
        ("UPDATE webhooks SET revoked_at='x'", "webhooks, row 1: revoked_at"),
        ("DELETE FROM conflicts", "conflicts: that of user"),
    ],
)  # fmt: skip
def test_a_forged_row_is_named(worked, statement, named):
    forge(worked, statement)
    found = faults(worked)
    assert any(fault.startswith(named) for fault in found), found


def test_no_label_is_made_of_a_forged_verdict(worked):
    assert outcomes_table(worked.db).num_rows == 2
    forge(worked, "UPDATE decisions SET verdict='clean' WHERE id=1")
    with pytest.raises(IntegrityError, match="decisions, row 1: verdict is 'clean'"):
        outcomes_table(worked.db)


def test_no_label_is_made_of_a_forged_verdict_and_log(worked):
    forge(worked, "UPDATE decisions SET verdict='clean' WHERE id=1",
          "UPDATE log SET detail=replace(detail, '\"fraud\"', '\"clean\"') WHERE action='decide'")  # fmt: skip
    with pytest.raises(IntegrityError, match="a row was changed"):
        outcomes_table(worked.db)


def test_every_role_is_in_the_log_from_the_first(app_state):
    assert faults(app_state) == [] and len(Role) == 7


def test_a_published_label_that_nobody_decided_is_named(worked, tmp_path):
    """The file from which the next run learns is compared with the decisions, each row of it."""
    workspace = Workspace(tmp_path / "w")
    path = outcomes.publish(worked.db, workspace.path)
    address = f"sqlite:///{tmp_path / 'work.db'}"

    def found():
        return [f for f in log_faults(workspace, address, None) if "workbench-files" not in f]

    assert found() == []
    table = pq.read_table(path)
    at = table.column_names.index("verdict")
    forged = pa.array(["irregular"] * table.num_rows, pa.string())
    pq.write_table(table.set_column(at, table.schema.field(at), forged), path)
    assert any("WB00000001 is not what was decided" in fault for fault in found())
    path.write_bytes(path.read_bytes()[:-5])
    assert any("cannot be read" in fault for fault in found())


def test_a_database_of_an_earlier_version_is_said_in_one_line(worked, tmp_path):
    with worked.db.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE users RENAME COLUMN regions TO places")
    (fault,) = log_faults(Workspace(tmp_path), f"sqlite:///{tmp_path / 'work.db'}", None)
    assert "open it with serve" in fault
