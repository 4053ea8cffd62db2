"""The SMTP accounts as delivery finds them: which one rests, which one a person must mend, what ails them.

Called by `delivery`, and by the daemon for its health. One that could not be reached rests, longer each time; one whose
mails policy refuses is held in the database until a person releases it (RELIABILITY 2.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk import logs
from helpdesk.errors import LoginRefused, TransportUnavailable
from helpdesk.services import aftermath
from helpdesk.services.ports import Accepted, DeliveryResult
from helpdesk.services.schedule import AccountPause
from helpdesk.store import accounts as store
from helpdesk.store.tables import SmtpAccountRow
from helpdesk.store.unit_of_work import Session

log = logs.get_logger(__name__)


@dataclass
class Accounts:
    """What is known of each account; rests are forgotten with the process, the rest is kept in the database."""

    pauses: dict[str, AccountPause] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)  # those that a person must mend, and why
    _strained: set[str] = field(default_factory=set)  # those whose last mails were refused by policy

    @property
    def troubles(self) -> list[Exception]:
        """What ails the accounts that rest at the moment or are held."""
        held = [TransportUnavailable(account, "held", f"held: {why}") for account, why in self.held.items()]
        return [*(pause.trouble for pause in self.pauses.values() if pause.trouble is not None), *held]

    def learn(self, known: Mapping[str, SmtpAccountRow]) -> None:
        """Take over what the database knows: another process may have held an account, or released it."""
        self.held = {name: row.reason for name, row in known.items() if row.held_at is not None}
        self._strained = {name for name, row in known.items() if row.refusals}

    def can_send(self, account: str, now: datetime) -> bool:
        """Return whether the account neither rests nor is held."""
        return account not in self.held and self._pause(account).over(now)

    def went_well(self, account: str) -> None:
        """Note that a whole session went well."""
        self._pause(account).well()

    def rest(self, account: str, error: TransportUnavailable | LoginRefused, now: datetime, *, took_some: bool) -> None:
        """Let the account rest; no row is charged for what is not its fault. Said once, not at every try.

        A session that took some mails and then no more has its limits: the rest is short each time.
        """
        pause = self._pause(account)
        news = pause.trouble is None
        if took_some:
            pause.failures = 0
        pause.begin(now, error)
        if news:
            log.error("smtp.unavailable", account=account, detail=str(error).removeprefix(f"SMTP account {account}: "))

    def judge(self, session: Session, account: str, result: DeliveryResult) -> None:
        """Keep up with what an answer that was recorded says of the account itself."""
        if aftermath.is_ours(result):
            self._strained.add(account)
            row = store.states(session)[account]
            if row.held_at is not None:
                self.held[account] = row.reason
        elif isinstance(result, Accepted) and account in self._strained:
            self._strained.discard(account)
            store.note_acceptance(session, account)

    def shift(self, jump: timedelta) -> None:
        """Let the accounts rest for as long as before the wall clock was set."""
        for pause in self.pauses.values():
            pause.shift(jump)

    def _pause(self, account: str) -> AccountPause:
        return self.pauses.setdefault(account, AccountPause())
