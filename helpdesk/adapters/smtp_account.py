"""What there is to know about one SMTP account before a connection: plain values, made by a face from its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.adapters.tls import Security
from helpdesk.adapters.tokens import Tokens


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """Where to hand mail over and how to log in (RFC 6409); without a username there is no login."""

    name: str
    host: str
    port: int
    security: Security
    username: str = ""
    password: str | Callable[[], str] = field(default="", repr=False)
    token: Tokens | None = field(default=None, repr=False)  # an OAuth 2 access token; may block
    local_hostname: str = ""  # what EHLO says; nothing: the machine's own name
    connect_timeout: float = 15.0  # seconds
    command_timeout: float = 60.0
    data_timeout: float = 600.0  # servers may think that long about a final dot (RFC 5321 §4.5.3.2.6)
    ca_file: Path | None = None
    allow_plaintext: bool = False

    def secret(self) -> str:
        """Return the password, asked for at each login, so that a changed secret needs no restart."""
        return self.password() if callable(self.password) else self.password

    @property
    def server(self) -> str:
        """What people look for in the settings: host and port."""
        return f"{self.host}:{self.port}"
