"""`helpdesk init`: the files of a new desk, never over existing ones."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.new_desk import NewDesk, product_mailboxes, settings_text, usual_addresses
from helpdesk.cli.new_rules import rules_text
from helpdesk.cli.options import JsonOption
from helpdesk.cli.output import print_rows, say
from helpdesk.config.settings import Settings, is_domain, secrets_in
from helpdesk.errors import HelpdeskError, UsageError

Ask = Callable[[str, str, str | None], str]
_DONE = {False: "left as it is", True: "written"}


def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the files go; made if need be.")] = Path(),
    instance: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="A domain of yours, for Message-IDs: helpdesk.example.org")
    ] = None,
    mailbox: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS[=QUEUE]", help="An address customers write to; repeat it for each product."),
    ] = None,
    imap_host: Annotated[str | None, typer.Option(metavar="HOST", help="The server that holds the mailboxes.")] = None,
    smtp_host: Annotated[str | None, typer.Option(metavar="HOST", help="The server that sends our mail.")] = None,
    smtp_username: Annotated[str | None, typer.Option(metavar="NAME", help="The login that sends our mail.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: what no option says gets its default.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write helpdesk.toml, routing_rules.yaml, templates/ and secret.key into DIR.

    What no option says is asked for, with a default; without a terminal the answers are read line by line, and the
    defaults fill the rest. Existing files are left as they are, and named.
    """
    there = all((directory / name).exists() for name in ("helpdesk.toml", "routing_rules.yaml"))  # no answer is needed
    desk = _new_desk(_default if yes or there else _ask, instance, mailbox or [], imap_host, smtp_host, smtp_username)
    done = list(_write_all(directory, desk))
    if as_json:
        print_rows(({"file": str(file), "written": written} for file, written in done), as_json)
    else:
        _say_what_was_done(directory, done)
    settings = _check_result(directory)
    if not as_json:
        _say_what_next(directory, settings)


def _new_desk(
    ask: Ask, instance: str | None, mailboxes: list[str], imap: str | None, smtp: str | None, username: str | None
) -> NewDesk:
    domain = ask(
        "A domain of yours, which stands in the Message-IDs of our mail", "helpdesk.example.org", instance
    ).lower()
    if not is_domain(domain):
        raise UsageError(f"{domain!r} is not a domain such as helpdesk.example.org")
    usual = " ".join(usual_addresses(domain))
    given = " ".join(mailboxes) or None
    written = ask("The addresses customers write to, one a product, apart by blanks", usual, given)
    found = product_mailboxes(written.split())
    imap_host = ask("The IMAP server that holds these mailboxes", f"imap.{domain}", imap)
    smtp_host = ask("The SMTP server that sends our mail", f"smtp.{domain}", smtp)
    login = ask("The user name for sending", found[0].address, username)
    return NewDesk(domain, found, imap_host, smtp_host, login, datetime.now(UTC).astimezone().date())


def _default(_: str, default: str, given: str | None) -> str:
    return given or default


def _ask(question: str, default: str, given: str | None) -> str:
    """Return what was given, else the answer; an empty one, and the end of the input, mean the default."""
    if given:
        return given
    sys.stderr.write(f"{question}\n  [{default}]: " + ("" if sys.stdin.isatty() else "\n"))
    sys.stderr.flush()
    return sys.stdin.readline().strip() or default


def _write_all(directory: Path, desk: NewDesk) -> Iterator[tuple[Path, bool]]:
    """Write what is missing and yield every file, with whether it was written."""
    from helpdesk.wiring import shipped_rules, shipped_templates

    key = base64.b64encode(secrets.token_bytes(32)).decode() + "\n"
    yield _write(directory / "helpdesk.toml", settings_text(desk).encode())
    yield _write(directory / "routing_rules.yaml", rules_text(shipped_rules().read_text("utf-8"), desk).encode())
    yield _write(directory / "secret.key", key.encode(), mode=0o600)
    source = shipped_templates()
    for file in sorted(source.rglob("*")):
        if file.is_file():
            yield _write(directory / "templates" / file.relative_to(source), file.read_bytes())


def _write(file: Path, content: bytes, mode: int = 0o644) -> tuple[Path, bool]:
    """Write a new file; one that is there, a dangling link too, is left alone."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        if file.parent.is_dir():
            return file, False
        raise UsageError(f"{file.parent} is not a directory") from None
    except OSError as error:
        raise UsageError(f"{file} can't be written: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    return file, True


def _check_result(directory: Path) -> Settings:
    """Return the result, read as the daemon would: files that were there before may hold mistakes."""
    from helpdesk.config import load_settings
    from helpdesk.desk.rules.building import load_rules

    settings = load_settings(directory / "helpdesk.toml")
    try:
        load_rules(settings.rules.read_text("utf-8"), str(settings.rules))
    except OSError as error:
        raise HelpdeskError(f"{settings.rules} can't be read: {error.strerror}") from None
    return settings


def _say_what_was_done(directory: Path, done: list[tuple[Path, bool]]) -> None:
    """Name each file, but count the templates."""
    templates = directory / "templates"
    for file, written in done:
        if templates not in file.parents:
            say(f"{_DONE[written]}: {file}")
    for wanted, did in _DONE.items():
        if count := sum(written is wanted and templates in file.parents for file, written in done):
            say(f"{did}: {templates}/ ({count} files)")


def _say_what_next(directory: Path, settings: Settings) -> None:
    files = sorted({secret.file for _, secret in secrets_in(settings, ()) if secret.file})
    missing = [file for file in files if not file.exists()]
    if missing:
        say("\nNow write each password into its file, readable by the helpdesk's user only:")
        for file in missing:
            say(f"  (umask 077; cat > {file})")
    say(f"\nThen: helpdesk check --config {directory / 'helpdesk.toml'}")
