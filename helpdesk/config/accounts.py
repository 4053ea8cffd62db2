"""The servers we log in to: IMAP mailboxes, SMTP accounts, and the ways to prove who we are."""

from __future__ import annotations

import ipaddress
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from helpdesk.config.quantities import Duration, Size
from helpdesk.config.secrets import Secret, Section

INCOMPLETE = "incomplete"  # the kind of error that says: another key is needed beside this one

Security = Literal["tls", "starttls", "plain"]
Profile = Literal["none", "rfc8601", "m365", "submit"]


def is_loopback(host: str) -> bool:
    """Whether the name can only mean this machine (RFC 6761 §6.3 for localhost)."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class OAuth2Settings(Section):
    """A token instead of a password: by client credentials (RFC 6749 §4.4) or by a refresh token (§6)."""

    token_url: str
    client_id: str = Field(min_length=1)
    client_secret: Secret | None = None
    refresh_token: Secret | None = None  # what a person's consent gave; one the authority rotates is kept in `state`
    scope: str = ""
    expires: date | None = None  # the day on which the client's secret or certificate ends

    @field_validator("refresh_token")
    @classmethod
    def _some_proof(cls, refresh_token: Secret | None, info: ValidationInfo) -> Secret | None:
        if refresh_token is None and info.data.get("client_secret", ...) is None:
            raise PydanticCustomError(INCOMPLETE, "needs a client_secret, or the refresh_token of a public client")
        return refresh_token

    @field_validator("token_url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            return url
        raise ValueError("must begin with https://: the client's secret is sent there")


class Account(Section):
    """A login on a server. TLS is demanded, never optional: a STARTTLS that is not offered is a failure."""

    default_ports: ClassVar[dict[str, int]] = {}

    host: str = Field(min_length=1, pattern=r"^\S+$")
    allow_plaintext: bool = False  # in the open to another machine: only inside a network you trust
    security: Security = "tls"
    port: int = Field(default=0, ge=0, le=65535)
    ca_file: Path | None = None  # certificates of a private authority, instead of the system's
    username: str = ""
    password: Secret | None = None
    oauth2: OAuth2Settings | None = None

    # Rules that join keys are validators of the later key, so that one run reports all that is wrong.

    @field_validator("security")
    @classmethod
    def _not_in_the_open(cls, security: Security, info: ValidationInfo) -> Security:
        if (
            security == "plain"
            and not info.data.get("allow_plaintext", True)
            and not is_loopback(info.data.get("host", "localhost"))
        ):
            raise ValueError(
                "'plain' shows mail and password to the network: use tls or starttls, or set allow_plaintext = true"
            )
        return security

    @field_validator("port")
    @classmethod
    def _usual_port(cls, port: int, info: ValidationInfo) -> int:
        return port or cls.default_ports.get(info.data.get("security", ""), 0)

    @field_validator("oauth2")
    @classmethod
    def _one_proof(cls, oauth2: OAuth2Settings | None, info: ValidationInfo) -> OAuth2Settings | None:
        if not {"username", "password"} <= info.data.keys():
            return oauth2  # what is wrong there is said there
        username, password = info.data["username"], info.data["password"]
        if oauth2 and password:
            raise ValueError("give either password or oauth2, not both")
        if username and not (oauth2 or password):
            raise PydanticCustomError(INCOMPLETE, "a username needs a password or oauth2 beside it")
        if (oauth2 or password) and not username:
            raise PydanticCustomError(INCOMPLETE, "a password or oauth2 needs a username beside it")
        return oauth2


class SmtpSettings(Account):
    """An account that takes our mail (submission, RFC 6409). Without a username there is no login."""

    default_ports: ClassVar[dict[str, int]] = {"tls": 465, "starttls": 587, "plain": 25}

    security: Security = "starttls"


class AuthenticationSettings(Section):
    """Whose word about an author's identity counts (RELIABILITY 3.4)."""

    profile: Profile = "none"
    authserv_id: str = ""

    @field_validator("authserv_id")
    @classmethod
    def _named(cls, authserv_id: str, info: ValidationInfo) -> str:
        if info.data.get("profile") in ("rfc8601", "submit") and not authserv_id:
            raise ValueError(f"profile {info.data['profile']} needs the name of your own mail server")
        return authserv_id


class MailboxSettings(Account):
    """One IMAP mailbox that the desk empties."""

    default_ports: ClassVar[dict[str, int]] = {"tls": 993, "starttls": 143, "plain": 143}

    username: str = Field(min_length=1)
    folder: str = "INBOX"
    queue: str = Field(min_length=1)  # where a mail goes if none of its recipients is an address of a queue
    poll: Duration = timedelta(seconds=60)
    idle: bool = True
    since: date | None = None  # mail delivered before that day is left alone
    after_intake: str = "move:Helpdesk/Taken"
    subaddressing: bool = False
    authentication: AuthenticationSettings = AuthenticationSettings()
    delivered_to: str = Field(default="", pattern=r"^[!-9;-~]*$")  # a field name, RFC 5322 §2.2
    max_size: Size = 50_000_000
    smtp: SmtpSettings | None = None  # an account of its own, instead of [smtp]

    @field_validator("after_intake")
    @classmethod
    def _known_filing(cls, value: str) -> str:
        if value in ("keep", "seen", "delete") or value.removeprefix("move:").strip() not in ("", value):
            return value
        raise ValueError(f"{value!r} is none of keep, seen, delete, move:FOLDER")
