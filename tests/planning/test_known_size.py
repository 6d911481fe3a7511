"""A second decision where an input comes out large in its codec."""

import numpy as np
import pytest

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray, CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.known_size import second_decision, with_size_factor
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table

OVERHEAD_BYTES = 200.0
LINK = Link(0.01, 400e3, 400e3)  # 50 bytes a millisecond
LARGE, SMALL = Plan("exit1", 1, "jpeg"), Plan("exit1", 1, "avif20")


@pytest.fixture(scope="module")
def table() -> CostTable:
    """One exit of one layer: large and accurate, small and less so, raw, or slow on the device."""
    pairs = {("raw", "float32"): 0.9, ("jpeg", "float32"): 0.89, ("avif20", "float32"): 0.8}
    exit_ = ExitCosts(
        "exit1",
        pairs,
        np.array([0.0, 0.001]),
        np.array([1.0, 0.0]),
        {"float32": CodecCosts(np.full(2, 50.0))},
    )
    inputs = {
        "raw": CodecCosts(50_000.0),
        "jpeg": CodecCosts(3_000.0, 0.002, 0.001, lossless=False),
        "avif20": CodecCosts(1_000.0, 0.004, 0.001, lossless=False),
    }
    return build_cost_table(NetworkCosts((exit_,), inputs), OVERHEAD_BYTES, 0.0)


def test_only_what_is_compressed_grows(table: CostTable) -> None:
    """Not the bytes around the frame, not raw pixels, not what the device does alone."""
    sized = with_size_factor(table, 2.0, OVERHEAD_BYTES)
    for plan, size_bytes in (
        (LARGE, 6_200.0),
        (SMALL, 2_200.0),
        (Plan("exit1", 1), 50_200.0),
        (Plan("exit1", 0), 0.0),
    ):
        assert sized.upload_bytes[sized.index_of(plan)] == size_bytes
    np.testing.assert_array_equal(sized.download_bytes, table.download_bytes)


def _second(table: CostTable, frame_bytes: int, left_s: float, ready: BoolArray | None = None) -> Plan | None:
    k = table.index_of(LARGE)
    decision = second_decision(
        table, LINK, k, frame_bytes, left_s, overhead_bytes=OVERHEAD_BYTES, ready=ready
    )
    return None if decision is None else decision.plan


def test_a_large_picture_goes_in_a_smaller_codec(table: CostTable) -> None:
    """At twice the bytes jpeg takes 140 ms and avif20 66: of 100 ms only the latter is in time."""
    assert _second(table, 6_000, 0.1) == SMALL
    decision = second_decision(table, LINK, table.index_of(LARGE), 6_000, 0.1, overhead_bytes=OVERHEAD_BYTES)
    assert decision is not None
    assert decision.meets_requirement
    assert "as exit1:p1:jpeg:float32 is late with the 6,000 bytes of this input" in decision.reason


def test_a_picture_in_time_stays_as_it_is(table: CostTable) -> None:
    """The frame that is written has its writing behind it."""
    assert _second(table, 3_000, 0.001) is None  # as large as usual: the first decision stands
    assert _second(table, 6_000, 0.2) is None
    in_time_s = 0.01 + 6_200 * 8 / 400e3 + 50 * 8 / 400e3 + 0.001 + 0.001
    assert _second(table, 6_000, in_time_s + 1e-6) is None
    assert _second(table, 6_000, in_time_s - 1e-6) == SMALL


def test_where_nothing_else_is_in_time_the_frame_goes_out(table: CostTable) -> None:
    """Another codec would be late as well, is not ready, or time is up."""
    assert _second(table, 6_000, 0.03) is None
    assert _second(table, 6_000, -1.0) is None
    ready = np.array([plan != SMALL for plan in table.plans])
    assert _second(table, 6_000, 0.1, ready=ready) is None


def test_raw_pixels_have_no_second_decision(table: CostTable) -> None:
    """Their bytes are known before."""
    assert second_decision(table, LINK, table.index_of(Plan("exit1", 1)), 60_000, 0.1) is None
