"""Which odd and hostile mails a whole desk is given, and what must become of each; `oddities` makes them."""

from __future__ import annotations

from tests.office import CONSULTANT, address
from tests.whole.oddities import (
    DESK,
    INSTANCE,
    TEXT,
    WORDS,
    attached,
    attached_mails,
    encoded,
    mail,
    nested,
    part,
    read_receipt,
    report,
    whole,
)

ANSWERED, UNANSWERED, RECORDED, DISCARDED = "opened, answered", "opened", "recorded", "discarded"
FORGED = "Authentication-Results: mx.elsewhere.test; dmarc=pass header.from=desk.example.org"

SHAPES = {
    "levels": nested("levels", 150),
    "parts": whole("parts", TEXT, *[part("text/plain", b"x")] * 3_000),
    "fields": mail("fields", *[f"X-Padding-{number}: x" for number in range(12_000)]),
    "folds": mail("folds", "X-Long: a\r\n" + "\r\n".join([" b"] * 12_000)),
    "bytes-in-fields": mail(
        "bytes-in-fields", b"X-Z: \xb1\xe6\xea\xff\x80", b"Subject: Zam\xf3wienie \xb3\xf3d\xbc\xfe"
    ),
    "subject": mail("subject", "Subject: " + "bardzo " * 60_000),
    "subject-in-words": mail("subject-in-words", "Subject: " + "=?utf-8?q?=C5=82?= " * 5_000),
    "nul": mail("nul", b"Subject: rap\x00ort", body=b"Prosz\xc4\x99 o\x00 pomoc.\r\n"),
    "bare-lf": mail("bare-lf").replace(b"\r\n", b"\n"),
    "bare-cr": mail("bare-cr", body=b"pierwsza\rdruga\r\n"),
    "surrogates": mail("surrogates", b"Subject: =?utf-8?q?=ED=A0=80?=", body=b"a\xed\xa0\xbd b\r\n"),
    "surrogates-wide": mail(
        "surrogates-wide", "Content-Type: text/plain; charset=utf-16", body=b"\xfe\xff\x00a\xd8\x00\x00b"
    ),
    "charset": mail("charset", "Content-Type: text/plain; charset=../../etc/passwd"),
    "no-id": mail("no-id", "Message-ID: "),
    "many-ids": mail("many-ids", "References: " + " ".join(f"<{number}@x.test>" for number in range(5_000))),
    "dates": mail("dates", "Date: Mon, 30 Feb 2026 23:59:60 +9999"),
    "date-long-ago": mail("date-long-ago", "Date: Thu, 1 Jan 1970 00:00:00 -0000"),
    "flowed": mail(
        "flowed", "Content-Type: text/plain; charset=utf-8; format=flowed", body=WORDS.replace(b" ", b" \r\n")
    ),
    "uuencode": mail("uuencode", body=WORDS + b"begin 644 ../dane.bin\r\n#86)C\r\n`\r\nend\r\n"),
    "uuencode-open": mail("uuencode-open", body=WORDS + b"begin 644 a\r\n" * 2_000),
    "boundary-open": whole("boundary-open", TEXT, last=False),
    "boundary-empty": mail("boundary-empty", 'Content-Type: multipart/mixed; boundary=""', body=b"--\r\n" + TEXT),
    "boundary-none": mail("boundary-none", "Content-Type: multipart/mixed"),
    "boundary-of-parent": whole(
        "boundary-of-parent", b'Content-Type: multipart/mixed; boundary="granica"\r\n\r\n', TEXT
    ),
    "names": attached(
        "names", "../../etc/cron.d/x", "C:\\\\NUL", "faktura\u202efdp.exe", "a\tb.pdf", "x" * 400, "COM1.txt", ""
    ),
    "same-names": attached("same-names", *["faktura.pdf"] * 40),
    "base64": encoded("base64", 12, "base64"),
    "quoted-printable": encoded("quoted-printable", 6, "quoted-printable"),
    "zip": encoded("zip", 24, "deflate"),
    "mails-in-mails": attached_mails("mails-in-mails", 120),
    "winmail": whole(
        "winmail", TEXT, part("application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22" + b"\xff" * 900)
    ),
    "elements": mail("elements", "Content-Type: text/html", body=b"<div>" * 40_000 + b"tekst"),
    "script": mail(
        "script", "Content-Type: text/html", body=b"<p>tekst</p><script>x()</script><img src=http://x.test/a>"
    ),
    "quotes": mail("quotes", "In-Reply-To: <x@x.test>", body=WORDS + b"> " * 20_000 + b"\r\n" + b"> stare\r\n" * 5_000),
    "parentheses": mail("parentheses", "Cc: " + "(" * 5_000 + "x@x.test"),
}

