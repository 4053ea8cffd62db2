"""The helpdesk with a short deadline for polls: `python -m tests.faults.scaled run`, HELPDESK_POLL_DEADLINE seconds."""

from __future__ import annotations

import os
import sys

from helpdesk.cli import main
from helpdesk.daemon import polling

if __name__ == "__main__":
    polling.POLL_DEADLINE = float(os.environ.pop("HELPDESK_POLL_DEADLINE"))
    sys.exit(main(sys.argv[1:]))
