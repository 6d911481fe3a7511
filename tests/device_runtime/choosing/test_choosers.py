"""Who chooses the plan: on a steady link, and on a moving one."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from device_runtime.choosing.choosers import PolicyChooser, SteadyChooser
from device_runtime.learning.calibration import Calibration
from device_runtime.link.link import LinkMeter, Observation
from device_runtime.link.link_tracking import MovingLink, SteadyLink
from device_runtime.timeline import Timeline
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.bandwidth.traces import Floats
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search
from edgent.planning.plan import Plan
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.stages import Step
from edgent.planning.table_building import build_cost_table


def _exit(name: str, accuracy: float, layers: int) -> ExitCosts:
    """A path whose layers take 1 ms on the edge and 30 ms on the device each."""
    points = np.arange(layers + 1, dtype=np.float64)
    sizes = CodecCosts(np.where(points == layers, 80.0, 4000.0))
    return ExitCosts(
        name, {("raw", "float32"): accuracy}, 1e-3 * points, 30e-3 * (layers - points), {"float32": sizes}
    )


@pytest.fixture
def candidates() -> CostTable:
    """Two exits: 2 layers at 0.7, 4 layers at 0.9."""
    return build_cost_table(
        NetworkCosts((_exit("exit1", 0.7, 2), _exit("exit2", 0.9, 4)), {"raw": CodecCosts(3000.0)}),
        300.0,
        300.0,
    )


@pytest.mark.parametrize("chooses", ["steadily", "by policy"])
def test_a_busy_edge_is_spared_until_it_is_not(candidates: CostTable, chooses: str) -> None:
    """As deep an exit with less of the edge's time while requests queue there, and then the old plan."""
    now_s = [10.0]
    meter = LinkMeter(Link(0.002, 1e7, 1e7), lambda: now_s[0])
    chooser: SteadyChooser | PolicyChooser = SteadyChooser(Calibration(candidates), meter)
    if chooses == "by policy":
        tracker = MovingLink(meter, MovingAverageForecast(), MovingAverageForecast())
        chooser = PolicyChooser(Calibration(candidates), tracker, ExpectedReward(), tuple)
    quick = chooser.decide(0.5, None)
    for _ in range(10):
        meter.load.observe(0.01, 0.004)
    spared = chooser.decide(0.5, None)
    assert (quick.plan.exit, spared.plan.exit) == ("exit2", "exit2")
    assert spared.plan.stop < quick.plan.stop
    assert "busy edge" in spared.reason
    now_s[0] += 20.0
    assert chooser.decide(0.5, None).plan == quick.plan


def test_an_edge_that_refuses_counts_as_late_until_that_is_forgotten(candidates: CostTable) -> None:
    """Its plan stays as it is, and any in time on another edge is worth more."""
    now_s = [10.0]
    meter = LinkMeter(Link(0.002, 1e7, 1e7), lambda: now_s[0])
    chooser = SteadyChooser(Calibration(candidates), meter)
    usual = chooser.decide(0.5, None)
    for _ in range(3):
        meter.refusals.observe(refused=True)
    refused = chooser.decide(0.5, None)
    assert refused.plan == usual.plan
    assert usual.worth is not None
    assert refused.worth is not None
    assert refused.worth.ranks < usual.worth.ranks
    now_s[0] += 20.0
    assert chooser.decide(0.5, None).worth == usual.worth


def both(bandwidth_bps: float) -> tuple[Observation, Observation]:
    """The same bandwidth up and down, for certain."""
    return Observation(bandwidth_bps, 1.0), Observation(bandwidth_bps, 1.0)


def test_a_steady_link_gives_what_algorithm_1_gives(candidates: CostTable) -> None:
    """At every bandwidth, after following it there step by step, the plan is that of a fresh search."""
    meter = LinkMeter(Link(0.002, 1e7, 1e7))
    tracker, chooser = SteadyLink(meter), SteadyChooser(Calibration(candidates), meter)
    plans = set()
    for bandwidth_bps in np.geomspace(1e7, 2e4, 200):
        for _ in range(3):
            tracker.follow(*both(float(bandwidth_bps)))
        decision = chooser.decide(0.1, None)
        assert decision.plan == exit_search(candidates, meter.link, 0.1).plan
        plans.add(decision.plan)
    assert len(plans) >= 2


def test_a_steady_link_keeps_its_decision_inside_its_range(candidates: CostTable) -> None:
    """Noise that leaves the plan best brings no new search; another requirement does."""
    meter = LinkMeter(Link(0.002, 1e7, 1e7))
    tracker, chooser = SteadyLink(meter), SteadyChooser(Calibration(candidates), meter)
    first = chooser.decide(0.1, None)
    tracker.follow(*both(0.99e7))
    assert chooser.decide(0.1, None) == first
    assert chooser.decide(0.08, None) != first


