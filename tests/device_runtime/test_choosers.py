"""Who chooses the plan: fixed, on a steady link, on a moving one."""

import numpy as np
import pytest

from device_runtime.calibration import NodeFactor
from device_runtime.choosers import FixedPlan, MovingLink, SteadyLink
from device_runtime.link import LinkMeter
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.planning.candidates import Candidates, enumerate_candidates
from edgent.planning.costs import CodecCosts, ExitCosts
from edgent.planning.exit_search import exit_search
from edgent.planning.link import Link
from edgent.planning.optimizers.expected import ExpectedReward
from edgent.planning.plan import Plan


def _exit(name: str, accuracy: float, layers: int) -> ExitCosts:
    """A path whose layers take 1 ms on the edge and 30 ms on the device each."""
    points = np.arange(layers + 1)
    sizes = CodecCosts(np.where(points == layers, 80.0, 4000.0))
    return ExitCosts(
        name, {("raw", "float32"): accuracy}, 1e-3 * points, 30e-3 * (layers - points), {"float32": sizes}
    )


@pytest.fixture
def candidates() -> Candidates:
    """Two exits: 2 layers at 0.7, 4 layers at 0.9."""
    return enumerate_candidates(
        [_exit("exit1", 0.7, 2), _exit("exit2", 0.9, 4)], {"raw": CodecCosts(3000.0)}, 300.0, 300.0
    )


def test_a_fixed_plan_stays() -> None:
    """Whatever is observed."""
    chooser = FixedPlan(Plan("exit1", 1))
    chooser.observe(1.0, 1.0)
    assert chooser.decide(0.001, None).plan == Plan("exit1", 1)


def test_a_steady_link_gives_what_algorithm_1_gives(candidates: Candidates) -> None:
    """At every bandwidth, after following it there step by step, the plan is that of a fresh search."""
    meter = LinkMeter(Link(0.002, 1e7, 1e7))
    chooser = SteadyLink(candidates, meter, NodeFactor(), NodeFactor())
    plans = set()
    for bandwidth_bps in np.geomspace(1e7, 2e4, 200):
        for _ in range(3):
            chooser.observe(float(bandwidth_bps), 1.0)
        decision = chooser.decide(0.1, None)
        assert decision.plan == exit_search(candidates, meter.link, 0.1).plan
        plans.add(decision.plan)
    assert len(plans) >= 2


def test_a_steady_link_keeps_its_decision_inside_its_range(candidates: Candidates) -> None:
    """Noise that leaves the plan best brings no new search; another requirement does."""
    chooser = SteadyLink(candidates, LinkMeter(Link(0.002, 1e7, 1e7)), NodeFactor(), NodeFactor())
    first = chooser.decide(0.1, None)
    chooser.observe(0.99e7, 1.0)
    assert chooser.decide(0.1, None) is first
    assert chooser.decide(0.08, None) is not first


def test_a_calibrated_node_moves_the_plan(candidates: Candidates) -> None:
    """A device that is ten times as fast as profiled answers alone where the link is slow."""
    device = NodeFactor()
    chooser = SteadyLink(candidates, LinkMeter(Link(0.002, 1e5, 1e5)), NodeFactor(), device)
    assert chooser.decide(0.1, None).plan == Plan("exit1", 0)
    for _ in range(100):
        device.observe(0.003, 0.030)
    chooser = SteadyLink(candidates, LinkMeter(Link(0.002, 1e5, 1e5)), NodeFactor(), device)
    assert chooser.decide(0.1, None).plan == Plan("exit2", 0)


def test_a_moving_link_leaves_the_edge_when_it_collapses_and_returns(candidates: Candidates) -> None:
    """The optimizer follows the forecast, among the heads that are ready."""
    chooser = MovingLink(
        candidates,
        LinkMeter(Link(0.002, 5e6, 5e6)),
        NodeFactor(),
        NodeFactor(),
        ExpectedReward,
        MovingAverageForecast(),
    )
    assert chooser.decide(0.1, None).plan.partition_point > 0
    for _ in range(10):
        chooser.observe(2e4, 1.0)
    assert chooser.decide(0.1, None).plan.partition_point == 0
    for _ in range(10):
        chooser.observe(5e6, 1.0)
    assert chooser.decide(0.1, None).plan.partition_point > 0
    assert chooser.decide(0.1, ~candidates.remote).plan.partition_point == 0


def test_a_factor_follows_residuals_within_bounds() -> None:
    """Towards measured over predicted, soon and then slowly; absurd residuals are cut, senseless left out."""
    factor = NodeFactor()
    factor.observe(100.0, 1.0)
    assert factor.value == pytest.approx(1.5, rel=1e-3)
    steady = NodeFactor()
    for _ in range(100):
        steady.observe(1.5, 1.0)
    assert steady.value == pytest.approx(1.5, rel=1e-3)
    steady.observe(3.0, 1.0)
    assert steady.value == pytest.approx(1.65, rel=1e-2)
    for _ in range(200):
        factor.observe(1e6, 1.0)
    assert factor.value == pytest.approx(10.0)
    for _ in range(200):
        factor.observe(1e-6, 1.0)
    assert factor.value == pytest.approx(0.2)
    factor.observe(0.0, 1.0)
    factor.observe(1.0, 0.0)
    assert factor.value == pytest.approx(0.2)


def test_a_short_computation_tells_little_and_the_shortest_nothing() -> None:
    """Writing pixels into a frame takes ten times its microseconds, however often: that is no slow device."""
    long, short, shortest = NodeFactor(), NodeFactor(), NodeFactor()
    long.observe(30e-3, 10e-3)
    short.observe(0.9e-3, 0.3e-3)
    assert 1 < short.value < long.value
    for _ in range(1000):
        shortest.observe(2e-4, 20e-6)
    assert shortest.value == 1


def test_a_small_part_of_a_node_says_little_of_the_rest() -> None:
    """A codec of a fiftieth of the longest tail does not move its factor, a tail of half of it does."""
    codec, tail = NodeFactor(longest_s=0.05), NodeFactor(longest_s=0.05)
    codec.observe(0.5e-3, 1e-3)
    tail.observe(12.5e-3, 25e-3)
    assert tail.value < 0.8
    assert codec.value == 1


def test_what_is_short_depends_on_the_longest_computation() -> None:
    """Half a millisecond tells nothing of a slow device, whose exits take long, but all of a quick one."""
    slow, quick = NodeFactor(longest_s=13e-3), NodeFactor(longest_s=0.45e-3)
    for _ in range(100):
        slow.observe(0.2e-3, 0.6e-3)
        quick.observe(0.9e-3, 0.45e-3)
    assert slow.value == 1
    assert quick.value == pytest.approx(2, rel=1e-3)
