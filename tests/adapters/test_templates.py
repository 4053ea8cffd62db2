"""The renderer: which file is taken, what is said when one is wrong, and how to look before customers do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from helpdesk.adapters.previews import main, write_previews
from helpdesk.adapters.sample_facts import TICKET
from helpdesk.adapters.sample_letters import sample_letters
from helpdesk.adapters.templates import TemplateRenderer, shipped_templates
from helpdesk.desk.terms import NotificationKind
from helpdesk.errors import TemplateError

LANGUAGES = ("pl", "en")
NEW = next(sample_letters(NotificationKind.NEW, "pl"))


@pytest.fixture(scope="module")
def renderer() -> TemplateRenderer:
    return TemplateRenderer()


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., TemplateRenderer]:
    """Return a renderer whose first folder holds the given file."""

    def write(name: str, text: str) -> TemplateRenderer:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return TemplateRenderer([tmp_path])

    return write


def test_shipped_templates_have_every_file_of_every_notification() -> None:
    expected = {
        f"{language}/{kind.value}/{name}"
        for language in LANGUAGES
        for kind in NotificationKind
        for name in ("subject.txt", "body.txt", "body.html")
    }
    root = shipped_templates()
    assert expected == {path.relative_to(root).as_posix() for path in root.glob("*/*/*")}


def test_installed_package_brings_its_templates_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.__file__", str(tmp_path / "helpdesk" / "__init__.py"))
    assert shipped_templates() == tmp_path / "templates"
    (tmp_path / "helpdesk/shipped/templates").mkdir(parents=True)
    assert shipped_templates() == tmp_path / "helpdesk/shipped/templates"


def test_shipped_templates_are_without_fault(renderer: TemplateRenderer) -> None:
    assert renderer.check() == []
    assert renderer.languages() == ("en", "pl")


def test_undefined_name_is_an_error_that_names_template_and_line(written: Callable[..., TemplateRenderer]) -> None:
    renderer = written("pl/new/body.txt", "Dzień dobry,\n\n{{ ticket.numer }}\n")
    with pytest.raises(TemplateError) as caught:
        renderer.render(NEW)
    assert (caught.value.template, caught.value.line) == ("pl/new/body.txt", 3)
    assert "numer" in caught.value.detail


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{% if neutral %}\nx", 2),
        ("a\n{{ ticket.key | nosuchfilter }}", 2),
        ("\n\n{{ 1 / 0 }}", 3),
        ("{% include 'pl/nosuch.txt' %}", 0),
        ("{{ ticket.__class__.__mro__ }}", 1),
        ("{{ ticket.received_at | moment | days }}", 1),
    ],
    ids=["unclosed", "unknown filter", "division", "missing include", "out of the sandbox", "wrong filter"],
)
def test_any_slip_in_a_template_is_a_template_error(
    written: Callable[..., TemplateRenderer], text: str, line: int
) -> None:
    with pytest.raises(TemplateError) as caught:
        written("pl/new/body.txt", text).render(NEW)
    assert caught.value.line == line


def test_template_that_is_not_utf8_is_a_template_error(tmp_path: Path) -> None:
    (tmp_path / "pl/new").mkdir(parents=True)
    (tmp_path / "pl/new/body.txt").write_bytes("Dzień dobry".encode("cp1250"))
    with pytest.raises(TemplateError, match=r"pl/new/body\.txt"):
        TemplateRenderer([tmp_path]).render(NEW)


def test_language_without_templates_is_a_template_error(renderer: TemplateRenderer) -> None:
    with pytest.raises(TemplateError, match=r"de/new/subject\.txt.*missing"):
        renderer.render(replace(NEW, language="de"))


def test_first_folder_wins_file_by_file_and_the_rest_comes_from_the_shipped_ones(
    written: Callable[..., TemplateRenderer],
) -> None:
    content = written("pl/new/subject.txt", "[{{ ticket.key }}] Mamy to").render(NEW)
    assert content.subject == "[DYN-482135] Mamy to"
    assert content.text.startswith("Dzień dobry,")


def test_words_file_of_ones_own_reaches_every_letter(written: Callable[..., TemplateRenderer]) -> None:
    shipped = (shipped_templates() / "pl/_words.txt").read_text(encoding="utf-8")
    renderer = written("pl/_words.txt", shipped.replace('"(bez tematu)"', '"(puste)"'))
    assert renderer.render(replace(NEW, ticket=replace(TICKET, subject="Re:"))).subject == "[DYN-482135] (puste)"


def test_what_languages_share_speaks_each_of_them(written: Callable[..., TemplateRenderer]) -> None:
    written("_shared/own.txt", "{% macro bound() %}{{ 1500000 | size }}{% endmacro %}")
    for language in LANGUAGES:
        renderer = written(f"{language}/new/body.txt", '{% import "_shared/own.txt" as own %}{{ own.bound() }}')
    said = {language: renderer.render(replace(NEW, language=language)).text for language in LANGUAGES}
    assert said == {"pl": "1,5 MB\n", "en": "1.5 MB\n"}


def test_macro_of_a_text_file_lets_no_markup_into_html(tmp_path: Path) -> None:
    (tmp_path / "pl/new").mkdir(parents=True)
    (tmp_path / "pl/_own.txt").write_text("{% macro hi(who) %}Hi {{ who }}{% endmacro %}", encoding="utf-8")
    (tmp_path / "pl/new/body.html").write_text(
        '{% import "pl/_own.txt" as own %}{{ own.hi(ticket.subject) }}', encoding="utf-8"
    )
    letter = replace(NEW, ticket=replace(TICKET, subject="<b>x</b>"))
    assert TemplateRenderer([tmp_path]).render(letter).html == "Hi &lt;b&gt;x&lt;/b&gt;"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("en/closed/body.html", "{{ nosuch }}", "en/closed/body.html:1: 'nosuch' is undefined"),
        ("pl/new/subject.txt", "Zgłoszenie {{ ticket.key }}", "pl/new/subject.txt:1: a subject begins with"),
        ("pl/new/subject.txt", "[{{ ticket.key }}] {{ ticket.key }}", "pl/new/subject.txt:1: the key stands once"),
        ("pl/new/body.txt", "{# leer #}", "pl/new/body.txt:1: the text is empty"),
        ("de/new/body.txt", "Guten Tag", "de/new/subject.txt: is missing"),
    ],
)
def test_check_finds_what_would_fail_later(
    written: Callable[..., TemplateRenderer], name: str, text: str, complaint: str
) -> None:
    found = [str(error) for error in written(name, text).check()]
    assert any(each.startswith(complaint) for each in found), found


def test_previews_are_files_to_look_at(tmp_path: Path, renderer: TemplateRenderer) -> None:
    paths = write_previews(renderer, tmp_path)
    assert len(paths) == 2 * sum(
        1 for each in LANGUAGES for kind in NotificationKind for _ in sample_letters(kind, each)
    )
    assert (tmp_path / "pl-new-1.txt").read_text(encoding="utf-8").startswith("[DYN-482135] Faktury")


def test_preview_command_writes_files_or_says_what_is_wrong(
    tmp_path: Path, written: Callable[..., TemplateRenderer], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "en-closed-1.html").exists()
    written("pl/new/body.txt", "{{ nosuch }}")
    assert main([str(tmp_path / "out"), str(tmp_path)]) == 1
    assert "pl/new/body.txt:1: 'nosuch' is undefined" in capsys.readouterr().err
    assert main([]) == 2
