"""What a login needs of access tokens: the edge between the sessions and `oauth`, which makes them."""

from __future__ import annotations

from typing import Protocol


class Tokens(Protocol):
    """The access tokens of one account; may block, and raise LoginRefused or what says that nobody can be asked."""

    def __call__(self) -> str:
        """Return a token that is good by its own word."""

    @property
    def seconds_left(self) -> float | None:
        """How long the present token is good; None if there is none."""

    def forget(self) -> bool:
        """Let a token go that a server refused; return whether it was used before, so that a new one may do better."""
