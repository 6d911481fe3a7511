"""A live run in the replay's terms."""

import numpy as np
import pytest

from benchmarks.studies.live.measure import LiveAnswer
from benchmarks.studies.live.replayed import (
    as_replay,
    live_coverage,
    measured_round_trip_s,
    met_trace,
    replay_of,
    replayed_coverage,
)
from benchmarks.studies.live.spec import Device
from benchmarks.testbed.device.reply import Reply
from edgent.bandwidth.traces import BandwidthTrace
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table
from edgent.replay.figures import figures_of

ROUND_TRIP_S, PAUSE_S = 0.004, 0.25
DEVICE = Device(1.0, 0.1)


@pytest.fixture(scope="module")
def costs() -> CostTable:
    """Two exits of 2 and 4 layers, 1 ms on the edge and 20 ms on the device each."""
    exits = []
    for name, accuracy, layers in (("exit1", 0.7, 2), ("exit2", 0.9, 4)):
        points = np.arange(layers + 1.0)
        sizes = CodecCosts(np.where(points == layers, 80.0, 4000.0))
        times = (1e-3 * points, 20e-3 * (layers - points))
        exits.append(ExitCosts(name, {("raw", "float32"): accuracy}, *times, {"float32": sizes}))
    return build_cost_table(NetworkCosts(tuple(exits), {"raw": CodecCosts(3000.0)}), 300.0, 300.0)


@pytest.fixture(scope="module")
def trace() -> BandwidthTrace:
    """Good, bad, good."""
    bandwidth_bps = np.repeat([4e6, 5e4, 4e6], 4)
    return BandwidthTrace("three", np.arange(12.0), np.ones(12), bandwidth_bps)


def _ideal(costs: CostTable, trace: BandwidthTrace) -> list[LiveAnswer]:
    """What a device that behaves as the replay says would have answered, a quarter of a second apart."""
    at_s = np.arange(PAUSE_S / 2, trace.total_s, PAUSE_S, dtype=np.float64)
    bandwidth_bps = np.concatenate([trace.bandwidth_bps[:1], trace.bandwidth_at(at_s)])
    met = BandwidthTrace(
        "met", np.arange(float(bandwidth_bps.size)), np.ones(bandwidth_bps.size), bandwidth_bps
    )
    replayed = replay_of(met, costs, DEVICE, ROUND_TRIP_S)
    answers = []
    for number, (time_s, link_bps) in enumerate(zip(at_s, bandwidth_bps[1:], strict=True)):
        k = int(replayed.candidate[number])
        plan = costs.plans[k]
        bits = 8 * (costs.upload_bytes[k] + costs.download_bytes[k])
        fell_back = bool(replayed.fell_back[number])
        local = Plan("exit1" if replayed.accuracy[number] < 0.8 else "exit2", 0)
        reply = Reply(
            plan=local if fell_back else plan,
            wanted=plan,
            latency_s=float(replayed.latency_s[number]),
            network_s=ROUND_TRIP_S + float(bits) / link_bps if plan.remote and not fell_back else 0,
        )
        answers.append(LiveAnswer(number, float(time_s), float(link_bps), reply, float(link_bps)))
    return answers


def test_an_ideal_run_has_its_replays_figures(costs: CostTable, trace: BandwidthTrace) -> None:
    """Steps, decisions and observations are the same, so all figures are; plans are switched in it."""
    answers = _ideal(costs, trace)
    live = figures_of([as_replay(trace.name, answers, costs, DEVICE, PAUSE_S)])
    replayed = figures_of([replay_of(met_trace(trace, answers, PAUSE_S), costs, DEVICE, ROUND_TRIP_S)])
    assert live.steps == replayed.steps == 48
    assert live.accuracy_reward == pytest.approx(replayed.accuracy_reward)
    assert live.paper_reward == pytest.approx(replayed.paper_reward)
    assert live.switches_per_minute == pytest.approx(replayed.switches_per_minute) != 0


def test_the_round_trip_is_what_bytes_do_not_explain(costs: CostTable, trace: BandwidthTrace) -> None:
    """It comes out of exchanges on a link of known rates; without any it is not known."""
    answers = _ideal(costs, trace)
    assert measured_round_trip_s(answers, costs) == pytest.approx(ROUND_TRIP_S)
    local = [answer for answer in answers if not answer.reply.network_s]
    assert measured_round_trip_s(local, costs) is None


def test_both_directions_are_met(trace: BandwidthTrace) -> None:
    """A trace of a single direction stays one."""
    both = BandwidthTrace(
        "both", trace.start_s, trace.duration_s, trace.bandwidth_bps, trace.bandwidth_bps / 4
    )
    reply = Reply(Plan("exit1", 0), Plan("exit1", 0), 0.1)
    answers = [LiveAnswer(0, 0.1, 3e6, reply, 1e6), LiveAnswer(1, 0.4, 2e6, reply, 5e5)]
    met = met_trace(both, answers, PAUSE_S)
    assert met.bandwidth_bps.tolist() == [4e6, 3e6, 2e6]
    assert met.download_bps is not None
    assert met.download_bps.tolist() == [1e6, 1e6, 5e5]
    assert met_trace(trace, answers, PAUSE_S).download is None


def test_coverage_counts_what_was_chosen_and_needs_the_edge(costs: CostTable, trace: BandwidthTrace) -> None:
    """Late is what took too long, or was answered by another plan; the replay's counts its own choices."""
    edge, home = Plan("exit2", 4), Plan("exit1", 0)
    in_time, late = Reply(edge, edge, 0.05), Reply(edge, edge, 0.15)
    answers = [
        LiveAnswer(0, 0.0, 1e6, in_time, 1e6, 0.05),
        LiveAnswer(1, 0.3, 1e6, late, 1e6, 0.35),
        LiveAnswer(2, 0.6, 1e6, Reply(home, edge, 0.09), 1e6, 0.32),
        LiveAnswer(3, 0.9, 1e6, Reply(home, home, 0.04), 1e6),
    ]
    found = live_coverage(answers, DEVICE.latency_requirement_s)
    assert found.count.tolist() == [1, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    assert found.late.tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    replayed, of_replay = replayed_coverage(trace, costs, DEVICE, ROUND_TRIP_S)
    assert of_replay.count.sum() == costs.remote[replayed.candidate].sum() > 0
