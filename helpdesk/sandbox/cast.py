"""The people of the demo, all invented, under domains that nobody can own (RFC 2606)."""

from __future__ import annotations

from dataclasses import dataclass

DOMAIN = "helpdesk.example"
PRODUCTS = ("DYNAMICS", "PROPHIX", "TARGIT", "POWERBI")
PASSWORD = "demo"  # noqa: S105 - the mail server listens on loopback alone, and lives as long as the demo


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody with a mailbox of their own; `about` introduces them on the screen."""

    name: str
    addr: str
    about: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


DOROTA = Actor("Dorota Klimek", "dorota.klimek@mlyn-zielony.example", "customer, plan START")
PAWEL = Actor("Paweł Stec", "pawel.stec@tkalnia.example", "customer, plan PREMIUM")
EMMA = Actor("Emma Lindqvist", "emma.lindqvist@nordwood.test", "customer, plan STANDARD, writes English")
RYSZARD = Actor("Ryszard Wilga", "ryszard@stolarnia-wilga.test", "a stranger to the desk")
HANNA = Actor("Hanna Brzoza", f"hanna@{DOMAIN}", "consultant, DYNAMICS and PROPHIX")
IGOR = Actor("Igor Maj", f"igor@{DOMAIN}", "consultant, TARGIT and POWERBI")

CUSTOMERS = (DOROTA, PAWEL, EMMA, RYSZARD)
CONSULTANTS = (HANNA, IGOR)


def address_of(product: str) -> str:
    """Return the address customers write to about a product."""
    return f"Pomoc{product}@{DOMAIN}"


def mailboxes() -> tuple[str, ...]:
    """Return every login of the mail server: the desk's four, then the people's."""
    return (*map(address_of, PRODUCTS), *(actor.addr for actor in (*CONSULTANTS, *CUSTOMERS)))
