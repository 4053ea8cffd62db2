"""The files of a new desk as texts: what `helpdesk init` writes. Pure; the command asks and writes.

The texts are their own manual, so they are written out here as an operator will read them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from helpdesk.errors import UsageError

PRODUCTS = ("DYNAMICS", "PROPHIX", "TARGIT", "POWERBI")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_HELP_WORDS = re.compile(r"^(pomoc|support|help|serwis)[-_.]?(?=.)", re.IGNORECASE)
_REMARK = re.compile(r"^((?:# )?[\w\[][^#\n]*\S) {2,}(# .*)$", re.MULTILINE)  # behind a setting, whatever its length


@dataclass(frozen=True, slots=True)
class ProductMailbox:
    """One address customers write to, and the queue its mail lands in."""

    address: str
    queue: str

    @property
    def name(self) -> str:
        """The mailbox's name in helpdesk.toml."""
        return self.queue.lower()


@dataclass(frozen=True, slots=True)
class NewDesk:
    """What must be known before a desk's files can be written."""

    instance: str
    mailboxes: tuple[ProductMailbox, ...]
    imap_host: str
    smtp_host: str
    smtp_username: str
    since: date

    @property
    def domain(self) -> str:
        """The domain that customers write to."""
        return self.mailboxes[0].address.rpartition("@")[2].lower()


def product_mailboxes(written: Sequence[str]) -> tuple[ProductMailbox, ...]:
    """Return the mailboxes of `ADDRESS` or `ADDRESS=QUEUE`; raises UsageError for what is neither."""
    found = tuple(_product_mailbox(one.strip()) for one in written)
    names = [mailbox.name for mailbox in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"two mailboxes would be called {twice!r}: name their queues, ADDRESS=QUEUE")
    return found


def _product_mailbox(written: str) -> ProductMailbox:
    address, _, queue = written.partition("=")
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"{address!r} is not an address such as PomocDYNAMICS@helpdesk.example.org")
    guessed = _HELP_WORDS.sub("", address.partition("@")[0])
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", queue or guessed).strip("_-").upper()
    if not name:
        raise UsageError(f"{address!r} gives its queue no name: write {address}=QUEUE")
    return ProductMailbox(address, name)


def usual_addresses(domain: str) -> tuple[str, ...]:
    """Return one address a product, in the style of the desk's house."""
    return tuple(f"Pomoc{product}@{domain}" for product in PRODUCTS)


def settings_text(desk: NewDesk) -> str:
    """Return helpdesk.toml."""
    head = _HEAD.format(
        instance=_quoted(desk.instance),
        smtp_host=_quoted(desk.smtp_host),
        smtp_username=_quoted(desk.smtp_username),
    )
    first, *others = desk.mailboxes
    mailboxes = [_mailbox(_FIRST_MAILBOX, first, desk), *(_mailbox(_MAILBOX, one, desk) for one in others)]
    text = "".join([head, *mailboxes, _TAIL])
    return _REMARK.sub(lambda found: f"{found[1]:<38} {found[2]}", text)


def _mailbox(template: str, mailbox: ProductMailbox, desk: NewDesk) -> str:
    return template.format(
        name=mailbox.name,
        host=_quoted(desk.imap_host),
        username=_quoted(mailbox.address),
        queue=_quoted(mailbox.queue),
        secret=_quoted(f"{mailbox.name}.secret"),
        since=desk.since.isoformat(),
    )


def _quoted(text: str) -> str:
    """Return the text as a TOML string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False)


_HEAD = """\
# Where things are: the operator's file. What mails mean stands in routing_rules.yaml.
#
# - Paths are relative to this file.
# - Passwords don't belong in here, only the places where they lie:
#     {{ file = "name.secret" }}      a file that only the helpdesk's user can read (chmod 600)
#     {{ env = "NAME" }}              a variable of the environment
#     {{ credential = "name" }}       systemd's LoadCredential=, see systemd/helpdesk.service
# - Any key can be overridden by the environment: HELPDESK_DATABASE__URL, HELPDESK_SMTP__PORT,
#   HELPDESK_MAILBOX__DYNAMICS__HOST …
# - `helpdesk check` reads this file, then tries every login that stands in it.

# A domain of yours, in lower case. It stands in the Message-IDs of our mail and marks it as ours when it comes back:
# choose it once.
instance = {instance}

rules = "routing_rules.yaml"
templates = "templates"  # the texts of our mail; what is missing there is taken from the program's own

# Signs the addresses in our mail's Reply-To. Keep a copy: answers to old mail need it.
# To change it: secret = [{{ kid = "2", file = "new.key" }}, {{ kid = "1", file = "secret.key" }}]
# and mark a stolen one: {{ kid = "1", file = "secret.key", distrusted = true }}.
secret = {{ file = "secret.key" }}

[database]
url = "sqlite:///helpdesk.db"  # or "postgresql+psycopg://user@host/name"
# password = {{ file = "db.secret" }}  # PostgreSQL's, to keep it out of the URL

# The account that sends, for every mailbox that has none of its own.
[smtp]
host = {smtp_host}
port = 587
security = "starttls"  # tls | starttls | plain (in the open: only to this machine itself)
username = {smtp_username}
password = {{ file = "smtp.secret" }}
# Microsoft 365 and Google want a token instead of a password (docs/mailboxes.md); a refresh_token may stand in it too:
# oauth2 = {{ token_url = "https://…/token", client_id = "…", client_secret = {{ file = "…" }}, scope = "…" }}
# ca_file = "company-ca.pem"  # if the server's certificate is signed by an authority of your own
"""

_FIRST_MAILBOX = """
# One table a mailbox. The name behind the dot is used in commands and in the log.
[mailbox.{name}]
host = {host}
port = 993
security = "tls"  # tls | starttls | plain
username = {username}
password = {{ file = {secret} }}  # or oauth2 = {{ … }}, as above
folder = "INBOX"
queue = {queue}  # where a mail goes if none of its recipients is an address of a queue
poll = "60s"  # new mail is also announced by the server (IDLE); idle = false switches that off
since = "{since}"  # mail that came before this day is left alone
after_intake = "move:Helpdesk/Taken"  # keep | seen | delete | move:FOLDER, always after the mail is safe with us
# subaddressing = true  # if user+anything@ is delivered to user@ as well
# Whose word counts about who wrote a mail: your own mail server's, by the name in its Authentication-Results.
# authentication = {{ profile = "rfc8601", authserv_id = "mx.example.org" }}  # rfc8601 | m365 | submit | none
# delivered_to = "Delivered-To"  # the header that your server notes the true recipient in
# max_size = "50MB"  # of a larger mail only the beginning is taken
# [mailbox.{name}.smtp]  # an account of its own, with the keys of [smtp]
"""

_MAILBOX = """
[mailbox.{name}]
host = {host}
port = 993
security = "tls"
username = {username}
password = {{ file = {secret} }}
queue = {queue}
since = "{since}"
"""

_TAIL = """
# How much automatic mail may go out, and when none does; these are the defaults.
[limits]
# stranger_per_hour = 3  # to one address that belongs to no customer we know
# stranger_per_day = 5
# domain_per_hour = 30  # to all strangers of one domain
# strangers_per_hour = 60  # to all strangers together
# contact_per_hour = 20  # to one person of a customer; they share no ceiling
# acknowledge_within = "3d"  # older mail opens its ticket without an acknowledgement
# attach_up_to = "10MB"  # attachments travel in our notices to consultants up to here
"""
