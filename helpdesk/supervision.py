"""What the service manager is told: ready, stopping, reloading, alive (sd_notify(3), without a library).

Called by the daemon. Where no manager listens (NOTIFY_SOCKET is not set), nothing happens.
"""

from __future__ import annotations

import os
import socket
import time


def ready(status: str = "") -> None:
    """The desk works; also ends a reload."""
    _notify("READY=1", f"STATUS={status}")


def stopping(status: str = "") -> None:
    """The end has begun; what is under way is being finished."""
    _notify("STOPPING=1", f"STATUS={status}")


def reloading() -> None:
    """A reload has begun; `ready()` must follow. The stamp is what Type=notify-reload wants."""
    _notify("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")


def tell(status: str) -> None:
    """One line for `systemctl status`."""
    _notify(f"STATUS={status}")


def alive() -> None:
    """The watchdog's food: to be called every `watchdog_interval()` seconds."""
    _notify("WATCHDOG=1")


def watchdog_interval() -> float | None:
    """Return the seconds between two signs of life, half of what the manager allows; None if it asks for none."""
    allowed, process = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not allowed.isdigit() or process not in ("", str(os.getpid())):
        return None
    return int(allowed) / 1_000_000 / 2 or None


def _notify(*assignments: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    message = "\n".join(line.replace("\n", " ") for line in assignments if not line.endswith("="))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        manager.settimeout(1)  # a manager that hangs must not hang the desk
        try:
            manager.sendto(message.encode(), "\0" + address[1:] if address[0] == "@" else address)
        except OSError:
            return  # the manager is gone: nobody is left to tell, and the desk works on without
