"""What the programs that stand for a link share: precise timers, orders on standard input, resets."""

import asyncio
import contextlib
import json
import selectors
import socket
import struct
import sys
from collections.abc import AsyncIterator, Iterable
from typing import Any

from benchmarks.testbed.link.shaped_direction import ShapedDirection

_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection


def precise_event_loop() -> asyncio.AbstractEventLoop:
    """A loop with precise timers: asyncio's usual selector rounds them up to a millisecond."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


async def orders() -> AsyncIterator[dict[str, Any]]:
    """The lines of JSON on standard input, until it ends."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        yield json.loads(line)


async def follow_rates(up: ShapedDirection, down: ShapedDirection) -> None:
    """Set the rates that orders name, until standard input ends."""
    async for rates in orders():
        up.set_rate(rates["up_bps"])
        down.set_rate(rates["down_bps"])


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
