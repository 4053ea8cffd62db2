"""The lines with which mail clients begin the mail they answer: attributions, header blocks, markers.

Called by `mail.quotes`. Every pattern looks at one line, or at a bounded few, and is anchored.
"""

from __future__ import annotations

import re

LONGEST = 400  # characters of an attribution over all its lines
ATTRIBUTION_LINES = 4
HEADER_LINES = 8
INVISIBLE = str.maketrans(
    dict.fromkeys("\u200b\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff", None)
    | dict.fromkeys("\u00a0\u202f\u2009", " ")
)

BEGINS = re.compile(
    r"(?:on|am|den|dnia|w dniu|le|el|il|em|op|på|em|vào|dne|"  # prefix words of the usual clients
    r"pon|wt|śr|czw|pt|sob|niedz?|wto|śro|pią|nie|mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|"
    r"wiadomość napisana przez|użytkownik|\d{1,4}[./ -]|from)\b|\d{1,4}[./-]\d",
    re.I,
)
ENDS = re.compile(
    r"(?:wrote|writes|said|napisał(?:a|\(a\)|\(-a\))?|pisze|pisał(?:a|\(a\))?|schrieb|schreibt|geschrieben|a écrit|escribió|"
    r"ha scritto|escreveu|schreef|skrev|napsal\(?a?\)?|kirjoitti|viết)\b[^:\n]{0,160}:\s*\*?\Z",
    re.I,
)
APPLE_POLISH = re.compile(r"wiadomość napisana przez .{1,200} w dniu .{4,60}:\s*\Z", re.I | re.S)
DATED = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}|@")
SENTENCE = re.compile(r"[.!?]\s+[A-ZŻŹĆĄŚĘŁÓŃ]")

FROM_LABEL = re.compile(
    r"[ \t]*[*_]{0,2}(?:from|od|von|de|da|van|fra|från|nadawca|absender|expéditeur)\s*:[*_]{0,2}\s*\S", re.I
)
OTHER_LABEL = re.compile(
    r"[ \t]*[*_]{0,2}(?:sent|date|to|cc|subject|wysłan[oy]|wyslano|data|do|dw|udw|kopia|temat|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|"
    r"assunto|inviato|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|importance|ważność|reply-to)\s*:[*_]{0,2}",
    re.I,
)
ORIGINAL = re.compile(
    r"[ \t]*[-_=*]{2,}[ \t]*(?:original message|original appointment|reply message|wiadomość oryginalna|oryginalna wiadomość|pierwotna wiadomość|wiadomość pierwotna|"
    r"ursprüngliche nachricht|original-?nachricht|original[- ]?e?-?mail|message d'origine|mensaje original|messaggio originale|oorspronkelijk bericht|"
    r"originalmeddelande|forwarded message|wiadomość przekazana|przekazana wiadomość|treść przekazanej wiadomości|weitergeleitete nachricht|message transféré)"
    r"[ \t]*[-_=*]{2,}[ \t]*\Z",
    re.I,
)
FORWARDED = re.compile(
    r"[ \t]*[-_=*]*[ \t]*(?:begin forwarded message|forwarded message|forwarded by|wiadomość przekazana|przekazana wiadomość|treść przekazanej wiadomości|"
    r"początek przekazywanej wiadomości|początek przekazanej wiadomości|weitergeleitete nachricht|anfang der weitergeleiteten)",
    re.I,
)
ABOVE = re.compile(
    r"[ \t]*[-#=*_ \t]*(?:please )?(?:type |write |enter )?(?:your )?(?:reply|respond|odpowiedz|odpowiedź|prosimy odpowiadać|bitte antworten|antwort(?:en)?)[^\n]{0,40}"
    r"(?:above|powyżej|nad|oberhalb|über)[^\n]{0,30}(?:line|linii|linią|zeile)[^\n]{0,30}\Z",
    re.I,
)
DEVICE = re.compile(
    r"[ \t]*(?:sent (?:from|via|with|using) |get outlook for |wysłan[eoay] (?:z|za pomocą|przez|ze?)\s|pobierz (?:aplikację )?outlook|"
    r"von meinem .{1,40} gesendet|gesendet (?:von|mit)|diese nachricht wurde von meinem|envoyé de mon|enviado desde|inviato da|"
    r"verstuurd vanaf|skickat från|sendt fra)[^\n]{0,90}\Z",
    re.I,
)
RULE = re.compile(r"[ \t]*(?:_{5,}|-{5,}|={5,}|\*{5,})[ \t]*\Z")


def ends_new_text(line: str) -> bool:
    """Tell whether all below this line is old: "reply above this line"."""
    return len(line) < LONGEST and bool(ABOVE.match(line))


def device_line(line: str) -> bool:
    """Tell whether a phone wrote this line."""
    return len(line) < LONGEST and bool(DEVICE.match(line))


def is_forward(lines: list[str], at: int) -> bool:
    """Tell whether the separator that begins here hands a mail on."""
    return bool(FORWARDED.match(lines[at][:LONGEST]))


def header_block(lines: list[str], at: int) -> int:
    """Return how many lines the block of From, Sent, To, Subject takes that begins here; 0 if there is none."""
    first = at
    if ORIGINAL.match(lines[at][:LONGEST]) or FORWARDED.match(lines[at][:LONGEST]) or RULE.match(lines[at][:LONGEST]):
        first = at + 1
        while first < min(at + 3, len(lines)) and not lines[first].strip():
            first += 1
    size = _labels(lines, first) if first < len(lines) else 0
    if size:
        return first + size - at
    return 1 if first > at and ORIGINAL.match(lines[at][:LONGEST]) else 0


def _labels(lines: list[str], at: int) -> int:
    """Return the length of a run of labelled lines that begins with From and has two more."""
    if not FROM_LABEL.match(lines[at][:LONGEST].translate(INVISIBLE)):
        return 0
    labels, last = 0, at
    for number in range(at + 1, min(at + 1 + HEADER_LINES, len(lines))):
        if OTHER_LABEL.match(lines[number][:LONGEST].translate(INVISIBLE)):
            labels, last = labels + 1, number
    return last + 1 - at if labels >= 2 else 0


def attribution(lines: list[str], at: int) -> int:
    """Return how many lines "on that day, so-and-so wrote:" takes, if it begins here; else 0."""
    joined = ""
    if not lines[at].strip() or (at and lines[at - 1].strip() and not BEGINS.match(_plain(lines[at]))):
        return 0
    for count in range(1, ATTRIBUTION_LINES + 1):
        if at + count > len(lines) or not lines[at + count - 1].strip():
            return 0
        joined = f"{joined} {_plain(lines[at + count - 1])}".strip()
        if len(joined) > LONGEST:
            return 0
        if joined.endswith((":", ":*")) and _attributes(joined):
            return count
    return 0


def _attributes(text: str) -> bool:
    if SENTENCE.search(text) or not DATED.search(text):
        return False
    return bool((ENDS.search(text) and BEGINS.match(text)) or APPLE_POLISH.match(text) or ENDS.search(text))


def _plain(line: str) -> str:
    return line[:LONGEST].translate(INVISIBLE).strip(" \t*_")
