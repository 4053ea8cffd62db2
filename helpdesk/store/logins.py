"""How each login fares, kept for `helpdesk status`, which is another process than the daemon that logs in."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from helpdesk.store.tables import LoginRow


def note(
    session: Session, account: str, now: datetime, trouble: str, *, refused: bool, token_until: datetime | None
) -> None:
    """Keep how an account's last login went ("" is well), and until when its access token is good."""
    row = session.get(LoginRow, account)
    if row is None:
        row = LoginRow(account=account)
        session.add(row)
    if bool(trouble) != bool(row.trouble):
        row.since = now if trouble else None
    row.trouble, row.refused, row.token_until = trouble, refused, token_until


def known(session: Session) -> dict[str, LoginRow]:
    """Return what is known of the logins, by account."""
    return {row.account: row for row in session.exec(select(LoginRow))}
