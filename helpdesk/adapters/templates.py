"""Letters into words: the templates of `templates/<language>/<notification>/`, rendered by Jinja.

Called by the services through `ports`. With `template_sandbox` and `template_filters` the only place that knows Jinja.
A template belongs to the admin: it runs in a sandbox, an unknown name is an error that says file and line, and `check`
renders every letter there can be before a customer gets one. A renderer never looks at its files again; to reload, make
a new one.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError

import helpdesk
from helpdesk.adapters.fallback import plain_fallback
from helpdesk.adapters.sample_letters import sample_letters
from helpdesk.adapters.template_filters import filters_for
from helpdesk.adapters.template_sandbox import Compiled, Sandbox
from helpdesk.desk.letter import Letter, for_its_reader
from helpdesk.desk.terms import CUSTOMER_NOTIFICATIONS, NotificationKind
from helpdesk.errors import TemplateError
from helpdesk.services.ports import Content

_VARIABLES = (
    *(field.name for field in fields(Letter)),
    "answers_customer",
    "from_outsider",
    "opened_by_author",
    "commands",
)
_VALUES = attrgetter(*_VARIABLES)
FILES = ("subject.txt", "body.txt", "body.html")
_KINDS = frozenset(kind.value for kind in NotificationKind)
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_MANY_BLANK_LINES = re.compile(r"\n{3,}")


def shipped_templates() -> Path:
    """Return the folder of the templates that come with the program: in the package, or beside it in a checkout."""
    package = Path(helpdesk.__file__).parent
    installed = package / "shipped" / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


def own_folder(language: str, name: str, kind: NotificationKind) -> str:
    """Return where the words that a rule names stand: a refusal is one mail, a ticket's customers get several."""
    return f"{language}/{name}" if kind is NotificationKind.REJECTED else f"{language}/{name}/{kind.value}"


