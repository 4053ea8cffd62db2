"""Signed reverse-paths: which mail came back, and that a forged report silences nobody (RELIABILITY 2.7, 3.1)."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage

import pytest

from helpdesk.desk.terms import Disposition, OutboxState
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.services.delivery import Delivery
from helpdesk.services.line import Outcome
from helpdesk.services.ports import Accepted, Clearance, DeliveryResult, Envelope, Rejected, at_once
from helpdesk.store.tables import MuteRow, OutboxRow
from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import DYNAMICS, JAN, STRANGER, bounce, write

RING = Keyring("desk.example.org", (SigningKey("1", b"master"),))
POLICY = Rejected(550, "5.7.60", "you may not send as this address")


class Account:
    """An SMTP account that takes everything, or refuses senders that are not plain."""

    account = "default"

    def __init__(self, *, only_plain: bool = False) -> None:
        self.only_plain = only_plain
        self.tried: list[str] = []

    async def send(self, envelope: Envelope, cleared: Clearance = at_once) -> DeliveryResult:
        await cleared()
        self.tried.append(envelope.sender)
        return POLICY if self.only_plain and "+" in envelope.sender else Accepted(250, "queued")

    async def close(self) -> None:
        return


@pytest.fixture
def signing(database: Database) -> DeskAtWork:
    """A desk that signs, with a server that has sub-addressing; Jan's ticket is acknowledged."""
    desk = DeskAtWork(database, keyring=RING, subaddressed=frozenset({"DYNAMICS"}))
    desk.receive(write(JAN))
    return desk


def deliver(desk: DeskAtWork, account: Account) -> list[str]:
    delivery = Delivery(desk.database, {"default": account}, "worker", desk.clock, lambda: desk.desk)
    asyncio.run(delivery.deliver_due())
    return account.tried


def path_of(desk: DeskAtWork, kind: str = "new") -> str:
    """Return the reverse-path under which the newest mail of a kind went out."""
    sent = deliver(desk, Account())
    rows = [row for row in desk.outbox() if row.state is OutboxState.SENT]
    return next(path for path, row in zip(sent, rows, strict=True) if row.notification == kind)


def returned(letter: EmailMessage | None, to: str, recipient: str = "jan@acme.test") -> bytes:
    """Return a report that came to an address, and names the mail's id only if there is a letter."""
    parent = letter or EmailMessage()
    raw = bounce(parent, recipient).replace(DYNAMICS.encode(), to.encode())
    return raw if letter else raw.replace(b"Message-ID: None\r\n", b"")


def mutes(desk: DeskAtWork) -> set[str]:
    return {row.addr for row in desk.rows(MuteRow)}


def receive(desk: DeskAtWork, raw: bytes) -> Outcome:
    [outcome] = desk.receive(raw)
    return outcome


def test_every_mail_has_a_reverse_path_of_its_own_and_null_stays_null(signing: DeskAtWork) -> None:
    signing.receive(write(STRANGER))
    tried = deliver(signing, Account())
    senders = [row.sender for row in signing.outbox()]
    assert tried.count("") == senders.count("") == 1
    signed = [path for path in tried if path]
    assert all(path.startswith("pomocdynamics+b1-") for path in signed)
    assert len(set(signed)) == len(signed)


def test_a_desk_without_sub_addressing_sends_from_the_queues_address(database: Database) -> None:
    desk = DeskAtWork(database, keyring=RING)
    desk.receive(write(JAN))
    assert set(deliver(desk, Account())) == {DYNAMICS}


def test_a_report_is_known_by_the_reverse_path_alone(signing: DeskAtWork) -> None:
    path = path_of(signing)
    outcome = receive(signing, returned(None, path))
    assert (outcome.disposition, outcome.reason, outcome.ticket) == (Disposition.RECORDED, "report_failed", 1001)
    assert mutes(signing) == {"jan@acme.test"}


def test_a_report_to_the_reverse_path_need_not_name_the_recipient(signing: DeskAtWork) -> None:
    nameless = returned(None, path_of(signing), "").replace(b"Final-Recipient: rfc822; \r\n", b"")
    assert receive(signing, nameless).reason == "report_failed"
    assert mutes(signing) == {"jan@acme.test"}


def test_a_report_on_somebody_else_is_only_recorded(signing: DeskAtWork) -> None:
    path = path_of(signing)
    outcome = receive(signing, returned(None, path, "ewa@acme.test"))
    assert outcome.reason == "report_on_another_recipient"
    assert mutes(signing) == set()


def test_a_forged_reverse_path_names_no_mail(signing: DeskAtWork) -> None:
    path = path_of(signing)
    local, _, domain = path.partition("@")
    forged = f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"
    assert receive(signing, returned(None, forged)).reason == "report_on_no_mail_of_ours"
    assert mutes(signing) == set()


def test_whoever_has_seen_a_message_id_can_forge_a_report_that_mutes_nobody(signing: DeskAtWork) -> None:
    deliver(signing, Account())
    outcome = receive(signing, returned(signing.letter("new"), DYNAMICS))
    assert outcome.reason == "report_failed"  # it may be true, so consultants are told
    assert ("notice_undelivered", "anna@desk.example.org") in signing.told()
    assert mutes(signing) == set()


def test_a_key_that_was_stolen_reads_no_reverse_path(signing: DeskAtWork) -> None:
    path = path_of(signing)
    stolen = SigningKey("1", b"master", distrusted=True)
    signing.under(keyring=Keyring("desk.example.org", (SigningKey("2", b"new"), stolen)))
    assert receive(signing, returned(None, path)).reason == "report_on_no_mail_of_ours"


def test_an_account_that_refuses_signed_senders_is_given_plain_ones_from_then_on(signing: DeskAtWork) -> None:
    account = Account(only_plain=True)
    tried = deliver(signing, account)
    assert [path.partition("@")[0].partition("+")[0] for path in tried] == ["pomocdynamics"] * len(tried)
    assert sum("+" in path for path in tried) == 1
    assert {row.state for row in signing.rows(OutboxRow)} == {OutboxState.SENT}
