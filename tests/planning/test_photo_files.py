"""Plans that send a photo's own file: what they cost follows from the photo, and they rule out no others."""

import numpy as np
import pytest

from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, InnerCosts, MeanPhoto, NetworkCosts
from edgent.planning.fallback import DELIVERY_S, Fallback, hedged_budget_s, latest_starts_s
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.plan import Plan
from edgent.planning.pruning import pruned_space
from edgent.planning.stages import Step
from edgent.planning.table_building import build_cost_table

OVERHEAD_BYTES = 200.0
FILE, WEBP, HERE = Plan("exit1", 1, "file"), Plan("exit1", 1, "webp"), Plan("exit1", 0)
MEAN_BYTES, PREPARE_S, EDGE_DECODES_S, WORK = 4_000.0, 0.030, 0.002, 200_000.0


def costs(*, inner: bool = False) -> NetworkCosts:
    """One exit of one layer, and a photo that the device decodes in 30 ms."""
    points = np.zeros((2, 2))
    points[0, 1] = 0.001
    measured = np.ones((2, 2), np.bool_)
    exit_ = ExitCosts(
        "exit1",
        {("raw", "float32"): 0.9},
        np.array([0.0, 0.001]),
        np.array([1.0, 0.0]),
        {"float32": CodecCosts(np.full(2, 50.0))},
        inner=InnerCosts(1000 * points, points, measured, measured, {}) if inner else None,
    )
    inputs = {
        "raw": CodecCosts(50_000.0),
        "webp": CodecCosts(9_000.0, 0.010, 0.001),
        "file": CodecCosts(MEAN_BYTES, 0.0, EDGE_DECODES_S),
    }
    return NetworkCosts((exit_,), inputs, photo=MeanPhoto(PREPARE_S, WORK))


@pytest.fixture(scope="module")
def table() -> CostTable:
    """All of its plans, for a photo of mean size."""
    return build_cost_table(costs(), OVERHEAD_BYTES, 0.0).for_photo(MEAN_BYTES, PREPARE_S, 1.0)


def test_whoever_needs_pixels_pays_for_them(table: CostTable) -> None:
    """The device alone, too; whoever sends the file does not."""
    paid = {plan: float(table.seconds[Step.PREPARE, table.index_of(plan)]) for plan in (FILE, WEBP, HERE)}
    assert paid == {FILE: 0.0, WEBP: PREPARE_S, HERE: PREPARE_S}
    assert table.parts(Link(0.0, 1e6, 1e6), table.index_of(WEBP)).by_part["photo decoded"] == PREPARE_S
    assert table.device_compute_s[table.index_of(HERE)] == pytest.approx(1.030)


def test_a_photo_has_its_own_bytes_and_seconds(table: CostTable) -> None:
    """One that is three times the work takes the edge as much longer; what others send stays as it is."""
    larger = table.for_photo(2 * MEAN_BYTES, 0.070, 3.0)
    assert larger.upload_bytes[table.index_of(FILE)] == 2 * MEAN_BYTES + OVERHEAD_BYTES
    assert larger.upload_bytes[table.index_of(WEBP)] == 9_000.0 + OVERHEAD_BYTES
    assert larger.seconds[Step.DECODE_UP, table.index_of(FILE)] == 3 * EDGE_DECODES_S
    assert larger.seconds[Step.DECODE_UP, table.index_of(WEBP)] == 0.001
    assert larger.prepare_s[table.index_of(WEBP)] == 0.070
    back = larger.for_photo(MEAN_BYTES, PREPARE_S, 1 / 3)
    np.testing.assert_allclose(back.seconds, table.seconds)
    np.testing.assert_allclose(back.size_bytes, table.size_bytes)


@pytest.mark.parametrize(
    ("file_bytes", "chosen"), [(4_000, FILE), (9_000, FILE), (40_000, WEBP), (4e6, WEBP)]
)
def test_a_large_photo_loses(table: CostTable, file_bytes: float, chosen: Plan) -> None:
    """On 4 Mbps its bytes have to take less than decoding and writing it again: 39 ms, 28,000 bytes or so."""
    assert exit_search(table.for_photo(file_bytes, PREPARE_S, 1.0), Link(0.01, 4e6, 4e6), 10.0).plan == chosen


def test_without_a_photo_pixels_are_at_hand() -> None:
    """As from a camera; a file has the bytes that it has in the mean."""
    table = build_cost_table(costs(), OVERHEAD_BYTES, 0.0)
    assert not table.prepare_s.any()
    assert table.upload_bytes[table.index_of(FILE)] == MEAN_BYTES + OVERHEAD_BYTES
    assert costs().file_bytes == MEAN_BYTES


def test_neither_kind_of_plan_rules_out_the_other(table: CostTable) -> None:
    """The file is less in everything here; an array still needs raw or webp, a large photo, too."""
    kept = {candidate.plan for candidate in pruned_space(costs(inner=True))}
    assert {FILE, WEBP, HERE} <= kept
    assert all(not table.sends_file[other] for other in table.dominated_by(table.index_of(WEBP)))
    assert all(table.sends_file[other] for other in table.dominated_by(table.index_of(FILE)))


def test_what_no_photo_changes_is_not_worked_out_again(table: CostTable) -> None:
    """A decision for a new photo would take its time."""
    of_photo = table.for_photo(5000.0, 0.01, 2.0)
    assert of_photo.goes_on is table.goes_on
    assert of_photo.timed(of_photo.seconds, None).goes_on is table.goes_on


def test_a_local_exit_has_the_pixels_that_its_plan_needed(table: CostTable) -> None:
    """It must start 50 ms after the input if it has to decode first, and 30 later if that is done."""
    (starts_s,) = latest_starts_s(table, [Fallback("exit1", 0.8, 0.05)])
    budgets = hedged_budget_s(table, starts_s, 10.0)
    inner = Plan("exit1", 1, "raw")
    assert budgets[table.index_of(HERE)] == pytest.approx(0.05 + PREPARE_S + 1.0)
    assert budgets[table.index_of(inner)] == 10.0 - DELIVERY_S
