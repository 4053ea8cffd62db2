"""helpdesk.toml as values: what an operator can set, with defaults (CONTRACT, "Two files, two readers")."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PrivateAttr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from helpdesk.config.accounts import Account, MailboxSettings, SmtpSettings
from helpdesk.config.origin import Origin
from helpdesk.config.places import KeyPath
from helpdesk.config.quantities import Duration, Size
from helpdesk.config.secrets import Secret, Section, SigningKey
from helpdesk.errors import ConfigurationError, Problem

DEFAULT_ACCOUNT = "default"
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


class DatabaseSettings(Section):
    """Where the desk's memory is."""

    url: str = Field(default="sqlite:///helpdesk.db", repr=False)  # may hold a password
    password: Secret | None = None  # for PostgreSQL, to keep it out of the URL

    @field_validator("url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if re.match(r"sqlite:///[^?]", url) and ":memory:" not in url:
            return url
        if url.startswith("postgresql+psycopg://"):
            return _with_sound_port(url)
        wanted = "sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
        raise ValueError(f"{url.partition('://')[0]!r} is not a database we know: write {wanted}")

    def connect_url(self) -> str:
        """Return the URL to connect with, the password filled in. Raises ConfigurationError like `Secret.reveal`."""
        parts = urlsplit(self.url)
        if self.password is None or not parts.hostname:
            return self.url
        user, _, host = parts.netloc.rpartition("@")
        login = f"{user.partition(':')[0]}:{quote(self.password.reveal(), safe='')}"
        return parts._replace(netloc=f"{login}@{host}").geturl()


class LimitsSettings(Section):
    """Bounds on automatic mail (RELIABILITY 2.7), counted per recipient."""

    stranger_per_hour: int = Field(default=3, ge=0)
    stranger_per_day: int = Field(default=5, ge=0)
    domain_per_hour: int = Field(default=30, ge=0)
    strangers_per_hour: int = Field(default=60, ge=0)
    contact_per_hour: int = Field(default=20, ge=0)
    acknowledge_within: Duration = timedelta(days=3)
    attach_up_to: Size = 10_000_000


def _with_sound_port(url: str) -> str:
    try:
        urlsplit(url).port  # noqa: B018 - reading it is the test
    except ValueError:
        raise ValueError("what stands behind the host's colon must be a port's number") from None
    return url


def _as_list(value: object) -> object:
    """A single key may stand without a list around it."""
    return value if isinstance(value, list | tuple) else [value]


def _mailbox_name(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        return name
    raise ValueError("a mailbox's name is made of letters, digits, - and _: it stands in commands and variables")


class Settings(BaseSettings):
    """All that the operator decides. Made by `load_settings`; read by the faces alone."""

    model_config = SettingsConfigDict(
        env_prefix="HELPDESK_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    instance: str
    rules: Path = Path("routing_rules.yaml")
    templates: Path | None = None
    state: Path | None = None  # where rotated refresh tokens are kept; see `state_folder`
    secret: Annotated[tuple[SigningKey, ...], BeforeValidator(_as_list)] = ()
    database: DatabaseSettings = DatabaseSettings()
    smtp: SmtpSettings | None = None
    mailbox: dict[Annotated[str, AfterValidator(_mailbox_name)], MailboxSettings] = {}
    limits: LimitsSettings = LimitsSettings()
    _origin: Origin = PrivateAttr(default_factory=Origin)

    @classmethod
    def settings_customise_sources(cls, *_: Any, **sources: Any) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing by itself: `load_settings` joins file and environment, and knows what came from where."""
        return (sources["init_settings"],)

    @field_validator("instance")
    @classmethod
    def _a_domain(cls, instance: str) -> str:
        if is_domain(instance):
            return instance
        raise ValueError("must be a domain of yours in lower case, such as helpdesk.example.org")

    @field_validator("secret")
    @classmethod
    def _keys_apart(cls, keys: tuple[SigningKey, ...]) -> tuple[SigningKey, ...]:
        if len({key.kid for key in keys}) != len(keys):
            raise ValueError("each key needs a kid of its own")
        if keys and keys[0].distrusted:
            raise ValueError("the first key signs, so it can't be a distrusted one")
        return keys

    @field_validator("mailbox")
    @classmethod
    def _each_can_send(cls, mailboxes: dict[str, MailboxSettings], info: ValidationInfo) -> dict[str, MailboxSettings]:
        mute = [name for name, mailbox in mailboxes.items() if mailbox.smtp is None]
        if mute and info.data.get("smtp", ...) is None:
            raise ValueError(
                f"{', '.join(mute)} can't send mail: write a table [smtp] for all, or [mailbox.{mute[0]}.smtp]"
            )
        return mailboxes

    @property
    def file(self) -> Path:
        """The file that these settings were read from."""
        return self._origin.file

    @property
    def state_folder(self) -> Path:
        """Where the desk keeps what is no mail: as set, else beside the SQLite database, else beside this file."""
        prefix, _, path = self.database.url.partition(":///")
        beside = Path(path).parent if prefix == "sqlite" else self.file.parent
        return self.state or beside

    @property
    def smtp_accounts(self) -> dict[str, SmtpSettings]:
        """Every SMTP account by name: "default", and the mailboxes that have one of their own."""
        shared = {DEFAULT_ACCOUNT: self.smtp} if self.smtp else {}
        return shared | {name: mailbox.smtp for name, mailbox in self.mailbox.items() if mailbox.smtp}

    def account_of(self, mailbox: str) -> str:
        """Return the name of the SMTP account that sends for a mailbox."""
        return mailbox if self.mailbox[mailbox].smtp else DEFAULT_ACCOUNT

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Say something about a key, with the line or the variable that it was set by."""
        return self._origin.problem(path, message)

    def missing_secrets(self) -> list[Problem]:
        """Return each secret that can't be read now, with its key and the cure."""
        return [problem for _, secret in secrets_in(self, ()) for problem in _trouble_of(secret)]

    def client_ends(self) -> dict[str, date]:
        """Return the day on which each account's client secret or certificate ends, where one is set."""
        named: list[tuple[str, Account]] = [(f"mailbox {name}", box) for name, box in self.mailbox.items()]
        named += [(f"SMTP account {name}", smtp) for name, smtp in self.smtp_accounts.items()]
        return {name: account.oauth2.expires for name, account in named if account.oauth2 and account.oauth2.expires}

    def warnings(self) -> tuple[Problem, ...]:
        """Return what should be mended though it works: secrets that others on this machine can read."""
        found = ((path, secret.file) for path, secret in secrets_in(self, ()) if secret.file)
        return tuple(
            self.problem(path, f"others can read {file}: chmod 600 {file}")
            for path, file in found
            if _open_to_others(file)
        )


def is_domain(text: str) -> bool:
    """Whether the text can be the right-hand side of a Message-ID of ours: a host name in lower case."""
    return _DOMAIN.fullmatch(text) is not None


def secrets_in(section: BaseModel, path: KeyPath) -> Iterator[tuple[KeyPath, Secret]]:
    """Yield every secret below a table, with its key."""
    for key, value in section:
        yield from _secrets_at(value, (*path, key))


def _secrets_at(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, Secret]]:
    if isinstance(value, Secret):
        yield path, value
    elif isinstance(value, BaseModel):
        yield from secrets_in(value, path)
    elif isinstance(value, dict | tuple):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _secrets_at(item, (*path, key))


def _trouble_of(secret: Secret) -> tuple[Problem, ...]:
    try:
        secret.reveal()
    except ConfigurationError as error:
        return error.problems
    return ()


def _open_to_others(file: Path) -> bool:
    return file.is_file() and bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
