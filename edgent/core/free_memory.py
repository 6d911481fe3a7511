"""Memory that was let go of, back to the system: the C library keeps it, scattered between what is in use."""

import ctypes
from functools import cache
from typing import Any


def return_free_memory() -> None:
    """Give back what is free, where the C library can (glibc); nothing happens elsewhere."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
