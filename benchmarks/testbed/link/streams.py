"""What the programs that stand for a link share: precise timers, haste, resets."""

import asyncio
import contextlib
import selectors
import socket
import struct
from collections.abc import Iterable

_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection


def precise_event_loop() -> asyncio.AbstractEventLoop:
    """A loop with precise timers: asyncio's usual selector rounds them up to a millisecond."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def hurry(writers: Iterable[asyncio.StreamWriter]) -> None:
    """Send small segments at once."""
    for writer in writers:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def reset(writers: Iterable[asyncio.StreamWriter]) -> None:
    """Close connections with a reset instead of an orderly end."""
    for writer in writers:
        with contextlib.suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        writer.transport.abort()
