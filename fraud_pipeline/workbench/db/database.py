"""The database of accounts, decisions and the log: SQLite or PostgreSQL; migrated on opening."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import sqlalchemy as sa

from fraud_pipeline.errors import WorkspaceError
from fraud_pipeline.workbench.db import tables as t

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_TIMEOUT_SECONDS = 30


def now() -> str:
    """The present instant as the database stores it: ISO 8601 text, UTC, microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Database:
    """Connections for reading, and transactions that hold the head of the log for writing.

    ``reclassified``: how many verdicts got another typology code when this opening migrated
    the tables (:mod:`.migrations.versions.v0004_typologies`); 0 from the next opening on.
    """

    reclassified = 0

    def __init__(self, address: str):
        try:
            self.url = sa.make_url(address)
            self._engine = _engine(self.url)
            self.migrate()
        except sa.exc.SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or type(error).__name__).split("\n", 1)[0]
            if isinstance(error, sa.exc.ArgumentError):
                raise WorkspaceError("not a database address that SQLAlchemy understands") from None
            if self.url.password:
                reason = reason.replace(str(self.url.password), "***")
            shown = self.url.render_as_string(hide_password=True)
            raise WorkspaceError(f"{shown}: {reason}") from None

    def migrate(self) -> None:
        """Upgrades the tables to this version; safe when several servers start at once."""
        with self._engine.begin() as connection:
            if self.url.get_backend_name() == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(20150603)"))
            config = alembic.config.Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")
            self.reclassified = int(config.attributes.get("reclassified", 0))

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that only reads; on SQLite it never waits for a writer."""
        with self._engine.connect() as connection:
            connection.info["writing"] = False
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One writing transaction; it locks the head of the log until it commits.

        Writers are therefore serialised: what one reads is valid until it commits, log rows are
        numbered in the order of commits, and two people never take the same claim.
        """
        with self._engine.connect() as connection:
            connection.info["writing"] = True
            with connection.begin():
                head = sa.select(t.LOG_HEAD.c.seq).where(t.LOG_HEAD.c.id == 1)
                connection.execute(head.with_for_update())
                yield connection

    def dispose(self) -> None:
        self._engine.dispose()


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)
    engine = sa.create_engine(
        url, pool_size=10, max_overflow=20,
        connect_args={"timeout": _LOCK_TIMEOUT_SECONDS, "check_same_thread": False},
    )  # fmt: skip

    @sa.event.listens_for(engine, "connect")
    def _connect(raw: Any, _record: Any) -> None:
        # the driver must not begin transactions itself: _begin chooses the kind
        raw.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # a reader that starts to write later can be refused; a writer locks at once
        reading = connection.info.get("writing") is False
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
