"""Every mail in tests/mails is read as the file beside it says: real situations, in invented people's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from helpdesk.mail.body import answering_text
from helpdesk.mail.classify import OwnIdentity, Reason, classify
from helpdesk.mail.message import Address, InboundMessage, MessageKind
from helpdesk.mail.parse import parse_message

FOLDER = Path(__file__).parent.parent / "mails"
MAILS = sorted(FOLDER.rglob("*.eml"))
OWN = OwnIdentity(frozenset({"pomoc.dynamics@desk.example.org"}), "desk.example.org")
KEYS = frozenset(
    {"kind", "reason", "subject", "from", "to", "cc", "text", "new_text", "attachments", "defects", "bounce"}
    | {"original_ids", "message_id", "in_reply_to", "references"}
    | {"sent", "answering_text", "text_has", "new_text_has", "new_text_lacks", "html_has", "html_lacks"}
)


def expected(mail: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(mail.with_suffix(".yaml").read_text(encoding="utf-8"))
    assert not found.keys() - KEYS, f"{mail.stem}: unknown keys"
    return found


@pytest.mark.parametrize("mail", MAILS, ids=[f"{mail.parent.name}/{mail.stem}" for mail in MAILS])
def test_a_mail_is_read_as_expected(mail: Path) -> None:
    message = parse_message(mail.read_bytes())
    found = classify(message, OWN)
    wanted = expected(mail)
    actual = {**_facts(message), "kind": str(found.kind), "reason": str(found.reason)}
    sent = wanted.pop("sent", ())
    actual["answering_text"] = answering_text(message.text, sent, answers=bool(message.in_reply_to))
    for key, value in wanted.items():
        if key.endswith("_has"):
            assert [item for item in value if item not in actual[key.removesuffix("_has")]] == []
        elif key.endswith("_lacks"):
            assert [item for item in value if item in actual[key.removesuffix("_lacks")]] == []
        elif key == "attachments":
            assert [{name: each[name] for name in want} for each, want in zip(actual[key], value, strict=True)] == value
        elif key == "defects":
            assert set(value) <= set(actual[key])
        else:
            assert actual[key] == value, key


def test_every_reason_and_kind_has_a_golden_mail() -> None:
    wanted = [expected(mail) for mail in MAILS]
    assert {item["reason"] for item in wanted} >= set(Reason)
    assert {item["kind"] for item in wanted} >= set(MessageKind)


def _facts(message: InboundMessage) -> dict[str, Any]:
    return {
        "subject": message.subject,
        "from": _person(message.author),
        "to": [address.addr for address in message.to],
        "cc": [address.addr for address in message.cc],
        "text": message.text,
        "new_text": message.new_text,
        "html": message.html,
        "attachments": [
            {"name": a.name, "type": a.type, "size": a.size, "inline": a.inline} for a in message.attachments
        ],
        "defects": [defect.code for defect in message.defects],
        "bounce": _bounce(message),
        "original_ids": list(message.report.original_message_ids) if message.report else [],
        "message_id": message.message_id,
        "in_reply_to": list(message.in_reply_to),
        "references": list(message.references),
    }


def _person(address: Address | None) -> dict[str, str] | None:
    return {"name": address.name, "addr": address.addr} if address else None


def _bounce(message: InboundMessage) -> dict[str, str] | None:
    first = message.report.first if message.report else None
    return {"recipient": first.recipient, "status": first.status, "action": first.action} if first else None
