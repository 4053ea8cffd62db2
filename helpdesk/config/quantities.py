"""Lengths of time and sizes as people write them in settings: "60s", "3d", "1h30m"; "50MB", "64KiB"."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_DURATION = re.compile(r"(?:\d+\s*[smhdw]\s*)+", re.IGNORECASE)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?i?b)", re.IGNORECASE)


def read_duration(value: object) -> timedelta:
    """Return the length of time; raises ValueError with the form that is wanted.

    A bare number is refused: nobody can know whether seconds or minutes were meant.
    """
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    if isinstance(value, bool) or not _DURATION.fullmatch(text):
        raise ValueError(f'{text!r} is not a length of time: write a number and s, m, h, d or w, such as "60s"')
    amounts = re.findall(r"(\d+)\s*([smhdw])", text.lower())
    try:
        length = timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in amounts))
    except OverflowError:
        length = timedelta(0)
    if not timedelta(0) < length <= timedelta(days=3660):
        raise ValueError(f"{text!r} must be longer than nothing and shorter than ten years")
    return length


def read_size(value: object) -> int:
    """Return the size in bytes; raises ValueError with the form that is wanted. 1 MB is 1,000,000 bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(str(value).strip())
    size = int(float(match[1]) * _BYTES[match[2].lower()]) if match else 0
    if size <= 0:
        raise ValueError(f'{value!r} is not a size: write a number and KB, MB or GB (or KiB, MiB, GiB), such as "50MB"')
    return size


Duration = Annotated[timedelta, BeforeValidator(read_duration)]
Size = Annotated[int, BeforeValidator(read_size)]
