"""The demo's IMAP server: pymap, in a process of its own that ends with its parent, however that one ends.

Run as `python -m helpdesk.sandbox.imapd ARGUMENTS-OF-PYMAP` with a pipe as stdin.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def _end_with_parent() -> None:
    """Wait until the other end of the pipe is gone, which even SIGKILL of the parent brings about."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve until SIGTERM or until the parent is gone."""
    from pymap.main import main as serve

    threading.Thread(target=_end_with_parent, daemon=True).start()
    serve()


if __name__ == "__main__":
    main()
