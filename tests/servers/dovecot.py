"""A private Dovecot: IMAP with TLS, STARTTLS and plain on free loopback ports, Maildir underneath.

Every user name is known and has the password PASSWORD, so a test takes a new name instead of waiting for a server.
"""

from __future__ import annotations

import http.server
import imaplib
import itertools
import shutil
import signal
import socket
import threading
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tests.canary import secret
from tests.servers.maildir import Maildir
from tests.servers.process import ServerProcess, account, answers, free_port, missing, private_directory, wait_until
from tests.servers.tls import Authority

PASSWORD = secret("imap")

Kind = Literal["usual", "small", "dotted", "courier"]
_SPECIAL: dict[Kind, str] = {
    "small": "userdb_quota_rule=*:bytes=64K",
    "dotted": "userdb_namespace/inbox/separator=.",
    "courier": "userdb_namespace/inbox/separator=. userdb_namespace/inbox/prefix=INBOX.",
}
_SPECIAL_USERS = 100

_CONFIG = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
instance_name = t{imap}
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
last_valid_uid = {uid}
first_valid_gid = {gid}
last_valid_gid = {gid}
mail_location = maildir:~/Maildir
mail_fsync = never
auth_mechanisms = plain login xoauth2 oauthbearer
disable_plaintext_auth = no
auth_failure_delay = 0
auth_username_chars =
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
mail_plugins = quota
mail_max_userip_connections = 100
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {base}/users
  default_fields = uid={uid} gid={gid} home={base}/home/%u
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%u
}}
plugin {{
  quota = count:User quota
  quota_rule = *:bytes=500M
  quota_vsizes = yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 200
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  chroot =
}}
"""

_OAUTH = """\
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""


class Dovecot:
    """One instance with its files under a private directory; the ports stay the same over stop and start."""

    def __init__(self, authority: Authority) -> None:
        binary = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
        if binary is None or not _speaks_imap():
            missing("Dovecot's IMAP server")
        self._binary, self._process = binary, None
        self._numbers: defaultdict[Kind, Iterator[int]] = defaultdict(lambda: itertools.count(1))  # of each kind
        self.host, self.port, self.tls_port = "localhost", free_port(), free_port()
        self.ca_file = authority.ca_file
        self.tokens = _Introspection()
        self.base = private_directory("hd-imap-")
        _, _, self._uid, self._gid = account()
        self._write_files(authority)

    _process: ServerProcess | None

    def start(self) -> None:
        """Start the server; returns when it answers on both ports."""
        self._process = ServerProcess([self._binary, "-F", "-c", str(self.base / "conf")], self.base / "log")
        self._process.wait_ready(self._greets, "Dovecot")

    def stop(self) -> None:
        """End the server and every open session, by SIGKILL: SIGTERM takes it a second, and it has nothing to save."""
        if self._process is not None:
            self._process.stop(signal.SIGKILL)
            self._process = None
            # Its workers share the listening sockets; one that dies late would take the next one's first client along.
            wait_until(lambda: not (answers(self.port) or answers(self.tls_port)), "Dovecot's workers to end")

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def freeze(self) -> None:
        """Stop answering while connections stay open."""
        assert self._process is not None
        self._process.signal_group(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on where freeze() stopped."""
        assert self._process is not None
        self._process.signal_group(signal.SIGCONT)

    def close(self) -> None:
        """End the server and remove its files."""
        self.stop()
        self.tokens.close()
        shutil.rmtree(self.base, ignore_errors=True)

    def new_user(self, kind: Kind = "usual") -> str:
        """Return the name of a user whose mailbox is empty.

        `small` has 64 KB of quota; `dotted` separates folders by "."; `courier` keeps them under "INBOX.".
        """
        return f"{kind}-{next(self._numbers[kind])}@helpdesk.test"

    def maildir(self, user: str) -> Maildir:
        """Return the user's mail as files."""
        home = self.base / "home" / user.lower()
        if not home.is_dir():
            home.mkdir()
            shutil.chown(home, self._uid, self._gid)
        return Maildir(home / "Maildir", self._uid, self._gid)

    def reset_uidvalidity(self, user: str, folder: str = "INBOX") -> None:
        """Number the folder's mails anew, under another UIDVALIDITY; every session ends."""
        self.stop()
        self.maildir(user).forget_uids(folder)
        self.start()

    def client(self, user: str) -> imaplib.IMAP4:
        """Return a second client, logged in with the inbox selected: somebody's phone, or a person."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(user, PASSWORD)
        client.select("INBOX")
        return client

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                return probe.recv(4) == b"* OK" and answers(self.tls_port)
        except OSError:
            return False

    def _write_files(self, authority: Authority) -> None:
        for name in ("home", "run", "state"):
            (self.base / name).mkdir()
        cert, key = authority.write_certificate(self.base)
        user, group, uid, gid = account()
        config = _CONFIG.format(
            base=self.base, user=user, group=group, uid=uid, gid=gid, cert=cert, key=key,
            imap=self.port, imaps=self.tls_port, password=PASSWORD,
        )  # fmt: skip
        (self.base / "conf").write_text(config)
        (self.base / "users").write_text(_special_users())
        (self.base / "oauth2.conf").write_text(_OAUTH.format(port=self.tokens.port))
        (self.base / "log").touch()
        for path in [self.base, *self.base.iterdir()]:
            shutil.chown(path, uid, gid)


def _special_users() -> str:
    lines = [
        f"{kind}-{number}@helpdesk.test:::::::{fields}"
        for kind, fields in _SPECIAL.items()
        for number in range(1, _SPECIAL_USERS)
    ]
    return "\n".join(lines) + "\n"


def _speaks_imap() -> bool:
    """Debian packs the IMAP server apart from Dovecot's core."""
    places = ("/usr/lib/dovecot/imap", "/usr/libexec/dovecot/imap", "/usr/local/libexec/dovecot/imap")
    return any(Path(place).exists() for place in places)


class _Introspection:
    """The endpoint that tells Dovecot whose access token it was given; `issue` makes a token valid."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                body = endpoint.answer(form.get("token", [""])[0]).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Say nothing: requests are no news to a test."""

        self._server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, name="introspection", daemon=True).start()

    def issue(self, user: str, token: str) -> None:
        """Let `token` open the mailbox of `user`."""
        self._users[token] = user

    def answer(self, token: str) -> str:
        user = self._users.get(token)
        return f'{{"active": true, "username": "{user}"}}' if user else '{"active": false}'

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
