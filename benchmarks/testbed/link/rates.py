"""How the programs that stand for a link learn of new rates."""

import asyncio
import json
import sys

from benchmarks.testbed.link.shaped_direction import ShapedDirection


async def follow_rates(up: ShapedDirection, down: ShapedDirection) -> None:
    """Set the rates that each line of JSON on standard input names, until it ends."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        rates = json.loads(line)
        up.set_rate(rates["up_bps"])
        down.set_rate(rates["down_bps"])
