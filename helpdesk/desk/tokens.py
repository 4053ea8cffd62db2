"""Signed reply addresses, Message-IDs, thread roots and bounce addresses: made and read (RELIABILITY 3.1).

A token answers one question, which ticket, and is a bearer paper: it gets forwarded and quoted. `services.letters`
makes them; `services.belonging` reads them in two steps: `parse_*` says of which ticket a token speaks, `judge`
whether to believe it, once the ticket and its epoch are known. Alphabet: Crockford's base32 in lower case, since
clients and servers fold local parts. MAC: the first 80 bits of HMAC-SHA-256 (RFC 2104), its key from HKDF (RFC 5869).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LONGEST_BOX = 30  # RFC 5321 §4.5.3.1.1 gives a local part 64 octets; a token takes 34
NOBODY = 0  # `who` of a token that was given to nobody in particular
_MAC_OCTETS = 10
_WHO_LIMIT = 99_999  # five digits
_MAC = "[0-9a-hjkmnp-tv-z]{16}"
_KID = "[0-9a-hjkmnp-tv-z]"
_ADDRESS = re.compile(rf"(.+)\+([canskr])({_KID})-([1-9]\d{{0,17}})-(\d{{1,5}})-({_MAC})")
_BOUNCE = re.compile(rf"(.+)\+b({_KID})-([0-9a-hjkmnp-tv-z]{{1,12}})-({_MAC})")
_MESSAGE = re.compile(rf"([cansk])({_KID})\.([1-9]\d{{0,17}})\.(\d{{1,5}})\.([0-9a-hjkmnp-tv-z]{{8}})\.({_MAC})")
_ROOT = re.compile(rf"r({_KID})\.([1-9]\d{{0,17}})\.({_MAC})")


class TokenRole(StrEnum):
    """To whom a token was given, and for what."""

    CONTACT = "c"
    CONSULTANT = "a"  # an answer goes to the customer
    NOTE = "n"  # an answer stays among consultants
    DECISION = "s"  # the contact's word about a colleague
    CHALLENGE = "k"  # "yes, it was me"
    ROOT = "r"  # the head of a thread


class Trust(StrEnum):
    """What a token is worth."""

    VALID = "valid"
    VOIDED = "voided"  # of an earlier epoch: worth no more than a tag
    FORGED = "forged"
    DISTRUSTED = "distrusted"  # signed with a key that was stolen
    UNKNOWN_KEY = "unknown_key"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One master key; the first of a ring signs, all of them verify."""

    kid: str
    master: bytes = field(repr=False)
    distrusted: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it was read, not yet believed. `fields` are what the MAC must be over, the epoch left out."""

    role: TokenRole
    kid: str
    ticket: int
    who: int
    shown: str
    label: str = field(repr=False)
    fields: tuple[str, ...] = field(repr=False)
    mac: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Makes and judges tokens of one instance. Without keys there are no tokens: see `signs`."""

    instance: str = ""
    keys: tuple[SigningKey, ...] = ()

    @property
    def signs(self) -> bool:
        """Whether there is a key to sign with."""
        return bool(self.keys)

    def reply_address(self, address: str, role: TokenRole, ticket: int, who: int, epoch: int) -> str:
        """Return the queue's address with a token in it; the plain one if its box is too long for that."""
        local, _, domain = address.rpartition("@")
        box, kid = local.lower(), self.keys[0].kid
        if len(box) > LONGEST_BOX or "+" in box:
            return address
        numbers = (str(ticket), str(epoch), str(who))
        mac = self._mac(self.keys[0], _ADDRESS_LABEL, (self.instance, box, role, kid, *numbers))
        return f"{box}+{role}{kid}-{ticket}-{who}-{mac}@{domain}"

    def bounce_address(self, address: str, outbox: str) -> str:
        """Return an envelope sender that names one outgoing mail; `outbox` is a word of the alphabet."""
        local, _, domain = address.rpartition("@")
        box, kid = local.lower(), self.keys[0].kid
        if len(box) > LONGEST_BOX or "+" in box:
            return address
        mac = self._mac(self.keys[0], _BOUNCE_LABEL, (self.instance, box, kid, outbox))
        return f"{box}+b{kid}-{outbox}-{mac}@{domain}"

    def message_id(self, role: TokenRole, ticket: int, who: int, epoch: int, rand8: str, domain: str) -> str:
        """Return a Message-ID without brackets; `rand8` is eight random letters of the alphabet."""
        kid = self.keys[0].kid
        numbers = (str(ticket), str(epoch), str(who))
        mac = self._mac(self.keys[0], _ID_LABEL, (self.instance, role, kid, *numbers, rand8))
        return f"{role}{kid}.{ticket}.{who}.{rand8}.{mac}@{domain}"

    def root_id(self, ticket: int, epoch: int, domain: str) -> str:
        """Return the id that stands first in References of every mail of a ticket."""
        kid = self.keys[0].kid
        mac = self._mac(self.keys[0], _ROOT_LABEL, (self.instance, kid, str(ticket), str(epoch)))
        return f"r{kid}.{ticket}.{mac}@{domain}"

    def who(self, addr: str) -> int:
        """Return the number that stands for a person in tokens: five digits drawn from their address.

        A number of its own would need a table of people. Two people who share one share nothing else: it is
        compared with From, which must be the registered address anyhow.
        """
        if not addr:
            return NOBODY
        digest = self._digest(self.keys[-1], _WHO_LABEL, (self.instance, addr.casefold()))
        return int.from_bytes(digest[:8]) % _WHO_LIMIT + 1

    def names(self, token: Token, addr: str) -> bool:
        """Return whether the token was given to this person."""
        return bool(addr) and token.who == self.who(addr)

    def judge(self, token: Token, epoch: int) -> Trust:
        """Return what a token is worth on a ticket of that epoch; compared in constant time."""
        key = next((key for key in self.keys if key.kid == token.kid), None)
        if key is None:
            return Trust.UNKNOWN_KEY
        if self._matches(key, token, epoch):
            return Trust.DISTRUSTED if key.distrusted else Trust.VALID
        earlier = any(self._matches(key, token, number) for number in range(max(0, epoch - _EPOCHS), epoch))
        return Trust.VOIDED if earlier and not key.distrusted else Trust.FORGED

    def reads_bounce(self, address: str) -> str | None:
        """Return the outgoing mail's word in a bounce address of ours; None for any other or a forged one."""
        found = _BOUNCE.fullmatch(address.rpartition("@")[0].lower())
        key = next((key for key in self.keys if found and key.kid == found[2] and not key.distrusted), None)
        if found is None or key is None:
            return None
        mac = self._mac(key, _BOUNCE_LABEL, (self.instance, found[1], found[2], found[3]))
        return found[3] if hmac.compare_digest(mac, found[4]) else None

    def _matches(self, key: SigningKey, token: Token, epoch: int) -> bool:
        fields = (self.instance, *(str(epoch) if part == _EPOCH else part for part in token.fields))
        return hmac.compare_digest(self._mac(key, token.label, fields), token.mac)

    def _mac(self, key: SigningKey, label: str, fields: Sequence[str]) -> str:
        return base32(self._digest(key, label, fields)[:_MAC_OCTETS])

    def _digest(self, key: SigningKey, label: str, fields: Sequence[str]) -> bytes:
        """Return the HMAC over label and fields, each behind its length in two octets, so that none can run over."""
        parts = [part.encode() for part in (label, *fields)]
        message = b"".join(len(part).to_bytes(2) + part for part in parts)
        return hmac.digest(_derived(key.master, label), message, "sha256")


