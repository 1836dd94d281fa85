"""Alembic's entry: migrates over the connection the workbench hands in."""

from alembic import context

from fraud_pipeline.workbench.db.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
