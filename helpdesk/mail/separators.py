"""The lines with which mail clients begin the mail they answer: attributions, header blocks, markers.

Called by `mail.quotes`. Polish, English and German forms come first, their neighbours' beside them. Every
pattern looks at one line, or at a bounded few, and is anchored, so the work is linear in the text.
"""

from __future__ import annotations

import re

from helpdesk.mail.phrases import words

LONGEST = 400  # characters of an attribution over all its lines
ATTRIBUTION_LINES = 4
HEADER_LINES = 8
HIDDEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"))
PLAIN = {**HIDDEN, 0xA0: " ", 0x202F: " ", 0x2009: " "}

QUOTED = re.compile(r"[ \t\u00a0]{0,3}(?:>|&gt;|[│┃|] )")
BEGINS = re.compile(
    rf"(?:{words('attribution_begins')})(?![\w-])|\d{{1,4}}[./-]\s?\d|\d{{1,2}}\.? \w{{3,12}}\.? \d{{4}}|"
    rf"\w{{2,14}},? \d{{1,2}}\.? \w{{3,12}}\.? \d{{4}}|\d{{1,2}}:\d\d",
    re.I,
)
VERB = re.compile(rf"(?<!\w)(?:{words('attribution_verb')})(?!\w)", re.I)
# Where the verb stands last; German and its neighbours put the person behind it.
CLOSES = re.compile(rf"(?<!\w)(?:(?:{words('attribution_verb')})[\s:]*\Z|(?:schrieb|schreibt|skrev)(?!\w))", re.I)
DATED = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]|@")
SENTENCE = re.compile(r"[a-ząćęłńóśźż]{3}[.!?]\s+[A-ZŻŹĆĄŚĘŁÓŃ][a-ząćęłńóśźż]+ [a-ząćęłńóśźż]+ ")

FROM_LABEL = re.compile(rf"[ \t]*[*_]{{0,2}}(?:{words('label_from')})[ \t]*:[*_]{{0,2}}[ \t]*\S", re.I)
DATE_LABEL = re.compile(rf"[ \t]*[*_]{{0,2}}(?:{words('label_date')})[ \t]*:[*_]{{0,2}}[^\n]*\d", re.I)
OTHER_LABEL = re.compile(
    rf"[ \t]*[*_]{{0,2}}(?:{words('label_other')}|{words('label_date')}|{words('label_from')})[ \t]*:[*_]{{0,2}}", re.I
)
SUBJECT_LABEL = re.compile(rf"[ \t]*[*_]{{0,2}}(?:{words('label_subject')})[ \t]*:", re.I)
ORIGINAL = re.compile(rf"[ \t]*[-_=*]{{2,}}[ \t]*(?:{words('original')})[ \t]*[-_=*]{{2,}}[ \t]*\Z", re.I)
# One phone writes all of it on one line: "-------- Oryginalna wiadomość --------Od: … Data: … Do: … Temat: …"
ORIGINAL_LINE = re.compile(
    rf"[ \t]*[-_=*]{{2,}}[ \t]*(?:{words('original')})[ \t]*[-_=*]{{2,}}[ \t]*(?:{words('label_from')})[ \t]*:", re.I
)
FORWARDED = re.compile(rf"[ \t]*[-_=*]*[ \t]*(?:{words('forwarded')})(?:[^\n]{{0,80}}[:-])?[ \t]*\Z", re.I)
ABOVE = re.compile(rf"[-#=*_ \t]*(?:{words('above')})[^\n]{{0,60}}\Z", re.I)
DEVICE = re.compile(rf"[ \t]*(?:{words('device')})[ \t]*\Z", re.I)
# "Wysłane z telefonu zdjęcia nie dochodzą": a sentence about telephones is no telephone's.
SAYS = re.compile(
    r"(?<!\w)(?:nie|są|jest|był\w*|został\w*|ma|mają|można|ale|bo|że|się|is|are|was|were|has|have|not|nicht|ist|sind)(?!\w)|\?",
    re.I,
)
LINK = re.compile(r" ?<https?://[^<>\s]{1,300}>")
RULE = re.compile(r"[ \t]*(?:_{5,}|-{5,}|={5,}|\*{5,})[ \t]*\Z")
VALEDICTION = re.compile(rf"[ \t]*(?:{words('valediction')})[ \t,.!]*\Z", re.I)
PERSON = re.compile(
    rf"[\"'(\w][^<>@:]{{0,60}}<[^<>\s]{{1,100}}@|[\w.+-]{{1,64}}@\S+ |"
    rf"[^@:,]{{1,60}}?(?<!\w)(?:{words('attribution_verb')})(?!\w)",
    re.I,
)
LIST_FOOTER = re.compile(rf"[^\n]{{0,80}}(?:{words('list_footer')})", re.I)


def quoted(line: str) -> bool:
    """Tell whether a line bears a quote mark."""
    return bool(QUOTED.match(line))


