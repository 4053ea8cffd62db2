"""Which lines an author wrote into a quote of ours, whatever marks their client put before them.

Called by `mail.body` with what `mail.proof` found. Clients that show an old mail below a header, and those that set a
quote mark before every new line, make an answer look like a part of the quote. But we know what we sent: the rest is
theirs.
"""

from __future__ import annotations

from itertools import pairwise

from helpdesk.mail import separators
from helpdesk.mail.proof import Proof


def written_into(lines: list[str], proof: Proof) -> frozenset[int]:
    """Return the lines between two of ours that are not, and those of ours that somebody went on writing in.

    Where another mail begins between the two, what stands there is that mail's.
    """
    found = set(proof.mixed)
    ours = sorted(proof.ours)
    for before, after in pairwise(ours):
        gap = [number for number in range(before + 1, after) if lines[number].strip() and number not in proof.mixed]
        depth = max(_depth(lines[before]), _depth(lines[after]))
        if gap and not any(_depth(lines[number]) > depth or _begins_mail(lines, number) for number in gap):
            found.update(gap)
    return frozenset(found)


def _begins_mail(lines: list[str], at: int) -> bool:
    return bool(
        separators.quotes_attribution(lines[at])
        or separators.header_block(lines, at)
        or separators.attribution(lines, at)
        or separators.ends_new_text(lines, at)
    )


def _depth(line: str) -> int:
    """Return how many quote marks stand before the words."""
    return line[: len(line) - len(line.lstrip("> \t\u00a0│┃|"))].count(">")
