"""How we trust a server: TLS verified by name, or nothing. Called by the IMAP and the SMTP adapter (RFC 8314)."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Literal

from helpdesk.config.accounts import is_loopback

Security = Literal["tls", "starttls", "plain"]


def client_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that checks certificate and name, by the system's authorities or those in `ca_file`."""
    return ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=None if ca_file is None else str(ca_file))


def shows_secrets(host: str, security: Security, *, allow_plaintext: bool) -> bool:
    """Whether a login would cross a network in the open without the operator having said so."""
    return security == "plain" and not allow_plaintext and not is_loopback(host)
