"""Taking mails from the selected folder: few round trips, bounded memory, no flag set (RFC 9051 §6.4.5).

Called by ImapMailbox. One FETCH asks sizes and times of many mails, one FETCH takes a batch of bodies by
BODY.PEEK[], which leaves an unread mail unread. A mail above the batch's bytes travels alone, in pieces; of one
above the limit only the header and the first 64 KiB of the body are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from helpdesk.adapters.imap_account import ImapAccount
from helpdesk.adapters.imap_session import Client
from helpdesk.services.ports import FetchedMail

AT_ONCE = 250  # UIDs a command: some servers refuse lines over 8 KB
PIECE = 4 * 1024 * 1024
TEXT_OF_TOO_LARGE = 64 * 1024
_HEADER_OF_TOO_LARGE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail as the server announces it; `size` is the server's estimate, in bytes."""

    uid: int
    size: int
    delivered_at: datetime  # aware, UTC


def slices(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the UIDs in portions that fit into one command."""
    for start in range(0, len(uids), AT_ONCE):
        yield uids[start : start + AT_ONCE]


def list_mails(client: Client, uids: Sequence[int]) -> list[Listed]:
    """Return size and time of delivery of those UIDs that are still there, in the order asked."""
    found = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
    return [_listed(uid, found[uid]) for uid in uids if b"RFC822.SIZE" in found.get(uid, {})]


def batches(mails: Sequence[Listed], account: ImapAccount) -> Iterator[list[Listed]]:
    """Yield the mails in order, in batches bounded by count and bytes; one that alone breaks a bound is alone."""
    batch, size = list[Listed](), 0
    for mail in mails:
        # Above the limit it is cut short, which takes a command of its own: it fills a batch.
        weight = mail.size if mail.size <= account.max_size else account.batch_bytes
        if batch and (len(batch) >= account.batch_count or size + weight > account.batch_bytes):
            yield batch
            batch, size = [], 0
        batch.append(mail)
        size += max(weight, 1)
    if batch:
        yield batch


def fetch_batch(client: Client, batch: Sequence[Listed], account: ImapAccount) -> list[FetchedMail]:
    """Return the bodies of a batch; a mail that vanished, or whose body is NIL, is left out and stays a candidate."""
    if len(batch) == 1 and batch[0].size > account.max_size:
        taken = {batch[0].uid: _start_of(client, batch[0].uid)}
    elif len(batch) == 1 and batch[0].size > account.batch_bytes:
        taken = {batch[0].uid: _in_pieces(client, batch[0].uid, account.max_size)}
    else:
        found = client.fetch([mail.uid for mail in batch], ["BODY.PEEK[]"])
        taken = {uid: answer.get(b"BODY[]") for uid, answer in found.items()}
    return [_fetched(mail, raw, account.max_size) for mail in batch if (raw := taken.get(mail.uid)) is not None]


def _listed(uid: int, answer: dict[bytes, Any]) -> Listed:
    delivered = answer.get(b"INTERNALDATE")
    # A server that breaks the grammar of INTERNALDATE gets the present: intake never trusts a later time anyway.
    when = delivered.astimezone(UTC) if delivered is not None else datetime.now(UTC)
    return Listed(uid, int(answer[b"RFC822.SIZE"]), when)


def _fetched(mail: Listed, raw: bytes, limit: int) -> FetchedMail:
    """Return the mail; the length that came decides, whatever the server announced."""
    if mail.size <= limit and len(raw) <= limit:
        return FetchedMail(mail.uid, mail.delivered_at, raw)
    header, gap, text = raw[: _HEADER_OF_TOO_LARGE + TEXT_OF_TOO_LARGE].partition(b"\r\n\r\n")
    return FetchedMail(mail.uid, mail.delivered_at, header + gap + text[:TEXT_OF_TOO_LARGE], truncated=True)


def _start_of(client: Client, uid: int) -> bytes | None:
    """Return the header, at most 1 MiB of it, and the first 64 KiB of the body."""
    header, text = f"BODY.PEEK[HEADER]<0.{_HEADER_OF_TOO_LARGE}>", f"BODY.PEEK[TEXT]<0.{TEXT_OF_TOO_LARGE}>"
    answer = client.fetch([uid], [header, text]).get(uid, {})
    parts = answer.get(b"BODY[HEADER]<0>"), answer.get(b"BODY[TEXT]<0>")
    return None if parts[0] is None else parts[0] + (parts[1] or b"")


def _in_pieces(client: Client, uid: int, limit: int) -> bytes | None:
    """Return the mail, taken piece by piece: imaplib would hold it three times over."""
    whole, length = BytesIO(), 0
    while length <= limit:
        answer = client.fetch([uid], [f"BODY.PEEK[]<{length}.{PIECE}>"]).get(uid, {})
        piece = answer.get(b"BODY[]<%d>" % length)
        if piece is None and not length:
            return None
        if not piece:
            break
        length += whole.write(piece)
        if len(piece) < PIECE:
            break
    return whole.getvalue()
