"""guards

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('automatic_mail',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('recipient', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cause', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_automatic_mail'))
    )
    with op.batch_alter_table('automatic_mail', schema=None) as batch_op:
        batch_op.create_index('ix_automatic_mail_kind_at', ['kind', 'at'], unique=False)
        batch_op.create_index('ix_automatic_mail_recipient_at', ['recipient', 'at'], unique=False)

    op.create_table('mailbox_lease',
    sa.Column('mailbox', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('owner', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('fence', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('mailbox', name=op.f('pk_mailbox_lease'))
    )
    op.create_table('mute',
    sa.Column('addr', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('strikes', sa.Integer(), nullable=False),
    sa.Column('struck_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('addr', name=op.f('pk_mute'))
    )
    op.create_table('smtp_account',
    sa.Column('account', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('held_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('refusals', sa.Integer(), nullable=False),
    sa.Column('refuses_null_sender', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('account', name=op.f('pk_smtp_account'))
    )
    op.create_table('quiet_thread',
    sa.Column('ticket', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_quiet_thread_ticket')),
    sa.PrimaryKeyConstraint('ticket', name=op.f('pk_quiet_thread'))
    )
    op.create_table('restored_entry',
    sa.Column('entry', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['journal.id'], name=op.f('fk_restored_entry_entry')),
    sa.PrimaryKeyConstraint('entry', name=op.f('pk_restored_entry'))
    )


def downgrade() -> None:
    op.drop_table('restored_entry')
    op.drop_table('quiet_thread')
    op.drop_table('smtp_account')
    op.drop_table('mute')
    op.drop_table('mailbox_lease')
    with op.batch_alter_table('automatic_mail', schema=None) as batch_op:
        batch_op.drop_index('ix_automatic_mail_recipient_at')
        batch_op.drop_index('ix_automatic_mail_kind_at')

    op.drop_table('automatic_mail')
