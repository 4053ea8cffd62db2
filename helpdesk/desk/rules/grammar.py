"""The form of routing_rules.yaml as tables: every key, what its value may be, and a line that explains it.

Read by `building` (the rules themselves), `schema` (editors) and `reference` (docs/rules.md).
The conditions and actions of a rule stand in `rulegrammar`.
"""

from __future__ import annotations

from helpdesk.desk.hours import WHOLE_DAY, ReceiptRule
from helpdesk.desk.parties import Others, Signs
from helpdesk.desk.plans import BILLABLE, MailSupport
from helpdesk.desk.rules import notation, rulenotation
from helpdesk.desk.rules.combined import ByShape, Either, Made, Many
from helpdesk.desk.rules.kinds import Kind, Name, OneOf, Parsed, Whole
from helpdesk.desk.rules.rulegrammar import RULE, SAMPLE
from helpdesk.desk.rules.sections import Fields, Key, Table
from helpdesk.desk.spans import parse_duration, parse_months, parse_span
from helpdesk.desk.verbs import VERBS, alias_word

ADDRESS = Parsed("an address", notation.address)
ADDRESSES = Many(ADDRESS)
DATES = Many(Parsed("a day or days, 2026-12-24 or 2026-12-24..2026-12-31", notation.day_range))
LINE = Parsed("a text of one line", notation.one_line)
LANGUAGE = Parsed("a language, for instance pl", rulenotation.language, "^[a-z]{2,3}$")
DURATION = Parsed("a length of time, for instance 30m or 8h", parse_duration)
INTERVALS = Parsed("hours, for instance 09:00-17:00", notation.intervals)

ALWAYS = (WHOLE_DAY,) * 7


class _Agreed:
    """The value of a key that the plan leaves to each contract."""

    def __repr__(self) -> str:
        return "agreed"


AGREED = _Agreed()


def _agreed(kind: Kind) -> Kind:
    return Either("agreed", AGREED, kind)


DESK = Fields(
    "desk",
    {
        "name": Key(LINE, "how the desk signs its mails"),
        "admin": Key(ADDRESSES, "who gets alarms and refused edits"),
        "phone": Key(LINE, "the number that ends each mail"),
        "footer": Key(LINE, "the company's registered name, court, KRS, NIP: business letters need it"),
        "privacy_url": Key(LINE, "the link to the privacy notice, in the footer"),
    },
)

CALENDAR_KEYS = Fields(
    "a calendar",
    {
        "hours": Key(
            Either(
                "always",
                ALWAYS,
                Made(Table("weekdays (mon, mon-fri)", INTERVALS, notation.days), notation.week),
            ),
            "when it is open: weekdays with intervals, or always",
            required=True,
        ),
        "holidays": Key(
            Many(Parsed("a country, PL or DE-BY", notation.country)),
            "countries whose public holidays are days off; without the key it is open on them",
        ),
        "closed": Key(Made(DATES, notation.all_days), "days off besides"),
        "open": Key(
            ByShape(Table("dates", INTERVALS, notation.day), Made(DATES, notation.all_days)),
            "days that are open whatever else holds: a list (with their weekday's hours), or dates with hours",
        ),
        "timezone": Key(Parsed("a time zone", notation.zone), "the zone of its hours; the file's by default"),
        "receipt": Key(
            OneOf({rule.value: rule for rule in ReceiptRule}),
            "how a mail out of hours counts: at the next opening (the default), or on the next business day",
        ),
    },
)

CALENDAR = Made(CALENDAR_KEYS, notation.calendar)

_ROUNDING = Either("exact", parse_duration("0m"), DURATION)

PLAN_KEYS = {
    "calendar": Key(Name("calendars"), "the hours in which its time runs; the queue's by default"),
    "reaction": Key(_agreed(DURATION), "the guaranteed reaction, in working hours of the calendar"),
    "guaranteed_support": Key(
        _agreed(DURATION), "a month's cap on the guarantee: time spent on mails that report no error"
    ),
    "package": Key(_agreed(DURATION), "hours of remote help, phone and programming included in a month"),
    "package_for": Key(
        Many(OneOf({channel.value: channel for channel in BILLABLE})),
        "what the package may be used for; all by default",
    ),
    "mail": Key(OneOf({mail.value: mail for mail in MailSupport}), "what customers may write about; all by default"),
    "rounding": Key(
        Fields(
            "rounding",
            {channel.value: Key(_ROUNDING, f"{channel.value} counts per started unit") for channel in BILLABLE},
        ),
        "how time counts, per session: per started unit, or exact (the default)",
    ),
    "write_up": Key(DURATION, "added to each session before rounding, for writing it up"),
    "rate": Key(_agreed(Parsed("an amount", notation.money)), "the price of an hour beyond the package, net"),
    "minimum_term": Key(
        Either("none", 0, Parsed("a number of months", parse_months)), "how long a contract lasts at least"
    ),
}
PLAN = Fields("a plan", PLAN_KEYS)

