"""Signed addresses and ids: the published vectors, keys that change, and what forgers try."""

from __future__ import annotations

import pytest

from helpdesk.desk.tokens import ALPHABET, Keyring, SigningKey, Token, TokenRole, Trust, base32, parse_address, parse_id

MASTER = bytes(range(32))
RING = Keyring("cwt", (SigningKey("1", MASTER),))
ADDRESS = "pomocdynamics+c1-48213-77-39tkwpckvfk7cyp4@desk.example.org"
BOUNCE = "pomocdynamics+b1-9r4-g9kmkceqy6w3rsvn@desk.example.org"
ID = "c1.48213.77.7f3k9q2m.08730pqc58na5e5b@desk.example.org"


def read(text: str) -> Token:
    """Return the token in an address (one with a plus) or an id."""
    token = parse_address(text) if "+" in text else parse_id(text)
    assert token is not None
    return token


def test_the_reply_address_of_the_test_vector_is_made() -> None:
    made = RING.reply_address("PomocDYNAMICS@desk.example.org", TokenRole.CONTACT, 48213, 77, 0)
    assert made == ADDRESS
    assert len(made.partition("@")[0]) == 42


def test_the_message_id_of_the_test_vector_is_made() -> None:
    assert RING.message_id(TokenRole.CONTACT, 48213, 77, 0, "7f3k9q2m", "desk.example.org") == ID


def test_the_bounce_address_of_the_test_vector_is_made() -> None:
    assert RING.bounce_address("PomocDYNAMICS@desk.example.org", "9r4") == BOUNCE


@pytest.mark.parametrize(
    "text", [ADDRESS, ID, RING.root_id(48213, 0, "desk.example.org")], ids=["address", "id", "root"]
)
@pytest.mark.parametrize("spelt", [str, str.upper], ids=["as made", "in capitals"])
def test_a_token_is_read_back_whatever_its_case(text: str, spelt: type[str]) -> None:
    token = read(spelt(text))
    assert token.ticket == 48213
    assert RING.judge(token, 0) is Trust.VALID


def test_a_token_says_to_whom_it_was_given() -> None:
    who = RING.who("Jan@ACME.test")
    token = read(RING.reply_address("pomoc@desk.test", TokenRole.CONTACT, 1001, who, 0))
    assert RING.names(token, "jan@acme.test")
    assert not RING.names(token, "ewa@acme.test")
    assert not RING.names(token, "")


@pytest.mark.parametrize("role", [role for role in TokenRole if role is not TokenRole.ROOT])
def test_every_role_has_an_address_of_its_own(role: TokenRole) -> None:
    token = read(RING.reply_address("pomoc@desk.test", role, 1001, 5, 0))
    assert token.role is role
    assert RING.judge(token, 0) is Trust.VALID


FORGED = {
    "another ticket": ADDRESS.replace("48213", "48214"),
    "another person": ADDRESS.replace("-77-", "-78-"),
    "another role": ADDRESS.replace("+c1", "+a1"),
    "another box": ADDRESS.replace("pomocdynamics", "pomoctargit"),
    "another mac": ADDRESS.replace("39tk", "39tm"),
    "an id of another ticket": ID.replace("48213", "48214"),
    "an id with other random letters": ID.replace("7f3k", "7f3m"),
    "a root of another ticket": RING.root_id(48213, 0, "d.test").replace("48213", "48214"),
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED)
def test_a_token_with_one_thing_changed_is_forged(text: str) -> None:
    assert RING.judge(read(text), 0) is Trust.FORGED


def test_a_token_of_another_instance_is_forged() -> None:
    assert Keyring("other", RING.keys).judge(read(ADDRESS), 0) is Trust.FORGED


def test_the_first_key_signs_and_a_retired_one_still_verifies() -> None:
    rotated = Keyring("cwt", (SigningKey("2", b"new"), *RING.keys))
    assert "+c2-" in rotated.reply_address("pomoc@desk.test", TokenRole.CONTACT, 1001, 1, 0)
    assert rotated.judge(read(ADDRESS), 0) is Trust.VALID


def test_a_person_keeps_their_number_when_a_new_key_is_put_first() -> None:
    rotated = Keyring("cwt", (SigningKey("2", b"new"), *RING.keys))
    assert rotated.who("jan@acme.test") == RING.who("jan@acme.test")


def test_a_stolen_key_proves_nothing() -> None:
    ring = Keyring("cwt", (SigningKey("2", b"new"), SigningKey("1", MASTER, distrusted=True)))
    assert ring.judge(read(ADDRESS), 0) is Trust.DISTRUSTED
    assert ring.reads_bounce(BOUNCE) is None


def test_a_key_that_was_taken_away_is_unknown() -> None:
    assert Keyring("cwt", (SigningKey("2", MASTER),)).judge(read(ADDRESS), 0) is Trust.UNKNOWN_KEY


def test_a_raised_epoch_voids_every_token_of_the_ticket() -> None:
    for text in (ADDRESS, ID, RING.root_id(48213, 0, "d.test")):
        assert RING.judge(read(text), 1) is Trust.VOIDED
    fresh = RING.reply_address("pomocdynamics@desk.test", TokenRole.CONTACT, 48213, 77, 1)
    assert RING.judge(read(fresh), 1) is Trust.VALID
    assert RING.judge(read(fresh), 0) is Trust.FORGED


def test_a_bounce_address_names_its_mail_and_only_with_its_mac() -> None:
    assert RING.reads_bounce(BOUNCE.upper()) == "9r4"
    assert RING.reads_bounce(BOUNCE.replace("9r4", "9r5")) is None
    assert RING.reads_bounce("pomocdynamics@desk.example.org") is None


def test_a_box_too_long_for_a_token_stays_plain() -> None:
    longest = "a" * 30
    signed = RING.reply_address(f"{longest}@desk.test", TokenRole.CONTACT, 9_999_999, 99_999, 0)
    assert len(signed.partition("@")[0]) == 64
    assert RING.reply_address(f"a{longest}@desk.test", TokenRole.CONTACT, 1, 1, 0) == f"a{longest}@desk.test"


PLAIN = ("jan@acme.test", "pomoc+news@desk.test", "pomoc+c1-0-77-39tkwpckvfk7cyp4@d.test", "c1.48213.77@d.test", "")


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_token_is_none(text: str) -> None:
    assert parse_address(text) is None
    assert parse_id(text) is None


def test_the_alphabet_has_no_letters_that_are_mistaken_for_others() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("ilou") & set(ALPHABET)
    assert base32(bytes(5)) == "00000000"
