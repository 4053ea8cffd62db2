"""`helpdesk status`: how the desk is, at a glance and for monitoring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_json, print_rows
from helpdesk.cli.present import Presenter
from helpdesk.desk.plans import Light
from helpdesk.desk.terms import EntryState, OutboxState
from helpdesk.premises import Premises, opened, utc_now
from helpdesk.services import absences, contracts
from helpdesk.services.desk import Unit
from helpdesk.services.health import judge, of_client, of_logins
from helpdesk.store import accounts, journal, logins, mailboxes, outbox, restoration, rulesets, work
from helpdesk.store.tables import LoginRow
from helpdesk.store.unit_of_work import Session


def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show mailboxes, backlog, what was shunted, the outbox, and what expires or waits longest."""
    with opened(config) as premises, premises.database.read() as session:
        found = _status(premises, session)
    if as_json:
        print_json(found)
        return
    print_rows(found["mailboxes"], as_json, ("mailbox", "last_ok_at", "trouble", "trouble_since"), nothing="no mailbox")
    nearing = (row for row in found["contracts"] if row["light"] is not Light.GREEN)
    print_rows(nearing, as_json, ("organisation", "plan", "last", "light"))
    told = [row for row in found["logins"] if _tells_more(row)]
    print_rows(told, as_json, ("account", "trouble", "since", "token_until", "client_ends"))
    print_rows(found["away"], as_json, ("consultant", "until", "by"))
    plain = (
        "health",
        *(["why"] if found["why"] else []),
        *(["restored"] if found["restored"] else []),
        "backlog",
        "shunted",
        "oldest_waiting",
        "next_deadline",
        "rules",
        "outbox",
    )
    print_rows(({"what": key.replace("_", " "), "is": _words(found[key])} for key in plain), as_json)


def _tells_more(login: dict[str, Any]) -> bool:
    """Return whether a login has something to tell beside the trouble that its mailbox's line tells already."""
    told = ("account", "trouble", "since") if login["account"].startswith("mailbox ") else ("account",)
    return any(value for key, value in login.items() if key not in told)


def _status(premises: Premises, session: Session) -> dict[str, Any]:
    known, zone = mailboxes.states(session), premises.desk.zone
    boxes = [
        {
            "mailbox": name,
            "last_ok_at": row.last_ok_at.astimezone(zone) if row and row.last_ok_at else None,
            "trouble": (row.trouble or None) if row else "not polled yet",
            "trouble_since": row.trouble_since.astimezone(zone) if row and row.trouble_since else None,
        }
        for name in premises.settings.mailbox
        for row in [known.get(name)]
    ]
    counts, restored = outbox.counts(session), _restored(premises, session)
    health = judge(_findings(premises, session, boxes, restored))
    return {
        "mailboxes": boxes,
        "backlog": journal.waiting(session),
        "shunted": journal.count(session, EntryState.SHUNTED),
        "outbox": {state.value: counts[state] for state in OutboxState if counts.get(state)},
        "restored": restored,
        "health": health.light.value,
        "why": list(health.why),
        "logins": [_login(premises, name, row) for name, row in sorted(_logins(premises, session).items())],
        "rules": _refused(premises, session) or premises.desk.rules.version_hash[:12],
        "contracts": _contracts(premises),
        "away": _away(premises, session),
        **_first_ones(premises, session),
    }


def _restored(premises: Premises, session: Session) -> dict[str, Any] | None:
    """Return what there is to know of a restored database that nobody has released yet."""
    row = restoration.standing(session)
    if row is None:
        return None
    return {
        "found_at": row.found_at.astimezone(premises.desk.zone),
        "reason": row.reason,
        "held": restoration.held_back(session),
        "not_searched": [name for name in premises.settings.mailbox if name not in row.searched],
        "cure": "helpdesk outbox release",
    }


