"""What `helpdesk check` says of how far the desk can know who writes (RELIABILITY 3.1, 3.4).

Nothing here keeps the desk from working; each finding names what would make it surer.
"""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.cli.findings import Finding, Mark
from helpdesk.config import Settings
from helpdesk.desk.parties import Others
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.tokens import LONGEST_BOX

_CHECK = "identity"


def identity_findings(settings: Settings, rules: Rules) -> Iterator[Finding]:
    """Say which mailboxes can't vouch for anybody, which addresses can't be signed, and who can't be asked."""
    found = [*_unwitnessed(settings), *_unsigned(settings), *_too_long(settings, rules), *_nobody_to_ask(rules)]
    yield from found or [Finding(_CHECK, Mark.OK, "authors can be authenticated, and reply addresses are signed")]


def _unwitnessed(settings: Settings) -> Iterator[Finding]:
    """Correction (a) of RELIABILITY 3.4: a token is the weaker proof of a consultant."""
    boxes = [name for name, box in settings.mailbox.items() if box.authentication.profile == "none"]
    if boxes:
        detail = (
            f"{', '.join(boxes)}: authentication profile none. Nobody's From can be checked there; a consultant is "
            "known only by answering a mail that went to them alone, which is weaker"
        )
        cure = 'authentication = { profile = "rfc8601", authserv_id = "the name your mail server stamps" }, or m365'
        yield Finding(_CHECK, Mark.WARNING, detail, f"{cure}, in [mailbox.{boxes[0]}]")


def _unsigned(settings: Settings) -> Iterator[Finding]:
    boxes = [name for name, box in settings.mailbox.items() if not box.subaddressing]
    if boxes and settings.secret:
        detail = (
            f"{', '.join(boxes)}: no sub-addressing. Reply addresses and reverse-paths are not signed; answers are "
            "known by Message-ID and subject tag"
        )
        cure = f"subaddressing = true in [mailbox.{boxes[0]}], if the server delivers user+anything@ to user@"
        yield Finding(_CHECK, Mark.WARNING, detail, cure)


def _too_long(settings: Settings, rules: Rules) -> Iterator[Finding]:
    """RFC 5321 §4.5.3.1.1 gives a local part 64 octets, and a token takes 34 of them."""
    queues = {box.queue for box in settings.mailbox.values() if box.queue and box.subaddressing}
    for queue in (rules.queues[name] for name in rules.queues if name in queues):
        box = queue.addresses[0].rpartition("@")[0]
        if len(box) > LONGEST_BOX or "+" in box:
            why = "has a + in it" if "+" in box else f"is longer than {LONGEST_BOX} letters"
            detail = f"{queue.addresses[0]}: the box name {why}, so that its reply addresses can't be signed"
            yield Finding(_CHECK, Mark.WARNING, detail, f"list a shorter address first in queue {queue.name}")


def _nobody_to_ask(rules: Rules) -> Iterator[Finding]:
    asking = [one.name for one in rules.organisations.values() if one.others is Others.ASK_CONTACT and not one.contacts]
    if asking:
        detail = f"{', '.join(asking)}: others: ask_contact, but there is no contact to ask; colleagues' words stay out"
        yield Finding(_CHECK, Mark.WARNING, detail, "name contacts, or write others: allow or refuse")
