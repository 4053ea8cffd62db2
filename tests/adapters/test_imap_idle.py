"""Waiting for mail: news wake us at once, silence ends on time, and an ended connection is not taken for silence."""

from __future__ import annotations

import threading
import time

import pytest

from helpdesk.errors import MailboxUnavailable
from tests.adapters.imap_support import mail, opened, proxied, without
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Delay, Rule


@pytest.mark.parametrize("security", ["tls", "plain"])
def test_a_mail_that_arrives_while_we_wait_wakes_us(dovecot: Dovecot, security: str) -> None:
    user = dovecot.new_user()
    port = dovecot.tls_port if security == "tls" else dovecot.port
    with opened(dovecot, user, port=port, security=security) as mailbox:
        arrival = threading.Timer(0.3, dovecot.maildir(user).deliver, [mail(1)])
        arrival.start()
        began = time.monotonic()
        assert mailbox.wait(20)
        assert 0.2 < time.monotonic() - began < 3
        assert mailbox.candidates(None) == [1]
        arrival.join()


@pytest.mark.parametrize("security", ["tls", "plain"])
def test_a_mail_that_came_between_search_and_idle_wakes_us_too(dovecot: Dovecot, security: str) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    for _ in range(5):
        user = dovecot.new_user()
        with opened(dovecot, user, port=port, security=security) as mailbox:
            assert mailbox.candidates(None) == []
            dovecot.maildir(user).deliver(mail(1))
            began = time.monotonic()
            assert mailbox.wait(20)
            assert time.monotonic() - began < 3


def test_news_that_come_with_the_servers_go_ahead_are_not_slept_through(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    with proxied(dovecot, user) as (mailbox, proxy):
        mailbox.open()
        dovecot.maildir(user).deliver(mail(1))
        proxy.add(Rule("server", Delay(0.2), pattern=rb"^(?=\+ idling)"))
        began = time.monotonic()
        assert mailbox.wait(20)
        assert time.monotonic() - began < 3


def test_without_news_the_wait_ends_on_time_and_the_connection_goes_on(dovecot: Dovecot) -> None:
    with opened(dovecot, dovecot.new_user()) as mailbox:
        began = time.monotonic()
        assert not mailbox.wait(1.2)
        assert 1.1 < time.monotonic() - began < 2
        assert mailbox.candidates(None) == []


def test_flags_that_another_client_sets_are_no_news(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver(mail(1))
    with opened(dovecot, user) as mailbox:
        phone = dovecot.client(user)
        reading = threading.Timer(0.2, phone.store, ["1", "+FLAGS", r"\Seen"])
        reading.start()
        assert not mailbox.wait(1)
        reading.join()
        phone.logout()


def test_interrupt_ends_the_wait_within_a_second_or_so(dovecot: Dovecot) -> None:
    with opened(dovecot, dovecot.new_user()) as mailbox:
        stop = threading.Timer(0.2, mailbox.interrupt)
        stop.start()
        began = time.monotonic()
        assert not mailbox.wait(30)
        assert time.monotonic() - began < 2
        stop.join()


def test_an_interrupt_before_the_wait_is_not_lost(dovecot: Dovecot) -> None:
    with opened(dovecot, dovecot.new_user()) as mailbox:
        mailbox.interrupt()
        began = time.monotonic()
        assert not mailbox.wait(30)
        assert time.monotonic() - began < 1
        assert mailbox.candidates(None) == []


@pytest.mark.parametrize("security", ["tls", "plain"])
def test_a_server_that_goes_away_while_we_wait_is_noticed(dovecot: Dovecot, security: str) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    with opened(dovecot, dovecot.new_user(), port=port, security=security) as mailbox:
        end = threading.Timer(0.2, dovecot.stop)
        end.start()
        began = time.monotonic()
        with pytest.raises(MailboxUnavailable) as failure:
            mailbox.wait(30)
        assert failure.value.reason == "broken"
        assert time.monotonic() - began < 3
        end.join()


def test_abort_ends_a_wait(dovecot: Dovecot) -> None:
    with opened(dovecot, dovecot.new_user()) as mailbox:
        watchdog = threading.Timer(0.2, mailbox.abort)
        watchdog.start()
        with pytest.raises(MailboxUnavailable) as failure:
            mailbox.wait(30)
        assert failure.value.reason == "timeout"
        watchdog.join()


def test_without_idle_on_either_side_there_is_no_wait(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    began = time.monotonic()
    with opened(dovecot, user, idle=False) as mailbox:
        assert not mailbox.wait(30)
    with proxied(dovecot, user, *without("IDLE")) as (mailbox, proxy):
        mailbox.open()
        assert not mailbox.wait(30)
        assert b"IDLE" not in proxy.seen("client")
    assert time.monotonic() - began < 2
