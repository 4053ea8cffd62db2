"""The named points at which tests end the process (RELIABILITY 2.3); in production nothing happens there.

`hook` is None unless a test's own start script sets it: no setting and no variable of the environment does.
"""

from __future__ import annotations

from collections.abc import Callable

hook: Callable[[str], None] | None = None


def reached(point: str) -> None:
    """Tell the hook, if there is one, that the work has come to this point."""
    if hook is not None:
        hook(point)
