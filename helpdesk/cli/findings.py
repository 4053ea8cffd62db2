"""What `helpdesk check` tries, one function a thing; each says what it found and, if it is bad, the cure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from helpdesk import wiring
from helpdesk.adapters.smtp import SmtpTransport
from helpdesk.config import Account, MailboxSettings, Secret, Settings, SmtpSettings
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.samples import run_samples
from helpdesk.errors import ConfigurationError, HelpdeskError, LoginRefused
from helpdesk.store.health import examine


class Mark(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table; `cure` is empty where nothing is to be done."""

    check: str
    result: Mark
    detail: str
    cure: str = ""


def settings_findings(settings: Settings) -> Iterator[Finding]:
    """Say what stands in helpdesk.toml, what should be better, and whether the signing keys are there."""
    yield Finding("settings", Mark.OK, f"{settings.file}: {len(settings.mailbox)} mailboxes")
    for warning in settings.warnings():
        detail, _, cure = warning.message.partition(": ")
        yield Finding("settings", Mark.WARNING, f"{warning.key}: {detail}", cure)
    if not settings.mailbox:
        yield Finding("settings", Mark.FAILED, "there is no mailbox", "write a table [mailbox.NAME]")
    if not settings.secret:
        yield Finding("settings", Mark.WARNING, "there is no key to sign reply addresses", _KEY_CURE)
    for key in settings.secret:
        yield from _key_findings(f"signing key {key.kid}", key)


_KEY_CURE = 'head -c 32 /dev/urandom | base64 > secret.key; chmod 600 secret.key; then secret = { file = "secret.key" }'


def _key_findings(name: str, key: Secret) -> Iterator[Finding]:
    try:
        if len(key.reveal()) < 32:
            yield Finding(name, Mark.WARNING, "is short enough to be guessed", _KEY_CURE)
    except ConfigurationError as error:
        yield Finding(name, Mark.FAILED, str(error), _KEY_CURE)


def rules_findings(settings: Settings, rules: Rules) -> Iterator[Finding]:
    """Say whether the rules' own samples hold, and what the rules themselves warn of."""
    failures = run_samples(rules)
    if not failures:
        detail = (
            f"{settings.rules}: {len(rules.queues)} queues, {len(rules.rules)} rules, {len(rules.samples)} samples hold"
        )
        yield Finding("rules", Mark.OK, detail)
    for failure in failures:
        yield Finding("rules", Mark.FAILED, f"{settings.rules}: {failure}", "correct the rule or the sample")
    for warning in rules.warnings:
        yield Finding("rules", Mark.WARNING, str(warning))


def template_findings(settings: Settings) -> Iterator[Finding]:
    """Render every letter there can be."""
    renderer = wiring.make_renderer(settings)
    errors = renderer.check()
    for error in errors:
        yield Finding("templates", Mark.FAILED, str(error), "correct the template, or delete it to get the shipped one")
    if not errors:
        yield Finding("templates", Mark.OK, f"every letter can be written in {', '.join(renderer.languages())}")
    if settings.templates and not settings.templates.is_dir():
        detail = f"{settings.templates} does not exist; the shipped templates are used"
        yield Finding("templates", Mark.WARNING, detail, "`helpdesk init` writes them, or take the key out")


def database_findings(settings: Settings) -> Iterator[Finding]:
    """Connect, and compare the schema with this program's."""
    try:
        health = examine(settings.database.connect_url())
    except ConfigurationError as error:
        yield Finding("database", Mark.FAILED, str(error), "write the password there, or name another place")
        return
    if health.trouble:
        yield Finding("database", Mark.FAILED, health.trouble, "correct database.url, or start the server")
    elif health.revision is None:
        yield Finding(
            "database", Mark.WARNING, "there is no desk in it yet", "`helpdesk db upgrade`, or the first run, makes it"
        )
    elif not health.is_current:
        yield Finding(
            "database", Mark.FAILED, f"its schema is {health.revision}, not this program's", "helpdesk db upgrade"
        )
    else:
        yield Finding("database", Mark.OK, f"schema {health.revision}")


def server_findings(settings: Settings) -> list[Finding]:
    """Log in everywhere at once: a server that hangs takes its own time, not that of the others."""
    trials: list[Callable[[], Finding]] = [
        *(lambda n=name, m=mailbox: _try_mailbox(settings, n, m) for name, mailbox in settings.mailbox.items()),
        *(lambda n=name, a=account: _try_account(settings, n, a) for name, account in settings.smtp_accounts.items()),
    ]
    if not trials:
        return []
    with ThreadPoolExecutor(max_workers=min(len(trials), 16)) as pool:
        return [running.result() for running in [pool.submit(trial) for trial in trials]]


def _try_mailbox(settings: Settings, name: str, mailbox: MailboxSettings) -> Finding:
    opened = wiring.make_mailbox(settings, name)
    try:
        _reveal_all(mailbox)
        waiting = opened.open().exists
    except HelpdeskError as error:
        return _refused(f"mailbox {name}", error, f"mailbox.{name}")
    finally:
        opened.close()
    return Finding(
        f"mailbox {name}", Mark.OK, f"{mailbox.username} at {mailbox.host}: {waiting} mails in {mailbox.folder}"
    )


def _try_account(settings: Settings, name: str, account: SmtpSettings) -> Finding:
    table = "smtp" if account is settings.smtp else f"mailbox.{name}.smtp"
    try:
        _reveal_all(account)
        asyncio.run(_log_in(wiring.make_transport(settings, name)))
    except HelpdeskError as error:
        return _refused(f"SMTP {name}", error, table)
    return Finding(f"SMTP {name}", Mark.OK, f"{account.username or 'without a login'} at {account.host}")


async def _log_in(transport: SmtpTransport) -> None:
    try:
        await transport.check()
    finally:
        await transport.close()


def _reveal_all(account: Account) -> None:
    """Raise ConfigurationError for a secret that is not there, whether the server answers or not."""
    oauth2 = account.oauth2
    for secret in (account.password, oauth2 and oauth2.client_secret, oauth2 and oauth2.refresh_token):
        if secret:
            secret.reveal()


def _refused(check: str, error: HelpdeskError, table: str) -> Finding:
    detail = str(error)
    if isinstance(error, LoginRefused):
        detail = f"login refused: {error.detail}"
        cure = f"correct username or secret in [{table}]; the server may also want an application password or oauth2"
    elif isinstance(error, ConfigurationError):
        cure = f"or name another place in [{table}]"
    else:
        detail = getattr(error, "detail", detail)
        cure = f"look at host, port and security in [{table}], and whether the server answers from here"
    return Finding(check, Mark.FAILED, detail, cure)
