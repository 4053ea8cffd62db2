"""What letters to nobody are made of: invented people, a ticket, words. For `sample_letters` and `sample_bulletins`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpdesk.desk.hours import Closure
from helpdesk.desk.letter import DeskIdentity, Enclosure, QueueFacts, TicketFacts, Utterance
from helpdesk.desk.terms import Guarantee, GuaranteeReason, Person, State

FRIDAY_EVENING = datetime(2026, 11, 20, 17, 32, tzinfo=UTC)
MONDAY_OPENING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MONDAY_CLOSING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
JAN = Person("Jan Próbny", "jan@acme.example")
ANNA = Person("Anna Nowak", "anna@helpdesk.example")
DESK = DeskIdentity(
    name="Centrum Wsparcia",
    phone="+48 00 000 00 00",
    footer="Firma Przykładowa sp. z o.o. · ul. Wzorcowa 1, 00-000 Warszawa · KRS 0000000000 · NIP 0000000000",
    privacy_url="https://helpdesk.example/privacy",
)
QUEUE = QueueFacts("DYNAMICS", "PomocDYNAMICS@helpdesk.example", "Pomoc DYNAMICS", "Europe/Warsaw")
TICKET = TicketFacts(
    key="DYN-482135",
    subject="Faktury korygujące znikają z listy",
    state=State.NEW,
    priority=3,
    requester=JAN,
    delivered_at=FRIDAY_EVENING,
    received_at=MONDAY_OPENING,
    react_by=MONDAY_CLOSING,
    organisation="ACME",
    plan="START",
    assignee=ANNA,
    tags=("faktury",),
    guarantee=Guarantee(holds=True, reason=GuaranteeReason.HOLDS),
    closure=Closure.AFTER_CLOSING,
)
CUSTOMER_WROTE = (
    "Dzień dobry,\n\nod rana na liście faktur brakuje korekt z listopada. Kroki:\n\n"
    "  1. Otwieram listę <Faktury korygujące>.\n  2. Filtruję po dacie: 2026-11-01..2026-11-30.\n"
    "  3. Lista jest pusta.\n\n"
    "Opis znanego błędu: https://example.org/kb?id=17&lang=pl.\n\nJan Próbny"
)
CONSULTANT_WROTE = (
    "Dzień dobry,\n\nfiltr listy wrócił do ustawień sprzed aktualizacji i ukrywa korekty. Proszę wybrać "
    "Widok → Przywróć domyślny i dać znać, czy faktury są już widoczne.\n\nAnna Nowak"
)
ENCLOSURES = (
    Enclosure("lista faktur.png", 184_320, enclosed=True),
    Enclosure("nagranie.mp4", 48_200_000, enclosed=False),
)
PREVIOUS = (
    Utterance(ANNA, MONDAY_OPENING + timedelta(minutes=25), CONSULTANT_WROTE),
    Utterance(ANNA, MONDAY_OPENING + timedelta(minutes=7), "Znam to z innej firmy.", internal=True),
    Utterance(JAN, FRIDAY_EVENING, "Dzień dobry,\n\nna liście faktur brakuje korekt."),
)
