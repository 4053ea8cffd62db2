"""The form of a rule and of a sample: conditions, actions, and what a mail of a sample may say."""

from __future__ import annotations

from typing import Any

from helpdesk.desk.rules import notation, rulenotation
from helpdesk.desk.rules.combined import ByShape, Either, Made, Many
from helpdesk.desk.rules.conditions import (
    AllOf,
    AnyOf,
    AttachmentIs,
    Condition,
    HasTag,
    NoneOf,
    NumberIs,
    TextMatches,
    WordIs,
)
from helpdesk.desk.rules.kinds import Flag, Kind, Name, OneOf, Parsed, Whole
from helpdesk.desk.rules.patterns import Pattern, parse_pattern
from helpdesk.desk.rules.sections import Fields, Key, Recursive, Table
from helpdesk.desk.terms import GuaranteeReason, Origin, TicketKind
from helpdesk.mail.message import MessageKind

LINE = Parsed("a text of one line", notation.one_line)
ANY_TEXT = Parsed("a text", str)
ADDRESSES = Many(Parsed("an address", notation.address))
LANGUAGE = Parsed("a language, for instance pl", rulenotation.language)
LANGUAGE_OR_NONE = Either("none", "none", LANGUAGE)
TAG = Parsed("a tag", rulenotation.tag)
TEMPLATE = Parsed("the name of a template", rulenotation.template)

_PATTERNS = Many(Parsed("a text or re:pattern", lambda text: parse_pattern(text, globs=False)))
_NAMES = Many(Parsed("a text, glob or re:pattern", lambda text: parse_pattern(text, globs=True)))
_PERSONS = Many(Parsed("an address, part of one, a glob or re:pattern", rulenotation.person))
_DOMAINS = Many(Parsed("a domain, a glob or re:pattern", rulenotation.domain_pattern))
_SIZES = Many(Parsed("a comparison, for instance '> 10MB'", rulenotation.size))


def _text(name: str, kind: Kind) -> Kind:
    return Made(kind, lambda patterns: TextMatches(name, patterns))


def _word(name: str, kind: Kind) -> Kind:
    return Made(Many(kind), lambda words: WordIs(name, frozenset(None if word == "none" else word for word in words)))


def _flag(name: str) -> Kind:
    return Made(Flag(), lambda flag: WordIs(name, frozenset(["true" if flag else "false"])))


def _words_of(values: Any) -> OneOf:
    return OneOf({value.value: value.value for value in values})


def _headers(asked: dict[str, tuple[Pattern, ...]]) -> Condition:
    return AllOf(tuple(TextMatches(f"header:{name}", patterns) for name, patterns in asked.items()))


def _attachment(asked: dict[str, tuple[Any, ...]]) -> Condition:
    return AttachmentIs(asked.get("name", ()), asked.get("type", ()), asked.get("size", ()))


def _all(asked: dict[str, Condition]) -> AllOf:
    return AllOf(tuple(asked.values()))


_WHEN = Recursive("when", "conditions", lambda: WHEN)
_EACH = Recursive("conditions", "conditions", lambda: CONDITIONS)
_ALTERNATIVES = ByShape(Made(_EACH, lambda asked: tuple(asked.values())), Many(_WHEN))

_ATTACHMENT = Fields(
    "an attachment",
    {
        "name": Key(_NAMES, "its file name"),
        "type": Key(_NAMES, "its media type, for instance image/*"),
        "size": Key(_SIZES, "its size, for instance '> 5MB'"),
    },
)

