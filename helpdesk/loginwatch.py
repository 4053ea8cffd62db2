"""How the logins of the daemon fare: a refused one rests, and what changes is kept for `helpdesk status`.

No further try mends a wrong password or a withdrawn consent, and servers lock accounts: so a refused mailbox rests as
long as a refused SMTP account does, which makes six tries an hour (O-01, O-04). Rests go by a clock that only grows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.errors import LoginRefused, SecretMissing
from helpdesk.services.schedule import REFUSED_REST
from helpdesk.store import logins
from helpdesk.store.steady import elapsed
from helpdesk.store.unit_of_work import Database

Fared = tuple[str, bool, datetime | None]


@dataclass
class LoginWatch:
    """Knows of each account when it may be tried again, and writes down how it went when that is news."""

    database: Database
    clock: Callable[[], datetime]
    steady: Callable[[], float] = elapsed  # seconds
    _rests: dict[str, tuple[float, LoginRefused]] = field(default_factory=dict)
    _noted: dict[str, Fared] = field(default_factory=dict)

    def resting(self, account: str) -> LoginRefused | None:
        """Return why the account is left alone for now; None if it may be tried."""
        until, trouble = self._rests.get(account, (0.0, None))
        return trouble if self.steady() < until else None

    def rest(self, account: str, trouble: Exception | None) -> None:
        """Let an account rest whose login was refused, and rest no more after one that went well."""
        if isinstance(trouble, LoginRefused) and not isinstance(trouble, SecretMissing):
            self._rests[account] = self.steady() + REFUSED_REST.total_seconds(), trouble
        else:
            self._rests.pop(account, None)

    def keep(self, account: str, trouble: Exception | None, token_left: float | None) -> None:
        """Write down how an account fares, if that is news; from any thread, and raises DatabaseUnavailable."""
        now = self.clock()
        until = None if token_left is None else (now + timedelta(seconds=token_left)).replace(second=0, microsecond=0)
        fares = (str(trouble or "").removeprefix(f"{account}: "), isinstance(trouble, LoginRefused), until)
        if self._noted.get(account) == fares:
            return
        with self.database.begin() as session:
            logins.note(session, account, now, fares[0], refused=fares[1], token_until=until)
        self._noted[account] = fares
