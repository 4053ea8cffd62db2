"""What a face works in: the settings read, the database opened, the desk under the rules in force.

Every command that touches tickets begins with `opened(config)`; the daemon keeps its premises for life.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path

from helpdesk import logs
from helpdesk.config import Settings, load_settings
from helpdesk.desk.gate import Limits
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.tokens import Keyring, SigningKey
from helpdesk.errors import ConfigurationError, Problem
from helpdesk.lock import daemon_lock
from helpdesk.services.desk import Desk, Witness
from helpdesk.services.intake import IntakePolicy, Kept
from helpdesk.services.rulebook import rules_in_force
from helpdesk.services.rulesfile import Check
from helpdesk.store import restoration, schema
from helpdesk.store.unit_of_work import Database
from helpdesk.wiring import check_rules, make_renderer, rules_problems

log = logs.get_logger(__name__)


def utc_now() -> datetime:
    """The clock: read once per unit of work and handed down."""
    return datetime.now(UTC)


@dataclass
class Premises:
    """Settings, database and desk; `desk` is replaced as a whole when rules are reloaded."""

    settings: Settings
    database: Database
    desk: Desk
    refused: tuple[Problem, ...] = ()  # what is wrong with a rules file for which an older version stands in


@contextmanager
def opened(config: Path | None, *, as_daemon: bool = False) -> Iterator[Premises]:
    """Yield the premises of a configuration.

    The daemon holds its lock from before the schema is touched, and raises an older schema instead of refusing it.
    A database that is empty gets its schema in any case. Raises ConfigurationError, SchemaError, AlreadyRunning.
    """
    settings = load_settings(config)
    with open_database(settings, as_daemon=as_daemon) as database:
        in_force = rules_in_force(database, settings.rules, utc_now(), rules_check(settings))
        for problem in in_force.refused:
            log.error("rules.refused", problem=str(problem))
        desk = make_desk(settings, in_force.rules)
        yield Premises(settings, database, desk, in_force.refused)


@contextmanager
def open_database(settings: Settings, *, as_daemon: bool = False) -> Iterator[Database]:
    """Yield the database at the schema that this program needs."""
    database = Database(settings.database.connect_url())
    if database.file is not None:
        _make_private(database.file)
    with closing(database), daemon_lock(database.file) if as_daemon else nullcontext():
        if as_daemon or schema.current(database) is None:
            schema.upgrade(database)
        schema.require_current(database)
        restoration.discover(database, utc_now())
        yield database


def _make_private(file: Path) -> None:
    """Let the database begin as a file that nobody else can read: it will hold people's mail."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise ConfigurationError(
            [Problem(str(file), 0, 0, "database.url", f"can't be opened: {error.strerror}")]
        ) from error


def rules_check(settings: Settings) -> Check:
    """Return what else must hold of rules before they come into force: see `wiring.rules_problems`."""
    return partial(rules_problems, settings)


def make_desk(settings: Settings, rules: Rules) -> Desk:
    """Return the desk under these rules. Raises ConfigurationError for names that settings and templates lack."""
    check_rules(settings, rules)
    mailboxes = settings.mailbox
    accounts = {box.queue: settings.account_of(name) for name, box in mailboxes.items() if box.queue}
    return Desk(
        instance=settings.instance,
        rules=rules,
        renderer=make_renderer(settings),
        mailbox_queues={name: box.queue for name, box in mailboxes.items() if box.queue},
        accounts=accounts,
        default_account=next(iter(settings.smtp_accounts), "default"),
        witnesses={
            name: Witness(box.authentication.profile, box.authentication.authserv_id or "")
            for name, box in mailboxes.items()
        },
        delivery_headers={name: box.delivered_to for name, box in mailboxes.items() if box.delivered_to},
        acknowledge_within=settings.limits.acknowledge_within,
        attach_up_to=settings.limits.attach_up_to,
        limits=_limits(settings),
        keyring=_keyring(settings),
        client_ends=settings.client_ends(),
        subaddressed=frozenset(box.queue for box in mailboxes.values() if box.queue and box.subaddressing),
    )


def _keyring(settings: Settings) -> Keyring:
    """Return the keys that sign reply addresses and Message-IDs. Raises ConfigurationError for one that is missing."""
    keys = (SigningKey(key.kid, key.reveal().encode(), key.distrusted) for key in settings.secret)
    return Keyring(settings.instance, tuple(keys))


def _limits(settings: Settings) -> Limits:
    limits = settings.limits
    return Limits(
        limits.stranger_per_hour,
        limits.stranger_per_day,
        limits.domain_per_hour,
        limits.strangers_per_hour,
        limits.contact_per_hour,
    )


def kept_mail(settings: Settings, mailbox: str) -> Kept:
    """Return where the mails of a mailbox are once they were taken in."""
    box = settings.mailbox[mailbox]
    target = box.after_intake.partition("move:")[2]
    stays = box.after_intake in ("keep", "seen")
    return Kept(box.folder if stays else target, is_inbox=stays)


def intake_policy(settings: Settings, mailbox: str, desk: Desk) -> IntakePolicy:
    """Return what of a mailbox is ours: mail since the start of the configured day, in the desk's zone."""
    since = settings.mailbox[mailbox].since
    return IntakePolicy(datetime.combine(since, time(), desk.zone).astimezone(UTC) if since else None)
