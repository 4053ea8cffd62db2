"""A user's mail as files (Maildir++): quick to deliver into, and the truth about what a client did to it."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

_serial = itertools.count(1)


@dataclass(frozen=True)
class StoredMail:
    """One mail as it lies in a folder: its bytes, its Maildir flag letters, its time of delivery (epoch seconds)."""

    raw: bytes = field(repr=False)
    flags: str
    delivered_at: float

    @property
    def seen(self) -> bool:
        return "S" in self.flags


class Maildir:
    """The mail of one user under `root`, owned by the server's account."""

    def __init__(self, root: Path, uid: int, gid: int) -> None:
        self.root, self._owner = root, (uid, gid)

    def path(self, folder: str = "INBOX") -> Path:
        """Return where a folder lies; its name is spelled with "/" whatever the server's delimiter is."""
        return self.root if folder == "INBOX" else self.root / ("." + folder.replace("/", "."))

    def deliver(self, raw: bytes, at: datetime | None = None, folder: str = "INBOX") -> None:
        """Put one mail into a folder; `at` becomes its INTERNALDATE."""
        self.deliver_many([raw], at, folder)

    def deliver_many(self, mails: Iterable[bytes], at: datetime | None = None, folder: str = "INBOX") -> None:
        """Put mails into a folder, in order, some ten thousand a second; `at` becomes their INTERNALDATE."""
        self._make("INBOX")
        target = self._make(folder)
        for raw in mails:
            name = f"{int(time.time())}.M{next(_serial):09d}P{os.getpid()}.desk,S={len(raw)}"
            draft = target / "tmp" / name
            draft.write_bytes(raw)
            if at is not None:
                os.utime(draft, (at.timestamp(), at.timestamp()))
            os.chown(draft, *self._owner)
            draft.rename(target / "new" / name)

    def mails(self, folder: str = "INBOX") -> list[StoredMail]:
        """Return what lies in a folder, oldest delivery first; nothing if there is no such folder."""
        files = [path for part in ("new", "cur") for path in self._files(self.path(folder) / part)]
        return [_stored(path) for path in sorted(files, key=lambda path: path.name.partition(":")[0])]

    def folders(self) -> list[str]:
        """Return the names of all folders beside the inbox, spelled with "/"."""
        return sorted(path.name[1:].replace(".", "/") for path in self.root.glob(".*") if path.is_dir())

    def forget_uids(self, folder: str = "INBOX") -> None:
        """Remove the server's numbering of a folder, so that it starts anew under another UIDVALIDITY.

        No session may be open on the folder: stop the server, or close the client, first.
        """
        for path in self.path(folder).glob("dovecot*"):
            if not path.name.startswith("dovecot-uidvalidity"):
                path.unlink()
        for path in self.root.glob("dovecot.list.index*"):
            path.unlink()

    def remove_folder(self, folder: str) -> None:
        """Remove a folder as another client would."""
        shutil.rmtree(self.path(folder))

    def _make(self, folder: str) -> Path:
        target = self.path(folder)
        for part in (target, target / "cur", target / "new", target / "tmp"):
            if not part.is_dir():
                part.mkdir(mode=0o700)
                os.chown(part, *self._owner)
        return target

    @staticmethod
    def _files(directory: Path) -> list[Path]:
        return list(directory.iterdir()) if directory.is_dir() else []


def _stored(path: Path) -> StoredMail:
    return StoredMail(path.read_bytes(), path.name.partition(":2,")[2], path.stat().st_mtime)
