"""A serial line, on a clock that only the test moves."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.testbed.link.shaped_direction import HEADER_BYTES, SEGMENT_BYTES, ShapedDirection

FRAME_BYTES = SEGMENT_BYTES + HEADER_BYTES
FRAME_BITS = 8 * FRAME_BYTES


class VirtualSelector(selectors.SelectSelector):
    """Instead of waiting for a timeout, moves the clock by it."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Nothing ever happens but time."""
        self.now_s += max(timeout or 0.0, 1e-9)  # no clock stands still
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock is the selector's."""

    def __init__(self) -> None:
        self.virtual = VirtualSelector()
        super().__init__(self.virtual)

    def time(self) -> float:
        """Virtual seconds."""
        return self.virtual.now_s


def run(loop: VirtualLoop, coroutine: Coroutine[Any, Any, float]) -> float:
    """The coroutine's result, in no real time."""
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


@given(rate_bps=st.floats(8e3, 1e9), segments=st.integers(2, 40))
def test_a_busy_link_passes_its_rate(rate_bps: float, segments: int) -> None:
    """Frames take their bits over the rate."""
    loop = VirtualLoop()
    direction = ShapedDirection(rate_bps, loop.time)

    async def send() -> float:
        for _ in range(segments):
            await direction.passed(direction.reserve(FRAME_BYTES))
        return loop.time()

    assert run(loop, send()) == pytest.approx(segments * FRAME_BITS / rate_bps, rel=1e-3, abs=1e-6)


def test_an_idle_link_saves_nothing() -> None:
    """However long it idled, a frame takes its time."""
    loop = VirtualLoop()
    direction = ShapedDirection(1e6, loop.time)

    async def send() -> float:
        await asyncio.sleep(100)
        begun_s = loop.time()
        direction.reserve(FRAME_BYTES)
        await direction.passed(direction.reserve(FRAME_BYTES))
        return loop.time() - begun_s

    assert run(loop, send()) == pytest.approx(2 * FRAME_BITS / 1e6, rel=1e-3)


def test_segments_pass_in_the_order_of_their_arrival() -> None:
    """Two connections share the link first come, first served."""
    loop = VirtualLoop()
    direction = ShapedDirection(1e6, loop.time)
    passed = []

    async def send(name: str) -> None:
        await direction.passed(direction.reserve(FRAME_BYTES))
        passed.append((name, loop.time()))

    async def both() -> float:
        await asyncio.gather(send("first"), send("second"), send("third"))
        return loop.time()

    run(loop, both())
    assert [name for name, _ in passed] == ["first", "second", "third"]
    assert passed[2][1] - passed[1][1] == pytest.approx(FRAME_BITS / 1e6, rel=1e-3)


def test_a_new_rate_holds_for_what_already_waits() -> None:
    """Half of a frame at the old rate, the other half at the new one."""
    loop = VirtualLoop()
    direction = ShapedDirection(1e4, loop.time)

    async def send() -> float:
        begun_s = loop.time()
        waiting = asyncio.ensure_future(direction.passed(direction.reserve(FRAME_BYTES)))
        await asyncio.sleep(FRAME_BITS / 1e4 / 2)
        direction.set_rate(1e6)
        await waiting
        return loop.time() - begun_s

    assert run(loop, send()) == pytest.approx(FRAME_BITS / 2 / 1e4 + FRAME_BITS / 2 / 1e6, rel=1e-3)
