"""A database of every released schema version comes up to this one, with its log and its proof.

``released/`` holds one stored database a version, as SQL: accounts, decisions of four eyes, a ring
judgement, a sign-off and whatever the version added, each with its row in the log.
"""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from fraud_pipeline.workbench.db import audit_log, settings
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import MIGRATIONS, Database
from fraud_pipeline.workbench.db.state_verification import state_faults
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table, ring_judgements

STORED = sorted((Path(__file__).parent / "released").glob("*.sql"))


def restored(dump, path):
    with sqlite3.connect(path) as connection:
        connection.executescript(dump.read_text("utf-8"))
    connection.close()
    return path


def log_of(path):
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT * FROM log ORDER BY seq").fetchall()


def test_every_version_but_this_one_is_stored():
    script = ScriptDirectory(str(MIGRATIONS))
    versions = {revision.revision for revision in script.walk_revisions()}
    assert {dump.stem for dump in STORED} == versions - {script.get_current_head()}


@pytest.mark.parametrize("dump", STORED, ids=lambda dump: dump.stem)
def test_it_comes_up_whole_and_proven(dump, tmp_path):
    path = restored(dump, tmp_path / "workbench.db")
    before = log_of(path)
    db = Database(f"sqlite:///{path}")
    assert log_of(path) == before  # history is not written anew
    with db.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, t.METADATA) == []
        assert audit_log.verify(connection).is_intact
        assert list(state_faults(connection)) == []
        assert settings.current(connection).undo_minutes == 45
        token = connection.execute(t.TOKENS.select()).one()
    assert token.approved_at and token.expires_at is None  # works on as it did
    rows = outcomes_table(db).select(["claim_id", "verdict", "typology"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("C0000001", "clean", None), ("C0000002", "fraud", "T14"),
    ]  # fmt: skip
    assert ring_judgements(db)["party_id"].to_pylist() == ["INST1"]
    db.dispose()


@pytest.mark.parametrize("dump", STORED, ids=lambda dump: dump.stem)
def test_what_was_forged_before_the_upgrade_is_found_after_it(dump, tmp_path):
    path = restored(dump, tmp_path / "workbench.db")
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER decisions_no_update")
        connection.execute("UPDATE decisions SET verdict = 'fraud' WHERE id = 1")
    connection.close()
    db = Database(f"sqlite:///{path}")
    with db.reading() as connection:
        assert "decisions, row 1: verdict is 'fraud'" in next(state_faults(connection))
    db.dispose()