CONDITIONS: Kind = Fields(
    "a condition",
    {
        "from": Key(_text("from", _PERSONS), "who wrote it"),
        "from_domain": Key(_text("from_domain", _DOMAINS), "the whole domain of who wrote it"),
        "to": Key(_text("to", _PERSONS), "an address in To"),
        "cc": Key(_text("cc", _PERSONS), "an address in Cc"),
        "subject": Key(_text("subject", _PATTERNS), "words in the subject"),
        "body": Key(_text("body", _PATTERNS), "words in the text (its first 32,768 characters)"),
        "header": Key(
            Made(Table("headers", _PATTERNS, rulenotation.header), _headers),
            "words in headers, each by name; all must match",
        ),
        "attachment": Key(Made(_ATTACHMENT, _attachment), "one attachment that is all of this"),
        "size": Key(Made(_SIZES, lambda sizes: NumberIs("size", sizes)), "the size of the whole mail"),
        "language": Key(_word("language", LANGUAGE_OR_NONE), "the language so far: recognised, or set by a rule"),
        "message_kind": Key(_word("message_kind", _words_of(MessageKind)), "what made the mail"),
        "queue": Key(_word("queue", Name("queues")), "the queue so far"),
        "organisation": Key(_word("organisation", Name("organisations", or_none=True)), "the customer, or none"),
        "plan": Key(_word("plan", Name("plans", or_none=True)), "the plan so far, or none"),
        "priority": Key(
            Made(Many(Parsed("1 to 5, or '<= 2'", rulenotation.priority)), lambda found: NumberIs("priority", found)),
            "the priority so far",
        ),
        "kind": Key(_word("kind", _words_of(TicketKind)), "the kind so far"),
        "origin": Key(_word("origin", _words_of(Origin)), "the channel"),
        "tag": Key(Made(Many(TAG), HasTag), "a tag that the rules above gave"),
        "hours": Key(
            _word("hours", OneOf({"open": "open", "closed": "closed"})),
            "whether the ticket's calendar is open at delivery",
        ),
        "authenticated": Key(_flag("authenticated"), "whether our mail server vouches for the sender"),
        "spam": Key(_flag("spam"), "whether our mail server takes it for spam"),
        "any": Key(Made(_ALTERNATIVES, AnyOf), "at least one of these holds"),
        "all": Key(Made(_ALTERNATIVES, AllOf), "all of these hold"),
        "not": Key(Made(Many(_WHEN), NoneOf), "none of these holds"),
    },
)
WHEN: Kind = Made(CONDITIONS, _all)
WHEN_ALWAYS = AllOf(())

ACTIONS = Fields(
    "an action",
    {
        "queue": Key(Name("queues"), "moves it to that queue"),
        "priority": Key(Whole(1, 5), "1 urgent need, 2 system down, 3 limited function, 4 intermittent, 5 scheduled"),
        "kind": Key(OneOf({kind.value: kind for kind in TicketKind}), "error or other"),
        "assign": Key(Name("consultants", fold=True), "gives it to that consultant"),
        "round_robin": Key(
            Either("true", (), Many(Name("consultants", fold=True))),
            "consultants take turns: true for the queue's, or a list",
        ),
        "tags": Key(Many(TAG), "adds tags"),
        "watchers": Key(ADDRESSES, "adds people of ours who are told"),
        "calendar": Key(Name("calendars"), "the ticket's hours, whatever plan and queue say"),
        "plan": Key(Name("plans"), "treats it under that plan"),
        "language": Key(LANGUAGE, "answers in that language"),
        "template": Key(
            TEMPLATE,
            "gives the ticket's customers the words of that folder: `templates/<language>/<it>/<notification>/`",
        ),
        "forward": Key(
            Name("partners"),
            "passes it on to a partner, with words and files; the customer is told in the acknowledgement",
        ),
        "acknowledge": Key(Flag(), "false: opens the ticket without an acknowledgement"),
        "quarantine": Key(Flag(), "keeps it apart, unacknowledged; a line in the digest"),
        "reject": Key(TEMPLATE, "opens no ticket and answers a person with that template; `rejected` is shipped"),
        "discard": Key(Flag(), "opens no ticket and answers nothing; recorded in the journal"),
        "stop": Key(Flag(), "the rules below are not read"),
    },
)

RULE = Fields(
    "a rule",
    {
        "name": Key(LINE, "stands in every explanation"),
        "when": Key(WHEN, "all of these must hold; a list means any of its values; without it every mail"),
        "then": Key(ACTIONS, "what is set", required=True),
        "stop": Key(Flag(), "the same as in `then`"),
    },
)