_ADDRESS_LABEL, _ID_LABEL, _BOUNCE_LABEL, _ROOT_LABEL, _WHO_LABEL = (
    f"helpdesk/{purpose}/1" for purpose in ("address", "msgid", "bounce", "root", "who")
)
_EPOCH = "\0epoch"  # where the ticket's epoch goes; no field that is read can hold a NUL
_EPOCHS = 50  # so many earlier epochs are told from forgeries


def parse_address(address: str) -> Token | None:
    """Return the token that an address bears, None if it bears none. Read without regard to case."""
    found = _ADDRESS.fullmatch(address.rpartition("@")[0].lower())
    if found is None or found[2] == TokenRole.ROOT:
        return None
    box, role, kid, ticket, who, mac = found.groups()
    fields = (box, role, kid, ticket, _EPOCH, who)
    return Token(TokenRole(role), kid, int(ticket), int(who), address, _ADDRESS_LABEL, fields, mac)


def parse_id(message_id: str) -> Token | None:
    """Return the token that a Message-ID or a thread root is, None if it is none of our making."""
    left = message_id.rpartition("@")[0].lower()
    if found := _MESSAGE.fullmatch(left):
        role, kid, ticket, who, rand8, mac = found.groups()
        fields = (role, kid, ticket, _EPOCH, who, rand8)
        return Token(TokenRole(role), kid, int(ticket), int(who), message_id, _ID_LABEL, fields, mac)
    if found := _ROOT.fullmatch(left):
        kid, ticket, mac = found.groups()
        return Token(TokenRole.ROOT, kid, int(ticket), NOBODY, message_id, _ROOT_LABEL, (kid, ticket, _EPOCH), mac)
    return None


def base32(data: bytes) -> str:
    """Return the octets in the alphabet of tokens; their number must be a multiple of five."""
    number = int.from_bytes(data)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(len(data) * 8 - 5, -1, -5))


def word_of(number: int) -> str:
    """Return a number in the alphabet of tokens, without leading noughts."""
    letters = ""
    while True:
        number, last = divmod(number, len(ALPHABET))
        letters = ALPHABET[last] + letters
        if not number:
            return letters


def number_of(word: str) -> int:
    """Return the number that a word of the alphabet stands for. Raises ValueError for any other letter."""
    number = 0
    for letter in word:
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    return number


def _derived(master: bytes, label: str) -> bytes:
    """HKDF-SHA-256 with a zero salt, the label as info, and one block of output."""
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), master, "sha256")
    return hmac.digest(extracted, label.encode() + b"\x01", "sha256")
