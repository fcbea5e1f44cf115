"""What Alembic runs for every service; the connection and the numbers come from `shared.migrations`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
