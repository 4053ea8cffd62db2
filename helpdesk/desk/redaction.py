"""Taking a person's address and name out of a text: what `contacts erase` leaves of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ERASED = "[erased]"
DOMAIN = "erased.invalid"  # never anybody's (RFC 6761 §6.4)


@dataclass(frozen=True, slots=True)
class Redaction:
    """A person's address, what stands in its place from now on, and the names that go as well."""

    addr: str  # case-folded
    pseudonym: str
    names: tuple[str, ...] = ()

    def address_in(self, text: str) -> str:
        """Return the text with the pseudonym for the address, wherever it stands as a whole."""
        return _address(self.addr).sub(self.pseudonym, text)

    def everything_in(self, text: str) -> str:
        """Return the text without address and names. A single short word is no name: it would maim other words."""
        for name in self.names:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", ERASED, text, flags=re.IGNORECASE)
        return self.address_in(text)

    def in_value(self, value: object) -> object:
        """Return a JSON value with the pseudonym for the address in every text of it."""
        match value:
            case str():
                return self.address_in(value)
            case list():
                return [self.in_value(one) for one in value]
            case dict():
                return {key: self.in_value(one) for key, one in value.items()}
            case _:
                return value


def telling_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that can be looked for in texts, the longest first: two words at least."""
    return tuple(sorted({name.strip() for name in names if len(name.split()) > 1}, key=len, reverse=True))


def names_address(text: str, addr: str) -> bool:
    """Return whether the text names exactly that address, not one that it is part of."""
    return _address(addr).search(text) is not None


def _address(addr: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.+'-]){re.escape(addr)}(?![\w-]|\.\w)", re.IGNORECASE)
