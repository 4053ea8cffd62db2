"""What the demo's people write, in their own words."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.sandbox.cast import DOROTA, EMMA, PAWEL, RYSZARD, Actor


@dataclass(frozen=True, slots=True)
class Request:
    """A customer's first mail: who writes about which product, in which language it will be answered."""

    author: Actor
    product: str
    subject: str
    text: str
    language: str = "pl"
    attachments: tuple[tuple[str, bytes], ...] = ()


PRINT_LOG = """\
06:58:02 kolejka FAKTURY: zadanie 2217 przyjęte
06:58:02 kolejka FAKTURY: zadanie 2217 wstrzymane, brak sterownika „HL-5000”
07:03:40 kolejka FAKTURY: zadanie 2218 wstrzymane, brak sterownika „HL-5000”
""".encode()

REQUESTS = (
    Request(
        DOROTA,
        "DYNAMICS",
        "Faktury nie drukują się od rana",
        "Dzień dobry,\n\n"
        "od rana faktury stoją w kolejce wydruku: są zaksięgowane, ale drukarka niczego nie dostaje.\n"
        "W załączniku dziennik z serwera wydruku.\n\n"
        "Pozdrawiam\nDorota Klimek, Młyn Zielony\n",
        attachments=(("dziennik wydruków.log", PRINT_LOG),),
    ),
    Request(
        PAWEL,
        "PROPHIX",
        "Awaria: budżet nie przelicza się",
        "Dzień dobry,\n\n"
        "przeliczenie budżetu staje na 40% i nikt nie może wprowadzać danych. O 15:00 mamy zarząd.\n\n"
        "Paweł Stec, Tkalnia\n",
    ),
    Request(
        EMMA,
        "POWERBI",
        "Sales report has not refreshed since Monday",
        "Hello,\n\n"
        "our sales report still shows the numbers of last Monday. The refresh history says that the gateway\n"
        "could not be reached, but nothing has changed on our side. Could you please have a look at it?\n\n"
        "Kind regards,\nEmma Lindqvist, Nordwood\n",
        language="en",
    ),
    Request(
        RYSZARD,
        "TARGIT",
        "Ile kosztuje dodatkowe stanowisko?",
        "Dzień dobry,\n\nchciałbym się dowiedzieć, ile kosztuje kolejne stanowisko i czy trzeba coś instalować.\n\n"
        "Ryszard Wilga, stolarnia\n",
    ),
)

OUT_OF_OFFICE = "Dzień dobry,\n\njestem na naradzie zarządu, odpiszę po 16:00.\n\nPaweł Stec\n"

HANNAS_ANSWER = (
    "Dzień dobry,\n\n"
    "dziękuję za dziennik, wszystko w nim widać: po nocnej aktualizacji serwer stracił sterownik drukarki.\n"
    "Właśnie go przywróciłam. Proszę wydrukować jedną fakturę na próbę.\n\n"
    "Hanna Brzoza\n"
)
DOROTAS_REPLY = "Pani Hanno, drukuje. Zaległe faktury też już wyszły, dziękuję!\n\nDorota Klimek\n"
RESOLUTION = "Sterownik drukarki jest na miejscu, a zaległe faktury wyszły. Gdyby coś wróciło, proszę odpisać."
