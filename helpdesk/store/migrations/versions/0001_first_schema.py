"""first schema

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('counter',
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_counter'))
    )
    op.create_table('journal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mailbox', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('uidvalidity', sa.BigInteger(), nullable=True),
    sa.Column('uid', sa.BigInteger(), nullable=True),
    sa.Column('delivered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('taken_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('raw_digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('truncated', sa.Boolean(), nullable=False),
    sa.Column('silent', sa.Boolean(), nullable=False),
    sa.Column('filed', sa.Enum('no', 'yes', 'gone', name='filed', native_enum=False, length=24), nullable=False),
    sa.Column('state', sa.Enum('received', 'processed', 'shunted', name='entrystate', native_enum=False, length=24), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('claimed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('claimed_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('message_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('disposition', sa.Enum('opened', 'commented', 'recorded', 'held', 'duplicate', 'discarded', 'shunted', name='disposition', native_enum=False, length=24), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ticket', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('trace', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('rules_version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('failure', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('processed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal')),
    sa.UniqueConstraint('mailbox', 'uidvalidity', 'uid', name=op.f('uq_journal_mailbox_uidvalidity_uid'))
    )
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.create_index('ix_journal_filed', ['mailbox', 'filed'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_message_id'), ['message_id'], unique=False)
        batch_op.create_index('ix_journal_state_id', ['state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_ticket'), ['ticket'], unique=False)

    op.create_table('mailbox_state',
    sa.Column('mailbox', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('uidvalidity', sa.BigInteger(), nullable=True),
    sa.Column('last_ok_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('trouble', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('trouble_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('mailbox', name=op.f('pk_mailbox_state'))
    )
    op.create_table('rules_version',
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('accepted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_rules_version'))
    )
    op.create_table('ticket',
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('queue', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('prefix', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('search', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sa.Enum('new', 'open', 'pending', 'resolved', 'closed', name='state', native_enum=False, length=24), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('error', 'other', name='ticketkind', native_enum=False, length=24), nullable=False),
    sa.Column('origin', sa.Enum('mail', 'portal', 'phone', name='origin', native_enum=False, length=24), nullable=False),
    sa.Column('organisation', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('plan', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('calendar', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('language', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('requester_addr', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('requester_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('assignee', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('tags', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('watchers', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('delivered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('react_by', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reacted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('waiting_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('closure', sa.Enum('open', 'pause', 'before_opening', 'after_closing', 'day_off', 'holiday', 'closed_day', name='closure', native_enum=False, length=24), nullable=False),
    sa.Column('guarantee_holds', sa.Boolean(), nullable=False),
    sa.Column('guarantee_reason', sa.Enum('holds', 'no_plan', 'no_reaction_in_plan', 'channel', 'cap_reached', 'not_covered', 'agreed', name='guaranteereason', native_enum=False, length=24), nullable=False),
    sa.Column('resolved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('root_message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('last_message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_ticket'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_assignee'), ['assignee'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_organisation'), ['organisation'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_react_by'), ['react_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_requester_addr'), ['requester_addr'], unique=False)
        batch_op.create_index('ix_ticket_state_queue', ['state', 'queue'], unique=False)

    op.create_table('comment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('side', sa.Enum('customer', 'consultant', name='side', native_enum=False, length=24), nullable=False),
    sa.Column('author_addr', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('author_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('visibility', sa.Enum('public', 'internal', name='visibility', native_enum=False, length=24), nullable=False),
    sa.Column('standing', sa.Enum('confirmed', 'unconfirmed', 'held', name='standing', native_enum=False, length=24), nullable=False),
    sa.Column('via', sa.Enum('mail', 'portal', 'cli', name='via', native_enum=False, length=24), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('new_text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('html', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('delivered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['journal.id'], name=op.f('fk_comment_entry')),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_comment_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment')),
    sa.UniqueConstraint('entry', name=op.f('uq_comment_entry'))
    )
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_comment_ticket'), ['ticket'], unique=False)

    op.create_table('history',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('event', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('old', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('new', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_history_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_history'))
    )
    with op.batch_alter_table('history', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_history_ticket'), ['ticket'], unique=False)

    op.create_table('mail_identity',
    sa.Column('message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('content_digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('entry', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['journal.id'], name=op.f('fk_mail_identity_entry')),
    sa.PrimaryKeyConstraint('message_id', 'content_digest', name=op.f('pk_mail_identity'))
    )
    with op.batch_alter_table('mail_identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_identity_entry'), ['entry'], unique=False)

    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('cause', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('notification', sa.Enum('new', 'comment', 'resolved', 'closed', 'notice_opened', 'notice_comment', 'notice_changed', 'notice_undelivered', name='notificationkind', native_enum=False, length=24), nullable=False),
    sa.Column('recipient', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ticket', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('account', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sender', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sa.Enum('queued', 'sending', 'sent', 'deferred', 'failed', 'unknown', 'held', 'muted', 'cancelled', name='outboxstate', native_enum=False, length=24), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('ambiguous', sa.Integer(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('next_attempt_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('claimed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('claimed_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answers_customer', sa.Boolean(), nullable=False),
    sa.Column('in_data', sa.Boolean(), nullable=False),
    sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('code', sa.Integer(), nullable=True),
    sa.Column('reply', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_outbox_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('cause', 'notification', 'recipient', name=op.f('uq_outbox_cause_notification_recipient'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_message_id'), ['message_id'], unique=False)
        batch_op.create_index('ix_outbox_state_next_attempt_at', ['state', 'next_attempt_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_ticket'), ['ticket'], unique=False)

    op.create_table('participant',
    sa.Column('ticket', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('addr', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('joined_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_participant_ticket')),
    sa.PrimaryKeyConstraint('ticket', 'addr', name=op.f('pk_participant'))
    )
    with op.batch_alter_table('participant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_participant_addr'), ['addr'], unique=False)

    op.create_table('raw_mail',
    sa.Column('entry', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['entry'], ['journal.id'], name=op.f('fk_raw_mail_entry')),
    sa.PrimaryKeyConstraint('entry', name=op.f('pk_raw_mail'))
    )
    op.create_table('thread_id',
    sa.Column('message_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ticket', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_thread_id_ticket')),
    sa.PrimaryKeyConstraint('message_id', 'ticket', name=op.f('pk_thread_id'))
    )
    op.create_table('ticket_link',
    sa.Column('ticket', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('other', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('why', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['other'], ['ticket.number'], name=op.f('fk_ticket_link_other')),
    sa.ForeignKeyConstraint(['ticket'], ['ticket.number'], name=op.f('fk_ticket_link_ticket')),
    sa.PrimaryKeyConstraint('ticket', 'other', name=op.f('pk_ticket_link'))
    )
    op.create_table('attachment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('comment', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('inline', sa.Boolean(), nullable=False),
    sa.Column('content_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['comment'], ['comment.id'], name=op.f('fk_attachment_comment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachment_comment'), ['comment'], unique=False)

    op.create_table('send_attempt',
    sa.Column('outbox', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('code', sa.Integer(), nullable=True),
    sa.Column('enhanced', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reply', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['outbox'], ['outbox.id'], name=op.f('fk_send_attempt_outbox')),
    sa.PrimaryKeyConstraint('outbox', 'attempt', name=op.f('pk_send_attempt'))
    )
    op.bulk_insert(sa.table('counter', sa.column('name', sa.String()), sa.column('value', sa.BigInteger())), [{'name': 'ticket', 'value': 1000}])  # the first ticket is 1001


def downgrade() -> None:
    op.drop_table('send_attempt')
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attachment_comment'))

    op.drop_table('attachment')
    op.drop_table('ticket_link')
    op.drop_table('thread_id')
    op.drop_table('raw_mail')
    with op.batch_alter_table('participant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_participant_addr'))

    op.drop_table('participant')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_ticket'))
        batch_op.drop_index('ix_outbox_state_next_attempt_at')
        batch_op.drop_index(batch_op.f('ix_outbox_message_id'))

    op.drop_table('outbox')
    with op.batch_alter_table('mail_identity', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_identity_entry'))

    op.drop_table('mail_identity')
    with op.batch_alter_table('history', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_history_ticket'))

    op.drop_table('history')
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_comment_ticket'))

    op.drop_table('comment')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_state_queue')
        batch_op.drop_index(batch_op.f('ix_ticket_requester_addr'))
        batch_op.drop_index(batch_op.f('ix_ticket_react_by'))
        batch_op.drop_index(batch_op.f('ix_ticket_organisation'))
        batch_op.drop_index(batch_op.f('ix_ticket_assignee'))

    op.drop_table('ticket')
    op.drop_table('rules_version')
    op.drop_table('mailbox_state')
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_journal_ticket'))
        batch_op.drop_index('ix_journal_state_id')
        batch_op.drop_index(batch_op.f('ix_journal_message_id'))
        batch_op.drop_index('ix_journal_filed')

    op.drop_table('journal')
    op.drop_table('counter')
