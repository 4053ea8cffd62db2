"""`helpdesk rules test` and `diff`: what the rules make of one mail, and what other rules make of all of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from helpdesk.cli.options import ConfigOption, JsonOption, RulesOption
from helpdesk.cli.output import print_json, print_rows, say, visible
from helpdesk.cli.rules_file import given_time, read_rules
from helpdesk.desk.hours import to_local
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.samples import run_samples
from helpdesk.errors import UsageError

if TYPE_CHECKING:  # imported when called: `rules when` and `check` start fast
    from helpdesk.services.desk import Desk
    from helpdesk.services.promises import Moved
    from helpdesk.services.rehearsal import Rehearsal
    from helpdesk.services.trial import Trial
    from helpdesk.store.unit_of_work import Database

STEPS = ("step", "outcome", "why")


def test(
    file: Annotated[Path, typer.Argument(metavar="FILE.eml", help="A raw mail, as a server delivers it.")],
    config: ConfigOption = None,
    rules: RulesOption = None,
    mailbox: Annotated[
        str | None, typer.Option("--mailbox", metavar="NAME", help="Which mailbox of helpdesk.toml delivers it.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When it is delivered; by default as its Date says.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what would happen to a mail, step by step, rule by rule, with the mails that would go out.

    It is played in a database that is thrown away, with the tickets of the desk that it speaks of; nothing is sent.
    """

    from helpdesk.mail.parse import parse_message
    from helpdesk.services.rehearsal import rehearse

    desk = _desk(config, rules)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}") from None
    delivered_at = given_time(at, desk.rules.timezone) if at else parse_message(raw).date or datetime.now(UTC)
    with _database(config, rules) as database:
        found = rehearse(desk, _mailbox(desk, mailbox), raw, delivered_at, delivered_at, database)
    _print_json(found) if as_json else _print_story(found)


def _desk(config: Path | None, rules: Path | None) -> Desk:
    """Return the desk of the settings under the file's rules; with `--rules` alone, one that trusts no server."""
    if rules is not None and config is None:
        from helpdesk.adapters.templates import TemplateRenderer
        from helpdesk.services.desk import Desk

        return Desk("helpdesk.invalid", read_rules(None, rules), TemplateRenderer([]))
    from helpdesk.config import load_settings
    from helpdesk.premises import make_desk

    settings = load_settings(config)
    return make_desk(settings, read_rules(config, rules))


@contextmanager
def _database(config: Path | None, rules: Path | None) -> Iterator[Database | None]:
    """Yield the desk's database to read in; None where the settings are not asked, or name none of this schema."""
    if rules is not None and config is None:
        yield None
        return
    from helpdesk.config import load_settings
    from helpdesk.store.health import examine
    from helpdesk.store.unit_of_work import Database

    url = load_settings(config).database.connect_url()
    if not examine(url).is_current:
        yield None
        return
    with closing(Database(url)) as database:
        yield database


def _mailbox(desk: Desk, name: str | None) -> str:
    if name is None:
        return next(iter(desk.mailbox_queues), "")
    if name not in desk.mailbox_queues:
        raise UsageError(f"helpdesk.toml has no mailbox {name!r}; it has: {', '.join(desk.mailbox_queues) or 'none'}")
    return name


def _print_json(found: Rehearsal) -> None:
    print_json(
        {
            "disposition": found.disposition,
            "reason": found.reason,
            "steps": found.steps,
            "rules": found.rules,
            "mails": [
                {"notification": letter.notification, "recipient": letter.recipient, **_words(letter.content)}
                for letter in found.letters
            ],
        }
    )


def _words(content: bytes) -> dict[str, str]:

    from helpdesk.mail.parse import parse_message

    message = parse_message(content)
    return {"subject": message.subject, "text": message.text}


def _print_story(found: Rehearsal) -> None:
    sys.stdout.write(f"{found.disposition}: {visible(found.reason)}\n\nStep by step\n")
    print_rows(({name: getattr(step, name) for name in STEPS} for step in found.steps), as_json=False, columns=STEPS)
    sys.stdout.write("\nRule by rule\n" if found.rules else "\nThe rules were not asked.\n")
    print_rows(({name: getattr(step, name) for name in STEPS} for step in found.rules), as_json=False, columns=STEPS)
    for letter in found.letters:
        words = _words(letter.content)
        sys.stdout.write(f"\n── {letter.notification} to {visible(letter.recipient)}: {visible(words['subject'])}\n")
        sys.stdout.write("".join(f"   {visible(line)}\n" for line in words["text"].splitlines()))
    if not found.letters:
        sys.stdout.write("\nNo mail would go out.\n")


def diff(
    new: Annotated[Path, typer.Argument(metavar="NEW.yaml", help="The rules to compare with those in force.")],
    config: ConfigOption = None,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, help="Over the mail of so many days.")] = 30,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Move those deadlines now, each with a line in its ticket's history.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what other rules would have changed over the stored mail, and which deadlines would move."""

    from helpdesk.premises import make_desk, opened, utc_now
    from helpdesk.services import promises
    from helpdesk.services.desk import Unit
    from helpdesk.services.trial import compare

    wanted = read_rules(config, new)
    for failure in run_samples(wanted):
        say(f"! {new}: {failure}; the file would be refused")
    with opened(config) as premises:
        now = utc_now()
        other = make_desk(premises.settings, wanted)
        trial = compare(premises.database, premises.desk, other, now - timedelta(days=days))
        with premises.database.begin() if recompute else premises.database.read() as session:
            unit = Unit(session, other, now)
            moved = promises.recompute(unit) if recompute else promises.moved(unit)
    rows = _rows(trial, moved, wanted)
    if as_json:
        print_rows(rows, as_json=True)
    else:
        _print_trial(trial, moved, list(rows), recompute)


def _rows(trial: Trial, moved: list[Moved], rules: Rules) -> Iterator[dict[str, Any]]:
    """Yield each group of changes, the largest first, then each deadline."""
    for change, entries in sorted(trial.changes.items(), key=lambda item: (-len(item[1]), item[0])):
        yield {
            "what": change.field,
            "old": change.old,
            "new": change.new,
            "mails": len(entries),
            "entries": entries[:10],
        }
    for each in moved:
        yield {
            "what": f"react_by of {each.ticket}",
            "old": _time(each.old, rules.timezone),
            "new": _time(each.new, rules.timezone),
            "mails": 1,
            "entries": [],
        }


def _time(at: datetime | None, zone: str) -> datetime | None:
    return to_local(at, zone) if at else None


def _print_trial(trial: Trial, moved: list[Moved], rows: list[dict[str, Any]], recomputed: bool) -> None:
    overdue = sum(each.overdue for each in moved)
    print_rows(rows, as_json=False, columns=("what", "old", "new", "mails", "entries"))
    sys.stdout.write(
        f"{trial.mails} mails compared, {sum(map(len, trial.changes.values()))} changes; "
        f"{len(moved)} deadlines {'moved' if recomputed else 'would move'}, {overdue} become overdue\n"
    )
    if not recomputed:
        sys.stdout.write(
            "Promises already made stay as they are; the new rules count for what comes after (else: --recompute).\n"
        )