QUEUE = Fields(
    "a queue",
    {
        "prefix": Key(
            Parsed("2 to 6 capital letters", notation.prefix, "^[A-Z]{2,6}$"),
            "the letters of its ticket keys",
            required=True,
        ),
        "addresses": Key(ADDRESSES, "its addresses; it writes from the first", required=True),
        "calendar": Key(Name("calendars"), "its working hours", required=True),
        "from_name": Key(LINE, "the name beside its address; the queue's own by default"),
        "signs": Key(
            OneOf({each.value: each for each in Signs}),
            "whose name stands under a consultant's words to the customer; both by default",
        ),
        "languages": Key(Many(LANGUAGE), "the languages it answers in, the usual one first; pl by default"),
        "consultants": Key(Many(Name("consultants", fold=True)), "who is told of its tickets"),
        "escalate_to": Key(ADDRESSES, "who is told when a reaction is late"),
        "on_call": Key(
            ADDRESSES, "who is woken for priority 1 and 2 while the queue is closed; an SMS gateway will do"
        ),
    },
)

CONSULTANT = Fields(
    "a consultant",
    {
        "name": Key(LINE, "how customers see them"),
        "language": Key(LANGUAGE, "the language of mails to them; pl by default"),
        "aliases": Key(ADDRESSES, "other addresses that they write from"),
        "away": Key(DATES, "absences: they get no new tickets"),
    },
)

ORGANISATION = Fields(
    "an organisation",
    {
        "domains": Key(Many(Parsed("a domain", notation.domain)), "mail from these domains is theirs"),
        "contacts": Key(ADDRESSES, "people who speak for them, whatever their domain"),
        "others": Key(
            OneOf({others.value: others for others in Others}),
            "what happens to mail of their people who are no contacts; allow by default",
        ),
        "plan": Key(Name("plans"), "the plan they bought; default_plan by default"),
        "valid": Key(Parsed("days, 2026-01-01..2026-12-31", notation.day_range), "first and last day of the contract"),
        **PLAN_KEYS,
    },
)

LIFECYCLE = Fields(
    "lifecycle",
    {
        "close_resolved_after": Key(
            Parsed("a length of time or business days", parse_span),
            "a resolved ticket closes; 5 business days by default",
        ),
        "reopen_closed_within": Key(DURATION, "how long a reply wakes a closed ticket; 14 days by default"),
        "phone_confirm_within": Key(
            Parsed("a length of time or business days", parse_span),
            "an unconfirmed call lapses; 1 business day by default",
        ),
        "remind_pending_after": Key(
            Parsed("a length of time or business days", parse_span),
            "a customer we wait for is reminded, and again after as long; 3 business days by default",
        ),
        "remind_pending_times": Key(Whole(0, 9), "how often; 2 by default, 0: never"),
        "remind_stale_after": Key(
            Parsed("a length of time or business days", parse_span),
            "consultants are reminded of a ticket that nobody touches; 3 business days by default",
        ),
    },
)

FILE = Fields(
    "the file",
    {
        "version": Key(Whole(1, 1), "of this form: 1", required=True),
        "timezone": Key(
            Parsed("a time zone", notation.zone), "the zone of all hours and dates; Europe/Warsaw by default"
        ),
        "desk": Key(DESK, "how the desk signs, and who looks after it"),
        "calendars": Key(Table("calendars", CALENDAR), "opening hours, by name", required=True),
        "default_plan": Key(Name("plans"), "the plan of known customers without a contract; strangers have none"),
        "plans": Key(Table("plans", PLAN), "support plans, by name"),
        "queues": Key(Table("queues", QUEUE), "the products' lines, by name", required=True),
        "consultants": Key(Table("consultants", CONSULTANT, notation.address), "our people, by address"),
        "organisations": Key(
            Table("organisations", ORGANISATION), "customers, by name; any key of a plan can be overridden there"
        ),
        "partners": Key(
            Table(
                "partners",
                Fields(
                    "a partner",
                    {
                        "addresses": Key(
                            ADDRESSES,
                            "where they write from; the first is where tickets are passed on to",
                            required=True,
                        )
                    },
                ),
            ),
            "companies that a ticket can be passed on to; their answers are internal comments",
        ),
        "lifecycle": Key(LIFECYCLE, "how long states last"),
        "cross_posted": Key(
            OneOf({"primary": "primary", "copy": "copy", "both": "both"}),
            "one mail to two of our addresses: one ticket (primary, the default), one and the others told, one in each",
        ),
        "commands": Key(
            Table("words", OneOf({verb: verb for verb in VERBS}), alias_word),
            "your own words for consultants' commands",
        ),
        "rules": Key(
            Many(RULE, dashes=True), "read top to bottom: every rule that matches applies, a later one wins a field"
        ),
        "samples": Key(
            Many(SAMPLE, dashes=True), "mails with the result that you expect; one that fails refuses the edit"
        ),
    },
)
