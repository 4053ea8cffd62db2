"""The gate with its memory: what has passed, who is muted, which thread is quiet, for one unit of work.

The line gathers it once for a batch; whoever writes a single letter lets it ask when first needed. `letters` asks
`verdict` for every outgoing mail, which is the only way into the outbox.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.desk.gate import (
    LOOP_MAILS,
    LOOP_WINDOW_MINUTES,
    QUIET_HOURS,
    Budget,
    GateReason,
    Limits,
    Traffic,
    Verdict,
    within_limits,
)
from helpdesk.desk.mutes import Blame
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import OutboxState
from helpdesk.store import gate
from helpdesk.store.gate import GateFacts
from helpdesk.store.unit_of_work import Session

_WINDOW = timedelta(minutes=LOOP_WINDOW_MINUTES)


@dataclass(slots=True)
class Gatekeeper:
    """The gate's facts, kept up to date while letters are written."""

    facts: GateFacts = field(default_factory=GateFacts)
    addresses: set[str] = field(default_factory=set)  # those that the facts are about
    numbers: set[int] = field(default_factory=set)
    times: dict[tuple[int, str], list[datetime]] = field(default_factory=dict)  # heard in this unit
    causes: set[str] = field(default_factory=set)  # of the mails relayed in this unit
    asked: bool = False
    repeats: bool = False  # what is written now may have been written before the database was restored

    def know(self, session: Session, addresses: Collection[str], numbers: Collection[int], now: datetime) -> None:
        """Ask once for all that a batch may need."""
        self.addresses, self.numbers, self.asked = set(addresses), set(numbers), True
        self.facts = gate.gather(session, self.addresses, self.numbers, now)

    def opened(self, number: int) -> None:
        """Know a ticket that was opened just now: nothing was heard or sent on it, so nobody need be asked."""
        self.numbers.add(number)

    def is_muted(self, session: Session, addr: str, now: datetime) -> bool:
        """Return whether mail to the address is of no use."""
        self._learn(session, addr, None, now)
        return addr in self.facts.mutes

    def unmute(self, session: Session, addr: str) -> None:
        """Let mail go to the address again, unless a consultant called it a spammer's."""
        if gate.is_spam(session, addr):
            return
        gate.unmute(session, addr)
        self.facts.mutes.pop(addr, None)

    def strike(self, session: Session, addr: str, trouble: Blame, reason: str, now: datetime) -> None:
        """Mute an address that a report of ours says can't be reached."""
        if gate.strike(session, addr.casefold(), trouble, reason, now):
            self.facts.mutes[addr.casefold()] = reason

    def verdict(
        self,
        session: Session,
        recipient: str,
        ticket: int,
        budget: Budget,
        limits: Limits,
        now: datetime,
        *,
        acknowledges: bool,
    ) -> Verdict:
        """Return whether one more mail may go; only automatic mail has limits."""
        if self.repeats:
            return Verdict(OutboxState.HELD, GateReason.RESTORED)
        if budget is Budget.UNLIMITED:
            return Verdict(OutboxState.QUEUED)
        self._learn(session, recipient, ticket, now)
        facts, domain = self.facts, recipient.rpartition("@")[2]
        traffic = Traffic(
            to_address_hour=facts.hour.get(recipient, 0),
            to_address_day=facts.day.get(recipient, 0),
            to_domain_hour=_of_domain(facts.strangers, domain) if budget is Budget.STRANGER else 0,
            to_strangers_hour=sum(facts.strangers.values()) if budget is Budget.STRANGER else 0,
            relays=facts.relays,
            relayed=facts.relayed,
            acknowledged=ticket in facts.acknowledged,
            quiet=ticket in facts.quiet,
        )
        return within_limits(budget, traffic, limits, acknowledges=acknowledges)

    def passed(
        self,
        session: Session,
        recipient: str,
        ticket: int,
        budget: Budget,
        cause: str,
        now: datetime,
        *,
        acknowledges: bool,
    ) -> None:
        """Count a mail that was let through."""
        if budget is Budget.UNLIMITED:
            return
        gate.count(session, budget, recipient, cause, now)
        facts = self.facts
        facts.hour[recipient] = facts.hour.get(recipient, 0) + 1
        facts.day[recipient] = facts.day.get(recipient, 0) + 1
        if budget is Budget.STRANGER:
            facts.strangers[recipient] = facts.strangers.get(recipient, 0) + 1
        if budget is Budget.RELAY:
            facts.relays += 1
            facts.relayed += cause not in self.causes
            self.causes.add(cause)
        if acknowledges:
            facts.acknowledged.add(ticket)

    def hear(self, session: Session, ticket: int, addr: str, at: datetime, now: datetime) -> bool:
        """Note a mail on a ticket; return whether with it the thread becomes quiet: a machine writes there."""
        key = ticket, addr
        times = self.times.setdefault(key, [])
        times.append(at)
        before = self.facts.heard.get(key, 0) if now - at <= _WINDOW else 0
        if before + sum(abs(at - other) <= _WINDOW for other in times) <= LOOP_MAILS or ticket in self.facts.quiet:
            return False
        self.facts.quiet.add(ticket)
        gate.silence(session, ticket, now + timedelta(hours=QUIET_HOURS))
        return True

    def _learn(self, session: Session, addr: str, ticket: int | None, now: datetime) -> None:
        """Ask about an address or a ticket that nobody foresaw: somebody in Cc, or a letter outside of a batch."""
        known = addr in self.addresses and (ticket is None or ticket in self.numbers)
        if known and self.asked:
            return
        session.flush()
        found = gate.gather(session, [addr], [] if ticket is None else [ticket], now)
        facts = self.facts
        facts.mutes.update(found.mutes)
        facts.quiet |= found.quiet
        facts.acknowledged |= found.acknowledged
        for mine, theirs in ((facts.hour, found.hour), (facts.day, found.day), (facts.strangers, found.strangers)):
            mine.update({name: max(count, mine.get(name, 0)) for name, count in theirs.items()})
        if not self.asked:
            facts.relays, facts.relayed = found.relays, found.relayed
        self.addresses.add(addr)
        self.asked = True
        if ticket is not None:
            self.numbers.add(ticket)


def budget_of(rules: Rules, recipient: str, *, automatic: bool, relay: bool) -> Budget:
    """Return what an automatic mail to this recipient is counted as; consultants and partners have no limit."""
    if not automatic or rules.consultant_of(recipient) or rules.partner_of(recipient):
        return Budget.UNLIMITED
    if rules.organisation_of(recipient) is None:
        return Budget.STRANGER
    return Budget.RELAY if relay else Budget.CONTACT


def _of_domain(strangers: Mapping[str, int], domain: str) -> int:
    return sum(count for addr, count in strangers.items() if addr.rpartition("@")[2] == domain)
