"""`helpdesk reconcile`: every mail on the servers against the journal."""

from __future__ import annotations

import typer

from helpdesk.cli.options import ConfigOption, JsonOption
from helpdesk.cli.output import print_rows, say, working
from helpdesk.errors import LoginRefused, MailboxUnavailable
from helpdesk.premises import Premises, intake_policy, kept_mail, opened, utc_now
from helpdesk.services.accounting import Account
from helpdesk.services.accounting import reconcile as reconcile_mailbox
from helpdesk.services.recovery import recover
from helpdesk.wiring import make_mailbox

COLUMNS = ("mailbox", "messages", "accounted_for", "before_since", "not_accounted_for", "taken_in")


def reconcile(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Account for every mail in the mailboxes and the folders that mail is moved to; changes nothing on the servers.

    After the database was restored from a copy, what the copy does not know is first taken in again, once.
    Exit 1 if a mail on a server is not in the journal, 75 if a mailbox could not be asked.
    """
    with opened(config) as premises, working("asking the mailboxes …"):
        accounts = [_account(premises, name) for name in premises.settings.mailbox]
    sums = [found for found in accounts if isinstance(found, tuple)]
    answered = [account for account, _ in sums]
    print_rows([_row(account, taken) for account, taken in sums], as_json, COLUMNS)
    for account in answered:
        for mail in account.unaccounted if not as_json else ():
            say(f"{account.mailbox}: {mail.folder}, UID {mail.uid}, {mail.delivered_at}: not in the journal")
    for trouble in accounts:
        if not isinstance(trouble, tuple):
            say(str(trouble))
    if any(account.unaccounted for account in answered):
        raise typer.Exit(1)
    if len(answered) < len(accounts):
        raise typer.Exit(75)


def _account(premises: Premises, name: str) -> tuple[Account, int] | MailboxUnavailable | LoginRefused:
    """Return the account of a mailbox, and how many mails were taken in again before; or what is in the way."""
    settings, mailbox = premises.settings.mailbox[name], make_mailbox(premises.settings, name)
    target = settings.after_intake.partition("move:")[2]
    folders = [settings.folder, *([target] if target else [])]
    policy, kept = intake_policy(premises.settings, name, premises.desk), kept_mail(premises.settings, name)
    try:
        taken = recover(mailbox, premises.database, premises.desk, policy, kept, utc_now)
        return reconcile_mailbox(mailbox, premises.database, policy, folders), taken or 0
    except (MailboxUnavailable, LoginRefused) as error:
        return error
    finally:
        mailbox.close()


def _row(account: Account, taken: int) -> dict[str, object]:
    return {
        "mailbox": account.mailbox,
        "messages": account.messages,
        "accounted_for": account.accounted_for,
        "before_since": account.before_since,
        "not_accounted_for": len(account.unaccounted),
        "taken_in": taken,
        "unaccounted": account.unaccounted,
    }
