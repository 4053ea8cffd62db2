"""The letters in words: complete, the same in text and HTML, and safe whatever people write."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from helpdesk.adapters.sample_facts import ANNA, DESK, JAN, QUEUE, TICKET
from helpdesk.adapters.sample_letters import sample_letters
from helpdesk.adapters.templates import TemplateRenderer
from helpdesk.desk.hours import Closure
from helpdesk.desk.letter import Change, Enclosure, Letter, Utterance
from helpdesk.desk.terms import (
    CUSTOMER_NOTIFICATIONS,
    Guarantee,
    GuaranteeReason,
    NotificationKind,
    Person,
    Side,
    State,
)

LANGUAGES = ("pl", "en")


def letters_of(kinds: Iterable[NotificationKind]) -> list[ParameterSet]:
    """Return every sample letter of these kinds, in each language."""
    return [
        pytest.param(letter, id=f"{language}-{kind.value}-{number}")
        for language in LANGUAGES
        for kind in kinds
        for number, letter in enumerate(sample_letters(kind, language), start=1)
    ]


ABOUT_TICKETS = [kind for kind in NotificationKind if kind.about_a_ticket]
EVERY_LETTER = letters_of(NotificationKind)
GOLDEN = Path(__file__).parent / "letters"
NEW = next(sample_letters(NotificationKind.NEW, "pl"))


@pytest.fixture(scope="module")
def renderer() -> TemplateRenderer:
    return TemplateRenderer()


def shown(page: str) -> str:
    """Return what a reader of the HTML sees: no head, no comments, no preheader."""
    body = page[page.index("</head>") :]
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r'<div style="display:none.*?</div>', "", body, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


def words(text: str) -> list[str]:
    return re.findall(r"[\w@./-]*\w", text)


@pytest.mark.parametrize("letter", EVERY_LETTER)
def test_text_and_html_say_the_same_words(renderer: TemplateRenderer, letter: Letter) -> None:
    content = renderer.render(letter)
    assert words(shown(content.html)) == words(content.text)


@pytest.mark.parametrize("letter", letters_of(ABOUT_TICKETS))
def test_subject_begins_with_the_key_and_names_it_once(renderer: TemplateRenderer, letter: Letter) -> None:
    subject = renderer.render(letter).subject
    assert subject.startswith("[DYN-482135] ")
    assert subject.count("DYN-482135") == 1
    assert len(subject) > len("[DYN-482135] ")


@pytest.mark.parametrize("letter", EVERY_LETTER)
def test_html_names_no_picture_and_nothing_elsewhere(renderer: TemplateRenderer, letter: Letter) -> None:
    page = renderer.render(letter).html
    assert not re.search(r"<img|<script|<link|@import|url\(|src=", page)


@pytest.mark.parametrize("letter", EVERY_LETTER)
def test_text_has_no_run_of_blank_lines_and_no_leftover_of_the_template(
    renderer: TemplateRenderer, letter: Letter
) -> None:
    text = renderer.render(letter).text
    assert "\n\n\n" not in text
    assert not re.search(r"\{[{%#]|[}%#]\}|Undefined|None|&[a-z]+;", text)
    assert text.endswith("\n")


def arrived(day: int, hour: int, minute: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("golden", "delivered_at", "received_at", "react_by", "closure"),
    [
        ("in-hours", arrived(24, 9, 5), arrived(24, 9, 5), arrived(25, 9, 5), Closure.OPEN),
        ("out-of-hours", arrived(20, 17, 32), arrived(23, 8, 0), arrived(23, 16, 0), Closure.AFTER_CLOSING),
        ("holiday", arrived(24, 10, 0, 12), arrived(28, 8, 0, 12), None, Closure.HOLIDAY),
    ],
)
def test_polish_acknowledgement_reads_as_agreed(
    renderer: TemplateRenderer,
    golden: str,
    delivered_at: datetime,
    received_at: datetime,
    react_by: datetime | None,
    closure: Closure,
) -> None:
    ticket = replace(TICKET, delivered_at=delivered_at, received_at=received_at, react_by=react_by, closure=closure)
    expected = (GOLDEN / f"pl-new-{golden}.txt").read_text(encoding="utf-8")
    assert renderer.render(replace(NEW, ticket=ticket)).text == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reaction_time_is_told_where_none_is_promised(renderer: TemplateRenderer, language: str) -> None:
    promised = renderer.render(replace(NEW, language=language)).text
    silent = renderer.render(replace(NEW, language=language, ticket=replace(TICKET, react_by=None))).text
    assert ("17:00" in promised, "17:00" in silent) == (True, False)


@pytest.mark.parametrize(("language", "said"), [("pl", "limit wsparcia"), ("en", "used up")])
def test_customer_past_the_cap_is_told_so(renderer: TemplateRenderer, language: str, said: str) -> None:
    capped = replace(TICKET, react_by=None, guarantee=Guarantee(holds=False, reason=GuaranteeReason.CAP_REACHED))
    assert said in renderer.render(replace(NEW, language=language, ticket=capped)).text
    assert said not in renderer.render(replace(NEW, language=language)).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(CUSTOMER_NOTIFICATIONS))
def test_neutral_letter_repeats_nothing_that_a_stranger_chose(
    renderer: TemplateRenderer, kind: NotificationKind, language: str
) -> None:
    stranger = Person("Kup Tanio", "ktos@obcy.example")
    letter = Letter(
        kind=kind,
        language=language,
        recipient=stranger,
        desk=DESK,
        queue=QUEUE,
        ticket=replace(TICKET, subject="Wygrana czeka", requester=stranger, organisation="Obca Firma"),
        author=stranger,
        text="Proszę kliknąć http://obcy.example",
        enclosures=(Enclosure("wygrana.pdf", 10, enclosed=False),),
        previous=(Utterance(stranger, TICKET.delivered_at, "Tajne słowa"),),
        neutral=True,
    )
    content = renderer.render(letter)
    for part in (content.subject, content.text, content.html):
        assert not re.search(r"Kup Tanio|ktos@|Wygrana|Obca|obcy|wygrana|Tajne", part)
        assert "DYN-482135" in part or not kind.about_a_ticket


def test_neutral_answer_still_carries_the_consultants_words(renderer: TemplateRenderer) -> None:
    letter = replace(
        next(sample_letters(NotificationKind.COMMENT, "pl")),
        author=ANNA, author_side=Side.CONSULTANT, text="Już sprawdzam.", neutral=True,
    )  # fmt: skip
    assert "Już sprawdzam." in renderer.render(letter).text


@pytest.mark.parametrize("kind", sorted(CUSTOMER_NOTIFICATIONS))
def test_customers_never_see_words_among_consultants(renderer: TemplateRenderer, kind: NotificationKind) -> None:
    note = Utterance(ANNA, TICKET.received_at, "Klient zalega z opłatą.", internal=True)
    letter = replace(next(sample_letters(kind, "pl")), previous=(note,))
    content = renderer.render(letter)
    assert "zalega" not in content.text + content.html
    with pytest.raises(ValueError, match="internal note"):
        renderer.render(replace(letter, internal=True))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [NotificationKind.NOTICE_OPENED, NotificationKind.NOTICE_COMMENT])
def test_notice_carries_all_that_is_needed_to_answer(
    renderer: TemplateRenderer, kind: NotificationKind, language: str
) -> None:
    letter = replace(
        next(sample_letters(kind, language)), previous=(Utterance(ANNA, TICKET.received_at, "Proszę o zrzut ekranu."),)
    )
    text = renderer.render(letter).text
    needed = ("DYN-482135", "Jan Próbny <jan@acme.example>", "ACME", "START", "3 – ", "17:00", "brakuje korekt")
    for fact in (*needed, "Proszę o zrzut ekranu.", "lista faktur.png", "184 kB", "nagranie.mp4"):
        assert fact in text


@pytest.mark.parametrize(
    ("changes", "goes_out"),
    [
        ({}, True),
        ({"internal": True}, False),
        ({"author": ANNA, "author_side": Side.CONSULTANT}, False),
        ({"kind": NotificationKind.NOTICE_OPENED}, True),
        ({"kind": NotificationKind.NOTICE_CHANGED}, False),
        ({"kind": NotificationKind.NOTICE_UNDELIVERED}, False),
    ],
    ids=["customer's words", "note", "consultant's words", "opened", "changed", "undelivered"],
)
def test_notice_says_where_an_answer_goes(
    renderer: TemplateRenderer, changes: dict[str, object], goes_out: bool
) -> None:
    letter = replace(next(sample_letters(NotificationKind.NOTICE_COMMENT, "pl")), **changes)  # type: ignore[arg-type]  # table
    text = renderer.render(letter).text
    assert ("trafi do klienta (Jan" in text, "pozostanie wewnętrzna" in text) == (goes_out, not goes_out)
    assert letter.answers_customer is goes_out


def test_changes_are_told_in_the_readers_words(renderer: TemplateRenderer) -> None:
    letter = next(sample_letters(NotificationKind.NOTICE_CHANGED, "pl"))
    for state in State:
        text = renderer.render(replace(letter, changes=(Change("state", "", state),))).text
        assert re.search(r"^Stan: – → (nowe|w toku|czeka na klienta|rozwiązane|zamknięte)$", text, re.MULTILINE)


NASTY = "<script>alert(1)</script> {{ ticket.key }} {% raw %} &amp; \"'"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ABOUT_TICKETS)
def test_whatever_people_write_is_shown_and_never_obeyed(
    renderer: TemplateRenderer, kind: NotificationKind, language: str
) -> None:
    nasty = Person(NASTY, "x@acme.example")
    letter = replace(
        next(sample_letters(kind, language)),
        ticket=replace(
            TICKET, subject=NASTY, requester=nasty, organisation=NASTY, plan=NASTY, tags=(NASTY,), assignee=nasty
        ),
        author=Person(NASTY, "y@acme.example"),
        text=NASTY,
        enclosures=(Enclosure(NASTY, 1, enclosed=True),),
        previous=(Utterance(nasty, TICKET.received_at, NASTY),),
        changes=(Change(NASTY, NASTY, NASTY),),
        problem=NASTY,
        failed_recipient=NASTY,
        queue=replace(QUEUE, from_name=NASTY, name=NASTY),
        desk=replace(DESK, name=NASTY, phone=NASTY, footer=NASTY),
    )
    content = renderer.render(letter)
    assert "<script" not in content.html
    assert NASTY in content.text
    assert NASTY in content.subject or kind is NotificationKind.AWAITS_CONTACT  # which repeats no subject
    assert " ".join(NASTY.split()) in " ".join(shown(content.html).split())


def test_person_without_a_name_is_called_by_address(renderer: TemplateRenderer) -> None:
    letter = replace(
        next(sample_letters(NotificationKind.NOTICE_OPENED, "en")),
        ticket=replace(TICKET, requester=Person("", JAN.addr)),
    )
    assert "Customer: jan@acme.example" in renderer.render(letter).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_lists_of_mails_preview_is_a_sentence_of_its_own(renderer: TemplateRenderer, language: str) -> None:
    pages = [
        renderer.render(letter).html for kind in CUSTOMER_NOTIFICATIONS for letter in sample_letters(kind, language)
    ]
    previews = [found[1].strip() for page in pages if (found := re.search(r"display:none[^>]*>([^<]*)<", page))]
    assert len(previews) == len(pages)
    assert [preview for preview in previews if preview[:1].islower()] == []
