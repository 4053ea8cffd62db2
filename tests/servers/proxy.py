"""A TCP proxy that spoils connections on purpose and remembers all it saw.

    with FaultProxy(server.port) as proxy:
        proxy.add(Rule("server", Cut(), after=12_000))
        …connect to proxy.port…
        assert b"EXPUNGE" not in proxy.seen("client")

A rule watches one direction ("client" = what the client sends) and fires once, or `times` times: when `after` bytes
have passed, or behind the first match of `pattern`. It sees plain bytes, so put it where nothing is encrypted.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

Direction = Literal["client", "server"]


@dataclass(frozen=True)
class Cut:
    """End the connection on both sides; with `reset`, by RST."""

    reset: bool = False


@dataclass(frozen=True)
class Freeze:
    """Let nothing more pass in this direction, with the connection open."""


@dataclass(frozen=True)
class Delay:
    """Hold what follows back for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Drip:
    """Let what follows pass byte by byte, one every so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Replace:
    """Put other bytes in place of the match (none: swallow it)."""

    by: bytes = b""


Action = Cut | Freeze | Delay | Drip | Replace


@dataclass
class Rule:
    direction: Direction
    action: Action
    pattern: bytes = b""
    after: int = -1
    times: int = 1
    fired: int = field(default=0, init=False)

    def find(self, data: bytes, passed: int) -> tuple[int, int] | None:
        """Return where in `data` the rule fires, as start and end; `passed` bytes have gone before."""
        if self.fired >= self.times:
            return None
        if self.after >= 0:
            offset = self.after - passed
            return (max(offset, 0), max(offset, 0)) if offset <= len(data) else None
        match = re.search(self.pattern, data, re.DOTALL)
        return match.span() if match else None


class _EndedError(Exception):
    """The connection was cut by a rule."""


class FaultProxy:
    """Listens on a free loopback port and forwards to `target`, a port or a Unix socket; used as a context manager."""

    def __init__(self, target: int | Path) -> None:
        self._target, self._rules = target, list[Rule]()
        self._journal: dict[Direction, list[bytes]] = {"client": [], "server": []}
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self.port, self.connections = 0, 0

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._accepted, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def add(self, rule: Rule) -> Rule:
        """Spoil what passes from now on by this rule too; returns it, for `fired`."""
        self._rules.append(rule)
        return rule

    def heal(self) -> None:
        """Forget all rules: later bytes pass untouched."""
        self._rules.clear()

    def seen(self, direction: Direction) -> bytes:
        """Return all that was sent in one direction, over all connections, as it arrived here."""
        return b"".join(self._journal[direction])

    def cut_all(self) -> None:
        """End every open connection now."""
        self._loop.call_soon_threadsafe(self._abort_all)

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _finish(self) -> None:
        self._server.close()
        self._abort_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _abort_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self._writers.add(writer)
        try:
            await self._forward(reader, writer)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if isinstance(self._target, Path):
            far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        else:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers.add(far_writer)
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump("client", reader, far_writer))
                pumps.create_task(self._pump("server", far_reader, writer))
        except* (_EndedError, OSError):
            pass  # both sides are closed below, which is all that an ended connection asks for
        finally:
            self._writers.discard(far_writer)
            for side in (writer, far_writer):
                side.close()

    async def _pump(self, direction: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed = 0
        while data := await reader.read(65_536):
            self._journal[direction].append(data)
            await self._apply(direction, data, passed, writer)
            passed += len(data)
        with contextlib.suppress(OSError):
            writer.write_eof() if writer.can_write_eof() else writer.close()

    async def _apply(self, direction: Direction, data: bytes, passed: int, writer: asyncio.StreamWriter) -> None:
        rules = [rule for rule in self._rules if rule.direction == direction]
        for rule in rules:
            if isinstance(rule.action, Replace):
                data = self._edited(rule, rule.action.by, data, passed)
        for rule in rules:
            span = None if isinstance(rule.action, Replace) else rule.find(data, passed)
            if span is not None:
                rule.fired += 1
                await self._act(rule.action, data, span[1], writer)
                return
        writer.write(data)
        await writer.drain()

    @staticmethod
    def _edited(rule: Rule, by: bytes, data: bytes, passed: int) -> bytes:
        span = rule.find(data, passed)
        if span is None:
            return data
        rule.fired += 1
        return data[: span[0]] + by + data[span[1] :]

    async def _act(self, action: Action, data: bytes, end: int, writer: asyncio.StreamWriter) -> None:
        match action:
            case Delay(seconds):
                writer.write(data[:end])
                await asyncio.sleep(seconds)
                writer.write(data[end:])
            case Drip(seconds):
                writer.write(data[:end])
                for position in range(end, len(data)):
                    writer.write(data[position : position + 1])
                    await asyncio.sleep(seconds)
            case Freeze():
                writer.write(data[:end])
                await asyncio.get_running_loop().create_future()
            case Cut(reset):
                writer.write(data[:end])
                await writer.drain()
                if reset:
                    writer.transport.abort()
                raise _EndedError
        await writer.drain()
