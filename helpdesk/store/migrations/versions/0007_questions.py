"""questions

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('question',
    sa.Column('id', BIG, nullable=False),
    sa.Column('kind', sa.Enum('colleague', 'authorship', name='questionkind', native_enum=False, length=24), nullable=False),
    sa.Column('state', sa.Enum('open', 'yes', 'no', 'lapsed', name='questionstate', native_enum=False, length=24), nullable=False),
    sa.Column('comment', BIG, nullable=False),
    sa.Column('author', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('lapses_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['comment'], ['comment.id'], name=op.f('fk_question_comment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question'))
    )
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.create_index('ix_question_state_lapses_at', ['state', 'lapses_at'], unique=False)
        for column in ('comment', 'asked', 'message_id'):
            batch_op.create_index(batch_op.f(f'ix_question_{column}'), [column], unique=False)
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('epoch', sa.Integer(), nullable=False, server_default='0'))
    for table, column in (('comment', 'standing_reason'), ('participant', 'reply_to')):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=''))


def downgrade() -> None:
    for table, column in (('participant', 'reply_to'), ('comment', 'standing_reason'), ('ticket', 'epoch')):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
    op.drop_table('question')
