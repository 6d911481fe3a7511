"""The relay over real sockets: whole streams, ends and resets. Times are bounded from below only."""

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from benchmarks.testbed.link.relay import Relay
from benchmarks.testbed.link.shaped_direction import ShapedDirection
from benchmarks.testbed.link.shaped_link import ShapedLink
from benchmarks.testbed.link.streams import precise_event_loop

T = TypeVar("T")
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Scenario = Callable[[int, Relay], Awaitable[T]]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer everything received, once the device has closed its direction."""
    writer.write(await reader.read())
    writer.write_eof()
    await writer.drain()
    writer.close()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection after the first byte."""
    await reader.readexactly(1)
    abort(writer)


def abort(writer: asyncio.StreamWriter) -> None:
    """Close with a reset instead of an orderly end."""
    endpoint = writer.get_extra_info("socket")
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def through_relay(
    edge: Handler, scenario: Scenario[T], rate_bps: float = 1e9, round_trip_s: float = 0.0
) -> T:
    """Run a scenario with the port of a relay to this edge."""

    async def setting() -> T:
        server = await asyncio.start_server(edge, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        link = ShapedLink(ShapedDirection(rate_bps), ShapedDirection(rate_bps), round_trip_s)
        relay = Relay(("127.0.0.1", port), link)
        listener = await relay.serve("127.0.0.1")
        async with server, listener:
            return await scenario(listener.sockets[0].getsockname()[1], relay)

    loop = precise_event_loop()
    try:
        return loop.run_until_complete(asyncio.wait_for(setting(), 30))
    finally:
        loop.close()


async def exchange(port: int, request: bytes) -> bytes:
    """Send a request, close that direction, and read the answer to its end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize("size_bytes", [0, 1, 1448, 1449, 300_000])
def test_streams_arrive_whole_after_a_half_close(size_bytes: int) -> None:
    """The edge answers only after it saw the end of the request, and everything comes back in order."""
    request = bytes(index % 251 for index in range(size_bytes))
    answer = through_relay(echo, lambda port, _: exchange(port, request))
    assert answer == request


def test_many_connections_do_not_mix() -> None:
    """Thirty at once share the link; each gets its own bytes."""
    requests = [bytes([number]) * (500 * number) for number in range(30)]

    async def all_at_once(port: int, _: Relay) -> list[bytes]:
        return await asyncio.gather(*(exchange(port, request) for request in requests))

    assert through_relay(echo, all_at_once, rate_bps=20e6) == requests


@pytest.mark.parametrize("hot", ["up", "down"])
def test_no_direction_is_faster_than_its_rate(hot: str) -> None:
    """Sending one way while the other is almost free still takes the rate's time."""
    rate_bps, size_bytes = 2e6, 60_000

    async def one_way(port: int, relay: Relay) -> float:
        (relay.link.up if hot == "up" else relay.link.down).set_rate(rate_bps)
        begun_s = time.monotonic()
        await exchange(port, bytes(size_bytes))
        return time.monotonic() - begun_s

    assert through_relay(echo, one_way) >= (size_bytes - 1600) * 8 / rate_bps


def test_a_faster_rate_speeds_up_what_is_being_sent() -> None:
    """At the first rate the request would take minutes, longer than the test may."""

    async def change(port: int, relay: Relay) -> bytes:
        exchanging = asyncio.ensure_future(exchange(port, bytes(50_000)))
        await asyncio.sleep(0.05)
        assert not exchanging.done()
        relay.link.obey(up_bps=1e9, down_bps=1e9)
        return await exchanging

    assert through_relay(echo, change, rate_bps=8e3) == bytes(50_000)


def test_the_round_trip_is_added_to_both_ways_and_to_connecting() -> None:
    """An exchange on a new connection takes two round trips: handshake, then request and answer."""

    async def once(port: int, _: Relay) -> float:
        begun_s = time.monotonic()
        await exchange(port, b"x")
        return time.monotonic() - begun_s

    assert through_relay(echo, once, round_trip_s=0.1) >= 0.2


@pytest.mark.parametrize("then_s", [0.0, 0.4])
def test_a_round_trip_that_changes_keeps_bytes_in_order(then_s: float) -> None:
    """What is under way arrives before what begins later, also where the later delay is the shorter one."""
    request = bytes(index % 251 for index in range(100_000))

    async def change(port: int, relay: Relay) -> bytes:
        exchanging = asyncio.ensure_future(exchange(port, request))
        await asyncio.sleep(0.25)  # connected, and half of it under way
        assert not exchanging.done()
        relay.link.obey(round_trip_s=then_s)
        return await exchanging

    assert through_relay(echo, change, rate_bps=4e6, round_trip_s=0.2) == request


def test_the_delay_holds_back_no_segment_after_the_first() -> None:
    """A delay is no rate: two hundred segments under a delay of 0.2 s take nowhere near 40 s."""
    answer = through_relay(echo, lambda port, _: exchange(port, bytes(300_000)), round_trip_s=0.4)
    assert len(answer) == 300_000


def test_a_reset_by_the_edge_reaches_the_device() -> None:
    """Not as an orderly end, which would read like a whole answer."""

    async def provoke(port: int, _: Relay) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()

    through_relay(reset, provoke)


def test_what_was_sent_before_a_reset_arrives() -> None:
    """Servers that refuse a request may end so: on a wire the refusal is ahead of the reset."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.write(b"refused")
        await writer.drain()
        abort(writer)

    async def read(port: int, _: Relay) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        refusal = await reader.readexactly(7)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        return refusal

    assert through_relay(refuse, read, rate_bps=5e3) == b"refused"


def test_a_reset_by_the_device_reaches_the_edge() -> None:
    """The edge's read fails."""
    seen: asyncio.Queue[str] = asyncio.Queue()

    async def wait_for_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(1)
            writer.write(b"y")
            await reader.read()
            seen.put_nowait("end")
        except ConnectionResetError:
            seen.put_nowait("reset")
        writer.close()

    async def provoke(port: int, _: Relay) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        await reader.readexactly(1)
        abort(writer)
        return await seen.get()

    assert through_relay(wait_for_reset, provoke) == "reset"


def test_an_edge_that_refuses_resets_the_device() -> None:
    """A dead server is seen at once."""

    async def connect(port: int, relay: Relay) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            relay.edge = free.getsockname()
        with pytest.raises(ConnectionResetError):
            await exchange(port, b"x")

    through_relay(echo, connect)
