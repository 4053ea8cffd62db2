"""The desk's health as one light with its reasons, for `helpdesk status` and whoever watches it.

Red is what a person must mend, yellow what may pass by itself or has some days. Pure; the faces gather the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from helpdesk.desk.plans import Light

WARN_DAYS, YELLOW_DAYS = 30, 7  # before a client's secret or certificate ends


@dataclass(frozen=True, slots=True)
class Health:
    """The worst light of all, and a sentence for each thing that is not green."""

    light: Light
    why: tuple[str, ...]


def judge(findings: Iterable[tuple[Light, str]]) -> Health:
    """Return the worst light, its reasons first."""
    order = (Light.RED, Light.YELLOW)
    found = [(light, sentence) for light, sentence in findings if light in order]
    found.sort(key=lambda one: order.index(one[0]))
    return Health(found[0][0] if found else Light.GREEN, tuple(sentence for _, sentence in found))


def of_logins(troubles: Mapping[str, tuple[str, bool]]) -> list[tuple[Light, str]]:
    """Return what the logins tell: (trouble, refused) by account."""
    return [
        (Light.RED if refused else Light.YELLOW, f"{account}: {trouble}")
        for account, (trouble, refused) in troubles.items()
        if trouble
    ]


def of_client(account: str, last_day: date, today: date) -> tuple[Light, str]:
    """Return what the end of an account's client secret or certificate means today."""
    left = (last_day - today).days
    light = Light.RED if left < 0 else Light.YELLOW if left <= YELLOW_DAYS else Light.GREEN
    ended = f"ended on {last_day}" if left < 0 else f"ends in {left} days, on {last_day}"
    return light, f"{account}: the client's secret or certificate {ended}"
