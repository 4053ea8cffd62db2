"""To which ticket a mail belongs: what it names and what is known of that, weighed by `desk.evidence`.

Called by `line`. The whole table of evidence goes into the entry's trace, for `helpdesk explain`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from helpdesk.desk.evidence import Belonging, Clue, Hint, MailSide, Outcome, TicketSide, Verdict, choose
from helpdesk.desk.folding import fold
from helpdesk.desk.keys import plain_subject
from helpdesk.desk.sender import Proof, Role, Sender
from helpdesk.desk.sentences import say
from helpdesk.desk.terms import State, Step
from helpdesk.desk.tokens import Token, TokenRole, Trust, parse_address, parse_id
from helpdesk.mail.identifiers import base_subject
from helpdesk.mail.message import MessageKind
from helpdesk.services import forwarding
from helpdesk.services.desk import Desk, Unit, Witness
from helpdesk.services.facts import Facts, Understood
from helpdesk.store.tables import TicketRow

TWIN_WITHIN = timedelta(hours=1)  # one id, other bytes: a list's copy of the same mail (RELIABILITY 2.4)


def belong(unit: Unit, item: Understood, facts: Facts, sender: Sender) -> Belonging:
    """Return the ticket that the mail joins, or why it joins none."""
    tokens = [token for token in addressed_tokens(unit.desk, item) if token.ticket in facts.tickets]
    hints = [_weighed_token(unit.desk, facts, token, Clue.REPLY_ADDRESS) for token in tokens]
    hints += _ids(unit.desk, item, facts)
    hints += [Hint(Clue.TAG, number, str(number)) for number in item.hints.tags]
    named = {hint.ticket for hint in hints}
    sides = {number: _side(unit, item, facts, row, sender) for number, row in facts.tickets.items() if number in named}
    for side in [*sides.values()]:
        while side.merged_into is not None and side.merged_into not in sides and side.merged_into in facts.tickets:
            number = side.merged_into
            sides[number] = side = _side(unit, item, facts, facts.tickets[number], sender)
    chosen = choose(hints, sides, _mail_side(unit.desk, item, sender))
    return chosen if chosen.ticket is not None else _same_mail(item, facts, sender.person.addr) or chosen


def steps(unit: Unit, facts: Facts, chosen: Belonging) -> list[Step]:
    """Return the decision and its table as lines of an explanation."""
    row = facts.tickets.get(chosen.ticket) if chosen.ticket is not None else None
    points = f"{chosen.points} points" if chosen.table else ""
    why = say(chosen.verdict, "; ".join(filter(None, (points, say(chosen.gate) if chosen.gate else ""))))
    table = [
        Step("evidence", f"{line.clue} {line.weight:+d}", f"ticket {line.ticket}: {say(line.clue, line.detail)}")
        for line in chosen.table
    ]
    return [*table, Step("thread", unit.desk.key_of(row) if row else "none", why)]


def addressed_tokens(desk: Desk, item: Understood) -> list[Token]:
    """Return the tokens of ours in the addresses that the mail came to: the server's own word first, then To and Cc."""
    addresses = [desk.delivered_to(item.entry.mailbox, item.message), *(one.addr for one in item.message.recipients)]
    ours = [addr for addr in dict.fromkeys(addresses) if desk.rules.queue_of_address(addr) is not None]
    return [token for addr in ours if desk.keyring.signs and (token := parse_address(addr))]


def trust(desk: Desk, facts: Facts, token: Token) -> Trust:
    """Return what a token is worth by its ticket's epoch; one of a ticket that is not there is forged."""
    ticket = facts.tickets.get(token.ticket)
    return desk.keyring.judge(token, ticket.epoch) if ticket is not None else Trust.FORGED


def answers_token_of(desk: Desk, item: Understood, facts: Facts, addr: str) -> bool:
    """Return whether the mail came to an address that was signed for this consultant."""
    return any(
        token.role in (TokenRole.CONSULTANT, TokenRole.NOTE, TokenRole.CHALLENGE)
        and trust(desk, facts, token) is Trust.VALID
        and desk.keyring.names(token, addr)
        for token in addressed_tokens(desk, item)
    )


def is_voided(desk: Desk, facts: Facts, identifier: str) -> bool:
    """Return whether a Message-ID of ours was made void: it proves nothing of who answers it."""
    token = parse_id(identifier) if desk.keyring.signs else None
    return token is not None and trust(desk, facts, token) in (Trust.VOIDED, Trust.DISTRUSTED)


def is_to_note_address(desk: Desk, item: Understood) -> bool:
    """Return whether one of the addresses that the mail came to is one for notes."""
    return any(token.role is TokenRole.NOTE for token in addressed_tokens(desk, item))


