"""What the tests of the IMAP adapter share: accounts of the test server, mails, and a proxy's edits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from helpdesk.adapters.imap import ImapAccount, ImapMailbox
from helpdesk.services.ports import FetchedMail
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.proxy import FaultProxy, Replace, Rule


def account(server: Dovecot, user: str, **changes: Any) -> ImapAccount:
    """Return the account of a user of the test server, by TLS unless changed."""
    values: dict[str, Any] = {
        "name": "DYNAMICS",
        "host": server.host,
        "port": server.tls_port,
        "security": "tls",
        "username": user,
        "password": PASSWORD,
        "ca_file": server.ca_file,
        "connect_timeout": 5.0,
        "command_timeout": 5.0,
    }
    return ImapAccount(**(values | changes))


@contextmanager
def opened(server: Dovecot, user: str, **changes: Any) -> Iterator[ImapMailbox]:
    """Give an opened mailbox, closed at the end."""
    mailbox = ImapMailbox(account(server, user, **changes))
    try:
        mailbox.open()
        yield mailbox
    finally:
        mailbox.close()


@contextmanager
def proxied(server: Dovecot, user: str, *rules: Rule, **changes: Any) -> Iterator[tuple[ImapMailbox, FaultProxy]]:
    """Give a mailbox, not yet opened, whose plain connection leads through a proxy with these rules."""
    with FaultProxy(server.port) as proxy:
        for rule in rules:
            proxy.add(rule)
        mailbox = ImapMailbox(account(server, user, **{"port": proxy.port, "security": "plain", **changes}))
        try:
            yield mailbox, proxy
        finally:
            mailbox.close()


def without(*capabilities: str) -> list[Rule]:
    """Return the rules that hide capabilities of the server, in the greeting and after login."""
    return [
        Rule("server", Replace(b""), pattern=rb" " + name.encode() + rb"(?=[ \]\r])", times=99) for name in capabilities
    ]


def mail(number: int, size: int = 0, subject: str = "Faktura") -> bytes:
    """Return a mail of a customer, about `size` bytes long."""
    head = (
        f"From: Jan Testowy <jan@example.org>\r\nSubject: {subject} {number}\r\nMessage-ID: <m{number}@example.org>\r\n"
    )
    body = b"Pozycja nie zgadza si\xc4\x99 z zam\xc3\xb3wieniem.\r\n"
    text = head.encode() + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + body
    line = b"%06d kolumna druga, trzecia i czwarta\r\n" % number
    return text + line * max(0, (size - len(text)) // len(line))


def all_of(mailbox: ImapMailbox) -> list[FetchedMail]:
    """Return every mail of the mailbox's folder."""
    return [one for batch in mailbox.fetch(mailbox.candidates(None)) for one in batch]
