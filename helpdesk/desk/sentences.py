"""Every reason as a sentence: what `helpdesk explain` prints, and later the portal.

One place for all closed sets of reasons, so that a test can walk them: a new reason without its sentence
fails. The detail (the header, the rule, the hours that decided) is put behind it.
"""

from __future__ import annotations

from enum import StrEnum

from helpdesk.desk.evidence import Clue, Gate, Verdict
from helpdesk.desk.gate import GateReason
from helpdesk.desk.hours import Closure
from helpdesk.desk.receipt import AcknowledgeReason
from helpdesk.desk.rights import Ground
from helpdesk.desk.sender import Proof
from helpdesk.desk.terms import GuaranteeReason
from helpdesk.mail.classify import Reason

SENTENCES: dict[StrEnum, str] = {
    Reason.PERSONAL: "nothing marks it as a machine's: a person wrote it",
    Reason.OWN_LOOP_HEADER: "it bears our own loop header",
    Reason.OWN_ADDRESS: "it comes from an address of ours",
    Reason.HOP_LIMIT: "it has passed through more servers than any honest way has",
    Reason.DELIVERY_STATUS: "it has a delivery-status part (RFC 3464)",
    Reason.DELIVERY_PROSE: "its words are those of a server that could not deliver",
    Reason.DISPOSITION_NOTIFICATION: "it is a read receipt (RFC 8098)",
    Reason.FEEDBACK_REPORT: "it is a complaint report (RFC 5965)",
    Reason.AUTO_SUBMITTED_HEADER: "its Auto-Submitted header says so (RFC 3834)",
    Reason.AUTO_REPLY_HEADER: "a header of automatic replies says so",
    Reason.AUTO_REPLY_SUBJECT: "its subject is that of automatic replies",
    Reason.TICKET_SYSTEM: "another ticket system wrote it",
    Reason.LIST_HEADER: "it came through a mailing list (RFC 2369, RFC 2919)",
    Reason.PRECEDENCE_HEADER: "its Precedence header says so",
    Reason.SUPPRESS_HEADER: "its X-Auto-Response-Suppress header wants no answers at all",
    Reason.NULL_RETURN_PATH: "its reverse-path is empty: nobody wants an answer",
    Proof.AUTHENTICATED: "our mail server vouches for From",
    Proof.OWN_NOTICE: "it answers a mail that only this person was sent",
    Proof.CHALLENGED: "its owner was asked, and said that it is theirs",
    Proof.NONE: "From is a claim that nothing proves",
    Proof.REFUTED: "our mail server says that From is forged",
    Clue.REPLY_ADDRESS: "it came to an address that was signed for the ticket",
    Clue.OWN_ID: "it answers a mail of ours on the ticket",
    Clue.KNOWN_ID: "it answers a mail that was seen on the ticket",
    Clue.THREAD_ROOT: "it names the ticket's thread",
    Clue.TAG: "it bears the ticket's tag",
    Clue.TAKES_PART: "its author takes part in the ticket",
    Clue.AUTHENTICATED: "and our mail server vouches for From",
    Clue.UNWITNESSED: "and no server could vouch for From, so that the claim is taken as it stands",
    Clue.COLLEAGUE: "its author is of the customer's organisation, and our mail server vouches for From",
    Clue.SAME_SUBJECT: "the subject is the ticket's",
    Clue.FROM_REFUTED: "our mail server says that From is forged",
    Clue.WORTHLESS: "it bears a token that proves nothing",
    Clue.OTHER_SUBJECT: "the subject is another one, without the tag",
    Verdict.ENOUGH: "the evidence is enough",
    Verdict.CAPPED: "the token may be in the wrong hands: it joins, and moves nothing",
    Verdict.BARELY: "the evidence is barely enough: it joins, and moves nothing",
    Verdict.TOO_LITTLE: "the evidence is too little",
    Verdict.TWO_TICKETS: "two tickets fit alike: nobody can tell which is meant",
    Verdict.GATE: "the ticket does not take it",
    Verdict.NOTHING: "it names no ticket and no mail that is known here",
    Verdict.SAME_MAIL: "another copy of the mail that opened the ticket",
    Gate.CLOSED_LONG_AGO: "it has been closed for too long",
    Gate.ANOTHER_MATTER: "it is resolved, and the subject is a new one",
    Gate.ANOTHER_CUSTOMER: "it is another customer's",
    Ground.PARTICIPANT: "its author takes part in the ticket",
    Ground.UNVOUCHED: "its author takes part in the ticket; no mail server says that From is theirs",
    Ground.FORGED: "our mail server says that From is forged",
    Ground.UNCERTAIN: "it is not certain that the mail belongs to this ticket",
    Ground.COLLEAGUE: "its author is of the customer's organisation, which lets its people in",
    Ground.CONTACT_ASKED: "its author is of the customer's organisation, and its contact is asked whether they may",
    Ground.CONTACTS_ONLY: "its author is of the customer's organisation, which lets only its contacts in",
    Ground.COLLEAGUE_UNPROVEN: "From names the customer's organisation, and no mail server says that it is theirs",
    Ground.STRANGER: "its author is neither a participant nor of the customer's organisation",
    Ground.CONSULTANT_UNPROVEN: "From names a consultant, and nothing proves it: it never reaches a customer",
    Ground.CONTACT_SAID_YES: "the customer's contact said yes",
    Ground.CONTACT_SAID_NO: "the customer's contact said no",
    Ground.CONTACT_SILENT: "the customer's contact said nothing within a business day",
    Ground.OWNER_SAID_YES: "the owner of the address says that they wrote it",
    Ground.OWNER_SAID_NO: "the owner of the address says that they did not write it",
    Ground.OWNER_SILENT: "the owner of the address did not answer within a business day",
    Ground.TAKEN_IN: "a consultant took it in",
    AcknowledgeReason.PERSON: "a person wrote and waits for a word",
    AcknowledgeReason.MACHINE: "no machine ever gets an answer (RFC 3834)",
    AcknowledgeReason.NO_AUTHOR: "there is no address to answer to",
    AcknowledgeReason.LATE: "it was taken in too long after its delivery to be answered as if it were new",
    AcknowledgeReason.SILENT: "it was taken in silently",
    AcknowledgeReason.RULE: "a rule, or its author being one of ours, forbids it",
    AcknowledgeReason.QUARANTINED: "it is held in quarantine",
    AcknowledgeReason.DISCARDED: "a rule discards it",
    AcknowledgeReason.REJECTED: "a rule refuses it, and the refusal is the answer",
    AcknowledgeReason.CONTACT: "its customer's contact decides about tickets, and the author is told so",
    Closure.OPEN: "it was delivered in business hours",
    Closure.PAUSE: "it was delivered in a pause of the business day",
    Closure.BEFORE_OPENING: "it was delivered before opening",
    Closure.AFTER_CLOSING: "it was delivered after closing",
    Closure.DAY_OFF: "it was delivered on a day without business hours",
    Closure.HOLIDAY: "it was delivered on a public holiday",
    Closure.CLOSED_DAY: "it was delivered on a day that the calendar closes",
    GuaranteeReason.HOLDS: "the plan promises a reaction time",
    GuaranteeReason.NO_PLAN: "the author has no support plan",
    GuaranteeReason.NO_REACTION_IN_PLAN: "the plan names no reaction time",
    GuaranteeReason.CHANNEL: "the promise is for tickets that come by mail",
    GuaranteeReason.CAP_REACHED: "this month's guaranteed support time is used up",
    GuaranteeReason.NOT_COVERED: "the plan covers errors only",
    GuaranteeReason.AGREED: "a reaction time was agreed with this customer",
    GateReason.PASSES: "nothing speaks against it",
    GateReason.OWN_ADDRESS: "the recipient is an address of ours: that is how loops begin",
    GateReason.NO_REPLY_ADDRESS: "nobody reads mail at that address",
    GateReason.BAD_ADDRESS: "no mail can be sent to that address",
    GateReason.MUTED: "mail to that address is muted",
    GateReason.UNCLEAN_HEADER: "a control character would stand in a header field",
    GateReason.TOO_LARGE: "the mail is larger than the server takes",
    GateReason.QUIET_THREAD: "a machine seems to write on this ticket: its automatic mail is off for a day",
    GateReason.THREAD_BUDGET: "the ticket has been acknowledged already",
    GateReason.ADDRESS_BUDGET: "so much automatic mail has gone to this address that it must wait",
    GateReason.DOMAIN_BUDGET: "so much automatic mail has gone to strangers of this domain that it must wait",
    GateReason.STRANGERS_BUDGET: "so much automatic mail has gone to strangers that it must wait",
    GateReason.CONTACT_BUDGET: "so much automatic mail has gone to this contact that it must wait",
    GateReason.SURGE: "far more automatic mail goes out than mail came in",
    GateReason.RESTORED: "the database was restored from a copy, and this mail may have left before",
}


def say(reason: StrEnum, detail: str = "") -> str:
    """Return the reason's sentence, the detail that decided behind it."""
    sentence = SENTENCES[reason]
    return f"{sentence}: {detail}" if detail else sentence
