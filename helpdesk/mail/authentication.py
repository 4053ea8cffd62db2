"""Whether our own mail server vouches for the From of a message (RFC 8601, RELIABILITY 3.4).

Called by `services.process`, and by `helpdesk parse` when it has a configuration. Every Authentication-Results
field is a claim until it is the pinned server's; its position alone proves nothing, so a border host that does
not delete forgeries of its name deserves the profile `none`. SPF alone vouches for nobody: it says nothing of From.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.mail.message import Address, InboundMessage

MAX_FIELD = 8 * 1024
BY_HOST = re.compile(r"\bby ([A-Za-z0-9_.-]{1,255})")
AUTHENTICATED_SENDER = re.compile(r"\(Authenticated sender: ([^\s()]{3,320})\)", re.I)
IN_NAME = re.compile(r"[^\s<>@\"'(),;:]{1,64}@[A-Za-z0-9.-]{1,255}")
ACTION = re.compile(r"\b(?:action|reason)=[^\s;]+")
INTERNAL_FIELD = "x-ms-exchange-organization-authas"


class Verdict(StrEnum):
    """What the witness says of From."""

    PASS = "pass"  # noqa: S105  # a verdict, no password
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Authentication:
    """The verdict, a fixed word for why, and the header that decided."""

    verdict: Verdict
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Result:
    """One method's result, with its properties as `header.from` and the like."""

    method: str
    result: str
    properties: dict[str, str] = field(default_factory=dict)


def authenticate(message: InboundMessage, profile: str, authserv_id: str) -> Authentication:
    """Return whether From is authenticated by the pinned witness; profile `none` has none.

    Profiles: `rfc8601` (a server that names itself), `m365` (one that does not), `submit` (our own submission
    service), `none`.
    """
    if message.author is None:
        return Authentication(Verdict.NONE, "no_author")
    found = _witness(message, message.author, profile, authserv_id)
    if found.verdict is Verdict.PASS and (doubt := _doubt(message, message.author)):
        return Authentication(Verdict.NONE, doubt, found.detail)
    return found


def _witness(message: InboundMessage, author: Address, profile: str, authserv_id: str) -> Authentication:
    if profile == "rfc8601":
        return _judge(_results_of(message, authserv_id), author, "authserv_id_absent")
    if profile == "m365":
        if message.headers.get(INTERNAL_FIELD).strip().lower() == "internal":
            return Authentication(Verdict.PASS, "internal", f"{INTERNAL_FIELD}: Internal")
        return _judge(_unnamed_results(message), author, "results_absent")
    if profile == "submit":
        return _submitted(message, author, authserv_id)
    return Authentication(Verdict.NONE, "no_profile")


def _doubt(message: InboundMessage, author: Address) -> str:
    """Name what makes the vouched address not the one people see."""
    if len(message.authors) != 1 or any(defect.code == "from_repeated" for defect in message.defects):
        return "several_authors"
    shown = IN_NAME.search(author.name)
    return "address_in_name" if shown and shown[0].casefold() != author.key else ""


def _judge(results: Sequence[_Result], author: Address, absent: str) -> Authentication:
    """Weigh the results: one failure of DMARC outweighs everything."""
    if not results:
        return Authentication(Verdict.NONE, absent)
    for item in results:
        if item.method in ("dmarc", "compauth") and item.result in ("fail", "hardfail", "permerror"):
            return Authentication(Verdict.FAIL, f"{item.method}_{item.result}", _shown(item))
    passed = next((item for item in results if item.result == "pass" and _vouches(item, author)), None)
    if passed is not None:
        return Authentication(Verdict.PASS, f"{passed.method}_pass", _shown(passed))
    return Authentication(Verdict.NONE, "not_aligned", "; ".join(map(_shown, results))[:200])


def _vouches(item: _Result, author: Address) -> bool:
    """Tell whether a passed method speaks of exactly this From."""
    if item.method == "dmarc":
        return item.properties.get("header.from", "").lower().rpartition("@")[2] == author.domain
    if item.method == "dkim":
        signer = item.properties.get("header.d") or item.properties.get("header.i", "").rpartition("@")[2]
        return _aligned(signer.lower().rstrip("."), author.domain)
    if item.method == "auth":
        return item.properties.get("smtp.auth", "").casefold() == author.key
    return False


