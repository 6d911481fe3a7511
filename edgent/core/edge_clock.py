"""The edge's clock: monotonic microseconds, and which clock that is.

Processes read the same CLOCK_MONOTONIC if they run on one kernel since one boot, and at one offset of a Linux
time namespace: so the boot's id and that offset name the clock, and not the process. Workers of one host, in
one container or in several, are one clock to a device, and a worker that starts again changes nothing;
another host, or the same one after a reboot, is another. Where the system does not tell these, each process
has a clock of its own.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

CLOCK_BYTES = 4
NO_CLOCK = bytes(CLOCK_BYTES)
"""Stands for a clock that nobody knows yet."""

_PROC = Path("/proc")


def clock_id(proc: Path = _PROC) -> bytes:
    """The 4 bytes that name this process's monotonic clock, never those of `NO_CLOCK`.

    Args:
        proc: where the kernel tells of itself.
    """
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return os.urandom(CLOCK_BYTES - 1) + b"\x01"
    try:
        offsets = (proc / "self/timens_offsets").read_text(encoding="ascii").split()
    except (OSError, ValueError):  # a kernel without time namespaces
        offsets = []
    named = f"{boot}\0{' '.join(offsets)}".encode()
    return hashlib.sha256(named).digest()[: CLOCK_BYTES - 1] + b"\x01"


def monotonic_us() -> int:
    """Microseconds on this clock."""
    return time.monotonic_ns() // 1000


CLOCK = clock_id()
"""This process's."""
