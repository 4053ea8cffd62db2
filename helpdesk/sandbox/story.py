"""What happens at the demo's desk, act by act; every claim on the screen has been checked the moment before.

The people act by mail or by command only, and what they learn they learn from their mailboxes or from what a
command prints. So whatever the story says, a real customer or consultant would have seen as well.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from helpdesk.errors import HelpdeskError
from helpdesk.sandbox import post
from helpdesk.sandbox.cast import CONSULTANTS, CUSTOMERS, DOROTA, EMMA, HANNA, IGOR, PAWEL, RYSZARD, Actor
from helpdesk.sandbox.client import Mail, MailClient
from helpdesk.sandbox.mailserver import MailServer
from helpdesk.sandbox.screen import Screen
from helpdesk.sandbox.terminal import Terminal

PATIENCE = 20.0  # seconds until a mail that should come is missed
LOOK = 0.2  # seconds between two looks into a mailbox
MAILS_IN = 7  # four requests, an out-of-office, a consultant's answer, a customer's reply
EXPECTED = {DOROTA: 4, PAWEL: 1, EMMA: 1, RYSZARD: 1, HANNA: 3, IGOR: 2}  # mails from the desk, in the end


class StoryFailed(HelpdeskError):
    """The desk did not do what the story says; the message names the claim."""


class Day:
    """The day that is played; `play` returns when it is over, `keys` holds each customer's ticket."""

    def __init__(self, server: MailServer, terminal: Terminal, screen: Screen) -> None:
        self._terminal, self._screen = terminal, screen
        self._clients = {actor: MailClient(actor, server) for actor in (*CUSTOMERS, *CONSULTANTS)}
        self._read: dict[Actor, list[Mail]] = {actor: [] for actor in self._clients}
        self._first: dict[Actor, str] = {}  # the id of each customer's first mail
        self.keys: dict[Actor, str] = {}

    async def play(self) -> None:
        """Play it. Raises StoryFailed at the first claim that isn't true."""
        await self._customers_write()
        await self._desk_acknowledges()
        await self._desk_knows_when()
        await self._machine_answers()
        await self._consultant_answers()
        await self._customer_replies()
        await self._solved_and_closed()
        await self._all_accounted_for()

    # -- the acts

    async def _customers_write(self) -> None:
        self._screen.act("Four customers write, each to the address of a product")
        for request in post.REQUESTS:
            message = self._clients[request.author].request(request)
            self._first[request.author] = str(message["Message-ID"])
            await self._send(request.author, message, request.text)

    async def _desk_acknowledges(self) -> None:
        self._screen.act("Each gets an acknowledgement, with the key of a ticket")
        for request in post.REQUESTS:
            mail = await self._arrival(request.author, "an acknowledgement")
            self.keys[request.author] = _key(mail)
        acks = {request: self._read[request.author][0] for request in post.REQUESTS}
        answers = [mail.header("In-Reply-To") == self._first[request.author] for request, mail in acks.items()]
        self._claim(all(answers), "Each answers the mail just sent.")
        self._claim(
            _all(acks.values(), "Auto-Submitted", "auto-replied"), "Each says that a machine wrote it (RFC 3834)."
        )
        languages = [mail.header("Content-Language") == request.language for request, mail in acks.items()]
        self._claim(all(languages), "Each speaks its reader's language: three Polish, one English.")
        self._claim(all(mail.text.strip() and mail.html for mail in acks.values()), "Each can be read as text or HTML.")
        last, ryszards = post.REQUESTS[-1], self._read[RYSZARD][0]
        self._claim(last.subject not in ryszards.subject + ryszards.text, "A stranger's words are not repeated.")
        self._claim(
            ryszards.header("Return-Path") == "<>", "And no bounce of it can come back: its return path is empty."
        )

    async def _desk_knows_when(self) -> None:
        self._screen.act("The desk knows what each plan promises, and when")
        [listed] = await self._rows(("tickets", "list"))
        self._tickets(listed)
        rows = {row["requester"]["addr"]: row for row in listed}
        pawels = rows[PAWEL.addr]
        due = _time(pawels["react_by"]) - _time(pawels["delivered_at"])
        self._claim(len(rows) == len(CUSTOMERS), "Four mails, four tickets.")
        self._claim(due == timedelta(hours=1), "PREMIUM counts at once, day and night: one hour to react.")
        self._claim(pawels["priority"] == 2, "A rule has read “awaria” in the subject: priority 2.")
        self._claim(rows[RYSZARD.addr]["react_by"] is None, "Nothing is promised to a stranger.")

    async def _machine_answers(self) -> None:
        self._screen.act("An out-of-office answer comes back")
        client, ours = self._clients[PAWEL], self._read[PAWEL][0]
        message = client.out_of_office(ours, post.OUT_OF_OFFICE)
        await self._send(PAWEL, message, post.OUT_OF_OFFICE)
        entry = await self._journalled(str(message["Message-ID"]))
        self._claim(entry["ticket"] == self.keys[PAWEL], f"It is kept on its ticket, {self.keys[PAWEL]}.")
        self._claim(entry["disposition"] == "recorded", "It is recorded only: no state moves, nobody is told.")

    async def _consultant_answers(self) -> None:
        self._screen.act("A consultant answers from her own mail program")
        notice = await self._arrival(HANNA, "a notice of Dorota's ticket", self._about(DOROTA))
        files = dict(post.REQUESTS[0].attachments)
        self._claim(notice.attachments == files, "The customer's attachment travels with the notice, byte for byte.")
        await self._send(HANNA, self._clients[HANNA].reply(notice, post.HANNAS_ANSWER), post.HANNAS_ANSWER)
        mail = await self._arrival(DOROTA, "Hanna's answer")
        self._claim(_says(mail, post.HANNAS_ANSWER), "The customer reads the consultant's words.")
        self._claim("pisze:" not in mail.text, "The notice that was quoted below them stays in the house.")
        self._claim(HANNA.name in mail.sender and HANNA.addr not in mail.header("From"), "They come from the desk.")
        self._claim(mail.header("Auto-Submitted") == "", "Nothing calls them automatic: a person wrote them.")

    async def _customer_replies(self) -> None:
        self._screen.act("The customer replies")
        message = self._clients[DOROTA].reply(self._read[DOROTA][-1], post.DOROTAS_REPLY)
        await self._send(DOROTA, message, post.DOROTAS_REPLY)
        notice = await self._arrival(HANNA, "a notice of Dorota's reply", self._about(DOROTA))
        self._claim(_says(notice, post.DOROTAS_REPLY), "The reply is on the same ticket, and its consultant knows.")

    async def _solved_and_closed(self) -> None:
        self._screen.act("The ticket is resolved at the terminal, then closed")
        key = self.keys[DOROTA]
        await self._command("tickets", "resolve", key, "--as", HANNA.addr, "-m", post.RESOLUTION)
        mail = await self._arrival(DOROTA, "word that it is resolved")
        self._claim(_says(mail, post.RESOLUTION), "One mail says that it is solved, and how.")
        await self._command("tickets", "close", key, "--as", HANNA.addr)
        mail = await self._arrival(DOROTA, "word that it is closed")
        self._claim(key in mail.text, "One mail says that it is closed.")
        thread = [self._first[DOROTA] in mail.header("References") for mail in self._read[DOROTA]]
        self._claim(all(thread), "All four mails stand in one thread of the customer's mail program.")

    async def _all_accounted_for(self) -> None:
        self._screen.act("In the evening everything is accounted for")
        tickets, [status], boxes = await self._rows(("tickets", "list"), ("status",), ("reconcile",))
        self._tickets(tickets)
        states = {row["key"]: row["state"] for row in tickets}
        self._claim(states.pop(self.keys[DOROTA]) == "closed", "Dorota's ticket is closed.")
        self._claim(set(states.values()) == {"new"}, "The other three wait for a consultant.")
        unknown = sum(row["not_accounted_for"] for row in boxes)
        found = sum(row["accounted_for"] for row in boxes)
        self._claim((found, unknown) == (MAILS_IN, 0), f"{MAILS_IN} mails came in, and the desk knows each of them.")
        self._claim((status["backlog"], status["shunted"]) == (0, 0), "None waits, and none was too strange to read.")
        mails_out = sum(EXPECTED.values())
        self._claim(
            status["outbox"] == {"sent": mails_out}, f"{mails_out} mails went out, and none is still on its way."
        )
        await self._no_mail_too_many()

    async def _no_mail_too_many(self) -> None:
        arrived = {actor: len(await self._inbox(actor)) for actor in EXPECTED}
        surplus = {actor.name: count for actor, count in arrived.items() if count != EXPECTED[actor]}
        self._claim(not surplus, "Nobody got a mail too many or too few; the out-of-office got none.", surplus)

    # -- how people act and learn

    async def _send(self, author: Actor, message: EmailMessage, text: str) -> None:
        self._screen.sent(author, message, text)
        await asyncio.to_thread(self._clients[author].send, message)
        await self._screen.rest()

    async def _arrival(self, reader: Actor, what: str, wanted: Callable[[Mail], bool] = bool) -> Mail:
        """Return the next mail that the reader has not read yet, as soon as it is there, and show it."""
        until = time.monotonic() + PATIENCE
        with self._screen.waiting(f"{reader.first_name} looks for {what} …"):
            while not (found := [mail for mail in await self._unread(reader) if wanted(mail)]):
                if time.monotonic() > until:
                    raise StoryFailed(f"{reader.name} got no mail within {PATIENCE:.0f} s that would be {what}")
                await asyncio.sleep(LOOK)
        self._read[reader].append(found[0])
        self._screen.read(reader, found[0])
        await self._screen.rest()
        return found[0]

    async def _unread(self, reader: Actor) -> list[Mail]:
        read = {mail.id for mail in self._read[reader]}
        return [mail for mail in await self._inbox(reader) if mail.id not in read]

    async def _inbox(self, reader: Actor) -> list[Mail]:
        return await asyncio.to_thread(self._clients[reader].inbox)

    async def _journalled(self, message_id: str) -> dict[str, Any]:
        """Return the journal's entry of a mail, as soon as it was worked off."""
        until = time.monotonic() + PATIENCE
        with self._screen.waiting("the desk takes it in …"):
            while time.monotonic() < until:
                for row in await self._terminal.rows("journal", "list"):
                    if row["message_id"] == message_id.strip("<>") and row["state"] == "processed":
                        return row
                await asyncio.sleep(LOOK)
        raise StoryFailed(f"the journal does not know the mail {message_id} within {PATIENCE:.0f} s")

    async def _command(self, *words: str) -> None:
        self._screen.typed(words)
        with self._screen.waiting("…"):
            await self._terminal.run(*words)

    async def _rows(self, *commands: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return what commands list; they run side by side."""
        self._screen.typed(*commands)
        with self._screen.waiting("…"):
            return await asyncio.gather(*(self._terminal.rows(*words) for words in commands))

    def _tickets(self, rows: list[dict[str, Any]]) -> None:
        columns = ("ticket", "state", "customer", "plan", "counts from", "react by")
        self._screen.table(columns, [_shown(row) for row in rows])

    def _about(self, customer: Actor) -> Callable[[Mail], bool]:
        return lambda mail: mail.header("X-Helpdesk-Ticket") == self.keys[customer]

    def _claim(self, holds: bool, claim: str, found: object = "") -> None:
        if not holds:
            raise StoryFailed(f"this is not true: {claim} {found or ''}".rstrip())
        self._screen.true(claim)


def _key(mail: Mail) -> str:
    found = re.match(r"\[([A-Z]+-\d+)\] ", mail.subject)
    if found is None:
        raise StoryFailed(f"this subject begins with no ticket's key: {mail.subject}")
    return found[1]


def _all(mails: Iterable[Mail], header: str, value: str) -> bool:
    return all(mail.header(header) == value for mail in mails)


def _says(mail: Mail, text: str) -> bool:
    """Whether the mail says this, however its lines are broken."""
    return " ".join(text.split()) in " ".join(mail.text.split())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _shown(row: dict[str, Any]) -> tuple[str, ...]:
    promised = "reacted" if row["reacted_at"] else _day_and_hour(row["react_by"])
    name, plan = row["requester"]["name"], row["plan"] or "–"
    return (row["key"], row["state"], name, plan, _day_and_hour(row["received_at"]), promised)


def _day_and_hour(text: str | None) -> str:
    return f"{_time(text):%a %d, %H:%M}" if text else "–"
