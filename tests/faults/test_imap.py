"""I: faults on the way in. A real Dovecot behind a proxy; a server that lies where Dovecot doesn't."""

from __future__ import annotations

from collections import Counter

import pytest
from structlog.testing import capture_logs

from helpdesk.adapters.imap import ImapAccount, ImapMailbox
from helpdesk.desk.terms import Disposition
from helpdesk.errors import MailboxUnavailable
from helpdesk.services.intake import Collected, IntakePolicy, collect
from helpdesk.store.tables import JournalRow
from tests.adapters.imap_support import mail, opened, proxied
from tests.servers.dovecot import Dovecot
from tests.servers.liar import Liar
from tests.servers.proxy import Cut, Replace, Rule
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import write


def poll(desk: DeskAtWork, mailbox: ImapMailbox) -> Collected:
    return collect(mailbox, desk.database, IntakePolicy(), desk.clock)


def subjects(desk: DeskAtWork) -> list[str]:
    return sorted(ticket.subject for ticket in desk.tickets)


def test_I_01_a_connection_cut_inside_a_literal_leaves_nothing_and_the_next_poll_takes_all(
    desk: DeskAtWork, dovecot: Dovecot
) -> None:
    user, other = dovecot.new_user(), dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1, size=300_000), mail(2)])
    dovecot.maildir(other).deliver_many([mail(3)])
    with proxied(dovecot, user, name="dynamics") as (mailbox, proxy), opened(dovecot, other, name="prophix") as second:
        rule = proxy.add(Rule("server", Cut(), pattern=rb"BODY\[\] \{\d+\}\r\n.{12000}"))
        with pytest.raises(MailboxUnavailable):
            poll(desk, mailbox)
        assert rule.fired == 1
        assert desk.rows(JournalRow) == [], "nothing partial"
        assert poll(desk, second).taken == 1, "other mailboxes are polled on time"
        proxy.heal()
        assert poll(desk, mailbox) == Collected(taken=2, filed=2)
        assert len(desk.rows(JournalRow)) == 3
        assert b" EXPUNGE" not in proxy.seen("client").replace(b"UID EXPUNGE", b"")


def test_I_03_uidvalidity_change_opens_nothing_twice_and_is_told_once(desk: DeskAtWork, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(number) for number in range(30)])
    with opened(dovecot, user, name="dynamics", after_intake="keep") as mailbox:
        poll(desk, mailbox)
    desk.process()
    acks = len(desk.outbox(notification="new"))
    dovecot.maildir(user).deliver_many([mail(40), mail(41)])
    dovecot.reset_uidvalidity(user)
    with opened(dovecot, user, name="dynamics", after_intake="keep") as mailbox, capture_logs() as logged:
        assert poll(desk, mailbox).taken == 32
        poll(desk, mailbox)
    assert [line["event"] for line in logged].count("mailbox.renumbered") == 1
    found = Counter(outcome.disposition for outcome in desk.process())
    assert found == {Disposition.DUPLICATE: 30, Disposition.OPENED: 2}
    assert len(desk.tickets) == 32
    assert len(desk.outbox(notification="new")) - acks <= 2, "known mail is not answered again"


def test_I_04_nothing_is_moved_under_a_numbering_that_has_just_changed(desk: DeskAtWork, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1), mail(2)])
    with opened(dovecot, user, name="dynamics") as mailbox:
        with pytest.raises(MailboxUnavailable):
            collect(mailbox, desk.database, IntakePolicy(), desk.clock, lambda: dovecot.reset_uidvalidity(user))
        assert len(dovecot.maildir(user).mails()) == 2
        assert poll(desk, mailbox).filed == 2
    assert dovecot.maildir(user).mails() == []
    found = Counter(outcome.disposition for outcome in desk.process())
    assert found == {Disposition.OPENED: 2, Disposition.DUPLICATE: 2}
    assert len(desk.tickets) == 2


def test_I_06_a_missing_folder_is_made_and_a_full_one_stops_no_intake(desk: DeskAtWork, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1)])
    with opened(dovecot, user, name="dynamics") as mailbox:
        assert poll(desk, mailbox).filed == 1
        mailbox.close()
        dovecot.maildir(user).remove_folder("Helpdesk/Taken")
        dovecot.maildir(user).deliver_many([mail(2)])
        assert poll(desk, mailbox).filed == 1, "the folder was made anew"
    with proxied(dovecot, user, name="dynamics") as (mailbox, proxy):
        proxy.add(Rule("client", Replace(b"UID MOVEX"), pattern=rb"UID MOVE", times=10**6))
        proxy.add(Rule("server", Replace(b"NO [OVERQUOTA] full"), pattern=rb"BAD [^\r]*", times=10**6))
        dovecot.maildir(user).deliver_many([mail(3)])
        troubles = {poll(desk, mailbox).trouble for _ in range(30)}
        assert len(troubles) == 1 and "OVERQUOTA" in troubles.pop(), "one trouble, which is news once"
        dovecot.maildir(user).deliver_many([mail(4)])
        assert poll(desk, mailbox).taken == 1, "intake goes on"
        proxy.heal()
        assert poll(desk, mailbox).filed == 2
    assert len(desk.process()) == 4 == len(desk.tickets)


def test_I_07_flags_are_peoples_and_decide_nothing(desk: DeskAtWork, dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1), mail(2)])
    phone = dovecot.client(user)
    phone.store("1:*", "+FLAGS", "(\\Seen)")
    phone.logout()
    with opened(dovecot, user, name="dynamics", after_intake="keep") as mailbox:
        assert poll(desk, mailbox).taken == 2
        dovecot.maildir(user).deliver_many([mail(3)])
        assert poll(desk, mailbox).taken == 1
    assert sorted("S" in stored.flags for stored in dovecot.maildir(user).mails()) == [False, True, True]
    assert len(desk.process()) == len(desk.tickets) == 3


def lied_to(liar: Liar, connect_timeout: float = 15.0) -> ImapMailbox:
    """Return a mailbox at the server that lies."""
    return ImapMailbox(
        ImapAccount(
            "dynamics",
            "127.0.0.1",
            liar.port,
            "plain",
            "jan",
            "x",
            after_intake="keep",
            connect_timeout=connect_timeout,
            command_timeout=2.0,
        )
    )


def test_I_09_noise_is_passed_over_and_a_mail_that_vanishes_meanwhile_is_gone(desk: DeskAtWork) -> None:
    with Liar({uid: write(subject=f"Mail {uid}") for uid in (3, 5, 9)}) as liar:
        liar.noise = b"* 7 FETCH (UID 99 FLAGS (\\Seen))\r\n* 2 EXISTS\r\n* OK [ALERT] hello\r\n"
        liar.vanish = {5}
        mailbox = lied_to(liar)
        assert poll(desk, mailbox).taken == 2
        mailbox.close()
    desk.process()
    assert subjects(desk) == ["Mail 3", "Mail 9"]


def test_I_09_a_body_that_is_nil_three_times_becomes_a_ticket_of_its_envelope(desk: DeskAtWork) -> None:
    with Liar({3: write(subject="Mail 3"), 5: write(subject="unseen")}) as liar, capture_logs() as logged:
        liar.bodiless = {5}
        mailbox = lied_to(liar)
        assert [poll(desk, mailbox).taken for _ in range(4)] == [1, 0, 1, 0]
        mailbox.close()
    assert [line["event"] for line in logged].count("mail.without_body") == 1
    desk.process()
    assert subjects(desk) == ["Bez tresci", "Mail 3"]
    assert {ticket.requester_addr for ticket in desk.tickets} == {"jan@acme.test"}
