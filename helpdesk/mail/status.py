"""Enhanced status codes out of what servers wrote, in codes or in words (RFC 3463, 5321 §4.2).

Called by `mail.dsn` and `mail.bounces`. A code that stands there is taken; else the words decide, last the reply code.
"""

from __future__ import annotations

import re

STATED = re.compile(r"(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?![\d.]*\d)")
REPLY = re.compile(r"(?<![\d.:-])([45]\d\d)(?=[ -]|\Z)")
AFTER_REPLY = re.compile(r"(?<![\d.])[45]\d\d[ \-]+['\"#<(]*([45]\.\d{1,2}\.\d{1,3})(?![\d.]*\d)")
GENERIC = re.compile(r"[245]\.0\.0\Z")

# Words to (subject.detail), the more telling first. The class, 4 or 5, comes from the reply code or the report.
# `re` compiles and keeps them when a first bounce comes.
PHRASES = (
    (
        r"mailbox(?: is)? full|over ?quota|quota (?:exceeded|limit)|exceeded.{0,40}(?:quota|storage)|"
        r"mailbox.{0,30}(?:exceed|full)|"
        r"insufficient.{0,20}storage|out of storage|disk space|skrzynka.{0,30}(?:pełna|przepełniona)|"
        r"postfach.{0,20}voll",
        "2.2",
    ),
    (
        r"user (?:is )?(?:unknown|not found)|unknown (?:user|local|recipient|mailbox|address|virtual)|no "
        r"such (?:user|recipient|mailbox|person|address|account|local)|"
        r"(?:user|recipient|mailbox|address|account|alias).{0,60}(?:does(?: not|n't) exist|not (?:be "
        r")?found|unavailable or|not known|is unknown|not listed|invalid)|"
        r"(?:does(?: not|n't) have|have) an? .{0,40}account|invalid (?:recipient|mailbox|user|address)|not "
        r"a valid (?:mailbox|user|recipient)|mailbox not found|no mailbox|"
        r"not listed in|addressee unknown|recipient address rejected|unrouteable address|"
        r"nie ma takiego użytkownika|"
        r"(?:adresat|użytkownik|skrzynka).{0,40}nie istnieje|empfänger.{0,30}(?:unbekannt|existiert nicht)|"
        r"account that you tried to reach",
        "1.1",
    ),
    (
        r"mailbox (?:is )?(?:disabled|inactive|suspended)|account.{0,40}(?:disabled|inactive|suspended|"
        r"locked|deactivated)|user (?:is )?(?:disabled|inactive|suspended)|has been (?:disabled|"
        r"suspended)",
        "2.1",
    ),
    (
        r"(?:host|domain)(?: name)?.{0,40}(?:unknown|not found|does(?: not|n't) exist|lookup fail)|"
        r"unknown (?:host|domain)|no such (?:host|domain)|couldn'?t find any host|domain.{0,30}not exist|"
        r"nxdomain|"
        r"name (?:server|service)[^\n]{0,30}(?:not found|error|failure)|bad destination",
        "1.2",
    ),
    (
        r"(?:message|mail).{0,30}(?:too (?:large|big)|exceeds.{0,30}(?:size|limit|maximum))|size limit|"
        r"maximum (?:message )?size",
        "3.4",
    ),
    (r"dmarc|spf.{0,40}(?:fail|check)|dkim.{0,30}fail|unauthenticated (?:email|mail)", "7.26"),
    (
        r"spam|blocked|black ?list|block ?list|denied|rejected (?:by|due|for)|policy|relay(?:ing)? "
        r"(?:not|access|denied|prohibited)|prohibited|not (?:allowed|permitted|authori[sz]ed|accepted)|"
        r"refused|reputation|access denied|administratively|virus|verification failed",
        "7.1",
    ),
    (r"too many hops|loop(?:s|ing| detected)|hop count", "4.6"),
    (
        r"timed? ?out|timeout|expired|retry time|delivery time|too (?:long|old)|could not be delivered "
        r"for|queue(?:d)? (?:too long|for)",
        "4.7",
    ),
    (
        r"connection (?:refused|reset|lost|dropped|closed|died|failed)|unable to connect|no route|"
        r"network|unreachable|greet|lost connection",
        "4.2",
    ),
    (r"sender.{0,60}(?:reject|denied|unknown|not exist|verify|invalid)|bad sender", "1.8"),
    (r"mime|8bit|conversion|line too long|malformed|illegal (?:char|header)", "6.0"),
    (
        r"system (?:problem|error|config)|(?:local|internal) (?:error|problem)|can'?t create|temporarily|"
        r"not accepting|service unavailable|mail server.{0,30}(?:error|problem)",
        "3.0",
    ),
    (r"syntax|protocol|command (?:not|unrec)|unrecogni[sz]ed", "5.0"),
)


def stated_status(text: str) -> str:
    """Return the most telling status code in the text; "" for none. A bare x.0.0 yields to any other."""
    found = AFTER_REPLY.findall(text) or STATED.findall(text)
    return next((code for code in found if not GENERIC.match(code)), found[0] if found else "")


def status_in(text: str, *, temporary: bool = False) -> str:
    """Return a status code for what a server wrote: the one it states, else one for its words, else ""."""
    if stated := stated_status(text):
        return stated
    reply = REPLY.search(text)
    family = reply[1][0] if reply else "4" if temporary else "5"
    detail = next((detail for words, detail in PHRASES if re.search(words, text, re.I)), "0.0" if reply else "")
    if detail == "4.7" and family == "5" and not reply:
        family = "4" if temporary else "5"
    return f"{family}.{detail}" if detail else ""
