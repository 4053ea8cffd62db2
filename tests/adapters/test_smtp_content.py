"""Big contents on their way: piece by piece, byte for byte, and with the same meaning of every answer."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from helpdesk.adapters.smtp import SmtpTransport
from helpdesk.adapters.smtp_content import PIECE
from helpdesk.services.ports import Accepted, Ambiguous, DeliveryResult, Envelope, Rejected
from tests.adapters.smtp_support import CONTENT, account, mail_to, using
from tests.servers.process import wait_until
from tests.servers.proxy import Cut, FaultProxy, Freeze, Rule
from tests.servers.sink import Sink
from tests.servers.tls import Authority

DOTS = b"".join(b"." * (number % 4) + b"x" * (number % 77) + b"\r\n" for number in range(5 * PIECE // 40))
BIG = CONTENT + DOTS
TO_JAN = Envelope("desk@helpdesk.test", "jan@example.org", BIG)
HUGE = Envelope("desk@helpdesk.test", "jan@example.org", 8 * BIG)  # more than the buffers on the way hold


@pytest.fixture
def guarded(authority: Authority) -> Iterator[Sink]:
    """A sink that has a certificate."""
    with Sink(authority.server_context()) as server:
        yield server


@asynccontextmanager
async def _server(refuses_after: int = 0) -> AsyncIterator[int]:
    """Yield the port of a server that keeps nothing; it may refuse a content before it has all of it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink.test\r\n")
        while not (line := await reader.readline()).startswith(b"QUIT"):
            writer.write(b"354 Go on\r\n" if line.startswith(b"DATA") else b"250 2.0.0 Ok\r\n")
            if line.startswith(b"DATA"):
                await take(reader, writer)
        writer.write(b"221 Bye\r\n")
        writer.close()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken, answer = 0, b"250 2.0.0 Ok\r\n"
        while (line := await reader.readline()) != b".\r\n":
            taken += len(line)
            if answer and refuses_after and taken > refuses_after:
                writer.write(b"552 5.3.4 Too big\r\n")
                answer = b""
        writer.write(answer)

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("security", ["plain", "tls", "starttls"])
def test_a_big_mail_arrives_byte_for_byte_and_the_next_follows_in_the_same_session(
    guarded: Sink, authority: Authority, security: str
) -> None:
    port = guarded.tls_port if security == "tls" else guarded.port
    settings = account(guarded, port=port, security=security, ca_file=authority.ca_file)

    async def two(transport: SmtpTransport) -> list[DeliveryResult]:
        return [await transport.send(TO_JAN), await transport.send(mail_to("anna@example.org"))]

    assert all(isinstance(result, Accepted) for result in using(settings, two))
    assert [copy.content for copy in guarded.copies] == [BIG, CONTENT]
    assert guarded.sessions == 1


def test_a_big_mail_refused_after_the_dot_is_refused_and_the_next_goes_out(sink: Sink) -> None:
    async def two(transport: SmtpTransport) -> list[DeliveryResult]:
        refused = Envelope("desk@helpdesk.test", "dot-554-5.6.0@example.org", BIG)
        return [await transport.send(refused), await transport.send(mail_to("anna@example.org"))]

    refused, accepted = using(account(sink), two)
    assert refused == Rejected(554, "5.6.0", "Refused for the test")
    assert isinstance(accepted, Accepted)
    assert sink.sessions == 1


def test_a_refusal_before_the_end_of_a_big_mail_is_heard_and_the_dialogue_stays_in_step(sink: Sink) -> None:
    async def two(transport: SmtpTransport) -> list[DeliveryResult]:
        async with _server(refuses_after=PIECE) as port:
            early = SmtpTransport(account(sink, port=port))
            results = [await early.send(HUGE), await early.send(mail_to("anna@example.org"))]
            await early.close()
            return results

    refused, accepted = using(account(sink), two)
    assert refused == Rejected(552, "5.3.4", "Too big")
    assert isinstance(accepted, Accepted)


def test_a_connection_cut_in_the_midst_of_a_big_mail_leaves_its_fate_in_doubt(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("client", Cut(), pattern=b"x{76}\r\n"))
        result = using(account(sink, port=proxy.port), lambda transport: transport.send(HUGE))
    assert isinstance(result, Ambiguous)
    assert sink.copies == []


def test_cancelled_in_the_midst_of_a_big_mail_its_fate_is_in_doubt(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        frozen = proxy.add(Rule("client", Freeze(), pattern=b"x{76}\r\n"))

        async def stopped(transport: SmtpTransport) -> DeliveryResult:
            sending = asyncio.create_task(transport.send(HUGE))
            await asyncio.to_thread(wait_until, lambda: frozen.fired > 0, "the content")
            sending.cancel()
            return await sending

        assert isinstance(using(account(sink, port=proxy.port), stopped), Ambiguous)


def test_a_server_that_takes_nothing_more_is_left_after_the_time_for_data(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("client", Freeze(), pattern=b"x{76}\r\n"))
        settings = account(sink, port=proxy.port, data_timeout=0.3)
        assert isinstance(using(settings, lambda transport: transport.send(HUGE)), Ambiguous)


def test_a_big_mail_is_not_held_a_second_time_while_it_leaves(sink: Sink) -> None:
    content = CONTENT + (b"x" * 900 + b"\r\n") * 12_000

    async def peak(_: SmtpTransport) -> int:
        async with _server() as port:
            transport = SmtpTransport(account(sink, port=port))
            tracemalloc.start()
            try:
                assert isinstance(await transport.send(replace(HUGE, content=content)), Accepted)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
                await transport.close()

    assert using(account(sink), peak) < len(content) / 4
