"""ledger and clock

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

# A ledger entry is never changed and never taken away, whatever a program tries: corrections are counter-entries.
APPEND_ONLY = {
    'sqlite': [
        f"CREATE TRIGGER ledger_refuses_{verb.lower()} BEFORE {verb} ON ledger "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        for verb in ('UPDATE', 'DELETE')
    ],
    'postgresql': [
        "CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
        "CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON ledger "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger()",
    ],
}


def upgrade() -> None:
    op.create_table('clock_event',
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('done_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_clock_event'))
    )
    op.create_table('ledger',
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('corrects', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('ticket', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('plan', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('kind', sa.Enum('error', 'other', name='ticketkind', native_enum=False, length=24), nullable=False),
    sa.Column('consultant', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('channel', sa.Enum('remote', 'phone', 'programming', 'mail', name='channel', native_enum=False, length=24), nullable=False),
    sa.Column('started_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('month', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('worked', sa.Integer(), nullable=False),
    sa.Column('write_up', sa.Integer(), nullable=False),
    sa.Column('unit', sa.Integer(), nullable=False),
    sa.Column('counted', sa.Integer(), nullable=False),
    sa.Column('packaged', sa.Integer(), nullable=False),
    sa.Column('overage', sa.Integer(), nullable=False),
    sa.Column('rate', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('package', sa.Integer(), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('written_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['corrects'], ['ledger.number'], name=op.f('fk_ledger_corrects')),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_ledger_ticket')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_ledger')),
    sa.UniqueConstraint('corrects', name=op.f('uq_ledger_corrects'))
    )
    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_month'), ['month'], unique=False)
        batch_op.create_index('ix_ledger_organisation_month', ['organisation', 'month'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_ticket'), ['ticket'], unique=False)

    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('own_calendar', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('clock_from', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('receipt_fixed', sa.Boolean(), nullable=False, server_default=sa.false()))


    op.bulk_insert(sa.table('counter', sa.column('name', sa.String()), sa.column('value', sa.BigInteger())), [{'name': 'ledger', 'value': 0}])
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("DROP TRIGGER ledger_is_append_only ON ledger")
        op.execute("DROP FUNCTION refuse_change_of_ledger()")
    op.execute("DELETE FROM counter WHERE name = 'ledger'")
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_column('receipt_fixed')
        batch_op.drop_column('clock_from')
        batch_op.drop_column('own_calendar')

    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_ticket'))
        batch_op.drop_index('ix_ledger_organisation_month')
        batch_op.drop_index(batch_op.f('ix_ledger_month'))

    op.drop_table('ledger')
    op.drop_table('clock_event')
