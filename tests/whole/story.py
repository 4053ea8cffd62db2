"""What happens in the three days of `test_consultants_days`: invented people, their words and their programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.whole.cast import Cast
from tests.whole.days import Days, Person

QUEUES = {"DYNAMICS": "DYN", "PROPHIX": "PRO", "TARGIT": "TAR", "POWERBI": "PBI"}
RULES = (Path(__file__).parent / "consultants_days.yaml").read_text()

PICTURE = ("ekran.png", b"\x89PNG\r\n\x1a\n" + bytes(2000))
LATER = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)  # 15:00 in Warsaw
AWAY = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}


def tell(days: Days) -> None:
    """Let the three days pass."""
    cast = Cast(days)
    tuesday_morning(days, cast)
    tuesday_noon(days, cast)
    tuesday_afternoon(days, cast)
    wednesday(days, cast)
    thursday(days, cast)


def tuesday_morning(days: Days, cast: Cast) -> None:
    days.at("2026-11-24T06:10", "Tuesday: before opening")
    cast.noc.writes("TARGIT", "Awaria: raporty nie działają", "Od godziny nie otwiera się żaden raport.\n\nDyżur")
    days.at("2026-11-24T07:30")
    cast.zofia.writes("POWERBI", "Raport pusty po odświeżeniu", "Dzień dobry, raport sprzedaży jest pusty.")
    days.at("2026-11-24T08:20")
    cast.peter.writes(
        "DYNAMICS",
        "Cannot post the invoice",
        "Hello,\n\nposting stops with an error, please see the picture.\n\nPeter",
        files=[PICTURE],
    )
    days.at("2026-11-24T08:40")
    spam = {"X-Spam-Flag": "YES"}
    cast.adam.writes("POWERBI", "Wygrana czeka", "Proszę kliknąć tutaj.", fields=spam)
    days.at("2026-11-24T08:55")
    cast.jan.writes(
        "DYNAMICS",
        "Korekty faktur znikają z listy",
        "Dzień dobry,\n\nod rana na liście nie ma korekt z listopada.\n\nJan Kowal",
        files=[PICTURE],
    )
    days.at("2026-11-24T09:00", "Tuesday: morning")
    days.at("2026-11-24T09:05")
    cast.marek.answers("notice_opened", "Cannot post", "#take\n\nHello Peter,\n\nI am looking into it.")
    days.at("2026-11-24T09:10")
    cast.anna.answers("notice_opened", "Korekty", "#biorę\n\nDzień dobry, już sprawdzam.\n\nAnna Nowak")
    days.at("2026-11-24T09:12")
    cast.peter.answers("comment", "Cannot post", "Thank you. It happens with every invoice over 1,000 EUR.")
    days.at("2026-11-24T09:20")
    cast.marek.answers("notice_comment", "Cannot post", "#pending\n\nCould you send us the posting log?")
    days.at("2026-11-24T09:25")
    cast.peter.answers("comment", "Cannot post", "Here it is.", files=[("posting.log", b"line 1\nline 2\n")])
    days.at("2026-11-24T09:30")
    cast.anna.answers("notice_opened", "Korekty", "#wizyta 2026-11-25 10:00 60m zdalnie Teams")
    days.at("2026-11-24T09:40")
    cast.ewa.writes("DYNAMICS", "ODP: [DYN-10043] Korekty faktur znikają z listy", "U mnie też ich nie ma.\n\nEwa Lis")
    days.at("2026-11-24T09:45")
    cast.jan.answers("consent", "Korekty", "Tak, wyrażam zgodę.\n\nJan Kowal")
    days.at("2026-11-24T09:50")
    cast.jan.replies("outlook", "Korekty", "ACCEPTED")
    cast.anna.replies("outlook", "Korekty", "ACCEPTED", kind="notice_visit")
    days.at("2026-11-24T10:05")
    cast.iga.writes("PROPHIX", "Raport kosztów się nie liczy", "Dzień dobry,\n\nliczenie stoi na 40%.\n\nIga Sowa")
    days.at("2026-11-24T10:10")
    cast.olek.answers_mail(days.newest("iga@budex.test", "new"), "U mnie to samo, dołączam się.")
    days.at("2026-11-24T10:15")
    cast.hanna.writes("POWERBI", "Licencja wygasła", "Dzień dobry,\n\nprogram zgłasza brak licencji.\n\nHanna Wrona")
    days.at("2026-11-24T10:20")
    cast.piotr.answers("notice_opened", "Raport kosztów", "#take\n#priority 2\n\nHello Iga, we are on it.\n\nPiotr")
    cast.iga.answers("ask_contact", "", "Tak")
    days.at("2026-11-24T10:25")
    cast.tomek.answers_mail(days.newest("hanna@strict.test", "new"), "Czy to długo potrwa?")
    days.at("2026-11-24T10:30")
    cast.ola.answers(
        "notice_opened", "Licencja", "#przypisz Marek\n#etykieta licencje\n#notatka\n\nKlient jest po zmianie serwera."
    )
    cast.ola.answers(
        "notice_opened", "Awaria", "#biorę\n\nDzień dobry, usługa raportów jest już uruchomiona. Proszę sprawdzić."
    )
    days.at("2026-11-24T10:32")
    cast.vendor.answers_mail(days.newest("support@vendor.test", "forwarded"), "We have issued a new key.")
    days.at("2026-11-24T10:35")
    cast.noc.answers("comment", "Awaria", "Działa. Przy okazji: kalendarz w raporcie zaczyna się od niedzieli.")
    days.at("2026-11-24T10:40")
    cast.adam.writes("TARGIT", "Cennik", "Dzień dobry, ile kosztuje wsparcie?\n\nAdam Nowy")
    cast.ola.answers("notice_comment", "Awaria", "#podziel")
    days.at("2026-11-24T10:45")
    cast.marek.answers("notice_opened", "Raport pusty", "#biorę\n#rodzaj inne\n\nTo pytanie o budowę raportu.")
    days.at("2026-11-24T10:50")
    cast.krzysztof.writes("TARGIT", "Dashboard colours", "Hello,\n\ncan the colours be changed?\n\nKrzysztof")
    days.at("2026-11-24T10:55")
    cast.ola.answers(
        "notice_opened",
        "Dashboard",
        "Dzień dobry,\n\nopis jest w załączniku.\n\nOla",
        files=[("kolory.pdf", b"%PDF-1.4 kolory")],
    )
    days.at("2026-11-24T11:00")
    cast.ola.answers("notice_opened", "Dashboard", "#czas 35m zdalnie\n#gotowe")
    days.at("2026-11-24T11:05")
    cast.krzysztof.answers("resolved", "Dashboard", "Thanks!")


def tuesday_noon(days: Days, cast: Cast) -> None:
    days.at("2026-11-24T11:10", "Tuesday: noon")
    cast.sonia.writes("DYNAMICS", "Nie drukuje się potwierdzenie", "Dzień dobry, drukarka milczy.")
    days.at("2026-11-24T11:15")
    cast.anna.answers(
        "notice_opened", "Nie drukuje", "Dzień dobry,\n\nproszę uruchomić ponownie usługę wydruku.\n\nAnna Nowak"
    )
    days.at("2026-11-24T11:18")
    cast.sonia.answers("comment", "Nie drukuje", "Pomogło, ale teraz drukuje podwójnie.")
    days.at("2026-11-24T11:20")
    cast.anna.answers("notice_opened", "Korekty", "#dw ewa@acme.test\n\nDołączam panią Ewę Lis.")
    days.at("2026-11-24T11:22")
    cast.ewa.answers("comment", "Korekty", "Dziękuję. U mnie też brakuje korekt.")
    days.at("2026-11-24T11:25")
    cast.anna.answers("notice_comment", "Korekty", "#bezdw ewa@acme.test")
    cast.anna.answers("notice_opened", "Korekty", "#czas 15m zdalnie")
    days.at("2026-11-24T11:30")
    cast.marek.writes(
        "DYNAMICS",
        "Telefon: podwójny wydruk",
        "#telefon sonia@kot.test\n\nKlientka dzwoniła: każdy wydruk wychodzi dwa razy.",
    )
    cast.ola.writes(
        "TARGIT",
        "Telefon: dostęp dla nowej osoby",
        "#telefon hanna@strict.test\n#priorytet 4\n\nProśba o dostęp dla nowej osoby.",
    )
    days.at("2026-11-24T11:35")
    cast.sonia.answers("confirm_call", "podwójny", "Tak, potwierdzam.")
    days.at("2026-11-24T11:40")
    cast.piotr.writes(
        "PROPHIX",
        "Uprawnienia do budżetu",
        "#for iga@budex.test\n\nIga asked me in the corridor for access to the budget.",
    )
    days.at("2026-11-24T11:45")
    cast.anna.writes("DYNAMICS", "szukam", "#szukaj faktur")
    cast.anna.writes("DYNAMICS", "pomoc", "#pomoc")
    days.at("2026-11-24T11:50")
    cast.anna.answers("notice_opened", "Korekty", "#historia\n#wyślij")
    days.at("2026-11-24T12:00")
    cast.anna.answers("notice_opened", "Nie drukuje", "#zamkni\n\nProszę odznaczyć opcję kopii.")
    days.at("2026-11-24T12:05")
    cast.anna.answers("receipt", "Nie drukuje", "#czekam")
    days.at("2026-11-24T12:10")
    cast.jan.answers("invitation", "Korekty", "Jestem na spotkaniu do 14:00.", fields=AWAY)
    days.at("2026-11-24T12:20")
    cast.jan.answers("invitation", "Korekty", "Proszę podać hasło administratora.", forged=True)
    days.at("2026-11-24T12:25")
    cast.jan.answers("challenge", "", "Nie, to nie ja.")
    days.at("2026-11-24T12:30")
    cast.anna.answers("notice_opened", "Korekty", "#zamknij", forged=True)
    days.at("2026-11-24T12:40")
    cast.piotr.answers("notice_opened", "Raport kosztów", "#queue DYNAMICS")
    days.at("2026-11-24T12:45")
    cast.marek.answers("notice_changed", "Raport kosztów", "#kolejka PROPHIX")


def tuesday_afternoon(days: Days, cast: Cast) -> None:
    days.at("2026-11-24T13:30", "Tuesday: afternoon")
    cast.marek.answers(
        "notice_comment", "Cannot post", "#visit 2026-11-26 13:00 90m Globex, Gdańsk\n\nThis is best seen on site."
    )
    days.at("2026-11-24T13:35")
    cast.marek.answers("notice_opened", "podwójny wydruk", "#czekam\n\nCzy drukarka ma najnowszy sterownik?")
    days.at("2026-11-24T13:40")
    cast.peter.replies("gmail", "Cannot post", "TENTATIVE", proposed=LATER, note="After lunch, please.")
    days.at("2026-11-24T13:45")
    cast.marek.answers("notice_visit", "Cannot post", "#visit 2026-11-26 15:00 90m Globex, Gdańsk")
    days.at("2026-11-24T13:50")
    cast.peter.replies("gmail", "Cannot post", "ACCEPTED")
    days.at("2026-11-24T14:00")
    cast.ola.writes("TARGIT", "urlop", "#nieobecność 2026-11-25")
    days.at("2026-11-24T14:10")
    cast.krzysztof.writes("TARGIT", "Export to a spreadsheet", "The export cuts long texts.")
    cast.krzysztof.sends_again()
    days.at("2026-11-24T14:20")
    cast.adam.writes(
        "POWERBI",
        "Nowości listopada",
        "Zapraszamy na szkolenie.",
        fields={"List-Id": "<nowosci.nieznany.test>", "List-Unsubscribe": "<mailto:x@nieznany.test>"},
    )
    ordinary(
        days,
        "2026-11-24T14:30",
        [
            (cast.ewa, cast.marek, "DYNAMICS", "Nowy magazyn w kartotece"),
            (cast.iga, cast.piotr, "PROPHIX", "Szablon planu na 2027"),
            (cast.noc, cast.ola, "TARGIT", "Kolejność kolumn"),
            (cast.zofia, cast.marek, "POWERBI", "Błąd odświeżania w nocy"),
            (cast.sonia, cast.anna, "DYNAMICS", "Stawka VAT w szablonie"),
            (cast.peter, cast.piotr, "PROPHIX", "Budget template"),
            (cast.hanna, cast.ola, "TARGIT", "Wykres bez legendy"),
        ],
    )
    days.at("2026-11-24T15:00")
    cast.anna.answers("notice_visit", "Korekty", "#wizyta 2026-11-25 11:00 60m zdalnie Teams")
    days.at("2026-11-24T15:05")
    cast.jan.replies("outlook", "Korekty", "TENTATIVE", note="Postaram się.")
    days.at("2026-11-24T15:10")
    cast.olek.writes("PROPHIX", "Konto dla stażysty", "Dzień dobry, proszę o nowe konto.\n\nOlek Bąk")
    cast.tomek.writes("POWERBI", "Raport dla zarządu", "Dzień dobry, potrzebuję nowego raportu.\n\nTomek Szpak")
    days.at("2026-11-24T15:20")
    cast.iga.answers("ask_contact", "decyzję", "Tak")
    days.at("2026-11-24T15:30")
    cast.piotr.answers("notice_opened", "Konto dla", "#resolve\n\nThe account is there.")
    cast.piotr.answers("notice_opened", "Raport kosztów", "#resolve\n\nThe report calculates again.")
    days.at("2026-11-24T15:40")
    cast.iga.answers("resolved", "Raport kosztów", "Niestety nadal stoi na 40%.")
    days.at("2026-11-24T16:30")
    cast.hanna.answers("new", "Licencja", "Czy coś już wiadomo?")
    days.at("2026-11-24T17:30", "Tuesday: evening")
    cast.jan.writes("DYNAMICS", "Zmiana hasła", "Dzień dobry, proszę o zmianę hasła.\n\nJan Kowal")
    days.at("2026-11-24T22:40")
    cast.noc.writes("TARGIT", "Awaria: brak połączenia", "Nie działa połączenie z bazą.\n\nDyżur")


def wednesday(days: Days, cast: Cast) -> None:
    days.at("2026-11-25T08:10", "Wednesday: morning")
    cast.sonia.answers("comment", "Nie drukuje", "Teraz jest dobrze, dziękuję!")
    days.at("2026-11-25T09:00")
    cast.noc.answers("new", "brak połączenia", "Połączenie wróciło o 23:10.")
    days.at("2026-11-25T09:10")
    cast.ola.writes("TARGIT", "Automatyczna odpowiedź: Awaria", "Nie ma mnie dzisiaj.", fields=AWAY)
    days.at("2026-11-25T09:20")
    cast.anna.answers("notice_opened", "Zmiana hasła", "#biorę\n#rozwiąż\n\nHasło zmienione, nowe wysłaliśmy SMS-em.")
    cast.anna.answers("notice_opened", "Nie drukuje", "#rozwiąż")
    days.at("2026-11-25T09:30")
    cast.jan.answers("resolved", "Zmiana hasła", "Dziękuję bardzo.\n\nJan Kowal")
    days.at("2026-11-25T10:15")
    cast.marek.answers("notice_comment", "Licencja", "#wizyta 2026-11-26 09:30 45m Strict, serwerownia")
    days.at("2026-11-25T10:25")
    cast.hanna.replies("apple", "Licencja", "DECLINED", note="Serwerownia jest zamknięta do piątku.")
    days.at("2026-11-25T10:30")
    cast.marek.answers("notice_visit", "Licencja", "#wizyta odwołaj\n\nOdwołuję wizytę, klucz prześlę pocztą.")
    ordinary(
        days,
        "2026-11-25T10:35",
        [
            (cast.ewa, cast.anna, "DYNAMICS", "Podwójny kontrahent"),
            (cast.iga, cast.piotr, "PROPHIX", "Waluta w raporcie"),
            (cast.zofia, cast.marek, "POWERBI", "Błąd logowania do bramy"),
            (cast.krzysztof, cast.marek, "POWERBI", "Gateway is offline"),
            (cast.sonia, cast.anna, "DYNAMICS", "Numeracja dokumentów"),
        ],
    )
    days.at("2026-11-25T12:05", "Wednesday: afternoon")
    cast.anna.answers(
        "notice_visit", "Korekty", "#czas 60m zdalnie\n#rozwiąż\n\nFiltr listy przywrócony, korekty są widoczne."
    )
    days.at("2026-11-25T12:10")
    cast.jan.answers("resolved", "Korekty", "Potwierdzam, działa. Dziękujemy!")
    days.at("2026-11-25T12:30")
    cast.piotr.answers("notice_comment", "Raport kosztów", "#close\n#resolve\n\nThe calculation service was restarted.")
    days.at("2026-11-25T13:00")
    cast.marek.answers("notice_opened", "Raport pusty", "#zamknij\n#czas 15m telefon\n\nOmówione telefonicznie.")
    days.at("2026-11-25T13:10")
    cast.marek.answers("notice_opened", "Nowości", "#spam")
    days.at("2026-11-25T13:20")
    cast.ola.answers("notice_opened", "Cennik", "#otwórz")
    days.at("2026-11-25T17:00", "Wednesday: closing")
    days.at("2026-11-25T17:30")


def thursday(days: Days, cast: Cast) -> None:
    days.at("2026-11-26T09:00", "Thursday: morning")
    days.at("2026-11-26T09:15")
    cast.sonia.answers("reminder", "podwójny", "Tak, sterownik jest nowy.")
    days.at("2026-11-26T09:30")
    cast.iga.answers("closed", "Raport kosztów", "Znowu stanęło, tym razem na 60%.")
    days.at("2026-11-26T09:40")
    cast.piotr.answers("notice_comment", "Raport kosztów", "#assign Anna\n#note\n\nAnna knows the database.")
    days.at("2026-11-26T09:45")
    cast.anna.answers("notice_changed", "Raport kosztów", "#biorę")
    ordinary(
        days,
        "2026-11-26T10:00",
        [
            (cast.jan, cast.anna, "DYNAMICS", "Eksport do banku"),
            (cast.noc, cast.ola, "TARGIT", "Filtr dat"),
            (cast.peter, cast.piotr, "PROPHIX", "Rounding of totals"),
            (cast.zofia, cast.marek, "POWERBI", "Błąd publikacji raportu"),
        ],
    )
    days.at("2026-11-26T16:40", "Thursday: afternoon")
    cast.marek.answers(
        "notice_visit",
        "Cannot post",
        "#czas 90m programowanie\n#rozwiąż\n\nThe posting group was missing; it is there now.",
    )
    days.at("2026-11-26T16:50")
    cast.peter.answers("resolved", "Cannot post", "Perfect, thank you!")
    days.at("2026-11-26T17:00", "Thursday: closing")
    days.at("2026-11-26T17:30")


def ordinary(days: Days, start: str, matters: Sequence[tuple[Person, Person, str, str]]) -> None:
    """Let customers ask, consultants take it and answer, customers tell more, consultants resolve, customers thank."""
    begin = datetime.fromisoformat(start)
    steps: list[Callable[[Person, Person, str, str], None]] = [
        lambda customer, _, queue, subject: customer.writes(
            queue, subject, f"Dzień dobry,\n\n{subject.lower()}: proszę o pomoc."
        ),
        lambda _, consultant, __, subject: consultant.answers(
            "notice_opened", subject, "#biorę\n\nDzień dobry, od kiedy tak jest?"
        ),
        lambda customer, _, __, subject: customer.answers("comment", subject, "Od wczoraj."),
        lambda _, consultant, __, subject: consultant.answers("notice_comment", subject, "#rozwiąż\n\nPoprawione."),
        lambda customer, _, __, subject: customer.answers("resolved", subject, "Dziękuję, działa."),
    ]
    for number, step in enumerate(steps):
        days.at((begin + timedelta(minutes=4 * number)).isoformat(timespec="minutes"))
        for matter in sorted(matters, key=lambda each: each[2]):
            step(*matter)
