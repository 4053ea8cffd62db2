"""How alembic runs here: always on the connection that `store.schema` hands over, one transaction a step."""

from __future__ import annotations

from alembic import context

from helpdesk import crashpoints
from helpdesk.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transaction_per_migration=True,
    on_version_apply=lambda **_: crashpoints.reached("C16"),
)
with context.begin_transaction():
    context.run_migrations()
