"""Only our own server's word about exactly this From makes an author believed (RFC 8601, RELIABILITY 3.4)."""

from __future__ import annotations

import pytest

from helpdesk.mail.authentication import Verdict, authenticate
from helpdesk.mail.parse import parse_message

OURS = "mx.desk.example.org"
HOP = f"Received: from mail.mleczarnia.example.org by {OURS}; Tue, 24 Nov 2026 08:00:00 +0100"
FOREIGN = "Received: from laptop by mail.mleczarnia.example.org; Tue, 24 Nov 2026 08:00:00 +0100"
ALIGNED = "dmarc=pass header.from=mleczarnia.example.org"
FROM = "From: Joanna <joanna@mleczarnia.example.org>"


def results(text: str, host: str = OURS) -> str:
    return f"Authentication-Results: {host}; {text}"


RFC8601 = {
    "dmarc passed for the domain of From": ([HOP, results(ALIGNED), FROM], "pass", "dmarc_pass"),
    "the id in another case, with its version": ([results(ALIGNED, OURS.upper() + " 1"), FROM], "pass", "dmarc_pass"),
    "an unknown version": ([results(ALIGNED, OURS + " 2"), FROM], "none", "authserv_id_absent"),
    "dkim of the parent domain": ([results("dkim=pass header.d=example.org"), FROM], "pass", "dkim_pass"),
    "dkim of somebody else": ([results("dkim=pass header.d=obcy.example.net"), FROM], "none", "not_aligned"),
    "dkim of a look-alike": ([results("dkim=pass header.d=lemleczarnia.example.org"), FROM], "none", "not_aligned"),
    "spf alone": ([results("spf=pass smtp.mailfrom=joanna@mleczarnia.example.org"), FROM], "none", "not_aligned"),
    "dmarc passed for another domain": (
        [results("dmarc=pass header.from=obcy.example.net"), FROM],
        "none",
        "not_aligned",
    ),
    "dmarc failed": ([results("dmarc=fail header.from=mleczarnia.example.org"), FROM], "fail", "dmarc_fail"),
    "another server's word": ([results(ALIGNED, "mx.obcy.example.net"), FROM], "none", "authserv_id_absent"),
    "our id in a comment": ([results(ALIGNED, f"mx.obcy.example.net ({OURS})"), FROM], "none", "authserv_id_absent"),
    "below a foreign hop": ([HOP, FOREIGN, results(ALIGNED), FROM], "none", "authserv_id_absent"),
    "a forged pass beside our fail": ([results("dmarc=fail"), results(ALIGNED), FROM], "fail", "dmarc_fail"),
    "a forged pass beside our none": ([results("dmarc=none"), results(ALIGNED), FROM], "none", "not_aligned"),
    "two groups with our id": ([results(ALIGNED), HOP, results(ALIGNED), FROM], "none", "not_aligned"),
    "two authors": ([results(ALIGNED), FROM + ", ktos@mleczarnia.example.org"], "none", "several_authors"),
    "two From fields": ([results(ALIGNED), FROM, "From: b@mleczarnia.example.org"], "none", "several_authors"),
    "another address in the name": (
        [results(ALIGNED), 'From: "szef@desk.example.org" <joanna@mleczarnia.example.org>'],
        "none",
        "address_in_name",
    ),
    "its own address in the name": (
        [results(ALIGNED), 'From: "Joanna@mleczarnia.example.org" <joanna@mleczarnia.example.org>'],
        "pass",
        "dmarc_pass",
    ),
    "a login as exactly this mailbox": (
        [results("auth=pass smtp.auth=joanna@mleczarnia.example.org"), FROM],
        "pass",
        "auth_pass",
    ),
    "a login as a colleague": (
        [results("auth=pass smtp.auth=zenon@mleczarnia.example.org"), FROM],
        "none",
        "not_aligned",
    ),
    "a field without grammar": ([results(";;; dmarc = = pass"), FROM], "none", "authserv_id_absent"),
    "no From": ([results(ALIGNED)], "none", "no_author"),
}


@pytest.mark.parametrize(("fields", "verdict", "reason"), RFC8601.values(), ids=RFC8601.keys())
def test_a_server_that_names_itself(fields: list[str], verdict: str, reason: str) -> None:
    message = parse_message("\r\n".join([*fields, "", "Test."]).encode())
    found = authenticate(message, "rfc8601", OURS)
    assert (found.verdict, found.reason) == (Verdict(verdict), reason)


M365 = {
    "dmarc passed": (
        "spf=pass smtp.mailfrom=x;dmarc=pass action=none header.from=mleczarnia.example.org;compauth=pass reason=100",
        "pass",
    ),
    "composite authentication failed": (
        "spf=fail smtp.mailfrom=x; dmarc=none header.from=x; compauth=fail reason=001",
        "fail",
    ),
    "dmarc failed": (
        "spf=fail smtp.mailfrom=x; dmarc=fail action=quarantine header.from=mleczarnia.example.org",
        "fail",
    ),
    "a field that names a server is not Exchange's": (f"obcy; {ALIGNED}", "none"),
}


@pytest.mark.parametrize(("value", "verdict"), M365.values(), ids=M365.keys())
def test_exchange_online_which_names_no_server(value: str, verdict: str) -> None:
    message = parse_message(f"Authentication-Results: {value}\r\n{FROM}\r\n\r\nTest.".encode())
    assert authenticate(message, "m365", "").verdict is Verdict(verdict)


def test_exchange_vouches_for_mail_inside_the_tenant() -> None:
    message = parse_message(f"X-MS-Exchange-Organization-AuthAs: Internal\r\n{FROM}\r\n\r\nTest.".encode())
    assert authenticate(message, "m365", "").verdict is Verdict.PASS
    assert authenticate(message, "rfc8601", OURS).verdict is Verdict.NONE


@pytest.mark.parametrize(
    ("login", "verdict"), [("joanna@mleczarnia.example.org", "pass"), ("zenon@mleczarnia.example.org", "none")]
)
def test_our_submission_service_vouches_for_the_login_alone(login: str, verdict: str) -> None:
    hop = f"Received: from laptop (Authenticated sender: {login}) by {OURS} (Postfix); Tue, 24 Nov 2026 08:00:00 +0100"
    assert authenticate(parse_message(f"{hop}\r\n{FROM}\r\n\r\nTest.".encode()), "submit", OURS).verdict is Verdict(
        verdict
    )
    assert (
        authenticate(parse_message(f"{FOREIGN}\r\n{hop}\r\n{FROM}\r\n\r\nTest.".encode()), "submit", OURS).verdict
        is Verdict.NONE
    )


def test_without_a_profile_nobody_is_believed() -> None:
    message = parse_message(f"{results(ALIGNED)}\r\n{FROM}\r\n\r\nTest.".encode())
    assert authenticate(message, "none", OURS).verdict is Verdict.NONE