def _aligned(signer: str, domain: str) -> bool:
    """Tell whether one domain is the other or its parent (RFC 7489 §3.1.1, relaxed); a bare TLD is nobody's."""
    return "." in signer and "." in domain and (signer == domain or domain.endswith(f".{signer}"))


def _results_of(message: InboundMessage, authserv_id: str) -> list[_Result]:
    """Return the results of the one group of fields that bears the pinned id, above the first foreign hop.

    A second group means that the border does not delete forgeries: then there is no telling which is its own, and
    only what speaks against From is believed.
    """
    groups: list[list[_Result]] = [[]]
    wanted = authserv_id.strip().lower()
    for name, value in _above_foreign_hop(message, wanted):
        if name == "received":
            groups += [[]] if groups[-1] else []
        elif wanted and _names(value) == wanted:
            groups[-1] += _parse(value)
    found = [item for group in groups for item in group]
    if sum(map(bool, groups)) > 1 or _contradictory(found):
        return [item for item in found if item.result != "pass"] or [_Result("results", "ambiguous")]
    return found


def _contradictory(results: Sequence[_Result]) -> bool:
    """Tell whether DMARC is said to have ended in more than one way."""
    return len({item.result for item in results if item.method == "dmarc"}) > 1


def _above_foreign_hop(message: InboundMessage, authserv_id: str) -> Iterator[tuple[str, str]]:
    """Yield trace fields from the top, down to the first Received that is not one of our own hosts'."""
    for name, value in message.headers.fields:
        key = name.lower()
        if key == "received":
            host = BY_HOST.search(value[:MAX_FIELD])
            if not host or not _ours(host[1].lower().rstrip("."), authserv_id):
                return
        if key in ("received", "authentication-results"):
            yield key, value[:MAX_FIELD]


def _ours(host: str, authserv_id: str) -> bool:
    """Tell whether a host is the pinned one or a neighbour in its domain."""
    domain = authserv_id.partition(".")[2]
    return host == authserv_id or ("." in domain and host.endswith(f".{domain}"))


def _names(value: str) -> str:
    """Return the authserv-id of a field, without its version if that is 1; "" for any other version."""
    head = value.partition(";")[0].split()
    return head[0].lower() if head and head[1:] in ([], ["1"]) else ""


def _unnamed_results(message: InboundMessage) -> list[_Result]:
    """Return the results of the topmost run of fields that name no server, as Exchange Online writes them."""
    found: list[_Result] = []
    for name, value in message.headers.fields:
        if name.lower() == "authentication-results":
            if not value.lower().startswith(("spf=", "dkim=", "dmarc=")):
                break
            found += _parse(f"unnamed; {ACTION.sub('', value[:MAX_FIELD])}")
        elif found:
            break
    return found


def _submitted(message: InboundMessage, author: Address, authserv_id: str) -> Authentication:
    """Judge mail handed to our own submission service: the login must be the author's address."""
    logins = [item for item in _results_of(message, authserv_id) if item.method == "auth"]
    if logins:
        return _judge(logins, author, "login_absent")
    for value in message.headers.all("received"):
        host = BY_HOST.search(value[:MAX_FIELD])
        if not host or host[1].lower().rstrip(".") != authserv_id.strip().lower():
            break
        if login := AUTHENTICATED_SENDER.search(value[:MAX_FIELD]):
            same = login[1].casefold() == author.key
            verdict, reason = (Verdict.PASS, "login") if same else (Verdict.NONE, "login_differs")
            return Authentication(verdict, reason, login[0])
    return Authentication(Verdict.NONE, "login_absent")


def _parse(value: str) -> list[_Result]:
    """Return a field's results; a field that follows no grammar proves nothing."""
    import authres  # here: most desks have the profile `none`

    try:
        header = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
    except (authres.AuthResError, ValueError, IndexError, KeyError):
        return []
    return [_Result(str(item.method).lower(), str(item.result).lower(), _properties(item)) for item in header.results]


def _properties(item: object) -> dict[str, str]:
    listed = getattr(item, "properties", ())
    return {f"{one.type}.{one.name}".lower(): str(one.value or "") for one in listed}


def _shown(item: _Result) -> str:
    properties = " ".join(f"{key}={value}" for key, value in item.properties.items())
    return f"{item.method}={item.result} {properties}".strip()
