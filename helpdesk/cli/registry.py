"""Every command of `helpdesk`: its name, where it lives, and its sentence in the help.

A command's module is imported when the command is called, so that `helpdesk --help` and shell scripts start fast.
An attribute is a function (one command) or a typer app (a group of commands).
"""

from __future__ import annotations

from dataclasses import dataclass

DESK = "At the desk"
MAIL = "The mail's way"
ADMIN = "Setting up and looking after"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the help: the panel it stands in, `module:attribute`, and a sentence."""

    panel: str
    target: str
    help: str


COMMANDS: dict[str, Entry] = {
    "demo": Entry(ADMIN, "helpdesk.cli.demo:demo", "A whole desk to look at: nothing to install or configure."),
    "init": Entry(ADMIN, "helpdesk.cli.init:init", "Write the files of a new desk, asking for what they must know."),
    "check": Entry(ADMIN, "helpdesk.cli.check:check", "Try everything the desk depends on, and name the cure."),
    "run": Entry(ADMIN, "helpdesk.cli.run:run", "The daemon; with --once: do all that is due, and exit."),
    "status": Entry(ADMIN, "helpdesk.cli.status:status", "How the desk is: mailboxes, backlog, what waits longest."),
    "rules": Entry(ADMIN, "helpdesk.cli.rules:rules_app", "Check and try out routing_rules.yaml."),
    "db": Entry(ADMIN, "helpdesk.cli.db:db_app", "Upgrade the database's schema; copy it while it is in use."),
    "tickets": Entry(DESK, "helpdesk.cli.tickets:tickets_app", "List, show and work on tickets."),
    "explain": Entry(DESK, "helpdesk.cli.explain:explain", "Why a ticket or mail went where it did."),
    "contacts": Entry(DESK, "helpdesk.cli.contacts:contacts_app", "What is kept of a person, and its removal."),
    "agenda": Entry(DESK, "helpdesk.cli.agenda:agenda", "What the clock will do next."),
    "ledger": Entry(DESK, "helpdesk.cli.ledger:ledger_app", "Time used for customers, and the month's account."),
    "parse": Entry(MAIL, "helpdesk.cli.parse:parse", "What the helpdesk understands of raw mails; keeps nothing."),
    "ingest": Entry(MAIL, "helpdesk.cli.ingest:ingest", "Take raw mails in as if a mailbox had delivered them."),
    "journal": Entry(MAIL, "helpdesk.cli.journal:journal_app", "Every mail that came in, and what became of it."),
    "outbox": Entry(MAIL, "helpdesk.cli.outbox:outbox_app", "Every mail that goes out, and how far it got."),
    "reconcile": Entry(MAIL, "helpdesk.cli.reconcile:reconcile", "Account for every mail on the servers."),
}
