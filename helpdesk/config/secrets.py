"""Secrets by reference: the settings know where a password lies, never what it is.

Used by `accounts` and `settings`; whoever needs the value calls `reveal()` at that moment. As the object holds
no value, no log, traceback or dump of the settings can show one (RELIABILITY O-04).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from helpdesk.errors import ConfigurationError, Problem

KINDS = ("env", "file", "credential")
_FORM = '{ env = "…" }, { file = "…" } or { credential = "…" }'


class Section(BaseModel):
    """A table of the settings: frozen, refuses unknown keys, and no error repeats what was written."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)


class Secret(Section):
    """A reference to a secret: exactly one of an environment variable, a file, a systemd credential."""

    env: str | None = Field(default=None, min_length=1)
    file: Path | None = None
    credential: str | None = Field(default=None, pattern=r"^[^/\x00]+$")
    _say: Callable[[str], Problem] | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _no_literal(cls, data: object) -> object:
        if isinstance(data, dict):
            return data
        raise ValueError(f"a secret must not stand in the settings, which get copied and shown around: write {_FORM}")

    @model_validator(mode="after")
    def _exactly_one(self) -> Secret:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"name one place for the secret: {_FORM}")
        return self

    @property
    def path(self) -> Path | None:
        """The file that holds the secret; None if an environment variable does, or systemd gave no credentials."""
        directory = os.environ.get("CREDENTIALS_DIRECTORY")
        if self.credential and directory:
            return Path(directory, self.credential)
        return self.file

    def written_at(self, say: Callable[[str], Problem]) -> None:
        """Learn the key that names it: `say` turns a sentence into a problem there."""
        self._say = say

    def reveal(self) -> str:
        """Return the secret, without one line break at its end.

        Read anew at every call, so that a changed password needs no restart.
        Raises ConfigurationError, which says where the secret was looked for and what to do.
        """
        value = self._read()
        value = value.removesuffix("\n").removesuffix("\r") if value.endswith("\n") else value
        if not value:
            raise self._trouble("holds nothing: write the secret into it")
        return value

    def _read(self) -> str:
        if self.env is not None:
            return os.environ.get(self.env, "")
        if self.path is None:
            raise self._trouble("systemd gave this process no credentials: add LoadCredential= to the unit")
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise self._trouble("does not exist: write the secret into it, readable by this user only") from None
        except (OSError, UnicodeDecodeError) as error:
            # the cause is cut off: a UnicodeDecodeError carries the bytes it failed on
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise self._trouble(f"can't be read: {reason}") from None

    def _trouble(self, message: str) -> ConfigurationError:
        if self.env is not None:
            place, message = f"variable {self.env}", "is not set, and a secret is read from it: export it"
        else:
            place = str(self.path) if self.path else f"credential {self.credential}"
        return ConfigurationError([self._say(f"{place} {message}") if self._say else Problem(place, 0, 0, "", message)])


class SigningKey(Secret):
    """A key that signs reply addresses. `kid` stands in every token; a distrusted key proves nothing any more."""

    kid: str = "1"
    distrusted: bool = False

    @field_validator("kid")
    @classmethod
    def _one_character(cls, kid: str) -> str:
        if len(kid) == 1 and kid in "0123456789abcdefghjkmnpqrstvwxyz":  # Crockford's base32: it stands in addresses
            return kid
        raise ValueError("must be one digit or small letter other than i, l, o, u")