def test_a_steady_link_plans_again_where_only_the_download_moved(candidates: CostTable) -> None:
    """The upload is in the range as it was, but the range was that of another ratio."""
    meter = LinkMeter(Link(0.002, 1e6, 1e7))
    tracker, chooser = SteadyLink(meter), SteadyChooser(Calibration(candidates), meter)
    plans = set()
    for download_bps in np.geomspace(1e7, 1e4, 60):
        for _ in range(8):
            tracker.follow(Observation(1e6, 1.0), Observation(float(download_bps), 1.0))
        decision = chooser.decide(0.1, None)
        search = exit_search(candidates, meter.link, 0.1)
        assert decision.plan == search.plan
        plans.add(decision.plan)
    assert len(plans) >= 2


def test_a_moving_link_leaves_the_edge_when_its_download_collapses(candidates: CostTable) -> None:
    """Though the upload is as good as ever."""
    tracker = MovingLink(LinkMeter(Link(0.002, 5e6, 5e6)), MovingAverageForecast(), MovingAverageForecast())
    chooser = PolicyChooser(Calibration(candidates), tracker, ExpectedReward(), tuple)
    for _ in range(10):
        tracker.follow(Observation(5e6, 1.0), Observation(1e4, 1.0))
    assert tracker.expected.download_bps < 2e4
    assert not chooser.decide(0.1, None).plan.remote


def test_a_calibrated_node_moves_the_plan(candidates: CostTable) -> None:
    """A device that is ten times as fast as profiled answers alone where the link is slow."""
    calibration = Calibration(candidates)
    chooser = SteadyChooser(calibration, LinkMeter(Link(0.002, 1e5, 1e5)))
    assert chooser.decide(0.1, None).plan == Plan("exit1", 0)
    for _ in range(100):
        calibration.observe(candidates.index_of(Plan("exit1", 0)), Timeline({Step.RUN_DEVICE: 6e-3}), 0.0)
    assert chooser.decide(0.1, None).plan == Plan("exit2", 0)


def test_a_plan_just_in_time_is_left_where_answers_spread(candidates: CostTable) -> None:
    """Predictions of exit 2 are right on the whole, but 10 % off now and then: exit 1 it is."""
    calibration = Calibration(candidates)
    chooser = SteadyChooser(calibration, LinkMeter(Link(0.002, 2e6, 2e6)))
    deep = chooser.decide(0.1, None)
    assert deep.plan.exit == "exit2"
    just_s = deep.latency_s * 1.04
    assert chooser.decide(just_s, None).plan.exit == "exit2"
    head_s = float(candidates.seconds[Step.RUN_EDGE, deep.index])
    for ratio in (0.9, 1.1) * 10:
        timeline = Timeline({Step.RUN_EDGE: head_s}, network_s=ratio * deep.latency_s - head_s)
        calibration.observe(deep.index, timeline, 0.0, deep.latency_s)
    assert chooser.decide(just_s, None).plan.exit == "exit1"
    assert chooser.decide(1e-4, None).meets_requirement is False


def test_a_moving_link_leaves_the_edge_when_it_collapses_and_returns(candidates: CostTable) -> None:
    """The policy follows the forecast, among the heads that are ready."""
    tracker = MovingLink(LinkMeter(Link(0.002, 5e6, 5e6)), MovingAverageForecast(), MovingAverageForecast())
    chooser = PolicyChooser(Calibration(candidates), tracker, ExpectedReward(), tuple)
    assert chooser.decide(0.1, None).plan.remote
    for _ in range(10):
        tracker.follow(*both(2e4))
    assert not chooser.decide(0.1, None).plan.remote
    for _ in range(10):
        tracker.follow(*both(5e6))
    assert chooser.decide(0.1, None).plan.remote
    assert not chooser.decide(0.1, ~candidates.remote).plan.remote


def test_a_moving_link_has_what_its_forecasts_need_before_the_first_request() -> None:
    """Each is asked once when the link begins, after it has learnt where the link stands."""
    asked_bps: list[object] = []

    class Asked(MovingAverageForecast):
        def cdf(self, bandwidth_bps: ArrayLike) -> Floats:
            asked_bps.append(bandwidth_bps)
            return super().cdf(bandwidth_bps)

    MovingLink(LinkMeter(Link(0.002, 1e6, 3e6)), Asked(), Asked())
    assert asked_bps == pytest.approx([1e6, 3e6])
