"""The ground: helpdesk.toml and the environment as frozen settings, or every mistake in them with its line.

    loading    load_settings(): file + environment → Settings
    settings   Settings and its tables            accounts   mailboxes, SMTP, OAuth
    secrets    references to secrets              quantities "60s", "50MB"
    places     key → line of a TOML text          origin     key → line or variable
    problems   pydantic's findings as sentences

Read by the faces alone, once, at start and on reload.
"""

from helpdesk.config.accounts import (
    Account,
    AuthenticationSettings,
    MailboxSettings,
    OAuth2Settings,
    SmtpSettings,
)
from helpdesk.config.loading import load_settings
from helpdesk.config.secrets import Secret, SigningKey
from helpdesk.config.settings import DEFAULT_ACCOUNT, DatabaseSettings, LimitsSettings, Settings

__all__ = [
    "DEFAULT_ACCOUNT",
    "Account",
    "AuthenticationSettings",
    "DatabaseSettings",
    "LimitsSettings",
    "MailboxSettings",
    "OAuth2Settings",
    "Secret",
    "Settings",
    "SigningKey",
    "SmtpSettings",
    "load_settings",
]
