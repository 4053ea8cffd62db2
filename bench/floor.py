"""The floor: the least that a program of this kind must do, with nothing around it.

IMAPClient takes batches, the standard library parses, one SQLite insert keeps a batch, smtplib acknowledges every
mail that no machine wrote, a folder takes what is done. No journal, no tickets, no threads, no templates, no second
try. Run by `runs` in a process of its own: `python bench/floor.py SETTINGS-AS-JSON`.
"""

from __future__ import annotations

import email
import json
import smtplib
import sqlite3
import ssl
import sys
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped,unused-ignore]  # it carries no types

BATCH = 50
FOLDER = "Helpdesk/Taken"
TABLE = "CREATE TABLE ticket (id INTEGER PRIMARY KEY, message_id, author, subject, ancestors, body, raw)"
ACK = (
    "From: {own}\r\nTo: {to}\r\nSubject: Got it\r\nIn-Reply-To: {id}\r\nAuto-Submitted: auto-replied\r\n\r\nGot it.\r\n"
)


def main(settings: dict[str, Any]) -> None:
    """Empty all mailboxes, one after the other."""
    database = sqlite3.connect(settings["database"])
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(TABLE)
    context = ssl.create_default_context(cafile=settings["ca_file"])
    with smtplib.SMTP("127.0.0.1", settings["smtp_port"]) as smtp:
        for user in settings["users"]:
            with IMAPClient("localhost", settings["imap_port"], ssl_context=context) as client:
                client.login(user, settings["password"])
                empty(client, database, smtp, user)


def empty(client: Any, database: sqlite3.Connection, smtp: smtplib.SMTP, own: str) -> None:
    """Take all mails of one mailbox, batch by batch."""
    client.select_folder("INBOX")
    client.create_folder(FOLDER)
    uids = client.search("ALL")
    for start in range(0, len(uids), BATCH):
        batch = uids[start : start + BATCH]
        answers = client.fetch(batch, ["BODY.PEEK[]", "INTERNALDATE"])
        mails = [
            (raw := answers[uid][b"BODY[]"], email.message_from_bytes(raw, policy=policy.default)) for uid in batch
        ]
        with database:
            database.executemany(
                "INSERT INTO ticket (message_id, author, subject, ancestors, body, raw) VALUES (?, ?, ?, ?, ?, ?)",
                [row(mail, raw) for raw, mail in mails],
            )
        for _, mail in mails:
            if not by_machine(mail):
                acknowledge(smtp, mail, own)
        client.move(batch, FOLDER)


def row(mail: EmailMessage, raw: bytes) -> tuple[str, str, str, str, str, bytes]:
    """Return what is kept of a mail."""
    body = mail.get_body(("plain", "html"))
    ancestors = f"{mail['In-Reply-To'] or ''} {mail['References'] or ''}"
    text = body.get_content() if body is not None else ""
    return str(mail["Message-ID"]), str(mail["From"]), str(mail["Subject"]), ancestors, text, raw


def by_machine(mail: EmailMessage) -> bool:
    """Return whether a program wrote the mail."""
    return str(mail["Auto-Submitted"] or "no") != "no" or mail["Return-Path"] == "<>"


def acknowledge(smtp: smtplib.SMTP, mail: EmailMessage, own: str) -> None:
    """Answer one mail."""
    to = parseaddr(str(mail["From"]))[1]
    smtp.sendmail("", [to], ACK.format(own=own, to=to, id=mail["Message-ID"]))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
