"""A desk whose files a test edits, its premises, and who keeps them in step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk.desk.terms import NotificationKind
from helpdesk.premises import Premises, opened
from helpdesk.reloading import RulesKeeper
from helpdesk.store import rulesets
from helpdesk.store.tables import OutboxRow
from tests.services.desk_at_work import RULES as GOOD
from tests.services.desk_at_work import DeskAtWork

SETTINGS = """\
instance = "desk.example.org"
templates = "templates"
[database]
url = "sqlite:///{folder}/helpdesk.db"
[smtp]
host = "127.0.0.1"
security = "plain"
[mailbox.dynamics]
host = "127.0.0.1"
security = "plain"
username = "u"
password = {{ env = "PATH" }}
queue = "DYNAMICS"
"""
BROKEN = GOOD.replace("calendar: cwt, reaction", "calendar: ctw, reaction")


class Site:
    """The files of a desk, its premises, and who keeps them in step."""

    def __init__(self, folder: Path, premises: Premises) -> None:
        self.rules, self.templates = folder / "routing_rules.yaml", folder / "templates"
        self.config, self.premises, self.keeper = folder / "helpdesk.toml", premises, RulesKeeper(premises)
        self.keeper.reload()

    def edit(self, text: str | bytes) -> None:
        """Save the rules as an editor does: beside the file, then in its place."""
        new = self.rules.with_suffix(".new")
        new.write_bytes(text if isinstance(text, bytes) else text.encode())
        new.rename(self.rules)

    def look_twice(self) -> bool:
        return [self.keeper.look(), self.keeper.look()][-1]

    @property
    def version(self) -> str:
        return self.premises.desk.rules.version_hash

    def accepted(self) -> set[str]:
        with self.premises.database.read() as session:
            return rulesets.digests(session)

    def refusals(self) -> list[str]:
        with self.premises.database.read() as session:
            return rulesets.standing_refusals(session)

    def told(self) -> list[str]:
        """Return who was told of refused rules."""
        rows = DeskAtWork(self.premises.database).rows(OutboxRow, notification=NotificationKind.NOTICE_RULES)
        return [row.recipient for row in rows]

    def write_template(self, name: str, text: str) -> None:
        file = self.templates / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """Yield a desk at work in an empty folder."""
    (folder / "helpdesk.toml").write_text(SETTINGS.format(folder=folder))
    (folder / "routing_rules.yaml").write_text(GOOD)
    (folder / "templates").mkdir()
    with opened(folder / "helpdesk.toml") as premises:
        yield Site(folder, premises)
