"""workday

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TEXT = sqlmodel.sql.sqltypes.AutoString
WHEN = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table('absence',
    sa.Column('id', BIG, nullable=False),
    sa.Column('consultant', TEXT(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('source', sa.Enum('command', 'auto_reply', name='absencesource', native_enum=False, length=24), nullable=False),
    sa.Column('entry', BIG, nullable=True),
    sa.Column('noted_at', WHEN(), nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['journal.id'], name=op.f('fk_absence_entry')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence')),
    sa.UniqueConstraint('consultant', 'first', 'last', 'source', name=op.f('uq_absence_consultant_first_last_source'))
    )
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_absence_last'), ['last'], unique=False)
    op.create_table('draft',
    sa.Column('comment', BIG, nullable=False),
    sa.Column('consultant', TEXT(), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('kept_at', WHEN(), nullable=False),
    sa.Column('released_at', WHEN(), nullable=True),
    sa.ForeignKeyConstraint(['comment'], ['comment.id'], name=op.f('fk_draft_comment')),
    sa.PrimaryKeyConstraint('comment', name=op.f('pk_draft'))
    )
    op.create_table('call',
    sa.Column('ticket', BIG, nullable=False),
    sa.Column('consultant', TEXT(), nullable=False),
    sa.Column('asked', TEXT(), nullable=False),
    sa.Column('asked_at', WHEN(), nullable=False),
    sa.Column('confirm_by', WHEN(), nullable=False),
    sa.Column('settled_at', WHEN(), nullable=True),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_call_ticket')),
    sa.PrimaryKeyConstraint('ticket', name=op.f('pk_call'))
    )
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.create_index('ix_call_settled_at_confirm_by', ['settled_at', 'confirm_by'], unique=False)


def downgrade() -> None:
    op.drop_table('call')
    op.drop_table('draft')
    op.drop_table('absence')
