"""A consultant's answer as the customer gets it: their words, files and pictures, and nothing that is not theirs."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest

from helpdesk.store.unit_of_work import Database
from tests.services.desk_at_work import RULES, DeskAtWork, files_of, rules_of, text_of
from tests.services.mails import ANNA, JAN, write

ANNA_ADDR, JAN_ADDR = "anna@desk.example.org", "jan@acme.test"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(400)


def outlook_reply(notice: EmailMessage, text: str, html: str) -> bytes:
    """Return an answer as Outlook writes it: HTML beside text, the notice below, a picture inside, a file beside it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = ANNA, str(notice["Reply-To"]), f"ODP: {notice['Subject']}"
    mail["Message-ID"], mail["In-Reply-To"] = "<DB9P@eurprd.outlook.example>", str(notice["Message-ID"])
    mail["References"] = f"{notice['References']} {notice['Message-ID']}"
    head = f"\n\n________________________________\nOd: Pomoc DYNAMICS\nWysłane: wtorek\nTemat: {notice['Subject']}\n\n"
    page = notice.get_body(("html",))
    assert page is not None
    mail.set_content(text + head + text_of(notice))
    mail.add_alternative(
        f"<html><body>{html}<hr><b>Od:</b> Pomoc<br>{page.get_content()}</body></html>", subtype="html"
    )
    related = list(mail.iter_parts())[1]
    assert isinstance(related, EmailMessage)
    related.add_related(PNG, "image", "png", cid="<image001.png@01DC>", filename="zrzut.png", disposition="inline")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="instrukcja.pdf")
    return mail.as_bytes()


MARK = "[cid:image001.png@01DC]"
TEXT = f"Dzień dobry,\n\nproszę kliknąć tu:\n\n{MARK}\n\ni zapisać.\n\n-- \nAnna Nowak\ntel. 600 100 200"
HTML = "<p>Dzień dobry,</p><p>proszę kliknąć tu:</p><img src='cid:image001.png@01DC'><p>i zapisać.</p><p>-- <br>Anna"
HIDDEN = ("600 100 200", "Polecenia, które", "trafi do klienta", "Wysłane", ANNA_ADDR)


def pictures_of(mail: EmailMessage) -> dict[str, bytes]:
    """Return the pictures that the mail's HTML shows, by name."""
    page = mail.get_body(("html",))
    assert page is not None
    shown = {part["Content-ID"].strip("<>"): part for part in mail.walk() if part["Content-ID"]}
    assert all(f'src="cid:{identifier}"' in page.get_content() for identifier in shown)
    return {str(part.get_filename()): bytes(part.get_payload(decode=True)) for part in shown.values()}


def told(desk: DeskAtWork) -> EmailMessage:
    """Let Anna answer Jan in Outlook; return what Jan gets."""
    desk.receive(write(JAN))
    desk.receive(outlook_reply(desk.letter("notice_opened", ANNA_ADDR), TEXT, HTML))
    return desk.letter("comment", JAN_ADDR)


def test_words_picture_and_file_go_along_and_the_picture_stays_where_it_stood(desk: DeskAtWork) -> None:
    mail = told(desk)
    assert files_of(mail) == {"instrukcja.pdf": b"%PDF"}
    assert pictures_of(mail) == {"zrzut.png": PNG}
    assert "proszę kliknąć tu:\n\n[zrzut.png]\n\ni zapisać." in text_of(mail).replace("\r", "")
    page = mail.get_body(("html",))
    assert page is not None
    words = page.get_content().partition("kliknąć tu:<br>")[2]
    assert words.index("<img") < words.index("i zapisać")
    assert "01DC" not in mail.as_string()


