"""The files of the demo's desk in its temporary folder: what an operator and an admin would have written."""

from __future__ import annotations

import secrets
from pathlib import Path

from helpdesk.sandbox.cast import PASSWORD, PRODUCTS, address_of
from helpdesk.sandbox.mailserver import HOST, MailServer

RULES = Path(__file__).with_name("routing_rules.yaml")

_SETTINGS = """\
# The settings of the desk that `helpdesk demo` runs. They last as long as the demo.
# Your own desk's file, commented as its own manual, is written by `helpdesk init`.

instance = "helpdesk.example"
rules = "routing_rules.yaml"
secret = {{ file = "secret.key" }}

[database]
url = "sqlite:///helpdesk.db"

[smtp]
host = "{host}"
port = {smtp_port}
security = "plain"  # in the open: allowed because the server is this very machine
"""

_MAILBOX = """
[mailbox.{name}]
host = "{host}"
port = {imap_port}
security = "plain"
username = "{address}"
password = {{ file = "mailboxes.secret" }}
queue = "{product}"
poll = "1s"
"""


def write_desk(folder: Path, server: MailServer) -> Path:
    """Write settings, rules and secrets; return the path of helpdesk.toml."""
    _write_secret(folder / "mailboxes.secret", PASSWORD)
    _write_secret(folder / "secret.key", secrets.token_urlsafe(32))
    (folder / "routing_rules.yaml").write_bytes(RULES.read_bytes())
    config = folder / "helpdesk.toml"
    config.write_text(_SETTINGS.format(host=HOST, smtp_port=server.smtp_port) + _mailboxes(server), encoding="utf-8")
    return config


def _mailboxes(server: MailServer) -> str:
    return "".join(
        _MAILBOX.format(
            name=product.lower(), host=HOST, imap_port=server.imap_port, address=address_of(product), product=product
        )
        for product in PRODUCTS
    )


def _write_secret(file: Path, secret: str) -> None:
    file.touch(mode=0o600)
    file.write_text(secret + "\n", encoding="utf-8")
