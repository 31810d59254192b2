"""Run by Alembic for each command, on the connection and in the transaction that `schema.migrate` hands over."""

from alembic import context

from idp.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
