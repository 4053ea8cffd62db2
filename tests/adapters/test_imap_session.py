"""Connecting to an IMAP server: trust before secrets, the right word for each failure, an end to every wait."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.adapters.imap import ImapMailbox
from helpdesk.errors import LoginRefused, MailboxUnavailable
from tests.adapters.imap_support import account, all_of, mail, opened, proxied
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.process import free_port
from tests.servers.proxy import Cut, Drip, FaultProxy, Freeze, Replace, Rule
from tests.servers.tls import Authority
from tests.servers.tokens import OneToken


def _reason(mailbox: ImapMailbox) -> str:
    with pytest.raises(MailboxUnavailable) as failure:
        mailbox.open()
    mailbox.close()
    return failure.value.reason


def _no_login_left(proxy: FaultProxy) -> bool:
    sent = proxy.seen("client").upper()
    return b"LOGIN" not in sent and b"AUTHENTICATE" not in sent and PASSWORD.upper().encode() not in sent


@pytest.mark.parametrize("security", ["tls", "starttls", "plain"])
def test_a_mailbox_opens_over_tls_over_starttls_and_in_the_open_on_loopback(dovecot: Dovecot, security: str) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    with opened(dovecot, dovecot.new_user(), port=port, security=security) as mailbox:
        assert mailbox.open().exists == 0


def test_starttls_encrypts_before_the_password_goes_out(dovecot: Dovecot) -> None:
    with proxied(dovecot, dovecot.new_user(), security="starttls") as (mailbox, proxy):
        mailbox.open()
        assert b"STARTTLS" in proxy.seen("client") and _no_login_left(proxy)


def test_a_login_in_the_open_to_another_machine_is_not_even_tried(dovecot: Dovecot) -> None:
    settings = account(dovecot, "jan", host="192.0.2.1", port=143, security="plain", connect_timeout=30)
    began = time.monotonic()
    assert _reason(ImapMailbox(settings)) == "tls"
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_for_another_name_ends_the_attempt_before_login(dovecot: Dovecot, security: str) -> None:
    target = dovecot.tls_port if security == "tls" else dovecot.port
    with FaultProxy(target) as proxy:
        settings = account(dovecot, "jan", host="127.0.0.1", port=proxy.port, security=security)
        assert _reason(ImapMailbox(settings)) == "tls"
        assert _no_login_left(proxy)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_an_unknown_authority_ends_the_attempt(
    dovecot: Dovecot, tmp_path: Path, security: str
) -> None:
    stranger = Authority.create(tmp_path).ca_file
    port = dovecot.tls_port if security == "tls" else dovecot.port
    assert _reason(ImapMailbox(account(dovecot, "jan", port=port, security=security, ca_file=stranger))) == "tls"


def test_an_expired_certificate_ends_the_attempt(dovecot: Dovecot, authority: Authority) -> None:
    context = authority.server_context(not_after=datetime(2020, 1, 1, tzinfo=UTC))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, pytest.raises(OSError):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=serve)
        thread.start()
        assert _reason(ImapMailbox(account(dovecot, "jan", port=server.getsockname()[1]))) == "tls"
        thread.join()


STARTTLS_SPOILED = {
    "the offer is hidden": (b"", rb" STARTTLS"),
    "it is refused": (b" NO not today", rb" OK Begin TLS[^\r]*"),
    "the greeting says logged in": (b"* PREAUTH", rb"^\* OK"),
}


@pytest.mark.parametrize("how", STARTTLS_SPOILED)
def test_without_starttls_no_login_leaves(dovecot: Dovecot, how: str) -> None:
    by, pattern = STARTTLS_SPOILED[how]
    rule = Rule("server", Replace(by), pattern=pattern, times=9)
    with proxied(dovecot, dovecot.new_user(), rule, security="starttls") as (mailbox, proxy):
        assert _reason(mailbox) == "tls"
        assert _no_login_left(proxy)


def test_a_wrong_password_is_a_refused_login_that_names_the_mailbox_but_no_secret(dovecot: Dovecot) -> None:
    mailbox = ImapMailbox(account(dovecot, dovecot.new_user(), password="nie-to-haslo"))
    with pytest.raises(LoginRefused, match="DYNAMICS") as refused:
        mailbox.open()
    assert "nie-to-haslo" not in str(refused.value) + repr(mailbox._account)


def test_a_login_refused_for_now_is_trouble_of_the_server_not_of_the_password(dovecot: Dovecot) -> None:
    rule = Rule("server", Replace(b"[UNAVAILABLE]"), pattern=rb"\[AUTHENTICATIONFAILED\]")
    with proxied(dovecot, dovecot.new_user(), rule, password="nie-to-haslo") as (mailbox, _):
        assert _reason(mailbox) == "busy"


def test_a_connection_lost_during_login_is_no_refusal(dovecot: Dovecot) -> None:
    with proxied(dovecot, dovecot.new_user(), Rule("client", Cut(), pattern=b"AUTHENTICATE")) as (mailbox, _):
        assert _reason(mailbox) == "broken"


def test_a_server_without_authenticate_plain_is_told_the_name_quoted(dovecot: Dovecot) -> None:
    user = f'biuro "A" {dovecot.new_user()}'
    hidden = Rule("server", Replace(b""), pattern=rb" AUTH=PLAIN", times=9)
    with proxied(dovecot, user, hidden) as (mailbox, proxy):
        assert mailbox.open().exists == 0
        assert b'LOGIN "' in proxy.seen("client")


def test_the_password_is_asked_for_at_each_login(dovecot: Dovecot) -> None:
    answers = iter(["stare-haslo", PASSWORD])
    mailbox = ImapMailbox(account(dovecot, dovecot.new_user(), password=lambda: next(answers)))
    with pytest.raises(LoginRefused):
        mailbox.open()
    assert mailbox.open().exists == 0
    mailbox.close()


def test_an_access_token_opens_the_mailbox_and_a_stale_one_does_not(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.tokens.issue(user, "zeton-1")
    with opened(dovecot, user, password="", token=OneToken("zeton-1")) as mailbox:
        assert mailbox.open().exists == 0
    with pytest.raises(LoginRefused):
        ImapMailbox(account(dovecot, user, password="", token=OneToken("zeton-0"))).open()


def test_a_port_where_nobody_listens_is_a_failure_to_connect(dovecot: Dovecot) -> None:
    port = free_port()
    with pytest.raises(MailboxUnavailable, match=rf":{port} refuses connections") as failure:
        ImapMailbox(account(dovecot, "jan", port=port)).open()
    assert failure.value.reason == "connect"


def test_a_server_that_says_nothing_is_left_after_the_time_for_connecting(dovecot: Dovecot) -> None:
    with proxied(dovecot, "jan", Rule("server", Freeze(), after=0), connect_timeout=0.3) as (mailbox, _):
        began = time.monotonic()
        assert _reason(mailbox) == "timeout"
        assert time.monotonic() - began < 2


def test_a_server_that_falls_silent_is_left_after_the_time_for_a_command(dovecot: Dovecot) -> None:
    with proxied(dovecot, dovecot.new_user(), command_timeout=0.3) as (mailbox, proxy):
        mailbox.open()
        proxy.add(Rule("server", Freeze(), after=0))
        with pytest.raises(MailboxUnavailable) as failure:
            mailbox.candidates(None)
        assert failure.value.reason == "timeout"


@pytest.mark.parametrize("start", [0, 400], ids=["from the greeting on", "from the login on"])
def test_abort_ends_a_call_that_a_dripping_server_keeps_alive(dovecot: Dovecot, start: int) -> None:
    drip = Rule("server", Drip(0.1), after=start, times=9)
    with proxied(dovecot, dovecot.new_user(), drip, connect_timeout=2, command_timeout=2) as (mailbox, _):
        watchdog = threading.Timer(0.5, mailbox.abort)
        watchdog.start()
        began = time.monotonic()
        assert _reason(mailbox) == "timeout"
        assert time.monotonic() - began < 1.5
        watchdog.join()


def test_abort_ends_a_hung_call_over_tls_and_the_next_poll_heals_it(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    with FaultProxy(dovecot.tls_port) as proxy:
        mailbox = ImapMailbox(account(dovecot, user, port=proxy.port, command_timeout=60))
        mailbox.open()
        proxy.add(Rule("server", Freeze(), after=0))
        watchdog = threading.Timer(0.3, mailbox.abort)
        watchdog.start()
        with pytest.raises(MailboxUnavailable) as failure:
            mailbox.candidates(None)
        assert failure.value.reason == "timeout"
        proxy.heal()
        mailbox.arm()
        assert mailbox.open().exists == 0
        mailbox.close()
        watchdog.join()


def test_abort_without_a_call_under_way_costs_a_new_connection_and_nothing_else(dovecot: Dovecot) -> None:
    with opened(dovecot, dovecot.new_user()) as mailbox:
        mailbox.abort()
        mailbox.arm()
        assert mailbox.open().exists == 0


def test_a_connection_that_died_between_two_polls_is_renewed_without_a_word(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    with opened(dovecot, user) as mailbox:
        dovecot.restart()
        dovecot.maildir(user).deliver(mail(1))
        assert mailbox.open().exists == 1
        assert len(all_of(mailbox)) == 1


def test_a_connection_is_kept_between_polls_and_renewed_once_a_day(dovecot: Dovecot) -> None:
    with proxied(dovecot, dovecot.new_user()) as (mailbox, proxy):
        mailbox.open()
        mailbox.open()
        assert proxy.connections == 1
        mailbox._connected_at -= 25 * 3600
        mailbox.open()
        assert proxy.connections == 2


def test_what_is_asked_of_a_mailbox_that_lost_its_connection_is_refused_until_it_is_opened_again(
    dovecot: Dovecot,
) -> None:
    with opened(dovecot, dovecot.new_user()) as mailbox:
        dovecot.restart()
        for _ in range(2):
            with pytest.raises(MailboxUnavailable):
                mailbox.candidates(None)
        mailbox.open()
        assert mailbox.candidates(None) == []


def test_a_folder_that_is_not_there_is_said_in_the_servers_words(dovecot: Dovecot) -> None:
    mailbox = ImapMailbox(account(dovecot, dovecot.new_user(), folder="Zgubione"))
    with pytest.raises(MailboxUnavailable, match="Zgubione"):
        mailbox.open()


def test_failed_polls_leak_neither_sockets_nor_threads(dovecot: Dovecot) -> None:
    def held() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    rules = [Rule("server", Cut(), pattern=rb"OK \[READ-WRITE\]", times=99)]
    with proxied(dovecot, dovecot.new_user(), *rules) as (mailbox, _):
        assert _reason(mailbox) == "broken"
        time.sleep(0.05)
        before = held()
        for _ in range(20):
            assert _reason(mailbox) == "broken"
        time.sleep(0.05)
        assert held() == before


def test_closing_never_raises_even_if_the_server_is_gone_or_hangs(dovecot: Dovecot) -> None:
    mailbox = ImapMailbox(account(dovecot, dovecot.new_user()))
    mailbox.close()
    mailbox.open()
    dovecot.stop()
    mailbox.close()
