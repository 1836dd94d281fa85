"""One changed byte in any file that the workbench keeps in a workspace is found and named."""

import shutil
import sqlite3

import pytest

from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth import installation_key
from fraud_pipeline.workbench.auth.permissions import Role
from fraud_pipeline.workbench.db import published_files
from fraud_pipeline.workbench.db.verification import log_faults
from tests.workbench import world
from tests.workbench.cases.test_attachments import PDF, hand_in
from tests.workbench.conftest import engage, sign_in
from tests.workbench.decisions.test_verdicts import CLEAN, FRAUD, SMALL, do
from tests.workbench.exchange.test_api import handed_out
from tests.workbench.exchange.test_intake import CLAIM

KINDS = {
    "outcomes": "decisions/核查结果.parquet", "judgements": "decisions/ring_judgements.parquet",
    "received": "decisions/兑付申请.parquet", "hashes": published_files.HASHES,
    "key": "workbench.key", "upload": "workbench-files/*/*", "tuning": "approved_settings.toml",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace in which every kind of file has been written by use."""
    folder = tmp_path_factory.mktemp("custody") / "w"
    world.published(folder)
    application = make_application(folder, f"sqlite:///{folder / 'workbench.db'}")
    app_state = application.state.app_state
    for role in (Role.ADMINISTRATOR, Role.LEAD):
        engage(app_state, role.value, role)
    engage(app_state, "second", Role.LEAD)
    people = {n: sign_in(application, n) for n in ("administrator", "lead", "second")}
    lead = people["lead"]
    do(lead, SMALL, "decide", **FRAUD)
    do(lead, world.claim(19), "decide", **CLEAN)
    hand_in(lead, "a.pdf", PDF)
    lead.submit(f"/rings/{world.RING}/judge", action="add", party="INST1", reason="同一控制人")
    lead.submit("/tuning", rule="T01", value="0.95", note="试行")
    people["second"].submit("/tuning/1/answer", answer="approve", note="同意")
    secret = handed_out(people.get, name="x", scope=["claims:write"])
    rows = {"claims": [{**CLAIM, "enterprise_id": world.enterprise(5)}]}
    head = {"authorization": f"Bearer {secret}"}
    assert lead.post("/api/v1/claims", json=rows, headers=head).status_code == 202
    with app_state.db.writing() as connection:
        installation_key.record(connection, folder)
    app_state.publish_outcomes()
    app_state.db.dispose()
    with sqlite3.connect(folder / "workbench.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return folder


@pytest.fixture
def workspace(made, tmp_path):
    return Workspace(shutil.copytree(made, tmp_path / "w"))


def faults(workspace):
    return list(log_faults(workspace, None, None))


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]


def test_a_workspace_as_it_was_left_holds(workspace):
    assert faults(workspace) == []


@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_byte_is_found_and_the_file_is_named(workspace, kind):
    (path,) = workspace.path.glob(KINDS[kind])
    data = path.read_bytes()
    for at in {0, len(data) // 3, len(data) // 2, len(data) - 1}:
        path.write_bytes(flipped(data, at))
        assert any(path.name in fault for fault in faults(workspace)), (kind, at)
    path.write_bytes(data)
    assert faults(workspace) == []


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"hashes"}))
def test_a_file_that_is_gone_is_named(workspace, kind):
    (path,) = workspace.path.glob(KINDS[kind])
    path.unlink()
    assert any(path.name in fault for fault in faults(workspace))


def test_a_file_that_nobody_wrote_is_named(workspace):
    shutil.copyfile(workspace.path / KINDS["outcomes"], workspace.path / "decisions/合同.parquet")
    assert faults(workspace) == ["decisions/合同.parquet was not written by the workbench"]


UNBOUND = ("sessions", "attempts", "invitations", "filters", "outbox", "alembic_version")


def bound_rows(path):
    """What the tables hold that the log proves; None when it cannot be read."""
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            connection.text_factory = bytes
            names = [
                n.decode()
                for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            return {n: connection.execute(f"SELECT * FROM {n} ORDER BY 1").fetchall()  # noqa: S608
                    for n in names if n not in UNBOUND and not n.startswith("sqlite_")}  # fmt: skip
    except sqlite3.Error:
        return None


def test_a_changed_byte_of_the_database_is_found_or_changes_nothing(workspace):
    """A page has unused bytes; one in use that holds what people did is found, and named."""
    path = workspace.path / "workbench.db"
    data, before = path.read_bytes(), bound_rows(path)
    found = 0
    for at in range(7, len(data), len(data) // 200):
        path.write_bytes(flipped(data, at))
        if bound_rows(path) != before:
            assert faults(workspace) != [], at
            found += 1
    assert found > 10
