"""Client secrets and certificates that end: said once a day from thirty days before. Called by the timers (O-06)."""

from __future__ import annotations

from helpdesk import logs
from helpdesk.services.desk import Clock, Desk
from helpdesk.services.health import WARN_DAYS
from helpdesk.store import clock as events
from helpdesk.store.unit_of_work import Database

log = logs.get_logger(__name__)


def warn_of_ends(database: Database, desk: Desk, clock: Clock) -> int:
    """Log each account whose client's proof ends soon, once a day over all daemons; return 0: nobody is mailed."""
    now = clock()
    today = now.astimezone(desk.zone).date()
    for account, last_day in desk.client_ends.items():
        left = (last_day - today).days
        if left > WARN_DAYS:
            continue
        with database.begin() as session:
            fresh = events.begin(session, f"client:{account}:{today}", now, now)
        if fresh:
            log.warning("client.expiring", account=account, last_day=str(last_day), days=left)
    return 0
