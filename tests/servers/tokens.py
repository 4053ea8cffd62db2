"""A token endpoint (RFC 6749 §3.2) in the moods that authorities have, and tokens for those who log in without one.

`ok` keeps the refresh token, `rotate` gives a new one each time and takes each once; `invalid_grant` refuses, `hang`
never answers, `html` shows a page. A new access token is handed to `issued`, which lets servers take it alone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal
from urllib.parse import parse_qs

from tests.canary import secret

Mood = Literal["ok", "rotate", "invalid_grant", "hang", "html"]


@dataclass(frozen=True)
class OneToken:
    """Tokens that never change."""

    value: str
    seconds_left: float | None = None

    def __call__(self) -> str:
        return self.value

    def forget(self) -> bool:
        return False


class TokenEndpoint(ThreadingHTTPServer):
    """Listens on loopback while it is entered; `asked` holds the forms it was sent."""

    def __init__(self, issued: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.daemon_threads = True
        self.mood: Mood = "ok"
        self.expires_in = 3600
        self.asked: list[dict[str, str]] = []
        self.refresh_token = self.first_refresh_token = secret("refresh-0")
        self.client_secret = secret("client")
        self._issued, self._lock = issued, threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), name="tokens", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/token"

    def __enter__(self) -> TokenEndpoint:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def answer(self, form: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body for one request."""
        self.asked.append(form)
        if self.mood == "hang":
            self._over.wait(60)
        if self.mood == "html":
            return 200, b"<html><body>Sign in to your account</body></html>"
        with self._lock:
            if self.mood == "invalid_grant" or not self._known(form):
                return 400, json.dumps({"error": "invalid_grant", "error_description": "AADSTS: expired"}).encode()
            return 200, json.dumps(self._grant(form)).encode()

    def _known(self, form: dict[str, str]) -> bool:
        if form["grant_type"] == "refresh_token":
            return form.get("refresh_token") == self.refresh_token
        return form.get("client_secret") == self.client_secret

    def _grant(self, form: dict[str, str]) -> dict[str, str | int]:
        token = secret(f"access-{len(self.asked)}")
        self._issued(token)
        given: dict[str, str | int] = {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in}
        if self.mood == "rotate":
            self.refresh_token = secret(f"refresh-{len(self.asked)}")
            given["refresh_token"] = self.refresh_token
        return given


class _Handler(BaseHTTPRequestHandler):
    server: TokenEndpoint

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        code, body = self.server.answer({name: values[0] for name, values in form.items()})
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # who waited has given up
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return
