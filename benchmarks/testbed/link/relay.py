"""A relay for TCP connections that shapes their rate and delays them, in user space.

`python -m benchmarks.testbed.link.relay HOST EDGE_HOST EDGE_PORT UP_BPS DOWN_BPS ROUND_TRIP_S` listens on a
free port of HOST, says which on standard output, and forwards to the edge. Lines of JSON on its standard
input change the link (`ShapedLink.follow_orders`); it ends when its standard input does, so it never outlives
its owner.
"""

import asyncio
import contextlib
import math
import os
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.testbed.conversation import say
from benchmarks.testbed.link.shaped_direction import HEADER_BYTES, SEGMENT_BYTES, ShapedDirection
from benchmarks.testbed.link.shaped_link import ShapedLink
from benchmarks.testbed.link.streams import hurry, precise_event_loop, reset

_QUEUE_BITS = 8 * 8 * (SEGMENT_BYTES + HEADER_BYTES)
"""How far one connection may be ahead of the link: eight segments, 2 s at 50 kbps as between namespaces."""
_MOST_UNDER_WAY = 4096
"""Segments in the delay of one direction of one connection."""

_Segments: TypeAlias = "asyncio.Queue[tuple[float, bytes | None]]"
"""Payloads with their positions; an empty one is the end, and None a reset."""


@dataclass
class Relay:
    """Forwards connections to the edge over a shaped link that they share.

    Attributes:
        link: Its round trip is added to setting up a connection, too.
    """

    edge: tuple[str, int]
    link: ShapedLink

    async def serve(self, host: str) -> asyncio.Server:
        """Listen on a free port of `host`."""
        return await asyncio.start_server(self._accept, host, 0, limit=SEGMENT_BYTES)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection from the device until both directions are closed or one is reset."""
        writers = [writer]
        try:
            edge_reader, edge_writer = await asyncio.open_connection(*self.edge, limit=SEGMENT_BYTES)
            writers.append(edge_writer)
            hurry(writers)
            await asyncio.sleep(self.link.round_trip_s)  # the handshake
            up, down = self.link.up, self.link.down
            await _all(self._pump(reader, edge_writer, up), self._pump(edge_reader, writer, down))
        except OSError:  # refused by the edge, or reset by either side: the other side sees a reset
            reset(writers)
        finally:
            for each in writers:
                each.close()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, direction: ShapedDirection
    ) -> None:
        """Carry one direction of one connection: over the link, then through the delay."""
        queued: _Segments = asyncio.Queue()
        under_way: _Segments = asyncio.Queue(_MOST_UNDER_WAY)
        await _all(
            self._queue(source, direction, queued),
            self._pass(queued, direction, under_way),
            self._deliver(under_way, sink),
        )

    async def _queue(
        self, source: asyncio.StreamReader, direction: ShapedDirection, queued: _Segments
    ) -> None:
        """Read segments as they come, a few ahead of the link, as a router's queue does.

        A reset travels behind what was sent before it, as it does on a wire.
        """
        segment: bytes | None = b"begin"
        while segment:
            try:
                segment = await source.read(SEGMENT_BYTES)
            except ConnectionResetError:
                segment = None
            position_bits = direction.reserve(len(segment) + HEADER_BYTES) if segment else -math.inf
            queued.put_nowait((position_bits, segment))
            await direction.passed(position_bits - _QUEUE_BITS)

    async def _pass(self, queued: _Segments, direction: ShapedDirection, under_way: _Segments) -> None:
        """Wait until each segment has passed the link."""
        segment: bytes | None = b"begin"
        while segment:
            position_bits, segment = await queued.get()
            await direction.passed(position_bits)
            await under_way.put((time.monotonic() + self.link.one_way_s, segment))

    async def _deliver(self, under_way: _Segments, sink: asyncio.StreamWriter) -> None:
        """Hand each segment over when its delay is over.

        Raises:
            ConnectionResetError: the source reset the connection.
        """
        while True:
            due_s, segment = await under_way.get()
            if (remaining_s := due_s - time.monotonic()) > 0:
                await asyncio.sleep(remaining_s)
            if segment is None:
                raise ConnectionResetError("reset by the other side")
            if not segment:
                sink.write_eof()
                return
            sink.write(segment)
            await sink.drain()


async def _all(*coroutines: Coroutine[None, None, None]) -> None:
    """Run until all are done; where one fails, end the others and raise its error."""
    tasks = [asyncio.ensure_future(each) for each in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def main(host: str, edge_host: str, edge_port: str, *link: str) -> None:
    """Relay until standard input ends."""
    relay = Relay((edge_host, int(edge_port)), ShapedLink.of(*link))
    server = await relay.serve(host)
    say(port=server.sockets[0].getsockname()[1])
    await relay.link.follow_orders()


if __name__ == "__main__":
    with contextlib.suppress(PermissionError):
        os.nice(-15)
    precise_event_loop().run_until_complete(main(*sys.argv[1:]))
