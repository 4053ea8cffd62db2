"""Access tokens: asked for when needed, kept while good, and refused or unavailable in the right words."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from helpdesk import crashpoints
from helpdesk.adapters.oauth import AccessTokens, OAuthClient
from helpdesk.adapters.oauth_refresh import RefreshTokens
from helpdesk.errors import LoginRefused, MailboxUnavailable, TransportUnavailable
from tests.canary import secret


class Authority(HTTPServer):
    """A token endpoint: answers what the test put in, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[dict[str, list[str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/token"


class _Handler(BaseHTTPRequestHandler):
    server: Authority

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(parse_qs(body.decode()))
        code, answer = self.server.answers.pop(0)
        self.send_response(code)
        self.send_header("Location", self.server.url)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def authority() -> Iterator[Authority]:
    with Authority() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def token(value: str, seconds: int = 3600) -> tuple[int, bytes]:
    return 200, json.dumps({"access_token": value, "expires_in": seconds}).encode()


def client(authority: Authority) -> OAuthClient:
    return OAuthClient(authority.url, "desk", lambda: secret("client"), "imap.read")


def test_a_token_is_asked_for_once_and_again_five_minutes_before_its_end(authority: Authority) -> None:
    now = 0.0
    authority.answers = [token("first"), token("second")]
    tokens = AccessTokens("erp", client(authority), MailboxUnavailable, lambda: now)

    assert (tokens(), tokens()) == ("first", "first")
    now = 3299.0
    assert tokens() == "first"
    now = 3300.0
    assert tokens() == "second"
    assert len(authority.asked) == 2


def test_the_request_carries_the_clients_credentials(authority: Authority) -> None:
    authority.answers = [token("first")]
    AccessTokens("erp", client(authority), MailboxUnavailable)()

    assert authority.asked == [
        {
            "grant_type": ["client_credentials"],
            "client_id": ["desk"],
            "client_secret": [secret("client")],
            "scope": ["imap.read"],
        }
    ]


@pytest.mark.parametrize(
    ("code", "answer", "sentence"),
    [
        pytest.param(
            401,
            b'{"error": "invalid_client", "error_description": "Secret\\r\\nexpired"}',
            "erp: login refused: 127.0.0.1 answered 401 invalid_client: Secret expired",
            id="with-words",
        ),
        pytest.param(400, b"<html>", "erp: login refused: 127.0.0.1 answered 400", id="without-words"),
        pytest.param(403, b"[]", "erp: login refused: 127.0.0.1 answered 403", id="odd-json"),
    ],
)
def test_a_refusal_is_a_persons_matter(authority: Authority, code: int, answer: bytes, sentence: str) -> None:
    authority.answers = [(code, answer)]

    with pytest.raises(LoginRefused) as raised:
        AccessTokens("erp", client(authority), MailboxUnavailable)()
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("code", "answer", "detail"),
    [
        pytest.param(500, b"oops", "127.0.0.1 answered 500", id="server-error"),
        pytest.param(302, b"", "127.0.0.1 answered 302", id="redirect"),
        pytest.param(200, b"<html>", "no token from 127.0.0.1: Expecting value: line 1 column 1 (char 0)", id="html"),
        pytest.param(200, b'{"token": "x"}', "the answer of 127.0.0.1 holds no token", id="no-token"),
    ],
)
def test_nonsense_may_pass_by_itself(authority: Authority, code: int, answer: bytes, detail: str) -> None:
    authority.answers = [(code, answer)]

    with pytest.raises(TransportUnavailable) as raised:
        AccessTokens("default", client(authority), TransportUnavailable)()
    assert (raised.value.reason, raised.value.detail) == ("oauth", detail)
    assert len(authority.asked) == 1


def test_an_authority_that_is_not_there_is_unavailable() -> None:
    absent = OAuthClient("http://127.0.0.1:9/token", "desk", lambda: secret("client"))

    with pytest.raises(MailboxUnavailable, match=r"no token from 127\.0\.0\.1"):
        AccessTokens("erp", absent, MailboxUnavailable)()


def test_a_refresh_token_asks_for_access_without_a_secret_where_the_client_is_public(
    authority: Authority, tmp_path: Path
) -> None:
    authority.answers = [token("first"), token("second")]
    refresh = RefreshTokens(tmp_path / "oauth.json", lambda: "consent")
    tokens = AccessTokens("erp", OAuthClient(authority.url, "desk", None, refresh=refresh), MailboxUnavailable)

    assert tokens() == "first"
    assert authority.asked == [
        {"grant_type": ["refresh_token"], "refresh_token": ["consent"], "client_id": ["desk"]},
    ]
    assert not (tmp_path / "oauth.json").exists(), "nothing was rotated"


def test_a_token_that_was_refused_before_its_time_is_replaced_once(authority: Authority) -> None:
    authority.answers = [token("first"), token("second")]
    tokens = AccessTokens("erp", client(authority), MailboxUnavailable)

    assert (tokens(), tokens()) == ("first", "first")
    assert tokens.forget(), "it was good before: a new one may do better"
    assert tokens() == "second"
    assert not tokens.forget(), "a fresh one was refused: nothing more to try"


def test_a_rotated_token_that_can_not_be_kept_is_not_used(authority: Authority, tmp_path: Path) -> None:
    authority.answers = [(200, json.dumps({"access_token": "a", "refresh_token": "new"}).encode())] * 2
    refresh = RefreshTokens(tmp_path / "nowhere" / "oauth.json", lambda: "consent")
    tokens = AccessTokens("erp", OAuthClient(authority.url, "desk", None, refresh=refresh), MailboxUnavailable)

    with pytest.raises(MailboxUnavailable, match="name a folder by `state`"):
        tokens()
    assert authority.asked == [], "it is found out before the old one is spent"


def test_a_consent_given_while_the_old_one_is_used_counts_from_then_on(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.answers = [(200, json.dumps({"access_token": "a", "refresh_token": "rotated"}).encode()), token("b")]
    consents = ["old"]
    monkeypatch.setattr(crashpoints, "hook", lambda point: consents.append("new") if point == "O0" else None)
    refresh = RefreshTokens(tmp_path / "oauth.json", lambda: consents[-1])
    tokens = AccessTokens("erp", OAuthClient(authority.url, "desk", None, refresh=refresh), MailboxUnavailable)

    assert (tokens(), tokens.forget(), tokens.forget(), tokens()) == ("a", False, False, "b")
    assert [asked["refresh_token"] for asked in authority.asked] == [["old"], ["new"]]


@pytest.mark.parametrize("content", ["", "[]", '{"after": "another consent", "token": "kept"}', "\x00"])
def test_what_does_not_follow_the_configured_token_is_passed_by(content: str, tmp_path: Path) -> None:
    (tmp_path / "oauth.json").write_text(content)

    assert RefreshTokens(tmp_path / "oauth.json", lambda: "consent").current("consent") == "consent"
