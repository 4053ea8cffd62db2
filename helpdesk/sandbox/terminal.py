"""The commands that are typed in the story: the real ones, each in a process of its own, as a user has them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from helpdesk.errors import HelpdeskError

PATIENCE = 30.0  # seconds for a command


class Terminal:
    """Runs `helpdesk …` with the demo's settings."""

    def __init__(self, config: Path) -> None:
        self._config = config

    async def run(self, *words: str) -> str:
        """Return what the command printed. Raises HelpdeskError with its last words when it ends badly."""
        return await asyncio.to_thread(self._run, words)

    async def rows(self, *words: str) -> list[dict[str, Any]]:
        """Return what the command lists."""
        return [json.loads(line) for line in (await self.run(*words, "--json")).splitlines()]

    def _run(self, words: tuple[str, ...]) -> str:
        command = [sys.executable, "-m", "helpdesk", *words, "--config", str(self._config)]
        done = subprocess.run(  # noqa: S603 - our own interpreter and commands
            command, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
        )
        if done.returncode:
            raise HelpdeskError(f"`helpdesk {' '.join(words)}` ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout
