"""I-12: servers that can't prove who they are, and networks that hide the offer of TLS, hear no byte of a login."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.adapters.imap import ImapMailbox
from helpdesk.errors import MailboxUnavailable
from tests.adapters.imap_support import account
from tests.faults.test_imap import poll
from tests.servers.dovecot import Dovecot
from tests.servers.liar import Liar
from tests.servers.proxy import FaultProxy, Replace, Rule
from tests.servers.tls import Authority
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import write


@pytest.mark.parametrize("lie", ["another name", "expired", "nobody we trust"])
def test_I_12_no_word_is_said_to_a_server_whose_certificate_is_wrong(
    desk: DeskAtWork, dovecot: Dovecot, authority: Authority, tmp_path: Path, lie: str
) -> None:
    name = "mail.example.org" if lie == "another name" else "localhost"
    signer = Authority.create(tmp_path) if lie == "nobody we trust" else authority
    yesterday = datetime.now(UTC) - timedelta(days=1) if lie == "expired" else None
    with Liar({3: write()}, signer.server_context(name, not_after=yesterday)) as liar:
        mailbox = ImapMailbox(account(dovecot, "jan", port=liar.port))
        for _ in range(2):
            with pytest.raises(MailboxUnavailable) as failure:
                poll(desk, mailbox)
            assert failure.value.reason == "tls", "and not that the login was refused"
        assert liar.seen == [], "what the server reads once the encryption is taken off"
    with Liar({3: write()}, authority.server_context()) as liar:
        mailbox = ImapMailbox(account(dovecot, "jan", port=liar.port, after_intake="keep"))
        assert poll(desk, mailbox).taken == 1 and liar.seen, "a right one is spoken to"
        mailbox.close()


STRIPPED = {
    "the offer is hidden": Rule("server", Replace(b""), pattern=rb" STARTTLS", times=99),
    "the command is spoilt": Rule("client", Replace(b" STARTTLX"), pattern=rb" STARTTLS", times=99),
    "it answers yes and goes on in the open": Rule("client", Replace(b" NOOP"), pattern=rb" STARTTLS", times=99),
}


@pytest.mark.parametrize("lie", STRIPPED)
def test_I_12_no_byte_of_a_login_leaves_where_starttls_is_stripped(
    desk: DeskAtWork, dovecot: Dovecot, lie: str
) -> None:
    with FaultProxy(dovecot.port) as proxy:
        proxy.add(replace(STRIPPED[lie]))
        changes = {"host": "127.0.0.1", "port": proxy.port, "security": "starttls", "connect_timeout": 1.0}
        mailbox = ImapMailbox(account(dovecot, "jan", **changes, command_timeout=1.0))
        for _ in range(2):
            with pytest.raises(MailboxUnavailable) as failure:
                poll(desk, mailbox)
            assert failure.value.reason in ("tls", "timeout" if "goes on" in lie else "")
        sent = proxy.seen("client").upper()
        assert b"LOGIN" not in sent and b"AUTHENTICATE" not in sent, "and no fallback"
