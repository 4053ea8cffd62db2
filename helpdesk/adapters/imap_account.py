"""What there is to know about one IMAP mailbox before it is opened: plain values, made by a face from its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.adapters.tls import Security
from helpdesk.adapters.tokens import Tokens


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """Where a mailbox is, how to log in, and how much to take at once. Folders are spelled with "/"."""

    name: str
    host: str
    port: int
    security: Security
    username: str
    password: str | Callable[[], str] = field(default="", repr=False)
    token: Tokens | None = field(default=None, repr=False)  # an OAuth 2 access token instead of a password
    folder: str = "INBOX"
    after_intake: str = "move:Helpdesk/Taken"  # keep | seen | delete | move:FOLDER
    idle: bool = True
    max_size: int = 50_000_000  # bytes; of a larger mail only the header and the first 64 KiB are taken
    batch_count: int = 50
    batch_bytes: int = 16 * 1024 * 1024
    connect_timeout: float = 15.0  # seconds, for each step of connecting
    command_timeout: float = 60.0  # seconds without a byte from the server
    ca_file: Path | None = None
    allow_plaintext: bool = False

    def secret(self) -> str:
        """Return the password, asked for at each login, so that a changed secret needs no restart."""
        return self.password() if callable(self.password) else self.password

    @property
    def server(self) -> str:
        """What people look for in the settings: host and port."""
        return f"{self.host}:{self.port}"
