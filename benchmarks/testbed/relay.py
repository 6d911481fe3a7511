"""A relay for TCP connections that shapes their rate and delays them, in user space.

`python -m benchmarks.testbed.relay HOST EDGE_HOST EDGE_PORT UP_BPS DOWN_BPS ROUND_TRIP_S` listens on a free
port of HOST, says which on standard output, and forwards to the edge. Each line `UP_BPS DOWN_BPS` on its
standard input changes the rates; it ends when its standard input does, so never outlives its owner.
"""

import asyncio
import contextlib
import os
import selectors
import socket
import struct
import sys
from collections.abc import Coroutine
from dataclasses import dataclass

from benchmarks.testbed.shaped_direction import SEGMENT_BYTES, ShapedDirection

_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection
_IN_FLIGHT = 1024
"""Segments that may be under way in the delay of one direction of one connection."""


@dataclass
class Relay:
    """Forwards connections to the edge over a shaped link that they share.

    Attributes:
        edge: Host and port of the server on the edge.
        up: Device to edge.
        down: Edge to device.
        round_trip_s: Delay added to both directions together, and to setting up a connection.
    """

    edge: tuple[str, int]
    up: ShapedDirection
    down: ShapedDirection
    round_trip_s: float

    async def serve(self, host: str) -> asyncio.Server:
        """Listen on a free port of `host`."""
        return await asyncio.start_server(self._accept, host, 0, limit=SEGMENT_BYTES)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection from the device until both directions are closed or one is reset."""
        writers = [writer]
        try:
            edge_reader, edge_writer = await asyncio.open_connection(*self.edge, limit=SEGMENT_BYTES)
            writers.append(edge_writer)
            for each in writers:
                each.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.sleep(self.round_trip_s)  # the handshake
            await _all(self._pump(reader, edge_writer, self.up), self._pump(edge_reader, writer, self.down))
        except OSError:  # refused by the edge, or reset by either side: the other side sees a reset
            for each in writers:
                with contextlib.suppress(OSError):
                    each.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
                each.transport.abort()
        finally:
            for each in writers:
                each.close()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, direction: ShapedDirection
    ) -> None:
        """Carry one direction of one connection."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_IN_FLIGHT)
        await _all(self._send(source, direction, under_way), self._deliver(under_way, sink))

    async def _send(
        self,
        source: asyncio.StreamReader,
        direction: ShapedDirection,
        under_way: "asyncio.Queue[tuple[float, bytes]]",
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            segment = await source.read(SEGMENT_BYTES)
            if segment:
                await direction.admit(len(segment))
            await under_way.put((loop.time() + self.round_trip_s / 2, segment))
            if not segment:
                return

    async def _deliver(
        self, under_way: "asyncio.Queue[tuple[float, bytes]]", sink: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due_s, segment = await under_way.get()
            await asyncio.sleep(max(0.0, due_s - loop.time()))
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


async def main(host: str, edge_host: str, edge_port: str, up: str, down: str, round_trip_s: str) -> None:
    """Relay until standard input ends."""
    relay = Relay(
        (edge_host, int(edge_port)),
        ShapedDirection(float(up)),
        ShapedDirection(float(down)),
        float(round_trip_s),
    )
    server = await relay.serve(host)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    rates = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(rates), sys.stdin)
    while line := await rates.readline():
        up_bps, down_bps = map(float, line.split())
        relay.up.set_rate(up_bps)
        relay.down.set_rate(down_bps)


def event_loop() -> asyncio.AbstractEventLoop:
    """A loop with precise timers: asyncio's usual selector rounds them up to a millisecond."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


if __name__ == "__main__":
    with contextlib.suppress(PermissionError):
        os.nice(-15)
    loop = event_loop()
    loop.run_until_complete(main(*sys.argv[1:]))
