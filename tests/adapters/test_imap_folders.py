"""Looking through other folders, for the accounts: what is there, without taking it all in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.adapters.imap_support import mail, opened
from tests.servers.dovecot import Dovecot, Kind

TAKEN = "Helpdesk/Taken"


@pytest.mark.parametrize("kind", ["usual", "dotted", "courier"])
def test_a_folders_mails_are_listed_with_the_lines_that_tell_who_they_are(dovecot: Dovecot, kind: Kind) -> None:
    user, when = dovecot.new_user(kind), datetime(2026, 11, 3, 8, tzinfo=UTC)
    dovecot.maildir(user).deliver_many([mail(1), mail(2, 5000)], at=when, folder=TAKEN)
    with opened(dovecot, user) as mailbox:
        first, second = mailbox.search_folder(TAKEN)
    assert (first.uid, first.delivered_at, first.size) == (1, when, len(mail(1)))
    assert b"Message-ID: <m2@example.org>\r\n" in second.header
    assert b"Subject: Faktura 2\r\n" in second.header
    assert b"Content-Type" not in second.header


def test_a_folder_that_is_not_there_has_no_mails(dovecot: Dovecot) -> None:
    with opened(dovecot, dovecot.new_user()) as mailbox:
        assert list(mailbox.search_folder(TAKEN)) == []
        assert mailbox.candidates(None) == []


def test_mails_can_be_taken_from_another_folder_while_it_is_listed_and_the_inbox_read(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(number) for number in range(260)], folder=TAKEN)
    dovecot.maildir(user).deliver(mail(900))
    with opened(dovecot, user) as mailbox:
        mailbox.open()
        seen = 0
        for listed in mailbox.search_folder(TAKEN):
            seen += 1
            if listed.uid in {1, 255}:
                assert [one.raw for batch in mailbox.fetch_folder(TAKEN, [listed.uid]) for one in batch] == [
                    mail(listed.uid - 1)
                ]
                assert [one.raw for batch in mailbox.fetch([1]) for one in batch] == [mail(900)]
        assert seen == 260
    assert not any(one.seen for one in dovecot.maildir(user).mails(TAKEN))
