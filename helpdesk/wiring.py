"""Settings into adapters: the same for the daemon, `check` and every command that talks to a server.

The only place where an account of helpdesk.toml becomes an `ImapMailbox` or `SmtpTransport`.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import helpdesk
from helpdesk.adapters.imap import ImapAccount, ImapMailbox
from helpdesk.adapters.smtp import SmtpAccount, SmtpTransport
from helpdesk.adapters.templates import TemplateRenderer, shipped_templates
from helpdesk.config import Account, OAuth2Settings, Secret, Settings
from helpdesk.config.problems import nearest
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import NotificationKind
from helpdesk.errors import ConfigurationError, MailboxUnavailable, Problem, SecretMissing, TransportUnavailable
from helpdesk.services import rulesfile

if TYPE_CHECKING:  # imported for the accounts that use it
    from helpdesk.adapters.oauth import AccessTokens
    from helpdesk.adapters.oauth_refresh import RefreshTokens

__all__ = [
    "check_rules",
    "make_mailbox",
    "make_renderer",
    "make_transport",
    "missing_templates",
    "read_rules",
    "rules_problems",
    "shipped_rules",
    "shipped_templates",
]


_REFUSAL = NotificationKind.REJECTED


def shipped_rules() -> Path:
    """Return the routing_rules.yaml that comes with the program: in the package, or beside it in a checkout."""
    package = Path(helpdesk.__file__).parent
    installed = package / "shipped" / "routing_rules.yaml"
    return installed if installed.is_file() else package.parent / "routing_rules.yaml"


def read_rules(settings: Settings) -> Rules:
    """Return the rules that the settings name, every mailbox's queue being one of theirs.

    Raises RulesError for what is wrong in the rules' file, ConfigurationError for a name that is not there.
    """
    rules = rulesfile.read_rules(settings.rules)
    check_rules(settings, rules)
    return rules


def check_rules(settings: Settings, rules: Rules) -> None:
    """Raise ConfigurationError where settings and rules, or rules and templates, don't fit."""
    if problems := rules_problems(settings, rules):
        raise ConfigurationError(problems)


def rules_problems(settings: Settings, rules: Rules) -> list[Problem]:
    """Return each mailbox whose queue the rules don't have, and each template that they name and nobody wrote."""
    queues = [
        settings.problem(("mailbox", name, "queue"), f"no queue {box.queue!r} in the rules, {_near(box.queue, rules)}")
        for name, box in settings.mailbox.items()
        if box.queue not in rules.queues
    ]
    return queues + missing_templates(settings, rules)


def _near(queue: str, rules: Rules) -> str:
    return nearest(queue, rules.queues)


def missing_templates(settings: Settings, rules: Rules) -> list[Problem]:
    """Return each rule whose `template` or `reject` names a folder of words that is in no language."""
    if not any(rule.then.template or rule.then.reject for rule in rules.rules):
        return []
    own = make_renderer(settings).own_templates()
    refusals = [NotificationKind.REJECTED.value, *(name for name, kinds in own.items() if _REFUSAL in kinds)]
    words = [NotificationKind.NEW.value, *(name for name, kinds in own.items() if kinds - {_REFUSAL})]
    return [
        Problem(str(settings.rules), rule.line, 0, f"rule {rule.name}", f"no {key} {name!r}, {nearest(name, known)}")
        for rule in rules.rules
        for key, name, known in (("template", rule.then.template, words), ("reject", rule.then.reject, refusals))
        if name is not None and name not in known
    ]


def make_renderer(settings: Settings) -> TemplateRenderer:
    """Return the renderer of the desk's templates; the shipped ones stand in for what is missing."""
    return TemplateRenderer([settings.templates] if settings.templates else [])


def make_mailbox(settings: Settings, name: str) -> ImapMailbox:
    """Return the mailbox of that name, not yet connected; its secret is read at each login."""
    box = settings.mailbox[name]
    return ImapMailbox(
        ImapAccount(
            name=name,
            host=box.host,
            port=box.port,
            security=box.security,
            username=box.username,
            password=_secret(f"mailbox {name}", box.password) if box.password else "",
            token=_tokens(settings, name, box, MailboxUnavailable),
            folder=box.folder,
            after_intake=box.after_intake,
            idle=box.idle,
            max_size=box.max_size,
            ca_file=box.ca_file,
            allow_plaintext=box.allow_plaintext,
        )
    )


def make_transport(settings: Settings, account: str) -> SmtpTransport:
    """Return the SMTP account of that name ("default", or a mailbox with one of its own), not yet connected."""
    smtp = settings.smtp_accounts[account]
    return SmtpTransport(
        SmtpAccount(
            name=account,
            host=smtp.host,
            port=smtp.port,
            security=smtp.security,
            username=smtp.username,
            password=_secret(f"SMTP account {account}", smtp.password) if smtp.password else "",
            token=_tokens(settings, account, smtp, TransportUnavailable),
            local_hostname=settings.instance,
            ca_file=smtp.ca_file,
            allow_plaintext=smtp.allow_plaintext,
        )
    )


def _secret(account: str, secret: Secret) -> Callable[[], str]:
    """Return what reads a secret at each login; one that is gone stops this account and no other."""

    def reveal() -> str:
        try:
            return secret.reveal()
        except ConfigurationError as error:
            raise SecretMissing(account, str(error)) from None

    return reveal


def _tokens(
    settings: Settings, name: str, account: Account, unavailable: type[MailboxUnavailable | TransportUnavailable]
) -> AccessTokens | None:
    oauth2 = account.oauth2
    if oauth2 is None:
        return None
    from helpdesk.adapters.oauth import AccessTokens, OAuthClient

    client = OAuthClient(
        oauth2.token_url,
        oauth2.client_id,
        _secret(name, oauth2.client_secret) if oauth2.client_secret else None,
        oauth2.scope,
        _refresh_tokens(settings, name, oauth2),
    )
    return AccessTokens(name, client, unavailable)


def _refresh_tokens(settings: Settings, name: str, oauth2: OAuth2Settings) -> RefreshTokens | None:
    """Return the refresh token's keeper; accounts with the same client and token share it, as they must."""
    if oauth2.refresh_token is None:
        return None
    from helpdesk.adapters.oauth_refresh import RefreshTokens

    where = oauth2.refresh_token
    place = (oauth2.token_url, oauth2.client_id, where.env or str(where.file or where.credential))
    digest = sha256("\n".join(place).encode()).hexdigest()[:16]
    return RefreshTokens(settings.state_folder / f"oauth-{digest}.json", _secret(name, where))
