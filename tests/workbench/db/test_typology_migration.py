"""Verdicts recorded under a wrong label get the code that means the label."""

import json

import alembic.command
import alembic.config
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from fraud_pipeline.cli.command import Commands
from fraud_pipeline.cli.commands.serve import serve as serve_command
from fraud_pipeline.store import files
from fraud_pipeline.vocabulary.typologies import ALLEGED, TYPOLOGIES
from fraud_pipeline.workbench.db import audit_log
from fraud_pipeline.workbench.db import tables as t
from fraud_pipeline.workbench.db.database import MIGRATIONS, Database, _engine
from fraud_pipeline.workbench.db.migrations.versions.v0004_typologies import CORRECTIONS
from fraud_pipeline.workbench.decisions.outcomes import outcomes_table, publish
from tests.workbench.db.test_database import emptied

# code as recorded -> code after; every other code stays as it is.
AFTER = {"T04": "T01", "T08": "T04", "T09": None, "T12": "T01"}
DAY = "2020-01-01T00:00:00+00:00"
command_line = Commands()
command_line.command()(serve_command)


def old_database(address, typologies):
    """A database as the version before wrote it: one verdict and one blind check a code, a log."""
    engine = _engine(sa.make_url(address))
    with engine.begin() as connection:
        config = alembic.config.Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "v0003")
        for code in typologies:
            receipt = audit_log.append(
                connection, 1, "old", "decide", f"claim C-{code}", typology=code, verdict="fraud",
                reason="service_missing", disallowed_fen=100, run="r",
            )  # fmt: skip
            row = {"claim_id": f"C-{code}", "run_id": "r", "verdict": "fraud", "typology": code,
                   "disallowed_fen": 100, "reason": "service_missing", "by": 1, "who": "old",
                   "at": DAY, "log_seq": receipt.seq}  # fmt: skip
            connection.execute(
                sa.insert(t.DECISIONS).values(**row, kind="verdict", needs_second=0, blind=0)
            )
            connection.execute(
                sa.insert(t.STATES).values(
                    claim_id=f"C-{code}", status="decided", log_seq=receipt.seq
                )
            )
            second = audit_log.append(
                connection, 1, "old", "blind", f"claim C-{code}", typology=code, verdict="fraud",
                reason="service_missing", disallowed_fen=100, run="r", decision=1, note="seen",
            )  # fmt: skip
            blind = {**row, "log_seq": second.seq, "first_id": 1, "note": "seen"}
            connection.execute(sa.insert(t.BLIND_CHECKS).values(**blind))
            message = {"event": "decision", "typology": code}
            connection.execute(
                sa.insert(t.OUTBOX).values(
                    webhook_id=1, event="decision", body=json.dumps(message), created_at=DAY,
                    next_at=DAY, attempts=0,
                )
            )  # fmt: skip
    engine.dispose()


def codes_of(db, table):
    with db.reading() as connection:
        return dict(connection.execute(sa.select(table.c.claim_id, table.c.typology)).all())


def migrates(address, folder):
    old_database(address, TYPOLOGIES)
    db = Database(address)
    assert db.reclassified == 2 * len(AFTER)
    expected = {f"C-{code}": AFTER.get(code, code) for code in TYPOLOGIES}
    assert codes_of(db, t.DECISIONS) == codes_of(db, t.BLIND_CHECKS) == expected
    exported = {r["claim_id"]: r["typology"] for r in outcomes_table(db).to_pylist()}
    assert exported == expected
    written = files.read_table(publish(db, folder))
    assert dict(zip(*(written[n].to_pylist() for n in ("claim_id", "typology")), strict=True)) == (
        expected
    )
    with db.reading() as connection:
        assert audit_log.verify(connection).is_intact
        last = connection.execute(sa.select(t.LOG).order_by(t.LOG.c.seq.desc())).mappings().first()
        notes = dict(
            connection.execute(sa.select(t.DECISIONS.c.claim_id, t.DECISIONS.c.note)).all()
        )
        checked = dict(
            connection.execute(sa.select(t.BLIND_CHECKS.c.claim_id, t.BLIND_CHECKS.c.note)).all()
        )
        bodies = connection.execute(sa.select(t.OUTBOX.c.body).order_by(t.OUTBOX.c.id)).scalars()
        assert [json.loads(body)["typology"] for body in bodies] == list(expected.values())
    assert last["seq"] == 2 * len(TYPOLOGIES) + 1 and last["action"] == "reclassify"
    assert json.loads(last["detail"])["rows"] == 2 * len(AFTER)
    # the label nobody can be given a code for is kept in words, and only that one
    assert notes.pop("C-T09") == "（原问题类型：T09 超发）" and set(notes.values()) == {None}
    assert checked["C-T09"] == "seen （原问题类型：T09 超发）" and checked["C-T08"] == "seen"
    remains_append_only(db)
    db.dispose()
    again = Database(address)
    assert again.reclassified == 0 and codes_of(again, t.DECISIONS) == expected
    with again.reading() as connection:
        assert audit_log.verify(connection).rows == 2 * len(TYPOLOGIES) + 1
    again.dispose()


def remains_append_only(db):
    for statement in ("UPDATE decisions SET typology = 'T01'", "DELETE FROM blind_checks"):
        with (
            pytest.raises(sa.exc.DatabaseError, match="append-only"),
            db.writing() as connection,
        ):
            connection.exec_driver_sql(statement)


def test_sqlite(tmp_path):
    migrates(f"sqlite:///{tmp_path / 'old.db'}", tmp_path)


@pytest.mark.postgres
def test_postgresql(postgres_url, tmp_path):
    migrates(postgres_url, tmp_path)
    emptied(postgres_url)


def test_the_command_says_it_once_and_a_fresh_workspace_says_nothing(tmp_path):
    old_database(f"sqlite:///{tmp_path / 'workbench.db'}", ["T12", "T14"])
    first, second = (
        CliRunner().invoke(
            command_line, ["--workspace", str(tmp_path), "--verify-log"], catch_exceptions=False
        )
        for _ in range(2)
    )
    assert "2" in first.output.splitlines()[0] and "corrected" in first.output
    assert "corrected" not in second.output
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert Database(f"sqlite:///{fresh / 'workbench.db'}").reclassified == 0


def test_nothing_wrong_leaves_the_log_alone(tmp_path):
    address = f"sqlite:///{tmp_path / 'old.db'}"
    old_database(address, ["T01", "T24"])
    db = Database(address)
    assert db.reclassified == 0 and codes_of(db, t.DECISIONS) == {"C-T01": "T01", "C-T24": "T24"}
    with db.reading() as connection:
        assert audit_log.verify(connection).rows == 4
    db.dispose()


def test_what_replaces_a_code_may_be_alleged():
    assert {c.code: c.meant for c in CORRECTIONS} == AFTER
    assert {c.meant for c in CORRECTIONS if c.meant} <= set(ALLEGED)
