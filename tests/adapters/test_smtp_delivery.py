"""Handing mails over: what the server's answers mean for a mail, for the account, and when nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from helpdesk.adapters.smtp import SmtpTransport
from helpdesk.adapters.smtp_replies import result_of, result_of_sender
from helpdesk.errors import LoginRefused, TransportUnavailable
from helpdesk.services.ports import Accepted, Ambiguous, Deferred, DeliveryResult, Envelope, Rejected, Withheld
from tests.adapters.smtp_support import CONTENT, account, mail_to, using
from tests.servers.process import wait_until
from tests.servers.proxy import Cut, FaultProxy, Freeze, Replace, Rule
from tests.servers.sink import Sink


def _send(sink: Sink, *recipients: str, **changes: object) -> list[DeliveryResult]:
    """Return the results of handing one mail to each recipient over, by one transport."""

    async def all_of_them(transport: SmtpTransport) -> list[DeliveryResult]:
        return [await transport.send(mail_to(recipient)) for recipient in recipients]

    return using(account(sink, **changes), all_of_them)


def test_a_mail_arrives_byte_for_byte_with_its_envelope(sink: Sink) -> None:
    (result,) = _send(sink, "jan@example.org")
    assert result == Accepted(250, "2.0.0 Ok: queued as 000001")
    copy = sink.copies[0]
    assert (copy.sender, copy.recipients, copy.content) == ("desk@helpdesk.test", ("jan@example.org",), CONTENT)


def test_many_mails_share_one_session(sink: Sink) -> None:
    results = _send(sink, *(f"klient{number}@example.org" for number in range(30)))
    assert all(isinstance(result, Accepted) for result in results)
    assert [copy.recipients[0] for copy in sink.copies] == [f"klient{number}@example.org" for number in range(30)]
    assert sink.sessions == 1


def test_the_null_sender_goes_out_as_such(sink: Sink) -> None:
    using(account(sink), lambda transport: transport.send(Envelope("", "jan@example.org", CONTENT)))
    assert sink.copies[0].sender == ""


def test_the_id_that_a_relay_gives_is_kept_in_the_answer(sink: Sink) -> None:
    assert _send(sink, "rewrite-id@example.org") == [Accepted(250, "Ok 0102018f-000001")]


REFUSALS = {
    "550-5.1.1@example.org": Rejected(550, "5.1.1", "Refused for the test"),
    "552-5.3.4@example.org": Rejected(552, "5.3.4", "Refused for the test"),
    "452-4.2.2@example.org": Deferred(452, "4.2.2", "Refused for the test"),
    "450-4.7.1@example.org": Deferred(450, "4.7.1", "Refused for the test"),
    "451x1@example.org": Deferred(451, "4.3.2", "Not yet"),
    "dot-554-5.6.0@example.org": Rejected(554, "5.6.0", "Refused for the test"),
    "dot-452-4.3.1@example.org": Deferred(452, "4.3.1", "Refused for the test"),
}


@pytest.mark.parametrize("recipient", REFUSALS)
def test_a_refusal_is_the_mails_own_and_the_next_one_goes_out_in_the_same_session(sink: Sink, recipient: str) -> None:
    refused, accepted = _send(sink, recipient, "jan@example.org")
    assert refused == REFUSALS[recipient]
    assert isinstance(accepted, Accepted)
    assert [copy.recipients for copy in sink.copies] == [("jan@example.org",)]
    assert sink.sessions == 1


def test_a_mail_deferred_at_first_is_taken_when_tried_again(sink: Sink) -> None:
    results = _send(sink, "451x2@example.org", "451x2@example.org", "451x2@example.org")
    assert [type(result) for result in results] == [Deferred, Deferred, Accepted]


def test_a_sender_that_the_server_does_not_allow_is_the_mails_refusal(sink: Sink) -> None:
    sink.refuse_null_sender = True
    result = using(account(sink), lambda transport: transport.send(Envelope("", "jan@example.org", CONTENT)))
    assert result == Rejected(550, "5.7.60", "Client does not have permissions to send as this sender", at_sender=True)


def test_421_after_ten_mails_of_a_session_stops_the_account_and_charges_nobody(sink: Sink) -> None:
    sink.mails_per_session = 10

    async def fifteen(transport: SmtpTransport) -> int:
        sent = 0
        with pytest.raises(TransportUnavailable) as stopped:
            for number in range(15):
                sent += isinstance(await transport.send(mail_to(f"k{number}@example.org")), Accepted)
        assert stopped.value.reason == "throttled"
        for number in range(sent, 15):
            sent += isinstance(await transport.send(mail_to(f"k{number}@example.org")), Accepted)
        return sent

    assert using(account(sink), fifteen) == 15
    assert sink.sessions == 2


@pytest.mark.parametrize(
    "reply, error",
    [
        ("451 4.7.0 Temporary server error, try again later", TransportUnavailable),
        ("454 4.7.0 Too many login attempts", TransportUnavailable),
        ("450 4.2.1 Too many messages in a short time", TransportUnavailable),
        ("432 4.3.2 Too many connections", TransportUnavailable),
        ("354 This is not an answer to MAIL", TransportUnavailable),
        ("530 5.7.0 Authentication required", LoginRefused),
        ("535 5.7.3 Authentication unsuccessful", LoginRefused),
    ],
)
def test_what_the_server_says_of_the_account_is_no_result_of_the_mail(
    sink: Sink, reply: str, error: type[Exception]
) -> None:
    sink.mail_replies.append(reply)
    with pytest.raises(error):
        _send(sink, "jan@example.org")
    assert isinstance(_send(sink, "jan@example.org")[0], Accepted)


def test_a_mailbox_that_receives_too_much_defers_its_own_mail_and_stops_no_other() -> None:
    said = "The recipient is receiving too many messages"
    assert result_of("desk", 450, f"4.2.1 {said}") == Deferred(450, "4.2.1", said)
    with pytest.raises(TransportUnavailable):
        result_of_sender("desk", 450, f"4.2.1 {said}")


def test_the_mail_at_which_a_session_ends_is_told_from_a_session_that_never_came_to_be(sink: Sink) -> None:
    def at_mail(**changes: object) -> bool:
        with pytest.raises(TransportUnavailable) as failure:
            _send(sink, "jan@example.org", **changes)
        return failure.value.at_mail

    sink.mail_replies.append("421 4.3.2 Later")
    assert at_mail() is True
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("client", Cut(), pattern=rb"RCPT"))
        assert at_mail(port=proxy.port) is True
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("server", Replace(b"421 4.3.2 Later"), pattern=rb"220 [^\r]*"))
        assert at_mail(port=proxy.port) is False


def test_throttling_after_the_final_dot_charges_nobody_either(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        said = b"454 Throttling failure: Maximum sending rate exceeded.\r\n"
        proxy.add(Rule("server", Replace(said), pattern=rb"250 2\.0\.0 Ok: queued[^\n]*\n"))
        with pytest.raises(TransportUnavailable) as stopped:
            _send(sink, "jan@example.org", port=proxy.port)
    assert stopped.value.reason == "throttled"


@pytest.mark.parametrize("recipient, copies", [("cut-dot@example.org", 1), ("cut-data@example.org", 0)])
def test_a_connection_lost_from_data_on_is_ambiguous_and_the_next_mail_goes_out(
    sink: Sink, recipient: str, copies: int
) -> None:
    lost, accepted = _send(sink, recipient, "jan@example.org")
    assert isinstance(lost, Ambiguous) and "on its way" in lost.detail
    assert isinstance(accepted, Accepted)
    assert (len(sink.to(recipient)), sink.sessions) == (copies, 2)


def test_an_answer_that_never_comes_is_ambiguous(sink: Sink) -> None:
    hung, accepted = _send(sink, "hang-dot@example.org", "jan@example.org", data_timeout=0.3)
    assert isinstance(hung, Ambiguous)
    assert isinstance(accepted, Accepted)


def test_an_answer_without_a_code_after_the_dot_is_ambiguous(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("server", Replace(b"gotowe\r\n"), pattern=rb"250 2\.0\.0 Ok: queued[^\n]*\n"))
        assert isinstance(_send(sink, "jan@example.org", port=proxy.port)[0], Ambiguous)


def test_a_slow_answer_to_the_dot_is_waited_for_longer_than_to_a_command(sink: Sink) -> None:
    assert isinstance(_send(sink, "slow0.6@example.org", command_timeout=0.2)[0], Accepted)
    assert len(sink.copies) == 1


def test_the_time_for_data_is_ten_minutes_unless_said_otherwise(sink: Sink) -> None:
    assert account(sink).data_timeout == 600


def test_cancelled_while_the_content_is_on_its_way_it_is_ambiguous(sink: Sink) -> None:
    async def stopped(transport: SmtpTransport) -> DeliveryResult:
        sending = asyncio.create_task(transport.send(mail_to("hang-dot@example.org")))
        await asyncio.to_thread(sink.wait_for, 1)
        sending.cancel()
        result = await sending
        assert sending.cancelling() == 1
        assert isinstance(await transport.send(mail_to("jan@example.org")), Accepted)
        return result

    assert isinstance(using(account(sink), stopped), Ambiguous)


def test_cancelled_before_data_it_is_a_cancellation_and_the_next_mail_is_in_step(sink: Sink) -> None:
    with FaultProxy(sink.port) as proxy:
        frozen = proxy.add(Rule("server", Freeze(), pattern=b"250 2.1.0"))

        async def stopped(transport: SmtpTransport) -> None:
            sending = asyncio.create_task(transport.send(mail_to("anna@example.org")))
            await asyncio.to_thread(wait_until, lambda: frozen.fired > 0, "the answer to MAIL")
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            async with asyncio.timeout(2):  # over a new session: the old one would be waited for
                assert isinstance(await transport.send(mail_to("jan@example.org")), Accepted)

        using(account(sink, port=proxy.port), stopped)
    assert [copy.recipients for copy in sink.copies] == [("jan@example.org",)]


def _twice(between: Callable[[], object]) -> Callable[[SmtpTransport], Awaitable[DeliveryResult]]:
    async def send(transport: SmtpTransport) -> DeliveryResult:
        assert isinstance(await transport.send(mail_to("anna@example.org")), Accepted)
        await asyncio.to_thread(between)
        return await transport.send(mail_to("jan@example.org"))

    return send


def test_a_session_that_the_server_ended_between_two_mails_is_renewed_without_a_word(sink: Sink) -> None:
    assert isinstance(using(account(sink), _twice(sink.cut_all)), Accepted)
    assert (len(sink.copies), sink.sessions) == (2, 2)


@pytest.mark.parametrize("action", [Cut(), Freeze()], ids=["cut", "silent"])
def test_a_session_found_dead_at_the_next_mail_is_renewed_once(sink: Sink, action: Cut | Freeze) -> None:
    with FaultProxy(sink.port) as proxy:
        dying = _twice(lambda: proxy.add(Rule("client", action, pattern=b"^(?=MAIL)")))
        assert isinstance(using(account(sink, port=proxy.port, command_timeout=0.3), dying), Accepted)
        assert proxy.connections == 2
    assert len(sink.to("jan@example.org")) == 1


@pytest.mark.parametrize("command", [b"MAIL", b"RCPT"])
def test_a_session_that_breaks_before_data_hands_nothing_over_and_charges_nobody(sink: Sink, command: bytes) -> None:
    with FaultProxy(sink.port) as proxy:
        proxy.add(Rule("client", Cut(), pattern=command, times=9))
        with pytest.raises(TransportUnavailable):
            _send(sink, "jan@example.org", port=proxy.port)
    assert sink.copies == []


@pytest.mark.parametrize("may_leave", [True, False], ids=["cleared", "withheld"])
def test_no_data_is_said_before_the_mail_is_cleared(sink: Sink, may_leave: bool) -> None:
    with FaultProxy(sink.port) as proxy:

        async def cleared() -> None:
            assert b"RCPT TO" in proxy.seen("client")
            await asyncio.sleep(0.1)
            assert b"DATA" not in proxy.seen("client")
            if not may_leave:
                raise Withheld

        async def two_mails(transport: SmtpTransport) -> None:
            with suppress(Withheld):
                assert isinstance(await transport.send(mail_to("jan@example.org"), cleared), Accepted)
            assert isinstance(await transport.send(mail_to("anna@example.org")), Accepted)

        using(account(sink, port=proxy.port), two_mails)
    assert (len(sink.to("jan@example.org")), len(sink.to("anna@example.org"))) == (may_leave, 1)
    assert sink.sessions == 1


def test_a_session_idle_for_long_is_renewed_before_the_server_hangs_up(sink: Sink) -> None:
    async def after_a_while(transport: SmtpTransport) -> None:
        await transport.send(mail_to("anna@example.org"))
        transport._last_used -= 300
        await transport.send(mail_to("jan@example.org"))

    using(account(sink), after_a_while)
    assert (len(sink.copies), sink.sessions) == (2, 2)


def test_lines_that_begin_with_a_dot_and_eight_bit_text_arrive_as_they_are(sink: Sink) -> None:
    content = CONTENT + b".\r\n..\r\n.kropka\r\n" + "Zażółć gęślą jaźń\r\n".encode()
    using(account(sink), lambda transport: transport.send(Envelope("", "jan@example.org", content)))
    assert sink.copies[0].content == content


def test_what_the_server_is_told_beforehand_is_the_size_and_what_is_unusual(sink: Sink) -> None:
    eight_bit = "Żółw\r\n".encode()

    async def three(transport: SmtpTransport) -> None:
        await transport.send(mail_to("jan@example.org"))
        await transport.send(Envelope("", "jan@example.org", eight_bit))
        await transport.send(mail_to("józef@example.org"))

    with FaultProxy(sink.port) as proxy:
        using(account(sink, port=proxy.port), three)
        said = [line for line in proxy.seen("client").split(b"\r\n") if line.startswith(b"MAIL")]
    assert said == [
        b"MAIL FROM:<desk@helpdesk.test> SIZE=%d" % len(CONTENT),
        b"MAIL FROM:<> SIZE=%d BODY=8BITMIME" % len(eight_bit),
        b"MAIL FROM:<desk@helpdesk.test> SIZE=%d SMTPUTF8" % len(CONTENT),
    ]
    assert sink.copies[-1].recipients == ("józef@example.org",)


def test_an_address_beyond_ascii_is_rejected_where_the_server_cannot_take_it(sink: Sink) -> None:
    sink.smtputf8 = False
    refused, accepted = _send(sink, "józef@example.org", "jan@example.org")
    assert isinstance(refused, Rejected) and refused.enhanced == "5.6.7"
    assert isinstance(accepted, Accepted)


def test_an_international_domain_needs_no_extension(sink: Sink) -> None:
    sink.smtputf8 = False
    _send(sink, "jan@zażółć.example")
    assert sink.copies[0].recipients == ("jan@" + "zażółć".encode("idna").decode() + ".example",)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jan",
        "@example.org",
        "jan@",
        "a b@example.org",
        "jan@example.org\r\nRCPT TO:<x@example.org>",
        "jan@example.org> SIZE=1",
        "<jan@example.org>",
        "jan@exa\x00mple.org",
        "jan@" + "ą" * 70 + ".example",
    ],
)
def test_what_is_no_address_is_rejected_and_never_sent(sink: Sink, address: str) -> None:
    (result,) = _send(sink, address)
    assert isinstance(result, Rejected) and result.enhanced == "5.1.3"
    assert sink.sessions == 0
