"""When a mail would count and until when the desk would react, without a mail: `helpdesk rules when`."""

from __future__ import annotations

from datetime import UTC, datetime

from helpdesk.desk.draft import Draft, RouteFacts
from helpdesk.desk.receipt import Receipt, receive
from helpdesk.desk.route import apply_rules
from helpdesk.desk.rules.conditions import fields_of
from helpdesk.desk.rules.ruleset import Rules
from helpdesk.desk.terms import Step
from helpdesk.desk.view import View
from helpdesk.mail.message import Classification, Headers, InboundMessage, MessageKind

_KNOWN = frozenset({"queue", "plan", "priority", "hours"})
_NO_MAIL = InboundMessage(
    author=None,
    authors=(),
    sender=None,
    reply_to=(),
    to=(),
    cc=(),
    return_path=None,
    subject="",
    date=None,
    message_id="",
    in_reply_to=(),
    references=(),
    text="",
    new_text="",
    html="",
    attachments=(),
    headers=Headers(),
    defects=(),
    content_digest="",
    size=0,
)


class Forecast:
    """The receipt of any instant for one queue, plan and priority.

    Rules that look at anything but queue, plan, priority and time don't match: there is no mail to look at.
    """

    def __init__(self, rules: Rules, queue: str, plan: str | None = None, priority: int = 3) -> None:
        self.rules = rules
        self.queue, self.plan, self.priority = queue, plan, priority
        self.asked = tuple(rule for rule in rules.rules if fields_of(rule.when) <= _KNOWN)

    def at(self, delivered_at: datetime) -> Receipt:
        """Return the receipt of a mail delivered at that instant."""
        view = self._view(delivered_at.astimezone(UTC))
        apply_rules(view, self.asked)
        draft = view.draft
        return receive(
            delivered_at, self.rules, queue=draft.queue, plan=view.plan(), kind=draft.kind, calendar=draft.calendar
        )

    def _view(self, delivered_at: datetime) -> View:
        draft = Draft(self.queue, self.plan, None, quarantine=False, priority=self.priority)
        facts = RouteFacts(delivered_at)
        opening = Step("queue", self.queue, "asked for")
        return View(_NO_MAIL, Classification(MessageKind.PERSONAL, ""), facts, self.rules, draft, None, opening)
