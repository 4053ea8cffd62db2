"""visits

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('visit',
    sa.Column('id', BIG, nullable=False),
    sa.Column('ticket', BIG, nullable=False),
    sa.Column('uid', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'confirmed', 'cancelled', name='visitstate', native_enum=False, length=24), nullable=False),
    sa.Column('starts_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ends_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('remote', sa.Boolean(), nullable=False),
    sa.Column('place', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('consultant', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('invited_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('consent_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('consent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('consent_entry', BIG, nullable=True),
    sa.ForeignKeyConstraint(['consent_entry'], ['journal.id'], name=op.f('fk_visit_consent_entry')),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_visit_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit')),
    sa.UniqueConstraint('uid', name=op.f('uq_visit_uid'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_starts_at'), ['starts_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_ticket'), ['ticket'], unique=False)

    op.create_table('visit_guest',
    sa.Column('visit', BIG, nullable=False),
    sa.Column('addr', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('side', sa.Enum('customer', 'consultant', name='side', native_enum=False, length=24), nullable=False),
    sa.Column('answer', sa.Enum('none', 'accepted', 'declined', 'tentative', name='answer', native_enum=False, length=24), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('stamp', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['visit'], ['visit.id'], name=op.f('fk_visit_guest_visit')),
    sa.PrimaryKeyConstraint('visit', 'addr', name=op.f('pk_visit_guest'))
    )


def downgrade() -> None:
    op.drop_table('visit_guest')
    op.drop_table('visit')
