"""Delivery reports in prose: what Exim, qmail, Exchange, Gmail and the rest write to people (no RFC).

Called by `mail.dsn` where a message looks like one. flufl.bounce finds most recipients; the failed-recipients
header, the usual ways to set an address apart, and the server's words are read here.
"""

from __future__ import annotations

import email
import logging
import re

from helpdesk.mail.message import Headers, RecipientReport
from helpdesk.mail.status import status_in

LARGEST = 256 * 1024  # of the raw mail that flufl.bounce sees
DAEMON = re.compile(
    r"mailer[-_ ]?daemon|mail[-._ ]?delivery|\bmdaemon\b|mail(?:er)?[-_ ]?(?:system|subsystem|router|"
    r"administrator)|smtp[-_ ]?(?:mail[-_ ]?service|gateway)|"
    r"mail_service|antivirus_for_smtp",
    re.I,
)
POSTMASTER = re.compile(
    r"\bpoo?st[-_.]?master\b|system administrator|\bmicrosoftexchange[0-9a-f]{32}@|\A\s*<>\s*\Z", re.I
)
ROBOT = re.compile(r"\bno-?reply\b|administrator|-admin@|\bsns\b", re.I)
SUBJECT = re.compile(
    r"(?:[\w.-]+ )?(?:\*+\s*)?(?:delivery (?:status|failure|failed|notification|report|error|has failed)|"
    r"mail (?:delivery|system|failed|not delivered|could not)|"
    r"undeliver(?:able|ed)|returned (?:mail|to sender)|failure (?:notice|delivery)|message (?:delivery|"
    r"status|could not)|(?:your )?(?:message|e?mail)\b.{0,60}could not be delivered|"
    r"failed mail|delayed mail|warning: (?:message|could not|[^ ]+@)|non[- ]?delivery|unzustellbar|nicht "
    r"zugestellt|niedostarcz|nie dostarczono|"
    r"nie można dostarczyć|zwrot niedoręcz|niemożność dostarczenia|nieudane dostarczenie|wiadomość nie "
    r"(?:została|mogła)|undelivered|unable to deliver|could not deliver|not delivered|"
    r"echec de remise|notification d'échec|mensaje no entregado|メッセージを配信できません|"
    r"ваше сообщение не доставлено|"
    r"postmaster notify|delivery.{0,20}fail)",
    re.I,
)
SURE_SUBJECT = re.compile(
    r"delivery status notification \((?:failure|delay)\)|undelivered mail returned to sender|mail delivery "
    r"failed: returning message",
    re.I,
)
PROSE = re.compile(
    r"(?:could ?n[o']t be delivered|(?:was|were|been|is|are) (?:not |un)deliver(?:ed|able)|unable to deliver|"
    r"not able to deliver|delivery (?:to|of|has|have|attempt).{0,60}fail|failed to deliver|"
    r"permanent (?:fatal )?error|fatal errors|user unknown|did not reach|undeliverable|cannot be delivered|"
    r"can't be delivered|returned to sender|could not deliver|returning message|"
    r"nie (?:została|mogła|zostało|udało się|można).{0,40}dostarcz|nicht (?:zugestellt|zustell)|konnte "
    r"nicht.{0,60}zugestellt|unknown (?:user|recipient)|no such user|mailbox (?:full|unavailable)|"
    r"delivery status|undelivered|recipient.{0,40}(?:reject|fail|unknown)|bounced?\b|bouncetype|delayed|"
    r"still being retried|failed recipients?|配信できません|are not member|loop alert|"
    r"not yet been delivered|error.{0,40}(?:deliver|recipient))",
    re.I,
)
SES_NOTICE = re.compile(r'\s*\{"notificationType":\s?"Bounce"')
RETURNED = re.compile(
    r"^(?:-+ ?(?:this is a copy|below this line|original (?:message|mail)|your (?:original )?message|the "
    r"(?:original|unsent|following)|unsent message|message header|undelivered|"
    r"returned message|forwarded)|(?:return-path|received|x-sender|delivered-to):|original message "
    r"(?:follows|headers)|message headers? (?:follow|are)|"
    r"(?:your|the) (?:original |unsent )?(?:message|mail) (?:follows|headers)|the (?:following is the |"
    r"header of the )?(?:original message|unsent).{0,40}:?$|included is a copy)",
    re.I | re.M,
)
STATUS_LINE = re.compile(r"^status:\s*([245]\.\d{1,2}\.\d{1,3})\b", re.I | re.M)
DELAY = re.compile(
    r"delay|warning|still being retried|not yet been delivered|will (?:be retried|keep trying|retry|"
    r"continue)|no action is required|queued for|opóźni|verzögert",
    re.I,
)
ADDRESS = r"[^\s<>()\[\]\",;:'@]{1,100}@[A-Za-z0-9.\-]{1,120}[A-Za-z0-9]"
PLACES = (  # compiled and kept by `re` when a first bounce comes
    rf"^(?:final|original)-recipient:\s*(?:rfc822;)?\s*<?({ADDRESS})",
    rf"^\s*<({ADDRESS})>:",
    rf"^\s*({ADDRESS})(?::|\s*$|\s*\()",
    rf"(?:rcpt to|recipient|user|failed|to|address)\s*[:=]*\s*(?:\[?smtp:)?\s*<({ADDRESS})>",
    rf"^\s*(?:failed )?(?:recipient|to|address|user)s?\b[^\n]{{0,20}}:\s*<?(?:\[?smtp:)?\s*({ADDRESS})",
    rf"<({ADDRESS})>",
    rf"\b({ADDRESS})\b",
)
NOT_THE_RECIPIENT = re.compile(
    r"mailer-daemon|postmaster|@(?:[\w.-]*\.)?(?:sns|amazonaws)\b|\Aabuse@|\Asupport@|\Anoc@", re.I
)


