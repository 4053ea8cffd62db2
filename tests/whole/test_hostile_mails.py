"""Odd and hostile mails through a whole desk on real servers: each becomes a ticket, an entry or nothing, as it must.

`odd_mails` lists them; `tests/whole/hostile.py` does the same with a folder of mails.
"""

from __future__ import annotations

import os
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from helpdesk.desk.terms import EntryState, State, Visibility
from tests.office import CONSULTANT, QUEUES, Office, address
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink
from tests.whole.odd_mails import ANSWERED, DISCARDED, NEW, RECORDED
from tests.whole.oddities import WORDS, mail, read_receipt, report
from tests.whole.ordeal import Fate, broken_letters, digest, fates, run_once

pytestmark = pytest.mark.xdist_group("whole")

MOST_MEMORY = 400  # megabytes
REFUTED = "Authentication-Results: mx.desk.example.org; dmarc=fail header.from="
JAN, COMMANDS = "jan@acme.test", b"#zamknij\r\nKoniec.\r\n"


def test_odd_and_hostile_mails_become_what_they_must(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, database_url: str
) -> None:
    office = Office(tmp_path, dovecot, sink, database_url)
    office.deliver("DYNAMICS", [raw for raw, _ in NEW.values()])
    office.deliver("DYNAMICS", [b"", b"\r\n\r\n", WORDS, bytes(range(256)) * 40])  # no mails at all
    run = run_once(_environment(office))
    found = fates(database_url)

    assert run.code == 0
    assert run.peak < MOST_MEMORY
    assert {name: _became(found.get(digest(raw), [])) for name, (raw, _) in NEW.items()} == {
        name: wanted for name, (_, wanted) in NEW.items()
    }
    everything = [fate for each in found.values() for fate in each]
    assert len(everything) == len(NEW) + 4
    assert {fate.entry.state for fate in everything} == {EntryState.PROCESSED}
    assert office.mails("DYNAMICS") == []
    assert list(broken_letters(sink.copies, map(address, QUEUES))) == []
    assert not [copy for copy in sink.copies if "victim.test" in "".join(copy.recipients)]
    details = {name: found[digest(raw)][0] for name, (raw, _) in NEW.items()}
    assert all("proszę o pomoc" in _said(fate) for name, fate in details.items() if name in ("levels", "fields", "zip"))
    assert _said(details["commands"]).startswith("#zamknij")
    assert all(fate.ticket is None or fate.ticket.state is State.NEW for fate in everything)
    assert {
        one.visibility
        for one in (details[name].comment for name in ("consultant-forged", "consultant-commands"))
        if one
    } == {Visibility.INTERNAL}
    assert not [file.name for fate in everything for file in fate.attachments if set(file.name) & set("/\\\u202e\t\0")]
    script = details["script"].comment
    assert script is not None
    assert "script" not in script.html
    assert "x.test" not in script.html


def test_attacks_on_a_ticket_that_exists_move_nothing(tmp_path: Path, dovecot: Dovecot, sink: Sink) -> None:
    url = f"sqlite:///{tmp_path / 'helpdesk.db'}"
    office = Office(tmp_path, dovecot, sink, url)
    question = mail("pytanie", author="Jan Kowal <jan@acme.test>")
    office.deliver("DYNAMICS", [question])
    run_once(_environment(office))
    ack, notice = (
        next(copy.content for copy in sink.copies if copy.recipients == (who,)) for who in ("jan@acme.test", CONSULTANT)
    )
    own_id, noticed = (str(message_from_bytes(raw, policy=SMTP)["Message-ID"]) for raw in (ack, notice))
    key = office.rows("tickets", "list")[0]["key"]
    subject = f"Subject: Re: [{key}] Pytanie: pytanie"
    unmarked = ack.replace(b"X-Helpdesk-Loop", b"X-Removed", 1)
    attacks = {
        "bare-tag": mail("bare-tag", f"Subject: Re: [{key}] Pytanie"),
        "stolen-id": mail("stolen-id", f"In-Reply-To: {own_id}"),
        "customer-refuted": mail("x1", subject, f"{REFUTED}acme.test", f"In-Reply-To: {own_id}", author=JAN),
        "consultant-refuted": mail(
            "x2", subject, f"{REFUTED}desk.example.org", f"In-Reply-To: {noticed}", author=CONSULTANT, body=COMMANDS
        ),
        "absence": mail("absence", "Auto-Submitted: auto-replied", f"In-Reply-To: {own_id}", author=JAN),
        "alarm": mail("alarm", "Auto-Submitted: auto-generated", f"In-Reply-To: {own_id}", author=JAN),
        "receipt": read_receipt("receipt", own_id),
        "bounce-of-another": report("bounce-of-another", "ofiara@victim.test", own_id),
        "our-own-letter": ack,
        "our-own-letter-again": unmarked.replace(b"Subject:", b"Subject: Re:", 1),
    }  # fmt: skip
    before = len(sink.copies)
    office.deliver("DYNAMICS", attacks.values())
    run = run_once(_environment(office))
    found = fates(url)

    became = {name: _became(found.get(digest(raw), [])) for name, raw in attacks.items()}
    assert became == {
        "bare-tag": ANSWERED,
        "stolen-id": "commented",
        "customer-refuted": "commented",
        "consultant-refuted": "commented",
        "absence": RECORDED,
        "alarm": RECORDED,
        "receipt": RECORDED,
        "bounce-of-another": RECORDED,
        "our-own-letter": DISCARDED,
        "our-own-letter-again": DISCARDED,
    }
    assert (run.code, run.peak < MOST_MEMORY) == (0, True)
    [ticket] = [fate.ticket for fate in found[digest(question)] if fate.ticket]
    assert (ticket.state, ticket.priority, ticket.closed_at) == (State.NEW, 3, None)
    told = [copy.recipients for copy in sink.copies[before:]]
    assert ("ofiara@victim.test",) not in told
    asked = [row["notification"] for row in office.rows("outbox", "list") if row["recipient"] == JAN]
    assert sorted(asked) == ["challenge", "new"], "the real Jan is asked, once, whether he wrote what was refuted"
    assert told.count((JAN,)) == 1
    assert list(broken_letters(sink.copies, map(address, QUEUES))) == []


def _environment(office: Office) -> dict[str, str]:
    """Return the desk's environment: its server vouches for people, and no budget holds an acknowledgement back."""
    limits = ("STRANGER_PER_HOUR", "STRANGER_PER_DAY", "DOMAIN_PER_HOUR", "STRANGERS_PER_HOUR")
    return {
        **os.environ,
        "HELPDESK_CONFIG": str(office.config),
        "HELPDESK_MAILBOX__DYNAMICS__AUTHENTICATION__PROFILE": "rfc8601",
        "HELPDESK_MAILBOX__DYNAMICS__AUTHENTICATION__AUTHSERV_ID": "mx.desk.example.org",
        **{f"HELPDESK_LIMITS__{key}": "1000" for key in limits},
    }


def _became(found: list[Fate]) -> str:
    """Say what became of a mail, and whether its author, and nobody else, was answered."""
    if len(found) != 1:
        return f"{len(found)} entries"
    [fate] = found
    author = {fate.comment.author_addr} if fate.comment else set()
    answered = f", {'answered' if fate.acknowledged == author else fate.acknowledged}" if fate.acknowledged else ""
    return f"{fate.entry.disposition}{answered}"


def _said(fate: Fate) -> str:
    return fate.comment.text if fate.comment else ""
