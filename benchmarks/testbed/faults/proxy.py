"""A TCP proxy that does faults to what passes; a process of its own, so that it disturbs no timing.

`python -m benchmarks.testbed.faults.proxy EDGE_HOST EDGE_PORT` listens on a free port of loopback and says
which on standard output. Each line of JSON on standard input, `{"fault": {...} or null}` or
`{"edge": [host, port]}`, is obeyed and answered with a line; the proxy ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from dataclasses import dataclass, field
from typing import Any

from benchmarks.testbed.conversation import say
from benchmarks.testbed.faults.fault import CONNECTING, Direction, Fault
from benchmarks.testbed.link.shaped_link import orders
from benchmarks.testbed.link.streams import hurry, reset

_HOST = "127.0.0.1"
_CHUNK_BYTES = 65536
_PIECE_S = 0.02
_MOST_FILLERS = 16


@dataclass(eq=False)
class _Connection:
    """A connection of the device and its continuation to the edge."""

    proxy: Proxy
    writers: dict[Direction, asyncio.StreamWriter]
    offset: dict[Direction, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    last: Direction = "down"
    is_swallowing: set[Direction] = field(default_factory=set)
    message: bytes = b""

    async def carry(self, reader: asyncio.StreamReader, direction: Direction) -> None:
        """Forward one direction until it ends or a fault ends it."""
        while chunk := await reader.read(_CHUNK_BYTES):
            if direction != self.last:  # the other side's turn was over: a new message
                self.offset[direction], self.last, self.message = 0, direction, b""
            begin = self.offset[direction]
            self.offset[direction] += len(chunk)
            self.message += chunk
            fault = self.proxy.fault
            if fault is not None and fault.kind == "black hole":
                self.is_swallowing |= {"up", "down"}
            if direction in self.is_swallowing:
                continue
            if fault is None or fault.direction != direction or begin + len(chunk) <= fault.at_byte:
                await self._forward(chunk, direction)
                continue
            here = max(fault.at_byte - begin, 0)
            if here:
                await self._forward(chunk[:here], direction)
            if not await self._strike(fault, chunk[here:], direction, first=begin <= fault.at_byte):
                return
        if direction not in self.is_swallowing:
            self.writers[direction].write_eof()

    async def _forward(self, data: bytes, direction: Direction) -> None:
        self.writers[direction].write(data)
        await self.writers[direction].drain()

    async def _strike(self, fault: Fault, rest: bytes, direction: Direction, *, first: bool) -> bool:
        """Do a fault to the rest of a chunk, ``first`` if it begins at the fault's byte; whether to go on."""
        if fault.kind == "reset":
            self.abort()
        elif fault.kind == "truncate":
            for writer in self.writers.values():
                writer.close()
        elif fault.kind == "stop":
            self.is_swallowing.add(direction)
        else:
            await self._harm(fault, rest, direction, first=first)
        return fault.kind not in ("reset", "truncate")

    async def _harm(self, fault: Fault, rest: bytes, direction: Direction, *, first: bool) -> None:
        """Forward the rest of a chunk, changed, late, slowly or more than once."""
        if fault.kind == "corrupt" and first:
            rest = bytes([rest[0] ^ 0xFF]) + rest[1:]
        elif fault.kind == "garbage":
            rest = os.urandom(len(rest))
        elif fault.kind == "delay" and first:
            await asyncio.sleep(fault.seconds)
        piece = max(int(fault.rate_bytes_per_s * _PIECE_S), 1) if fault.kind == "trickle" else len(rest)
        for place in range(0, len(rest), piece):
            if fault.kind == "trickle":
                await asyncio.sleep(piece / fault.rate_bytes_per_s)
            await self._forward(rest[place : place + piece], direction)
        if fault.kind == "twice":
            await self._forward(self.message, direction)
        elif fault.kind == "slow close":
            self.writers[direction].write_eof()
            self.is_swallowing.add(direction)

    def abort(self) -> None:
        """Reset both sides."""
        reset(self.writers.values())


@dataclass
class Proxy:
    """Forwards connections to the edge, and does the fault of the moment to them."""

    edge: tuple[str, int]
    fault: Fault | None = None
    port: int = 0
    _server: asyncio.Server | None = None
    _connections: set[_Connection] = field(default_factory=set)
    _hole: list[socket.socket] = field(default_factory=list)

    async def listen(self) -> None:
        """Accept connections on the port that was chosen when this was called first."""
        self._server = await asyncio.start_server(self._accept, _HOST, self.port, limit=_CHUNK_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def obey(self, order: dict[str, Any]) -> None:
        """Change the fault or the edge."""
        if "edge" in order:
            self.edge = (order["edge"][0], order["edge"][1])
            self._abort_all()
            return
        before = self.fault
        self.fault = Fault(**order["fault"]) if order["fault"] else None
        if before is not None and before.kind in ("refuse", "connect black hole"):
            for waiting in self._hole:
                waiting.close()
            self._hole.clear()
            await self.listen()
        if self.fault is not None and self.fault.kind in CONNECTING:
            if self.fault.kind != "reset accepted":
                self._stop_listening()
            self._abort_all()
            if self.fault.kind == "connect black hole":
                self._open_hole()

    def _stop_listening(self) -> None:
        assert self._server is not None, "it listens"
        self._server.close()

    def _open_hole(self) -> None:
        """A listener whose queue is full: the system drops further SYNs, as a link without an end does."""
        hole = socket.socket()
        hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        hole.bind((_HOST, self.port))
        hole.listen(0)
        self._hole = [hole]
        for _ in range(_MOST_FILLERS):
            filler = socket.socket()
            filler.settimeout(0.05)
            self._hole.append(filler)
            try:
                filler.connect((_HOST, self.port))
            except TimeoutError:
                return
        raise RuntimeError("the queue of a listener does not fill on this system")

    def _abort_all(self) -> None:
        for connection in list(self._connections):
            connection.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, {"down": writer})
        self._connections.add(connection)
        try:
            if self.fault is not None and self.fault.kind == "reset accepted":
                connection.abort()
                return
            edge_reader, edge_writer = await asyncio.open_connection(*self.edge, limit=_CHUNK_BYTES)
            connection.writers["up"] = edge_writer
            hurry(connection.writers.values())
            await asyncio.gather(connection.carry(reader, "up"), connection.carry(edge_reader, "down"))
        except (OSError, asyncio.CancelledError):  # refused, reset by one side, or the proxy ends
            connection.abort()
        finally:
            self._connections.discard(connection)
            for each in connection.writers.values():
                each.close()


async def main(edge_host: str, edge_port: str) -> None:
    """Obey until standard input ends."""
    proxy = Proxy((edge_host, int(edge_port)))
    await proxy.listen()
    say(port=proxy.port)
    async for order in orders():
        await proxy.obey(order)
        say(done=True)
    proxy._abort_all()  # noqa: SLF001  our own


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
