"""Access tokens instead of passwords, for IMAP and SMTP alike: by client credentials or by a refresh token.

Made by the faces, called by a session at each login (RFC 6749 §4.4, §6). A token is kept until five minutes before its
end; one that a server refused is forgotten at once.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpdesk import crashpoints
from helpdesk.adapters.oauth_refresh import RefreshTokens
from helpdesk.adapters.tls import client_context
from helpdesk.errors import LoginRefused, MailboxUnavailable, TransportUnavailable

_MARGIN = 300.0  # seconds before its end in which a token is not used any more
_TIMEOUT = 15.0  # seconds
_LONGEST_ANSWER = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """Who asks whom for tokens. `secret` is asked for each time, so that a changed one needs no restart."""

    token_url: str
    client_id: str
    secret: Callable[[], str] | None = field(repr=False)  # None: a public client, known by its refresh token
    scope: str = ""
    refresh: RefreshTokens | None = None
    ca_file: Path | None = None


class AccessTokens:
    """The tokens of one account; may be called from any thread.

    A call returns a token. It raises LoginRefused when the authority refuses us, and `unavailable` when it can't be
    reached or makes no sense.
    """

    def __init__(
        self,
        account: str,
        client: OAuthClient,
        unavailable: type[MailboxUnavailable | TransportUnavailable],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._account, self._client, self._unavailable, self._clock = account, client, unavailable, clock
        self._lock = threading.Lock()
        self._token, self._good_until, self._uses = "", 0.0, 0

    def __call__(self) -> str:
        with self._lock:
            if not self._token or self._clock() >= self._good_until:
                asked_at = self._clock()
                answer = self._grant()
                self._token = str(answer["access_token"])
                self._good_until = asked_at + float(answer.get("expires_in", 0)) - _MARGIN
                self._uses = 0
            self._uses += 1
            return self._token

    def forget(self) -> bool:
        """Let a token go that a server refused; return whether it was used before, so that a new one may do better."""
        with self._lock:
            self._token = ""
            return self._uses > 1

    @property
    def seconds_left(self) -> float | None:
        """How long the present token is good; None if there is none."""
        return self._good_until + _MARGIN - self._clock() if self._token else None

    def _grant(self) -> dict[str, Any]:
        """Return the authority's answer; a refresh token that it holds is kept before anything is done with it."""
        refresh = self._client.refresh
        if refresh is None:
            return self._ask({"grant_type": "client_credentials"})
        try:
            with refresh.locked():
                configured = refresh.configured()
                used = refresh.current(configured)
                answer = self._ask({"grant_type": "refresh_token", "refresh_token": used})
                crashpoints.reached("O0")
                if answer.get("refresh_token") not in (None, "", used):
                    refresh.keep(str(answer["refresh_token"]), configured)
                crashpoints.reached("O2")
                return answer
        except OSError as error:
            detail = f"{refresh.file} can't be written: {error.strerror}; name a folder by `state` in helpdesk.toml"
            raise self._unavailable(self._account, "oauth", detail) from None

    def _ask(self, grant: dict[str, str]) -> dict[str, Any]:
        try:
            answer = json.loads(self._post(grant))
            if isinstance(answer, dict) and answer.get("access_token"):
                return answer
        except urllib.error.HTTPError as error:
            raise self._refusal(error) from None  # the chain ends: the request below it carries the secret
        except (OSError, ValueError) as error:
            raise self._unavailable(self._account, "oauth", f"no token from {self._host}: {error}") from None
        raise self._unavailable(self._account, "oauth", f"the answer of {self._host} holds no token")

    def _post(self, grant: dict[str, str]) -> bytes:
        fields = {
            **grant,
            "client_id": self._client.client_id,
            "client_secret": self._client.secret() if self._client.secret else "",
            "scope": self._client.scope,
        }
        body = urllib.parse.urlencode({name: value for name, value in fields.items() if value}).encode()
        https = urllib.request.HTTPSHandler(context=client_context(self._client.ca_file))
        opener = urllib.request.build_opener(https, _NoRedirects)
        with opener.open(self._client.token_url, body, timeout=_TIMEOUT) as response:
            return bytes(response.read(_LONGEST_ANSWER))

    def _refusal(self, error: urllib.error.HTTPError) -> LoginRefused | MailboxUnavailable | TransportUnavailable:
        with error:
            detail = f"{self._host} answered {error.code} {_reason(error.read(_LONGEST_ANSWER))}".rstrip()
        if error.code in (400, 401, 403):
            return LoginRefused(self._account, detail)
        return self._unavailable(self._account, "oauth", detail)

    @property
    def _host(self) -> str:
        return urllib.parse.urlsplit(self._client.token_url).hostname or ""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A secret goes to the address that the operator wrote down, nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _reason(body: bytes) -> str:
    """Return the error's code and words (RFC 6749 §5.2), if the answer has them."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    words = (answer.get("error"), answer.get("error_description"))
    return ": ".join(" ".join(str(word).split()) for word in words if word)