def _weighed_token(desk: Desk, facts: Facts, token: Token, clue: Clue) -> Hint:
    """Return what a token is worth: a voided one as much as a tag, a forged or distrusted one nothing."""
    worth = trust(desk, facts, token)
    if worth is Trust.VALID:
        return Hint(Clue.THREAD_ROOT if token.role is TokenRole.ROOT else clue, token.ticket, token.shown)
    return Hint(Clue.TAG if worth is Trust.VOIDED else Clue.WORTHLESS, token.ticket, f"{worth}: {token.shown}")


def _ids(desk: Desk, item: Understood, facts: Facts) -> Iterator[Hint]:
    """Yield what the mail's ancestors name, nearest first.

    A thread may pass from one ticket to the next: ids beyond the first ticket that is named count as no more than a
    root, else the ticket left behind would weigh as much as the one that is answered.
    """
    nearest: int | None = None
    for identifier in item.hints.ancestors:
        hint = _id_hint(desk, facts, identifier)
        if hint is None:
            continue
        if hint.clue is not Clue.WORTHLESS and hint.clue is not Clue.THREAD_ROOT:
            nearest = hint.ticket if nearest is None else nearest
            if hint.ticket != nearest:
                hint = Hint(Clue.THREAD_ROOT, hint.ticket, hint.detail)
        yield hint


def _id_hint(desk: Desk, facts: Facts, identifier: str) -> Hint | None:
    """Return what one id names. Ids are random or signed, so one that we wrote is ours beyond doubt.

    Unless it is void: then it still names the ticket where it stands now, but is worth no more than that.
    """
    known = facts.known_ids.get(identifier)
    token = parse_id(identifier) if desk.keyring.signs else None
    if identifier in facts.sent and known:
        if token is None or not is_voided(desk, facts, identifier):
            return Hint(Clue.OWN_ID, max(known), identifier)
        return replace(_weighed_token(desk, facts, token, Clue.OWN_ID), ticket=max(known))
    if token is not None and token.ticket in facts.tickets:
        return _weighed_token(desk, facts, token, Clue.OWN_ID)
    return Hint(Clue.KNOWN_ID, max(known), identifier) if known else None


def _side(unit: Unit, item: Understood, facts: Facts, row: TicketRow, sender: Sender) -> TicketSide:
    consults = sender.role is Role.CONSULTANT
    takes_part = consults or _takes_part(unit, facts, row, sender)
    theirs, ours = sender.organisation, row.organisation
    return TicketSide(
        subject=fold(base_subject(row.subject)),
        takes_part=takes_part,
        colleague=theirs is not None and theirs == ours,
        another_customer=not takes_part and theirs is not None and ours is not None and theirs != ours,
        resolved=row.state.has_ended,
        closed_long_ago=_closed_long_ago(unit, item, row) and not forwarding.takes_part(unit, row, sender.person.addr),
        merged_into=facts.merged.get(row.number),
    )


def _closed_long_ago(unit: Unit, item: Understood, row: TicketRow) -> bool:
    within = unit.desk.rules.lifecycle.reopen_closed_within
    return row.closed_at is not None and row.state is State.CLOSED and item.entry.delivered_at - row.closed_at > within


def _takes_part(unit: Unit, facts: Facts, row: TicketRow, sender: Sender) -> bool:
    addr = sender.person.addr
    return facts.takes_part(row.number, addr) or forwarding.takes_part(unit, row, addr)


def _mail_side(desk: Desk, item: Understood, sender: Sender) -> MailSide:
    return MailSide(
        subject=fold(plain_subject(item.message.subject, desk.prefixes)),
        tagged=bool(item.hints.tags),
        authenticated=sender.proof is Proof.AUTHENTICATED,
        unwitnessed=desk.witnesses.get(item.entry.mailbox, Witness()).profile == "none",
        refuted=sender.proof is Proof.REFUTED,
        exempt=sender.role is Role.CONSULTANT or item.classification.kind is not MessageKind.PERSONAL,
    )


def _same_mail(item: Understood, facts: Facts, addr: str) -> Belonging | None:
    """A mail whose id is known but whose bytes differ is the same word only if all else agrees."""
    for number in facts.known_ids.get(item.message.message_id, ()):
        ticket = facts.tickets.get(number)
        if ticket is None or ticket.root_message_id != item.message.message_id:
            continue
        close = abs(item.entry.delivered_at - ticket.delivered_at) <= TWIN_WITHIN
        alike = base_subject(ticket.subject) == base_subject(item.message.subject)
        if close and alike and facts.takes_part(number, addr):
            return Belonging(Outcome.JOINS, Verdict.SAME_MAIL, number)
    return None