class TemplateRenderer:
    """Renders letters; each file is taken from the first of the directories that has it, else from the shipped ones."""

    def __init__(self, directories: Sequence[Path] = ()) -> None:
        self._directories = (*directories, shipped_templates())
        self._loader = ChoiceLoader([FileSystemLoader(each) for each in self._directories])
        self._compiled = Compiled()
        self._environments: dict[tuple[str, str, bool], Environment] = {}
        self._places: dict[tuple[str, NotificationKind, str, str], str] = {}

    def render(self, letter: Letter) -> Content:
        """Return subject, text and HTML. Raises TemplateError, and ValueError for a note addressed to a customer."""
        letter = for_its_reader(letter)
        plain, escaping = (self._environment(letter.language, letter.queue.zone, html) for html in (False, True))
        subject, body, page = (self._place_of(letter, each) for each in FILES)
        facts = dict(zip(_VARIABLES, _VALUES(letter), strict=True))
        return Content(
            subject=" ".join(_rendered(plain, subject, facts).split()),
            text=_MANY_BLANK_LINES.sub("\n\n", _rendered(plain, body, facts)).strip("\n") + "\n",
            html=_rendered(escaping, page, facts),
        )

    def _place_of(self, letter: Letter, file: str) -> str:
        """Return the name of a letter's file: from the folder that a rule names, where it has one."""
        key = (letter.language, letter.kind, letter.template, file)
        if key not in self._places:
            standard = f"{letter.language}/{letter.kind.value}/{file}"
            own = f"{own_folder(letter.language, letter.template, letter.kind)}/{file}" if letter.template else standard
            self._places[key] = own if any((each / own).is_file() for each in self._directories) else standard
        return self._places[key]

    def fallback(self, letter: Letter) -> Content:
        """Return the letter in built-in plain words, for when `render` fails."""
        return plain_fallback(letter)

    def languages(self) -> tuple[str, ...]:
        """Return the languages that any of the directories has a folder for."""
        folders = (entry for each in self._directories if each.is_dir() for entry in each.iterdir() if entry.is_dir())
        return tuple(sorted({entry.name for entry in folders if _LANGUAGE.fullmatch(entry.name)}))

    def check(self) -> list[TemplateError]:
        """Return what is wrong with the templates: every kind in every language, rendered with sample letters."""
        found = {str(error): error for letter in self._samples() for error in self._faults(letter)}
        return list(found.values())

    def _samples(self) -> Iterator[Letter]:
        for language in self.languages():
            for kind in NotificationKind:
                yield from sample_letters(kind, language)
                for name in self._own_names(language, kind):
                    yield from (replace(letter, template=name) for letter in sample_letters(kind, language))

    def _own_names(self, language: str, kind: NotificationKind) -> list[str]:
        """Return the folders of words of their own that have a file for that kind of mail."""
        if not kind.for_customers:
            return []
        folders = (entry.name for each in self._directories for entry in (each / language).glob("*/") if entry.is_dir())
        return [name for name in sorted({*folders} - _KINDS) if self._has_own(language, name, kind)]

    def _has_own(self, language: str, name: str, kind: NotificationKind) -> bool:
        folder = own_folder(language, name, kind)
        return any((each / folder / file).is_file() for each in self._directories for file in FILES)

    def own_templates(self) -> Mapping[str, frozenset[NotificationKind]]:
        """Return the folders of words that rules can name, each with the kinds of mail that it has words for."""
        found: dict[str, set[NotificationKind]] = {}
        for language in self.languages():
            for kind in CUSTOMER_NOTIFICATIONS:
                for name in self._own_names(language, kind):
                    found.setdefault(name, set()).add(kind)
        return {name: frozenset(kinds) for name, kinds in found.items()}

    def _faults(self, letter: Letter) -> Iterator[TemplateError]:
        template = self._place_of(letter, "subject.txt").rpartition("/")[0]
        try:
            content = self.render(letter)
        except TemplateError as error:
            yield error
            return
        if not letter.kind.about_a_ticket:
            return
        if not content.subject.startswith(f"[{letter.ticket.key}] "):
            yield TemplateError(f"{template}/subject.txt", 1, "a subject begins with [{{ ticket.key }}] and a blank")
        if content.subject.count(letter.ticket.key) > 1:
            yield TemplateError(
                f"{template}/subject.txt", 1, "the key stands once: use {{ ticket.subject | bare(ticket.key) }}"
            )
        if not content.text.strip():
            yield TemplateError(f"{template}/body.txt", 1, "the text is empty")

    def _environment(self, language: str, zone: str, html: bool) -> Environment:
        """Return the environment of that language and zone; its filters know both, its templates stay compiled."""
        key = (language, zone, html)
        if key not in self._environments:
            self._environments[key] = self._made(language, zone, html)
        return self._environments[key]

    def _made(self, language: str, zone: str, html: bool) -> Environment:
        """Return a new environment.

        What is being made decides about escaping, not the file's name: a text file that an HTML mail imports
        must not let a customer's words through as markup.
        """
        environment = Sandbox(
            loader=self._loader,
            undefined=StrictUndefined,
            autoescape=html,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=self._compiled,
            optimized=False,  # there is next to nothing to fold, and to look for it takes a tenth of the compiling
            cache_size=-1,
        )
        environment.filters.update(filters_for(language, zone))
        return environment


def _rendered(environment: Environment, name: str, facts: dict[str, object]) -> str:
    try:
        return environment.get_template(name).render(facts)
    except TemplateSyntaxError as error:
        raise TemplateError(error.name or name, error.lineno, error.message or "syntax error") from error
    except TemplateNotFound as error:
        raise TemplateError(str(error.name or name), 0, "is missing, and so is a shipped one") from error
    except Exception as error:  # a template is a program of the admin's and may fail in any way
        place, line = _place(environment, error) or (name, 0)
        raise TemplateError(place, line, str(error) or type(error).__name__) from error


def _place(environment: Environment, error: Exception) -> tuple[str, int] | None:
    """Return the innermost template and line that the error came through; Jinja writes both into the traceback."""
    assert isinstance(environment.loader, ChoiceLoader)
    roots = [
        Path(path)
        for each in environment.loader.loaders
        if isinstance(each, FileSystemLoader)
        for path in each.searchpath
    ]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        for root in roots:
            if Path(frame.filename).is_relative_to(root):
                return Path(frame.filename).relative_to(root).as_posix(), frame.lineno or 0
    return None