def test_a_client_that_marks_no_pictures_has_them_where_its_html_shows_them(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    unmarked = TEXT.replace(f"{MARK}\n\n", "")
    desk.receive(
        outlook_reply(desk.letter("notice_opened", ANNA_ADDR), f"#rozwiąż\n\n{unmarked}", f"#rozwiąż<br>{HTML}")
    )
    mail = desk.letter("resolved", JAN_ADDR)
    assert pictures_of(mail) == {"zrzut.png": PNG}
    assert "proszę kliknąć tu:\n\n[zrzut.png]\n\ni zapisać." in text_of(mail).replace("\r", "")


def test_quotes_signature_and_private_address_stay_behind(desk: DeskAtWork) -> None:
    mail = told(desk)
    whole = "\n".join(str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text")
    for hidden in HIDDEN:
        assert hidden not in whole + mail.as_string()


def test_it_is_a_persons_mail_from_the_queues_address(desk: DeskAtWork) -> None:
    mail = told(desk)
    assert str(mail["From"]) == '"Anna Nowak (Pomoc DYNAMICS)" <pomocdynamics@desk.example.org>'
    assert mail["Auto-Submitted"] is None


@pytest.mark.parametrize(
    ("signs", "sender", "named"),
    [
        ("both", "Anna Nowak (Pomoc DYNAMICS)", True),
        ("consultant", "Anna Nowak", True),
        ("queue", "Pomoc DYNAMICS", False),
    ],
    ids=["both", "consultant", "queue"],
)
def test_it_is_signed_with_the_name_the_queue_wants(database: Database, signs: str, sender: str, named: bool) -> None:
    rules = RULES.replace("from_name: Pomoc DYNAMICS,", f"from_name: Pomoc DYNAMICS, signs: {signs},")
    mail = told(DeskAtWork(database).under(rules=rules_of(rules)))
    assert mail["From"].addresses[0].display_name == sender
    assert ("Anna Nowak" in text_of(mail)) is named


def test_a_picture_alone_is_an_answer(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    desk.receive(outlook_reply(desk.letter("notice_opened", ANNA_ADDR), MARK, ""))
    assert pictures_of(desk.letter("comment", JAN_ADDR)) == {"zrzut.png": PNG}


def with_logo(notice: EmailMessage, text: str) -> bytes:
    """Return an answer of a client that marks no pictures, with a logo below the words."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = ANNA, str(notice["Reply-To"]), f"Re: {notice['Subject']}"
    mail["Message-ID"], mail["In-Reply-To"] = f"<{len(text)}@desk.example.org>", str(notice["Message-ID"])
    mail.set_content(text)
    mail.add_alternative(
        f"<p>{'<br>'.join(text.splitlines())}</p><p><img src='cid:{len(text)}@logo'></p>", subtype="html"
    )
    related = list(mail.iter_parts())[1]
    assert isinstance(related, EmailMessage)
    related.add_related(PNG, "image", "png", cid=f"<{len(text)}@logo>", filename="logo.png", disposition="inline")
    return mail.as_bytes()


def test_a_logo_below_bare_commands_is_no_answer(desk: DeskAtWork) -> None:
    desk.receive(write(JAN))
    before = len(desk.outbox())
    desk.receive(with_logo(desk.letter("notice_opened", ANNA_ADDR), "#priorytet 2"))
    assert JAN_ADDR not in [recipient for _, recipient in desk.told(before)]


@pytest.mark.parametrize("text", ["tak", "#rozwiąż\n\nAnna Nowak"])
def test_a_logo_below_the_word_that_releases_a_draft_holds_nothing_up(desk: DeskAtWork, text: str) -> None:
    desk.receive(write(JAN))
    desk.receive(with_logo(desk.letter("notice_opened", ANNA_ADDR), "#rozwiarz\n\nProszę wydrukować.\n\nAnna Nowak"))
    before = len(desk.outbox())
    desk.receive(with_logo(desk.letter("receipt", ANNA_ADDR), text))
    assert JAN_ADDR in [recipient for _, recipient in desk.told(before)]


def test_pictures_count_towards_the_bound_and_the_refusal_is_clear(database: Database) -> None:
    desk = DeskAtWork(database, attach_up_to=300)
    desk.receive(write(JAN))
    before = len(desk.outbox())
    desk.receive(outlook_reply(desk.letter("notice_opened", ANNA_ADDR), TEXT, HTML))
    assert desk.told(before) == [("receipt", ANNA_ADDR)]
    receipt = text_of(message_from_bytes(desk.outbox()[-1].content, policy=default))
    assert "załączniki są za duże, żeby wysłać je klientowi; granica: 0.0003 MB" in receipt
    assert "kliknąć tu" in receipt
