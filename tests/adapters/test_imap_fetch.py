"""Taking mails in: whole, in few round trips, in bounded memory, and without leaving a trace on the server."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from helpdesk.adapters import imap_fetch
from helpdesk.adapters.imap_fetch import Listed, batches
from helpdesk.errors import MailboxUnavailable
from tests.adapters.imap_support import account, all_of, mail, opened, proxied
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Cut, Replace, Rule

KIB, MIB = 1024, 1024 * 1024
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_mails_come_whole_in_order_and_with_their_time_of_delivery(dovecot: Dovecot) -> None:
    user, raws = dovecot.new_user(), [mail(number) for number in range(120)]
    dovecot.maildir(user).deliver_many(raws, at=NOON)
    with opened(dovecot, user) as mailbox:
        taken = all_of(mailbox)
    assert [one.raw for one in taken] == raws
    assert [one.uid for one in taken] == list(range(1, 121))
    assert {one.delivered_at for one in taken} == {NOON}
    assert {one.delivered_at.tzinfo for one in taken} == {UTC}
    assert not any(one.truncated for one in taken)


@pytest.mark.parametrize("changes", [{}, {"batch_bytes": 2 * KIB}, {"max_size": 2 * KIB}], ids=str)
def test_an_unread_mail_stays_unread_however_it_is_taken(dovecot: Dovecot, changes: dict[str, int]) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1), mail(2, 4 * KIB)])
    with opened(dovecot, user, **changes) as mailbox:
        assert len(all_of(mailbox)) == 2
    assert [one.flags for one in dovecot.maildir(user).mails()] == ["", ""]


def test_mail_that_somebody_has_read_is_a_candidate_like_any_other(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1), mail(2)])
    phone = dovecot.client(user)
    phone.store("1:*", "+FLAGS", r"\Seen")
    phone.logout()
    with opened(dovecot, user) as mailbox:
        assert mailbox.candidates(None) == [1, 2]


def test_a_hundred_mails_cost_three_fetches(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(number) for number in range(100)])
    with proxied(dovecot, user) as (mailbox, proxy):
        mailbox.open()
        assert [len(batch) for batch in mailbox.fetch(mailbox.candidates(None))] == [50, 50]
        assert proxy.seen("client").count(b"FETCH") == 3


@pytest.mark.parametrize(
    "sizes, limits, expected",
    [
        pytest.param([1] * 7, {"batch_count": 3}, [3, 3, 1], id="by count"),
        pytest.param([40, 40, 40], {"batch_bytes": 100}, [2, 1], id="by bytes"),
        pytest.param([100, 1], {"batch_bytes": 100}, [1, 1], id="a full batch takes no more"),
        pytest.param([1, 200, 1], {"batch_bytes": 100}, [1, 1, 1], id="one above the bound is alone"),
        pytest.param([1, 60, 1], {"batch_bytes": 100, "max_size": 50}, [1, 1, 1], id="one above the limit is alone"),
        pytest.param([], {}, [], id="nothing"),
    ],
)
def test_batches_are_bounded(dovecot: Dovecot, sizes: list[int], limits: dict[str, int], expected: list[int]) -> None:
    mails = [Listed(uid, size, NOON) for uid, size in enumerate(sizes, start=1)]
    made = list(batches(mails, account(dovecot, "jan", **limits)))
    assert [len(batch) for batch in made] == expected
    assert [one for batch in made for one in batch] == mails


def test_eight_megabytes_arrive_as_they_were_sent(dovecot: Dovecot) -> None:
    user, raw = dovecot.new_user(), mail(1, 8 * MIB)
    dovecot.maildir(user).deliver(raw)
    with opened(dovecot, user) as mailbox:
        assert [one.raw for one in all_of(mailbox)] == [raw]


@pytest.mark.parametrize("size", [9 * MIB, 8 * MIB], ids=["with a rest", "to the byte"])
def test_a_mail_above_a_batchs_bytes_travels_alone_in_pieces(dovecot: Dovecot, size: int) -> None:
    user, raw = dovecot.new_user(), mail(2, size)
    raw += b"x" * (size - len(raw))
    dovecot.maildir(user).deliver_many([mail(1), raw, mail(3)])
    with proxied(dovecot, user, batch_bytes=MIB) as (mailbox, proxy):
        mailbox.open()
        assert [one.raw for one in all_of(mailbox)] == [mail(1), raw, mail(3)]
        assert proxy.seen("client").count(b"BODY.PEEK[]<") == 3
        assert b"{%d}" % imap_fetch.PIECE in proxy.seen("server")


def test_of_a_mail_above_the_limit_the_header_and_64_kib_are_taken_and_no_more_crosses_the_wire(
    dovecot: Dovecot,
) -> None:
    user, raw = dovecot.new_user(), mail(2, 3 * MIB)
    dovecot.maildir(user).deliver_many([mail(1), raw])
    with proxied(dovecot, user, max_size=MIB) as (mailbox, proxy):
        mailbox.open()
        small, large = all_of(mailbox)
        assert len(proxy.seen("server")) < 100 * KIB
    head = raw.index(b"\r\n\r\n") + 4
    assert large.truncated and large.raw == raw[: head + 64 * KIB]
    assert not small.truncated


def test_the_length_that_came_decides_not_the_size_that_was_announced(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver(mail(1, 200 * KIB))
    lie = Rule("server", Replace(b"RFC822.SIZE 900"), pattern=rb"RFC822.SIZE \d+")
    with proxied(dovecot, user, lie, max_size=100 * KIB) as (mailbox, _):
        mailbox.open()
        assert all_of(mailbox)[0].truncated


def test_a_connection_cut_inside_a_literal_gives_nothing_partial_and_the_next_poll_takes_all(dovecot: Dovecot) -> None:
    user, raw = dovecot.new_user(), mail(1, 300 * KIB)
    dovecot.maildir(user).deliver(raw)
    with proxied(dovecot, user, Rule("server", Cut(), after=12 * KIB)) as (mailbox, proxy):
        mailbox.open()
        with pytest.raises(MailboxUnavailable) as failure:
            all_of(mailbox)
        assert failure.value.reason == "broken"
        proxy.heal()
        mailbox.open()
        assert [one.raw for one in all_of(mailbox)] == [raw]


def test_a_literal_longer_than_any_mail_ends_the_connection_not_the_program(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver(mail(1))
    lie = Rule("server", Replace(b"BODY[] {99999999999}"), pattern=rb"BODY\[\] \{\d+\}")
    with proxied(dovecot, user, lie) as (mailbox, _):
        mailbox.open()
        with pytest.raises(MailboxUnavailable, match="99999999999"):
            all_of(mailbox)
        mailbox.open()
        assert len(all_of(mailbox)) == 1


def test_an_answer_without_grammar_is_the_servers_trouble(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver(mail(1))
    lie = Rule("server", Replace(b"RFC822.SIZE (("), pattern=rb"RFC822.SIZE ")
    with proxied(dovecot, user, lie) as (mailbox, _):
        mailbox.open()
        with pytest.raises(MailboxUnavailable) as failure:
            all_of(mailbox)
        assert failure.value.reason == "protocol"


def test_a_body_that_is_nil_leaves_the_mail_a_candidate(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1), mail(2)])
    nil = Rule("server", Replace(b"BODY[] NIL)\r\n"), pattern=rb"BODY\[\] \{\d+\}\r\n.*?zam\xc3\xb3wieniem.\r\n\)\r\n")
    with proxied(dovecot, user, nil) as (mailbox, _):
        mailbox.open()
        assert [one.uid for one in all_of(mailbox)] == [2]
        assert [one.uid for one in all_of(mailbox)] == [1, 2]


def test_a_time_of_delivery_that_is_none_is_taken_as_the_present(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver(mail(1), at=NOON)
    lie = Rule("server", Replace(b'INTERNALDATE "30-Feb-2026 99:00:00 +0000"'), pattern=rb'INTERNALDATE "[^"]*"')
    before = datetime.now(UTC)
    with proxied(dovecot, user, lie) as (mailbox, _):
        mailbox.open()
        assert before <= all_of(mailbox)[0].delivered_at <= datetime.now(UTC)


def test_another_clients_doings_between_two_batches_are_noise(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(number) for number in range(6)])
    with opened(dovecot, user, batch_count=2) as mailbox:
        taking = mailbox.fetch(mailbox.candidates(None))
        uids = [one.uid for one in next(taking)]
        phone = dovecot.client(user)
        phone.store("1:*", "+FLAGS", r"\Seen")
        phone.store("3", "+FLAGS", r"\Deleted")
        phone.expunge()
        phone.logout()
        uids += [one.uid for batch in taking for one in batch]
    assert uids == [1, 2, 4, 5, 6]


def test_uids_that_vanished_before_the_fetch_are_left_out(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver(mail(1))
    with opened(dovecot, user) as mailbox:
        assert [one.uid for batch in mailbox.fetch([1, 77, 4_000_000_000]) for one in batch] == [1]
        assert list(mailbox.fetch([77])) == []


def test_mail_older_than_since_is_left_to_the_server_by_whole_days(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    for day in (1, 17, 19, 20):
        dovecot.maildir(user).deliver(mail(day), at=datetime(2026, 11, day, 12, tzinfo=UTC))
    with opened(dovecot, user) as mailbox:
        assert mailbox.candidates(date(2026, 11, 20)) == [3, 4]
        assert mailbox.candidates(None) == [1, 2, 3, 4]


def test_a_change_of_uidvalidity_shows_at_the_next_opening(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many([mail(1), mail(2)])
    with opened(dovecot, user) as mailbox:
        before = mailbox.open()
        dovecot.reset_uidvalidity(user)
        after = mailbox.open()
    assert (before.exists, after.exists) == (2, 2)
    assert before.uidvalidity != after.uidvalidity
