"""Both directions of a link in user space and its delay, as orders change them while it carries."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from benchmarks.testbed.link.shaped_direction import ShapedDirection


@dataclass
class ShapedLink:
    """What the programs that stand for a link carry by.

    Attributes:
        up, down: From the device to the edge, and back.
        round_trip_s: Delay added to both directions together.
    """

    up: ShapedDirection
    down: ShapedDirection
    round_trip_s: float

    @classmethod
    def of(cls, up_bps: str, down_bps: str, round_trip_s: str) -> "ShapedLink":
        """The link that a program's arguments ask for."""
        return cls(ShapedDirection(float(up_bps)), ShapedDirection(float(down_bps)), float(round_trip_s))

    @property
    def one_way_s(self) -> float:
        """Delay of one direction."""
        return self.round_trip_s / 2

    async def follow_orders(self) -> None:
        """Take the rates and round trips that come on standard input, until it ends.

        An order is a line of JSON, `{"up_bps": ..., "down_bps": ...}` or `{"round_trip_s": ...}`.
        """
        async for order in orders():
            self.obey(**order)

    def obey(
        self, up_bps: float | None = None, down_bps: float | None = None, round_trip_s: float | None = None
    ) -> None:
        """Change what an order names, also for what is being carried."""
        if up_bps is not None:
            self.up.set_rate(up_bps)
        if down_bps is not None:
            self.down.set_rate(down_bps)
        if round_trip_s is not None:
            self.round_trip_s = round_trip_s


async def orders() -> AsyncIterator[dict[str, Any]]:
    """The lines of JSON on standard input, until it ends."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        yield json.loads(line)