PEOPLE = {
    "several-from": (mail("several-from", "From: zly@several.test", f"From: {CONSULTANT}"), ANSWERED),
    "several-authors": (mail("several-authors", author=f"zly@several.test, {CONSULTANT}"), ANSWERED),
    "consultant-as-name": (mail("consultant-as-name", author=f'"{CONSULTANT}" <zly@name.test>'), ANSWERED),
    "consultant-forged": (mail("consultant-forged", FORGED, author=CONSULTANT), UNANSWERED),
    "consultant-commands": (
        mail("consultant-commands", FORGED, author=CONSULTANT, body=b"#phone jan@acme.test\r\nx"),
        UNANSWERED,
    ),
    "nobody": (mail("nobody", author=""), UNANSWERED),
    "group": (mail("group", author="undisclosed-recipients:;"), UNANSWERED),
    "noreply": (mail("noreply", author="noreply@shop.test"), UNANSWERED),
    "reply-to": (mail("reply-to", "Reply-To: ofiara@victim.test"), ANSWERED),
    "injection": (mail("injection", "Subject: =?utf-8?q?a=0D=0ABcc:_ofiara@victim.test?="), ANSWERED),
    "injection-in-from": (
        mail(
            "injection-in-from",
            author="=?utf-8?q?a=0D=0ABcc:_o@victim.test?= <injection-in-from@injection-in-from.test>",
        ),
        ANSWERED,
    ),
    "everybody": (
        mail("everybody", "To: " + ", ".join([DESK, *(f"o{n}@victim.test" for n in range(3_000))])),
        ANSWERED,
    ),
    "commands": (mail("commands", body=b"#zamknij\r\n#priorytet 1\r\n" + WORDS), ANSWERED),
    "foreign-tag": (mail("foreign-tag", "Subject: Re: [DYN-999999999999] x"), ANSWERED),
    "forged-token": (mail("forged-token", f"In-Reply-To: <c1.1001.1.aaaaaaaa.aaaaaaaaaaaaaaaa@{INSTANCE}>"), ANSWERED),
    "forged-id": (mail("forged-id", f"Message-ID: <x@{INSTANCE}>"), ANSWERED),
    "forged-ticket": (mail("forged-ticket", "X-Helpdesk-Ticket: DYN-10018"), ANSWERED),
    "to-nobody": (mail("to-nobody", "To: undisclosed-recipients:;"), ANSWERED),
    "spam-cc": (mail("spam-cc", f"Cc: {address('PROPHIX')}, {CONSULTANT}"), ANSWERED),
}

MACHINES = {
    "auto-replied": (mail("auto-replied", "Auto-Submitted: auto-replied"), RECORDED),
    "x-autoreply": (mail("x-autoreply", "X-Autoreply: yes"), RECORDED),
    "x-autorespond": (mail("x-autorespond", "X-Autorespond: Re"), RECORDED),
    "precedence": (mail("precedence", "Precedence: auto_reply"), RECORDED),
    "absence": (mail("absence", "Subject: Automatyczna odpowiedź: Pytanie", "X-Auto-Response-Suppress: All"), RECORDED),
    "absence-english": (mail("absence-english", "Subject: Automatic reply: Question"), RECORDED),
    "alarm": (mail("alarm", "Auto-Submitted: auto-generated"), UNANSWERED),
    "bulk": (mail("bulk", "Precedence: bulk"), UNANSWERED),
    "list": (mail("list", "List-Id: <lista.odd.test>"), UNANSWERED),
    "no-way-back": (mail("no-way-back", "Return-Path: <>"), UNANSWERED),
    "ticket-system": (mail("ticket-system", "X-OTRS-Loop: yes"), UNANSWERED),
    "bounce": (report("bounce", "jan@acme.test", "<nie-nasz@odd.test>"), RECORDED),
    "receipt": (read_receipt("receipt", "<nie-nasz@odd.test>"), RECORDED),
    "itself": (mail("itself", author=DESK), DISCARDED),
    "itself-with-detail": (mail("itself-with-detail", author="PomocDynamics+x@desk.example.org"), DISCARDED),
    "other-queue": (mail("other-queue", author=address("PROPHIX")), DISCARDED),
    "loop": (mail("loop", f"X-Helpdesk-Loop: {INSTANCE}"), DISCARDED),
    "x-loop": (mail("x-loop", f"X-Loop: {DESK}"), DISCARDED),
    "hops": (mail("hops", *["Received: from a by b; Tue, 24 Nov 2026 08:00:00 +0100"] * 60), DISCARDED),
}  # fmt: skip

NEW = {name: (raw, ANSWERED) for name, raw in SHAPES.items()} | PEOPLE | MACHINES
