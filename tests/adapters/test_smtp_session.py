"""A session with an SMTP server: TLS or nothing, one login, and the right word for each failure."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.adapters.smtp import SmtpAccount, SmtpTransport
from helpdesk.errors import LoginRefused, TransportUnavailable
from helpdesk.services.ports import Accepted
from tests.adapters.smtp_support import account, mail_to, using
from tests.canary import secret
from tests.servers.process import free_port
from tests.servers.proxy import FaultProxy, Freeze, Replace, Rule
from tests.servers.sink import Sink
from tests.servers.tls import Authority
from tests.servers.tokens import OneToken

LOGIN = ("desk@helpdesk.test", secret("smtp"))


@pytest.fixture
def guarded(authority: Authority) -> Iterator[Sink]:
    """A sink that demands a login."""
    with Sink(authority.server_context(), LOGIN) as server:
        yield server


def _port(sink: Sink, security: str) -> int:
    return sink.tls_port if security == "tls" else sink.port


def _failure(settings: SmtpAccount) -> str:
    with pytest.raises(TransportUnavailable) as failure:
        using(settings, lambda transport: transport.send(mail_to("jan@example.org")))
    return failure.value.reason


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_goes_out_encrypted_after_a_login(guarded: Sink, authority: Authority, security: str) -> None:
    with FaultProxy(_port(guarded, security)) as proxy:
        settings = account(
            guarded, port=proxy.port, security=security, ca_file=authority.ca_file, username=LOGIN[0], password=LOGIN[1]
        )
        result = using(settings, lambda transport: transport.send(mail_to("jan@example.org")))
        assert isinstance(result, Accepted)
        assert b"AUTH" not in proxy.seen("client") and b"MAIL" not in proxy.seen("client")


def test_the_password_may_be_asked_for_at_each_login(guarded: Sink, authority: Authority) -> None:
    answers = iter(["stare-haslo", LOGIN[1]])
    settings = account(
        guarded, security="starttls", ca_file=authority.ca_file, username=LOGIN[0], password=lambda: next(answers)
    )

    async def twice(transport: SmtpTransport) -> None:
        with pytest.raises(LoginRefused):
            await transport.check()
        await transport.check()

    using(settings, twice)


def test_a_wrong_password_is_tried_once_and_named_without_the_secret(guarded: Sink) -> None:
    guarded.offer_starttls = False
    with FaultProxy(guarded.port) as proxy:
        settings = account(guarded, port=proxy.port, username=LOGIN[0], password=secret("wrong"))
        with pytest.raises(LoginRefused, match="main") as refused:
            using(settings, lambda transport: transport.send(mail_to("jan@example.org")))
        assert proxy.seen("client").count(b"AUTH ") == 1
    assert "nie-to-haslo" not in str(refused.value) + repr(settings)


@pytest.mark.parametrize("offered", [b"LOGIN", b"PLAIN"])
def test_the_one_method_is_one_that_the_server_offers(guarded: Sink, offered: bytes) -> None:
    guarded.offer_starttls = False
    with FaultProxy(guarded.port) as proxy:
        proxy.add(Rule("server", Replace(b"AUTH " + offered), pattern=rb"AUTH [^\r]*", times=9))
        settings = account(guarded, port=proxy.port, username=LOGIN[0], password=LOGIN[1])
        assert isinstance(using(settings, lambda transport: transport.send(mail_to("jan@example.org"))), Accepted)
        assert b"AUTH " + offered in proxy.seen("client")


def test_a_server_without_any_login_for_a_user_with_a_name_needs_a_person(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("server", Replace(b"HELP"), pattern=rb"AUTH [^\r]*", times=9))
        with pytest.raises(LoginRefused):
            using(account(sink, port=proxy.port, username="a", password="b"), lambda transport: transport.check())


def test_a_login_refused_for_now_is_no_refusal(guarded: Sink) -> None:
    guarded.offer_starttls = False
    with FaultProxy(guarded.port) as proxy:
        proxy.add(Rule("server", Replace(b"454 4.7.0 Temporary failure"), pattern=rb"535 [^\r]*"))
        assert _failure(account(guarded, port=proxy.port, username=LOGIN[0], password="nie-to-haslo")) == "busy"


def test_an_access_token_is_a_login_and_a_stale_one_is_refused(authority: Authority) -> None:
    with Sink(authority.server_context()) as server:
        server.token = "zeton-1"
        for token, works in [("zeton-1", True), ("zeton-0", False)]:
            settings = account(
                server, security="starttls", ca_file=authority.ca_file, username=LOGIN[0], token=OneToken(token)
            )
            if works:
                using(settings, lambda transport: transport.send(mail_to("jan@example.org")))
            else:
                with pytest.raises(LoginRefused):
                    using(settings, lambda transport: transport.check())
        assert len(server.copies) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_for_another_name_or_of_a_stranger_ends_the_attempt(
    sink: Sink, authority: Authority, tmp_path: Path, security: str
) -> None:
    port, stranger = _port(sink, security), Authority.create(tmp_path).ca_file
    assert _failure(account(sink, port=port, security=security, host="127.0.0.1", ca_file=authority.ca_file)) == "tls"
    assert _failure(account(sink, port=port, security=security, ca_file=stranger)) == "tls"
    assert sink.copies == []


SPOILED = {"hidden": (b"250 HELP", rb"250-STARTTLS"), "refused": (b"454 TLS not available", rb"220 Ready to start TLS")}


@pytest.mark.parametrize("how", SPOILED)
def test_without_starttls_neither_login_nor_mail_leaves(guarded: Sink, authority: Authority, how: str) -> None:
    by, pattern = SPOILED[how]
    with FaultProxy(guarded.port) as proxy:
        proxy.add(Rule("server", Replace(by.replace(b"250 ", b"250-")), pattern=pattern, times=9))
        settings = account(
            guarded, port=proxy.port, security="starttls", ca_file=authority.ca_file, username=LOGIN[0], password="x"
        )
        assert _failure(settings) in {"tls", "busy"}
        assert b"AUTH" not in proxy.seen("client") and b"MAIL" not in proxy.seen("client")


def test_mail_in_the_open_to_another_machine_is_not_even_tried(sink: Sink) -> None:
    began = time.monotonic()
    assert _failure(account(sink, host="192.0.2.1", connect_timeout=30)) == "tls"
    assert time.monotonic() - began < 1


def test_a_port_where_nobody_listens_is_a_failure_to_connect(sink: Sink) -> None:
    port = free_port()
    with pytest.raises(TransportUnavailable, match=rf":{port} refuses connections") as failure:
        using(account(sink, port=port), lambda transport: transport.send(mail_to("jan@example.org")))
    assert failure.value.reason == "connect"


def test_a_server_that_says_nothing_is_left_after_the_time_for_connecting(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("server", Freeze(), after=0))
        assert _failure(account(sink, port=proxy.port, connect_timeout=0.3)) == "timeout"


@pytest.mark.parametrize("greeting, reason", [(b"554 5.3.2 Not here", "refused"), (b"421 4.3.2 Later", "busy")])
def test_a_greeting_that_sends_us_away_charges_nobody(sink: Sink, greeting: bytes, reason: str) -> None:
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("server", Replace(greeting), pattern=rb"220 [^\r]*"))
        assert _failure(account(sink, port=proxy.port)) == reason


def test_a_greeting_without_a_code_is_the_servers_trouble(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("server", Replace(b"dzien dobry"), pattern=rb"220 [^\r]*"))
        assert _failure(account(sink, port=proxy.port)) == "protocol"


def test_a_missing_file_of_authorities_is_said_by_name(sink: Sink, tmp_path: Path) -> None:
    settings = account(sink, security="starttls", ca_file=tmp_path / "nie-ma.pem")
    with pytest.raises(TransportUnavailable, match="No such file"):
        using(settings, lambda transport: transport.check())


def test_closing_never_raises_and_says_goodbye_where_somebody_listens() -> None:
    server = Sink().start()

    async def close_thrice() -> None:
        transport = SmtpTransport(account(server, port=proxy.port))
        await transport.close()
        await transport.check()
        await transport.close()
        await transport.check()
        await asyncio.to_thread(server.stop)
        await transport.close()

    with FaultProxy(server.port) as proxy:
        asyncio.run(close_thrice())
        assert proxy.seen("client").count(b"QUIT") == 1
