"""The refresh token in use: the configured one, or the newest that the authority gave in its place (RFC 6749 §6).

An authority may take each refresh token once only. So a new one is on the disk before its access token is used, and
who uses one holds a lock: IMAP and SMTP of one account, the daemon and `helpdesk check`, share the file.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from helpdesk import crashpoints


@dataclass(frozen=True, slots=True)
class RefreshTokens:
    """Keeps one in `file`, readable by this user only. `configured` is asked each time: a new consent wins.

    Any method may raise OSError, and `configured` what it raises. One exchange asks for it once: a consent that is
    given meanwhile is not the one that the new token follows.
    """

    file: Path
    configured: Callable[[], str] = field(repr=False)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from using the token meanwhile; the lock ends with the process, however it ends."""
        lock = os.open(self.file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def current(self, configured: str) -> str:
        """Return the token to use now: the configured one, or what was kept after it."""
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return configured
        except ValueError:  # not ours, or cut short by a disk: the configured one is all there is
            return configured
        ours = isinstance(kept, dict) and kept.get("after") == _digest(configured)
        return str(kept["token"]) if ours and kept.get("token") else configured

    def keep(self, token: str, configured: str) -> None:
        """Put a new token in the old one's place, durably: the file, then the name, then the folder."""
        partial = self.file.with_suffix(".new")
        content = json.dumps({"after": _digest(configured), "token": token})
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        crashpoints.reached("O1")
        partial.replace(self.file)
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _digest(token: str) -> str:
    """Return what tells the configured token that a kept one follows, and tells nothing of it."""
    return sha256(token.encode()).hexdigest()
