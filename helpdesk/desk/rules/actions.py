"""What a rule does: the fields it sets. None means that the rule doesn't speak of it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from helpdesk.desk.draft import Draft
from helpdesk.desk.terms import TicketKind


@dataclass(frozen=True, slots=True)
class Action:
    """The `then` of a rule. Tags and watchers add up over the rules; of everything else the last one counts."""

    queue: str | None = None
    priority: int | None = None
    kind: TicketKind | None = None
    assign: str | None = None  # a consultant's address
    round_robin: tuple[str, ...] | None = None  # consultants to take turns; () for everyone of the queue
    tags: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    calendar: str | None = None
    plan: str | None = None
    language: str | None = None
    template: str | None = None
    forward: str | None = None  # a partner's name
    acknowledge: bool | None = None
    quarantine: bool | None = None
    reject: str | None = None  # the template of the refusal
    discard: bool | None = None

    def apply(self, draft: Draft) -> None:
        """Set the draft's fields that the rule names."""
        for name in _PLAIN:
            value = getattr(self, name)
            if value is not None:
                setattr(draft, name, value)
        draft.tags += [tag for tag in self.tags if tag not in draft.tags]
        draft.watchers += [addr for addr in self.watchers if addr not in draft.watchers]
        if self.assign is not None:
            draft.assignee, draft.round_robin = self.assign, None
        if self.round_robin is not None:
            draft.assignee, draft.round_robin = None, self.round_robin

    def __str__(self) -> str:
        return ", ".join(
            f"{field.name}: {_shown(value)}"
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None and (value != () or field.name == "round_robin")
        )


_PLAIN = (
    "queue",
    "priority",
    "kind",
    "calendar",
    "plan",
    "language",
    "template",
    "forward",
    "acknowledge",
    "quarantine",
    "reject",
    "discard",
)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value) if value else "everyone of the queue"
    return str(value)
