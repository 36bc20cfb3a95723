"""Alembic runs this; `migrations.upgrade` hands it the connection, inside a transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
