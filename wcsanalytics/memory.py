"""How a command takes memory: what it gives back it is going to need again, so the process keeps it."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # as malloc.h of the GNU C library numbers them
_LARGEST_BLOCK, _MOST_TO_SPARE = 8 << 20, 1 << 30
"""Blocks of up to so many bytes are taken from the heap, which does not shrink before it has so many to spare.

Larger ones are few, and would leave gaps of their size in a heap that goes on being used.
"""


def keep() -> None:
    """Let this process keep the memory that it has used; to be called before pyarrow is loaded.

    The kernel's zeroing of pages that come and go takes a tenth of the time of reading a log. Arrow shares the heap of
    the C library unless `ARROW_DEFAULT_MEMORY_POOL` says otherwise. Where that library is another one, nothing is done.
    """
    with suppress(AttributeError, OSError, TypeError):
        set_option = ctypes.CDLL(None).mallopt
        set_option(_MMAP_THRESHOLD, _LARGEST_BLOCK)
        set_option(_TRIM_THRESHOLD, _MOST_TO_SPARE)
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