def ends_new_text(lines: list[str], at: int) -> bool:
    """Tell whether all from here on is old: "reply above this line", or a list's footer."""
    line = lines[at]
    if len(line) > LONGEST:
        return False
    return bool(ABOVE.match(line)) or (
        bool(RULE.match(line)) and at + 1 < len(lines) and bool(LIST_FOOTER.match(lines[at + 1][:LONGEST]))
    )


def device_line(line: str) -> bool:
    """Tell whether a phone wrote this line."""
    if len(line) >= LONGEST:
        return False
    plain = _plain(line)
    plain = LINK.sub("", plain) if "<" in plain else plain
    return bool(DEVICE.match(plain)) and not SAYS.search(plain)


def valediction(line: str) -> bool:
    """Tell whether a line takes leave and says nothing else: "Z poważaniem,"."""
    return len(line) < 60 and bool(VALEDICTION.match(line))


def quotes_attribution(line: str) -> bool:
    """Tell whether a quoted line attributes what is quoted below it."""
    inner = _plain(line.lstrip("> \t"))
    return inner.endswith(":") and bool(VERB.search(inner)) and bool(DATED.search(inner))


def is_forward(line: str) -> bool:
    """Tell whether the separator on this line hands a mail on."""
    return bool(FORWARDED.match(line[:LONGEST]))


def header_block(lines: list[str], at: int) -> int:
    """Return how many lines the block of From, Sent, To, Subject takes that begins here; 0 if there is none."""
    line = lines[at][:LONGEST]
    first = at
    if ORIGINAL_LINE.match(line):
        return 1
    marked = bool(ORIGINAL.match(line) or FORWARDED.match(line))
    if marked or RULE.match(line):
        first = at + 1
        while first < min(at + 3, len(lines)) and not lines[first].strip():
            first += 1
    size = _labels(lines, first) if first < len(lines) else 0
    return first + size - at if size else int(marked)


def _labels(lines: list[str], at: int) -> int:
    """Return the length of a run of labels that begins here and is a mail's: with an address or a subject among them.

    "Od: Kraków, Do: Gdańsk, Data: 24.11" is somebody's form.
    """
    opening = _visible(lines[at])
    sender, dated = bool(FROM_LABEL.match(opening)), bool(DATE_LABEL.match(opening))
    if not (sender or dated):
        return 0
    labels, last, titled, addressed = 1, at, False, "@" in opening
    for number in range(at + 1, min(at + 1 + HEADER_LINES, len(lines))):
        line = _visible(lines[number])
        if OTHER_LABEL.match(line):
            labels, last = labels + 1, number
            dated = dated or bool(DATE_LABEL.match(line))
            titled = titled or bool(SUBJECT_LABEL.match(line))
            addressed = addressed or "@" in line
        elif not line.strip() and labels == 1:
            break
    whole = labels >= 3 and (titled or addressed) and (sender or addressed)
    return last + 1 - at if whole or (labels == 2 and dated and addressed) else 0


def attribution(lines: list[str], at: int) -> int:
    """Return how many lines "on that day, so-and-so wrote:" takes, if it begins here; else 0."""
    first = _plain(lines[at])
    if not first or not (BEGINS.match(first) or PERSON.match(first)):
        return 0
    joined = ""
    for count in range(1, ATTRIBUTION_LINES + 1):
        if at + count > len(lines) or not lines[at + count - 1].strip() or quoted(lines[at + count - 1]):
            return 0
        joined = f"{joined} {_plain(lines[at + count - 1])}".strip()
        if len(joined) > LONGEST:
            return 0
        if _attributes(joined, before_quote=_before_quote(lines, at + count)):
            return count
    return 0


def _before_quote(lines: list[str], at: int) -> bool:
    while at < len(lines) and not lines[at].strip():
        at += 1
        if at < len(lines) and not lines[at - 1].strip() and not lines[at].strip():
            break
    return at < len(lines) and quoted(lines[at])


def _attributes(text: str, *, before_quote: bool) -> bool:
    """Tell whether these words attribute what follows; a quote below makes up for a missing verb or date."""
    colon = text.endswith(":")
    verb, dated = bool(VERB.search(text)), bool(DATED.search(text))
    if SENTENCE.search(text):
        return False
    if before_quote:
        return (colon and (verb or dated)) or (dated and len(text) < 200 and bool(BEGINS.match(text)))
    if not dated:
        return False
    if colon:
        opened = bool(BEGINS.match(text))
        return (bool(CLOSES.search(text)) and (opened or "@" in text)) or ("@" in text and opened)
    return text.endswith("-") and verb


def _plain(line: str) -> str:
    return _visible(line).strip(" \t*_").lstrip("-").strip()


def _visible(line: str) -> str:
    """Return the beginning of a line, without letters that nobody sees and with one kind of blank."""
    line = line[:LONGEST]
    return line if line.isprintable() else line.translate(PLAIN)  # nothing in PLAIN counts as printable
