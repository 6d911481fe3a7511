"""The line between the namespaces: every packet takes its bits over the rate, however long the line idled.

A modem's line works so, and no shaper of the kernel does: each lets a frame pass an idle link at once,
which at 50 kbps is a quarter of a second for nothing. Packets go through two TUN interfaces, so TCP itself
runs from end to end: its handshake, its acknowledgements and its headers take their time like all the rest.

`python -m benchmarks.testbed.link.serial_line RUN UP_BPS DOWN_BPS ROUND_TRIP_S` makes an interface in both
namespaces of a run, says so on standard output and carries packets. Lines of JSON on its standard input
change the line (`ShapedLink.follow_orders`); it ends when its standard input does, so it never outlives its
owner.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import os
import struct
import sys
from collections import deque
from pathlib import Path

from benchmarks.testbed.conversation import say
from benchmarks.testbed.link.shaped_direction import ShapedDirection
from benchmarks.testbed.link.shaped_link import ShapedLink
from benchmarks.testbed.link.streams import precise_event_loop
from benchmarks.testbed.namespaces import INTERFACE, Side, path_of
from benchmarks.testbed.quota.quota import DEVICE_PRIORITY
from benchmarks.testbed.run_name import RunName

TUN_DEVICE = Path("/dev/net/tun")
ETHERNET_BYTES = 14
"""A TUN interface has no Ethernet header; the line counts one, as `tc` does on a veth pair."""

_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x1001
_CLONE_NEWNET = 0x40000000
_LARGEST_PACKET_BYTES = 65536


class Direction:
    """Carries packets from one interface to the other."""

    def __init__(self, source: int, sink: int, line: ShapedDirection, link: ShapedLink) -> None:
        self._source, self._sink = source, sink
        self._line, self._link = line, link
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._under_way: deque[bytes] = deque()

    def take_in(self) -> None:
        """Queue the packets that have arrived; nothing is ever dropped."""
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = os.read(self._source, _LARGEST_PACKET_BYTES)
                self._queue.put_nowait((self._line.reserve(len(packet) + ETHERNET_BYTES), packet))

    async def carry(self) -> None:
        """Hand over each packet when its last bit has passed, and the delay."""
        loop = asyncio.get_running_loop()
        while True:
            position_bits, packet = await self._queue.get()
            await self._line.passed(position_bits)
            self._under_way.append(packet)
            if self._link.round_trip_s:
                loop.call_later(self._link.one_way_s, self._hand_over)
            else:
                self._hand_over()

    def _hand_over(self) -> None:
        """The oldest one: a delay that becomes shorter puts no packet before another."""
        with contextlib.suppress(OSError):  # an interface that is not up takes nothing
            os.write(self._sink, self._under_way.popleft())


def open_interface(run: RunName, side: Side) -> int:
    """Make a TUN interface in one namespace of a run; it is gone when the file is closed."""
    libc = ctypes.CDLL(None, use_errno=True)
    with path_of(run, side).open() as namespace:
        if libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace.name}")
    interface = os.open(TUN_DEVICE, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(interface, _TUNSETIFF, struct.pack("16sH22x", INTERFACE.encode(), _IFF_TUN_NO_PI))
    return interface


async def main(run_name: str, *arguments: str) -> None:
    """Carry packets until standard input ends."""
    run = RunName.parse(run_name)
    if run is None:
        sys.exit(f"{run_name!r} is no run of the testbed")
    device, edge = open_interface(run, "device"), open_interface(run, "edge")
    link = ShapedLink.of(*arguments)
    up, down = Direction(device, edge, link.up, link), Direction(edge, device, link.down, link)
    loop = asyncio.get_running_loop()
    loop.add_reader(device, up.take_in)
    loop.add_reader(edge, down.take_in)
    carrying = [asyncio.ensure_future(direction.carry()) for direction in (up, down)]
    say(ready=True)
    await link.follow_orders()
    for each in carrying:
        each.cancel()


if __name__ == "__main__":
    # Above the device and its quota: a line does not wait for a processor.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(DEVICE_PRIORITY + 2))
    precise_event_loop().run_until_complete(main(*sys.argv[1:]))
