"""restorations

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mark',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('desk', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('generation', sa.BigInteger(), nullable=False),
    sa.Column('server', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mark'))
    )
    op.create_table('restoration',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('found_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('known_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('last_number', sa.BigInteger(), nullable=False),
    sa.Column('searched', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('released_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restoration'))
    )
    op.add_column('journal', sa.Column('recovered', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute('DROP TABLE IF EXISTS restored_entry')  # of 0003; nothing was ever written there


def downgrade() -> None:
    op.create_table('restored_entry',
    sa.Column('entry', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['journal.id'], name=op.f('fk_restored_entry_entry')),
    sa.PrimaryKeyConstraint('entry', name=op.f('pk_restored_entry'))
    )
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_column('recovered')
    op.drop_table('restoration')
    op.drop_table('mark')
