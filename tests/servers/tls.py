"""A certificate authority of our own: the test servers are trusted by name, as in life."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Authority:
    """Signs for `localhost` only: who connects to 127.0.0.1 by number meets a certificate for another name."""

    ca: trustme.CA
    ca_file: Path

    @classmethod
    def create(cls, directory: Path) -> Authority:
        """Return a new authority whose certificate lies in `directory`."""
        ca, ca_file = trustme.CA(), directory / "ca.pem"
        ca.cert_pem.write_to_path(ca_file)
        return cls(ca, ca_file)

    def write_certificate(self, directory: Path) -> tuple[Path, Path]:
        """Return the paths of a certificate for localhost and its key, both written to `directory`."""
        leaf, cert, key = self.ca.issue_cert("localhost"), directory / "cert.pem", directory / "key.pem"
        leaf.private_key_pem.write_to_path(key)
        leaf.cert_chain_pems[0].write_to_path(cert)
        return cert, key

    def server_context(self, name: str = "localhost", not_after: datetime | None = None) -> ssl.SSLContext:
        """Return a server's side of TLS with a certificate for `name`, expired if `not_after` has passed."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(name, not_after=not_after).configure_cert(context)
        return context
