"""Who writes in the three days of `test_consultants_days`, each with the mail program that is theirs."""

from __future__ import annotations

from tests.clients import APPLE, GALAXY, GMAIL, GMAIL_ENGLISH, IPHONE, OUTLOOK, OUTLOOK_ENGLISH, THUNDERBIRD, Program
from tests.whole.days import Days, Person


class Cast:
    """Everybody, at their programs."""

    def __init__(self, days: Days) -> None:
        def person(name: str, addr: str, program: Program) -> Person:
            return Person(days, name, addr, program)

        self.anna = person("Anna Nowak", "anna@desk.example.org", OUTLOOK)
        self.marek = person("Marek Zając", "marek@desk.example.org", IPHONE)
        self.piotr = person("Piotr Lis", "piotr@desk.example.org", THUNDERBIRD)
        self.ola = person("Ola Gil", "ola@desk.example.org", APPLE)
        self.jan = person("Jan Kowal", "jan@acme.test", OUTLOOK)
        self.ewa = person("Ewa Lis", "ewa@acme.test", OUTLOOK)
        self.iga = person("Iga Sowa", "iga@budex.test", GMAIL)
        self.olek = person("Olek Bąk", "olek@budex.test", IPHONE)
        self.noc = person("Dyżur Klinika", "noc@klinika.test", THUNDERBIRD)
        self.hanna = person("Hanna Wrona", "hanna@strict.test", APPLE)
        self.tomek = person("Tomek Szpak", "tomek@strict.test", GMAIL)
        self.sonia = person("Sonia Kot", "sonia@kot.test", GALAXY)
        self.peter = person("Peter Small", "peter@globex.test", OUTLOOK_ENGLISH)
        self.adam = person("Adam Nowy", "adam@nieznany.test", THUNDERBIRD)
        self.zofia = person("Zofia Żak", "zofia@warsztat.test", IPHONE)
        self.vendor = person("Vendor Support", "support@vendor.test", THUNDERBIRD)
        self.krzysztof = person("Krzysztof Bielik", "krzysztof@bielik.test", GMAIL_ENGLISH)
