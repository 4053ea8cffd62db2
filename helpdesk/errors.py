"""The tree of errors: surprises only. Ordinary outcomes are values with reasons.

    HelpdeskError
    ├── ConfigurationError        the operator: helpdesk.toml, environment, secrets      (exit 2)
    │   └── RulesError            the admin: routing_rules.yaml                          (exit 2)
    ├── UsageError                who typed the command                                  (exit 2)
    ├── NotFoundError             who typed the command: no such ticket, entry, mailbox  (exit 1)
    ├── TemporaryError            nobody: try again later                                (exit 75)
    │   ├── MailboxUnavailable    the operator, if it lasts: the IMAP server can't be reached or trusted
    │   ├── TransportUnavailable  the operator, if it lasts: the SMTP server can't be reached or trusted
    │   ├── DatabaseUnavailable   the operator, if it lasts: the database can't be reached, is locked or full
    │   │   └── DatabaseConflict  nobody: two units of work collided, and one is done again
    │   └── AlreadyRunning        the operator: another daemon holds this database
    ├── LoginRefused              the operator: a user name, password or token is wrong
    │   └── SecretMissing         the operator: what to log in with is not where the settings say
    ├── SchemaError               the operator: the database needs `helpdesk db upgrade`, or a newer program
    └── TemplateError             the admin: a template is missing or names what does not exist

Facts are attributes; `str(error)` is one sentence for people, naming the place and the cure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class HelpdeskError(Exception):
    """Something that stops the work at hand; the subclass says who must act."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file that people edit: where it is, and what to do about it."""

    file: str
    line: int  # from 1; 0 when the place is not known
    column: int
    key: str  # dotted path, e.g. "queues.DYNAMICS.calendar"
    message: str  # says what is wrong and, where there is one, the nearest known name

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigurationError(HelpdeskError):
    """The settings can't be used. The operator must edit the file that `problems` names."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RulesError(ConfigurationError):
    """The rules can't be used. The admin must edit routing_rules.yaml."""


class UsageError(HelpdeskError):
    """The command was called in a way that can't be meant."""

    exit_code = 2


class NotFoundError(HelpdeskError):
    """What was asked for does not exist."""


class TemporaryError(HelpdeskError):
    """Nothing is wrong that time may not mend."""

    exit_code = 75


class MailboxUnavailable(TemporaryError):
    """The IMAP server can't be reached, broke off, or is not who it says; `reason` is a fixed word."""

    def __init__(self, mailbox: str, reason: str, detail: str) -> None:
        self.mailbox, self.reason, self.detail = mailbox, reason, detail
        super().__init__(f"mailbox {mailbox}: {detail}")


class TransportUnavailable(TemporaryError):
    """The SMTP server can't be reached, broke off before a mail was handed over, or is not who it says.

    `at_mail` tells that a session stood, and ended at the mail at hand: so it may end each time.
    """

    def __init__(self, account: str, reason: str, detail: str, *, at_mail: bool = False) -> None:
        self.account, self.reason, self.detail, self.at_mail = account, reason, detail, at_mail
        super().__init__(f"SMTP account {account}: {detail}")


class DatabaseUnavailable(TemporaryError):
    """The database can't be reached, is locked, or has no room; what was under way has not happened."""


class DatabaseConflict(DatabaseUnavailable):
    """Two units of work stood in each other's way: the same work can be done again at once."""


class AlreadyRunning(TemporaryError):
    """Another daemon works on this database."""


class LoginRefused(HelpdeskError):
    """A server knows us not: `account` names the mailbox or SMTP account."""

    def __init__(self, account: str, detail: str) -> None:
        self.account, self.detail = account, detail
        super().__init__(f"{account}: login refused: {detail}")


class SecretMissing(LoginRefused):
    """No login was tried: the secret can't be read; the detail names file, line and key."""

    def __str__(self) -> str:
        return f"{self.account}: no login without its secret: {self.detail}"


class SchemaError(HelpdeskError):
    """The database is of another version than this program."""


class TemplateError(HelpdeskError):
    """A template can't be rendered: `template` and `line` say where."""

    def __init__(self, template: str, line: int, detail: str) -> None:
        self.template, self.line, self.detail = template, line, detail
        super().__init__(f"{template}:{line}: {detail}" if line else f"{template}: {detail}")
