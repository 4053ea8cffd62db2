"""Memory of big mails goes back to the system as soon as they are let go.

Called by `helpdesk run` before anything else. glibc's allocator keeps freed blocks of up to 32 MB for later use once it
has seen some of that size, in one heap for each thread and with gaps between them: the mails of one busy minute would
weigh for as long as the daemon lives (mallopt(3), M_MMAP_THRESHOLD).
"""

from __future__ import annotations

import ctypes

_M_MMAP_THRESHOLD = -3  # malloc.h
BIG = 256 * 1024  # bytes, from which a block is mapped by itself; what ordinary mail needs is far smaller


def give_big_blocks_back() -> bool:
    """Return whether freed blocks above `BIG` go back to the system from now on; other C libraries have no such way."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(_M_MMAP_THRESHOLD, BIG) == 1