def looks_like_bounce(headers: Headers, text: str) -> bool:
    """Tell whether the message is a delivery report in prose, by its sender, subject and words."""
    if headers.get("x-failed-recipients") or SES_NOTICE.match(text):
        return True
    sender, subject = headers.get("from"), headers.get("subject")
    if DAEMON.search(sender):
        return not _answers_a_person(headers, text)
    named = bool(SUBJECT.match(subject))
    if SURE_SUBJECT.match(subject) or (named and POSTMASTER.search(sender)):
        return True
    path = headers.get("return-path")
    machine = path.strip() == "<>" or "MAILER-DAEMON" in path.upper() or bool(POSTMASTER.search(sender))
    if (machine and (named or not headers.get("auto-submitted"))) or (named and ROBOT.search(sender)):
        return bool(PROSE.search(report_of(text)))
    return False


def _answers_a_person(headers: Headers, text: str) -> bool:
    """Tell whether a daemon's name stands before a vacation note (RFC 3834 responders run as anything)."""
    return (
        headers.get("auto-submitted").lower().startswith("auto-replied")
        and not PROSE.search(text)
        and not SUBJECT.match(headers.get("subject"))
    )


def read_prose(raw: bytes, headers: Headers, text: str) -> tuple[RecipientReport, ...]:
    """Return what the report says of each recipient, the strongest evidence first."""
    report = report_of(text)
    delayed = bool(DELAY.search(headers.get("subject"))) or (
        bool(DELAY.search(report)) and not re.search(r"permanent|giving up|given up|failed", report, re.I)
    )
    stated = tuple(item.strip(" <>") for item in headers.get("x-failed-recipients").split(",") if "@" in item)
    found = stated or _by_flufl(raw, report) or _by_place(report, headers) or _by_place(text, headers)
    action = "delayed" if delayed else "failed"
    status = status_in(report, temporary=delayed)
    if not status or status.endswith(".0.0"):
        status = _status_line(text) or _status_line(raw[:LARGEST].decode("latin-1")) or status
    if not found:
        return (RecipientReport("", action, status, _diagnostic(report)),) if status else ()
    return tuple(
        RecipientReport(addr, action, _status_near(addr, report, status, delayed), _diagnostic(report))
        for addr in found[:100]
    )


def report_of(text: str) -> str:
    """Return the report without the mail it brings back."""
    match = RETURNED.search(text)
    head = text[: match.start()] if match and match.start() > 80 else text
    return head[:20_000]


def _by_flufl(raw: bytes, report: str) -> tuple[str, ...]:
    from flufl.bounce import all_failures  # here: few mails are bounces

    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)  # it logs each detector it tries
    try:
        temporary, permanent = all_failures(email.message_from_bytes(raw[:LARGEST]))
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ):  # a collection of patterns meets odd mail
        return ()
    found = {item.decode("utf-8", "replace").strip(" <>") for item in permanent or temporary}
    valid = (item for item in found if re.fullmatch(ADDRESS, item) and item.isprintable())
    return tuple(sorted(valid, key=lambda item: (report.find(item) % (len(report) + 1), item)))


def _by_place(report: str, headers: Headers) -> tuple[str, ...]:
    ours = {match.lower() for match in re.findall(ADDRESS, headers.get("to"))}
    for place in PLACES:
        for match in re.finditer(place, report[:20_000], re.I | re.M):
            addr = match[1].strip(".")
            if addr.lower() not in ours and not NOT_THE_RECIPIENT.search(addr):
                return (addr,)
    return ()


def _status_line(text: str) -> str:
    """Return the status of a report that lies inside: a gateway wrapped it whole."""
    match = STATUS_LINE.search(text)
    return match[1] if match else ""


def _status_near(addr: str, report: str, default: str, delayed: bool) -> str:
    """Return the status said next to an address, where several are listed."""
    at = report.find(addr)
    if at < 0:
        return default
    following = report[at + len(addr) : at + len(addr) + 600]
    return status_in(following, temporary=delayed) or default


def _diagnostic(report: str) -> str:
    match = re.search(r"^.*(?<!\d)[45]\d\d[ -].*$", report, re.M)
    return match[0].strip()[:500] if match else ""
