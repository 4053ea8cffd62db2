"""Every reason can be told to a person."""

from __future__ import annotations

from enum import StrEnum

import pytest

from helpdesk.desk.evidence import Clue, Gate, Verdict
from helpdesk.desk.gate import GateReason
from helpdesk.desk.hours import Closure
from helpdesk.desk.receipt import AcknowledgeReason
from helpdesk.desk.rights import Ground
from helpdesk.desk.sender import Proof
from helpdesk.desk.sentences import SENTENCES, say
from helpdesk.desk.terms import GuaranteeReason
from helpdesk.mail.classify import Reason

CLOSED_SETS: tuple[type[StrEnum], ...] = (
    Reason,
    Proof,
    Clue,
    Gate,
    Verdict,
    Ground,
    AcknowledgeReason,
    Closure,
    GuaranteeReason,
    GateReason,
)


@pytest.mark.parametrize("reasons", CLOSED_SETS, ids=lambda reasons: reasons.__name__)
def test_every_reason_of_a_closed_set_has_its_sentence(reasons: type[StrEnum]) -> None:
    assert [reason for reason in reasons if not SENTENCES.get(reason)] == []


def test_the_detail_that_decided_stands_behind_the_sentence() -> None:
    assert say(Reason.LIST_HEADER, "List-Id").endswith("(RFC 2369, RFC 2919): List-Id")