def _logins(premises: Premises, session: Session) -> dict[str, LoginRow | None]:
    """Return what is known of every login that the settings name."""
    settings, known = premises.settings, logins.known(session)
    names = [f"mailbox {name}" for name in settings.mailbox]
    names += [f"SMTP account {name}" for name, smtp in settings.smtp_accounts.items() if smtp.username]
    return {name: known.get(name) for name in names}


def _login(premises: Premises, account: str, row: LoginRow | None) -> dict[str, Any]:
    """Return how an account fares: its trouble, the end of its access token, the end of its client's proof."""
    zone, last_day = premises.desk.zone, premises.desk.client_ends.get(account)
    today = utc_now().astimezone(zone).date()
    return {
        "account": account,
        "trouble": (row.trouble or None) if row else None,
        "since": row.since.astimezone(zone) if row and row.since else None,
        "token_until": row.token_until.astimezone(zone) if row and row.token_until else None,
        "client_ends": last_day,
        "client_days_left": (last_day - today).days if last_day else None,
    }


def _findings(
    premises: Premises, session: Session, boxes: list[dict[str, Any]], restored: dict[str, Any] | None
) -> Iterator[tuple[Light, str]]:
    """Yield all that is not as it should be."""
    if restored:
        yield Light.RED, f"{restored['reason']}: nothing goes out until `{restored['cure']}`"
    rows = _logins(premises, session)
    yield from of_logins({name: (row.trouble, row.refused) for name, row in rows.items() if row})
    today = utc_now().astimezone(premises.desk.zone).date()
    for account, last_day in premises.desk.client_ends.items():
        yield of_client(account, last_day, today)
    for account, state in accounts.states(session).items():
        if state.held_at is not None:
            yield Light.RED, f"SMTP account {account} is held: {state.reason}"
    told = {name for name, row in rows.items() if row and row.trouble}
    for box in boxes:
        if box["trouble"] and box["last_ok_at"] is not None and f"mailbox {box['mailbox']}" not in told:
            yield Light.YELLOW, f"mailbox {box['mailbox']}: {box['trouble']}"
    for problem in _refused(premises, session):
        yield Light.YELLOW, f"rules: {problem}"
    if shunted := journal.count(session, EntryState.SHUNTED):
        yield Light.YELLOW, f"{shunted} mails were set aside: `helpdesk journal list`"


def _away(premises: Premises, session: Session) -> list[dict[str, Any]]:
    """The consultants who are away today, until when, and how that is known."""
    found = absences.planned(Unit(session, premises.desk, utc_now()), 0)
    return [{"consultant": addr, "until": days.last, "by": how} for days, addr, how in found]


def _contracts(premises: Premises) -> list[dict[str, Any]]:
    """The contracts that end, with their light, what ends first on top."""
    found = contracts.contracts(premises.desk.rules, utc_now().astimezone(premises.desk.zone).date())
    return [
        {"organisation": each.organisation, "plan": each.plan or None, "last": each.last, "light": each.light}
        for each in found
    ]


def _refused(premises: Premises, session: Session) -> list[str]:
    """Return what is wrong with the rules' file, or with what the daemon looked at last: its templates too."""
    return [str(problem) for problem in premises.refused] or rulesets.standing_refusals(session)


def _first_ones(premises: Premises, session: Session) -> dict[str, Any]:
    """The ticket whose deadline is next, and the one that has waited longest."""
    rows = {
        "next_deadline": work.next_deadline(session),
        "oldest_waiting": work.oldest_waiting(session),
    }
    show = Presenter(premises.desk)
    return {key: show.tickets(session, [row])[0] if row else None for key, row in rows.items()}


def _words(value: Any) -> Any:
    if isinstance(value, dict) and "key" in value:
        due = value["react_by"] if value["reacted_at"] is None else None
        return f"{value['key']}  {value['subject']}  {due or value['waiting_since'] or ''}"
    if isinstance(value, dict) and "found_at" in value:
        return f"{value['reason']}; {value['held']} mails held; nothing goes out until `{value['cure']}`"
    if isinstance(value, dict):
        return ", ".join(f"{count} {state}" for state, count in value.items()) or "empty"
    return value if value is not None else "none"