_PERSON = Parsed("a person, Jan Kowalski <jan@acme.example>", notation.named_address)
_SAMPLE_ATTACHMENT = Fields(
    "an attachment of a sample",
    {
        "name": Key(LINE, "its file name", required=True),
        "type": Key(LINE, "its media type; application/octet-stream by default"),
        "size": Key(Parsed("a size, for instance 2MB", rulenotation.plain_size), "its size"),
    },
)

SAMPLE_MAIL = Fields(
    "the mail of a sample",
    {
        "from": Key(_PERSON, "who writes", required=True),
        "to": Key(Many(_PERSON), "To", required=True),
        "cc": Key(Many(_PERSON), "Cc"),
        "subject": Key(ANY_TEXT, "the subject"),
        "body": Key(ANY_TEXT, "the text"),
        "at": Key(
            Parsed("a time, 2026-11-21T10:00", notation.instant), "when it is delivered; by default a Tuesday at noon"
        ),
        "headers": Key(Table("headers", ANY_TEXT, rulenotation.header), "further headers"),
        "attachments": Key(Many(_SAMPLE_ATTACHMENT), "attachments"),
        "size": Key(Parsed("a size, for instance 2MB", rulenotation.plain_size), "the size of the whole mail"),
        "language": Key(LANGUAGE, "the language that is recognised"),
        "message_kind": Key(OneOf({kind.value: kind for kind in MessageKind}), "what made it; personal by default"),
        "origin": Key(OneOf({origin.value: origin for origin in Origin}), "the channel; mail by default"),
        "mailbox": Key(Name("queues"), "the queue of the mailbox it came through"),
        "authenticated": Key(Flag(), "whether our mail server vouches for the sender; true by default"),
        "spam": Key(Flag(), "whether our mail server takes it for spam; false by default"),
    },
)

_TIME = Parsed("a time, 2026-11-23T09:00", notation.instant)
EXPECT = Fields(
    "the expectations of a sample",
    {
        "queue": Key(Name("queues"), "the queue"),
        "priority": Key(Whole(1, 5), "the priority"),
        "kind": Key(_words_of(TicketKind), "the kind"),
        "organisation": Key(Name("organisations", or_none=True), "the customer, or none"),
        "plan": Key(Name("plans", or_none=True), "the plan, or none"),
        "assignee": Key(Either("none", "none", Name("consultants", fold=True)), "the consultant, or none"),
        "round_robin": Key(
            Either("none", "none", Many(Name("consultants", fold=True))), "exactly these take turns, or none"
        ),
        "tags": Key(Many(TAG), "exactly these tags"),
        "watchers": Key(ADDRESSES, "exactly these watchers"),
        "calendar": Key(Name("calendars"), "the ticket's calendar"),
        "language": Key(LANGUAGE_OR_NONE, "the language of the answer, or none if nothing told it"),
        "template": Key(TEMPLATE, "the folder of the ticket's words, or new"),
        "forward": Key(Name("partners", or_none=True), "the partner, or none"),
        "received_at": Key(_TIME, "when it counts as received"),
        "react_by": Key(Either("none", "none", _TIME), "the end of the reaction time, or none"),
        "guarantee": Key(_words_of(GuaranteeReason), "whether the reaction time is guaranteed, by its reason"),
        "acknowledge": Key(Flag(), "whether an acknowledgement goes out"),
        "quarantine": Key(Flag(), "whether it is kept apart"),
        "reject": Key(Either("none", "none", TEMPLATE), "the template of the refusal, or none"),
        "discard": Key(Flag(), "whether it is discarded"),
        "rules": Key(Many(LINE), "the names of exactly the rules that match, in order"),
    },
)

SAMPLE = Fields(
    "a sample",
    {
        "name": Key(LINE, "stands in the message when it fails"),
        "mail": Key(SAMPLE_MAIL, "the mail", required=True),
        "expect": Key(EXPECT, "what must come out; only what you name is compared", required=True),
    },
)
