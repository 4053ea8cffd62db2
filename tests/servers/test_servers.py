"""The test servers keep their own promises: a test that leans on them leans on something."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from datetime import UTC, datetime

import psycopg
import pytest

from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.process import missing
from tests.servers.proxy import Cut, FaultProxy, Replace, Rule
from tests.servers.sink import Sink

RAW = b"From: ala@example.org\r\nMessage-ID: <one@example.org>\r\n\r\nDrukarka milczy.\r\n"


def _mail_through(sink: Sink, recipient: str, sender: str = "desk@example.org") -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as client:
        client.sendmail(sender, [recipient], RAW)


def test_a_mail_put_into_the_maildir_has_the_chosen_time_of_delivery(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver(RAW, at=datetime(2026, 11, 20, 7, 30, tzinfo=UTC))
    client = dovecot.client(user)
    _, data = client.uid("FETCH", "1:*", "(INTERNALDATE)")
    client.logout()
    assert imaplib.Internaldate2tuple(data[0]) is not None
    assert b'"20-Nov-2026 ' in data[0]


def test_five_hundred_mails_are_delivered_in_order_and_found_by_the_server(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.maildir(user).deliver_many(RAW + b"%d\r\n" % number for number in range(500))
    client = dovecot.client(user)
    _, data = client.uid("FETCH", "500", "(BODY.PEEK[TEXT])")
    client.logout()
    assert data[0][1].endswith(b"\r\n499\r\n")


def test_uidvalidity_changes_when_it_is_reset(dovecot: Dovecot) -> None:
    user, seen = dovecot.new_user(), set()
    dovecot.maildir(user).deliver(RAW)
    for _ in range(2):
        client = dovecot.client(user)
        seen.add(client.untagged_responses["UIDVALIDITY"][0])
        client.logout()
        dovecot.reset_uidvalidity(user)
    assert len(seen) == 2


@pytest.mark.parametrize("kind, delimiter", [("usual", b'"/"'), ("dotted", b'"."'), ("courier", b'"."')])
def test_users_of_a_kind_see_its_folder_delimiter(dovecot: Dovecot, kind: str, delimiter: bytes) -> None:
    user = dovecot.new_user(kind)  # type: ignore[arg-type]  # the ids above are the kinds
    client = dovecot.client(user)
    _, data = client.list('""', '""')
    client.logout()
    assert isinstance(data[0], bytes) and delimiter in data[0]


def test_a_small_mailbox_refuses_what_goes_over_its_quota(dovecot: Dovecot) -> None:
    client = dovecot.client(dovecot.new_user("small"))
    answer, data = client.append("INBOX", "", "", RAW + b"x" * 70_000)
    client.logout()
    assert answer == "NO" and b"OVERQUOTA" in data[0]


def test_tls_is_spoken_with_a_certificate_for_localhost(dovecot: Dovecot) -> None:
    context = ssl.create_default_context(cafile=dovecot.ca_file)
    client = imaplib.IMAP4_SSL("localhost", dovecot.tls_port, ssl_context=context, timeout=5)
    assert client.login(dovecot.new_user(), PASSWORD)[0] == "OK"
    client.logout()


def test_the_sink_keeps_each_copy_with_its_bytes(sink: Sink) -> None:
    _mail_through(sink, "jan@example.org", sender="")
    copy = sink.copies[0]
    assert (copy.sender, copy.recipients, copy.content) == ("", ("jan@example.org",), RAW)


def test_the_sink_refuses_by_local_part_and_yields_after_so_many_tries(sink: Sink) -> None:
    for code in (451, 451):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            _mail_through(sink, "451x2@example.org")
        assert refused.value.recipients["451x2@example.org"][0] == code
    _mail_through(sink, "451x2@example.org")
    assert len(sink.to("451x2@example.org")) == 1


def test_the_sink_cuts_after_the_dot_but_keeps_the_copy(sink: Sink) -> None:
    with pytest.raises(smtplib.SMTPServerDisconnected):
        _mail_through(sink, "cut-dot@example.org")
    assert len(sink.copies) == 1


def test_the_proxy_cuts_after_so_many_bytes_and_edits_what_passes(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("server", Replace(b""), pattern=rb"250-STARTTLS\r\n"))
        with smtplib.SMTP("127.0.0.1", proxy.port, timeout=5) as client:
            client.ehlo()
            assert not client.has_extn("starttls")
        proxy.heal()
        proxy.add(Rule("server", Cut(), after=25))
        with smtplib.SMTP("127.0.0.1", proxy.port, timeout=5) as client, pytest.raises(smtplib.SMTPServerDisconnected):
            client.helo()
            client.noop()
        assert b"ehlo" in proxy.seen("client").lower()


def test_each_test_has_an_empty_postgresql_database_of_its_own(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert row == (0,)


@pytest.mark.parametrize("ci, outcome", [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_missing_server_skips_a_test_but_never_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="make servers"):
        missing("Dovecot's IMAP server")
