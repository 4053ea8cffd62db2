"""The small rules that tests begin with, and how they are bent."""

from __future__ import annotations

GOOD = """\
version: 1
timezone: Europe/Warsaw
calendars:
  cwt: { hours: { mon-fri: "09:00-17:00" }, holidays: PL }
plans:
  START: { calendar: cwt, reaction: 8h }
queues:
  DYNAMICS: { prefix: DYN, addresses: [pomoc@desk.example], calendar: cwt, consultants: [anna@desk.example] }
consultants:
  anna@desk.example: { name: Anna }
organisations:
  ACME: { domains: [acme.example], plan: START }
rules:
  - name: outage
    when: { subject: awari }
    then: { priority: 2 }
samples:
  - mail: { from: jan@acme.example, to: pomoc@desk.example, subject: Awaria }
    expect: { priority: 2 }
"""


def change(old: str, new: str, text: str = GOOD) -> str:
    """Return the rules with one piece replaced; the piece must be there."""
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def cut_after(piece: str) -> str:
    """Return the rules as a program leaves them that dies while it saves."""
    return GOOD[: GOOD.index(piece) + len(piece)]
