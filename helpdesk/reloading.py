"""Keeping a running desk in step with the files that the admin edits: rules and templates, all or nothing.

The daemon asks it every few seconds to look at the files, and at SIGHUP to judge them at once. What is right comes
into force as a whole desk, from the next batch on; what is wrong changes nothing, and log, `status` and one mail to
the admin say so.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from helpdesk import logs
from helpdesk.errors import ConfigurationError, DatabaseUnavailable, Problem, RulesError, TemplateError
from helpdesk.premises import Premises, make_desk, rules_check, utc_now
from helpdesk.services import rulebook, rulesfile
from helpdesk.services.desk import Desk, Renderer
from helpdesk.wiring import make_renderer

log = logs.get_logger(__name__)

Fingerprint = tuple[tuple[str, int, int, int], ...]  # of each file: name, mtime (ns), size, inode


class RulesKeeper:
    """Replaces the premises' desk when the files are right; safe to call from several threads."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self._lock = threading.Lock()
        self._seen: Fingerprint = ()
        self._judged: Fingerprint | None = None  # none yet: the first look judges, templates and all
        self._checked: Fingerprint | None = None  # the templates that the renderer at work was made from

    def look(self) -> bool:
        """Judge the files if they changed and have come to rest; return whether a mail was written.

        At rest are files that two looks find alike: one that is just being written is not judged half-saved.
        """
        found = fingerprint(self.premises.settings.rules, self.premises.settings.templates)
        at_rest, self._seen = found == self._seen, found
        return at_rest and found != self._judged and self.reload()

    def reload(self) -> bool:
        """Judge the files now; return whether a mail was written. Nothing that stands in them can raise."""
        with self._lock:
            settings = self.premises.settings
            self._judged, templates = fingerprint(settings.rules, settings.templates), fingerprint(settings.templates)
            text = ""
            try:
                text = rulesfile.read_text(settings.rules)
                desk = self._judge(text)
            except ConfigurationError as error:
                return self._refuse(text, error.problems)
            except Exception as error:
                log.exception("rules.failed")
                problem = Problem(str(settings.rules), 0, 0, "", f"could not be judged: {type(error).__name__}")
                return self._refuse(text, (problem,))
            self._take_up(desk, text, templates)
            return False

    def _judge(self, text: str) -> Desk:
        """Return the desk that the files describe. Raises RulesError with what is wrong in rules and templates."""
        settings, at_work = self.premises.settings, self.premises.desk.rules
        check = rules_check(settings)
        if rulesfile.version_of(text) != at_work.version_hash:
            at_work = rulesfile.accepted_rules(text, settings.rules, check)
        elif problems := check(at_work):  # the templates that they name may be gone
            raise RulesError(problems)
        return replace(make_desk(settings, at_work), renderer=self._renderer())

    def _renderer(self) -> Renderer:
        """Return the renderer at work while its templates stay as they are, else a new one. Raises RulesError."""
        settings = self.premises.settings
        if fingerprint(settings.templates) == self._checked:
            return self.premises.desk.renderer
        renderer = make_renderer(settings)
        if broken := renderer.check():
            raise RulesError([_problem(error) for error in broken])
        return renderer

    def _take_up(self, desk: Desk, text: str, templates: Fingerprint) -> None:
        """Let the desk come into force, once its version is kept: no decision names one that is not."""
        try:
            rulebook.accept(self.premises.database, desk.rules, text, utc_now())
            rulebook.settle(self.premises.database)
        except DatabaseUnavailable as error:
            self._judged = None  # to be judged again, when the database is there
            log.error("rules.not_kept", detail=str(error))
            return
        news = desk.rules.version_hash != self.premises.desk.rules.version_hash or bool(self.premises.refused)
        self.premises.desk, self.premises.refused, self._checked = desk, (), templates
        log.info("rules.accepted" if news else "rules.unchanged", version=desk.rules.version_hash[:12])

    def _refuse(self, text: str, problems: tuple[Problem, ...]) -> bool:
        self.premises.refused = problems
        for problem in problems:
            log.error("rules.refused", problem=str(problem))
        try:
            return rulebook.refuse(self.premises.database, self.premises.desk, text, problems, utc_now())
        except DatabaseUnavailable as error:
            self._judged = None
            log.error("rules.not_kept", detail=str(error))
            return False


def _problem(error: TemplateError) -> Problem:
    return Problem(f"templates/{error.template}", error.line, 0, "", error.detail)


def fingerprint(*places: Path | None) -> Fingerprint:
    """Return what tells an edit of these files and folders; what is not there has none."""
    files = [file for place in places if place is not None for file in (place, *sorted(place.rglob("*")))]
    return tuple(found for file in files if (found := _stat(file)) is not None)


def _stat(file: Path) -> tuple[str, int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return str(file), found.st_mtime_ns, found.st_size, found.st_ino
