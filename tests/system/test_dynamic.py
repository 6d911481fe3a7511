"""A link that collapses and comes back under a running device, through a real TorchServe."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.live.answers import wrong_answers
from benchmarks.live.comparison import measured_round_trip_s
from benchmarks.live.live_edge import LiveEdge
from benchmarks.live.live_spec import Device, write_live_spec
from benchmarks.live.recovery import Collapse, recovery_of
from benchmarks.live.replayed import as_replay, met_trace, replay_of
from benchmarks.rig.trial_spec import open_trial, trial_inputs
from benchmarks.testbed.testbed import Testbed, TestbedConfig
from edgent.latency.loading import load_costs
from edgent.planning.cost_table import build_cost_table
from edgent.replay.figures import figures_of
from edgent.spec import read_spec

pytestmark = [pytest.mark.torchserve]

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"
DEVICE = Device(slowdown=2000.0, latency_requirement_s=0.15)  # exit1 takes 0.09 s on it, exit2 0.17
COLLAPSE = Collapse(before_s=4.0, collapsed_s=18.0, after_s=6.0)
PAUSE_S = 0.25


def test_plans_follow_a_link_that_collapses_and_comes_back(tmp_path: Path) -> None:
    """Plans switch, no request fails, every answer is the whole network's, and the edge is back within 5 s.

    The reward is the replay's within a tenth.
    """
    pipeline = read_spec(LENET)
    spec = write_live_spec(pipeline, tmp_path, DEVICE)
    network = open_trial(spec)
    images = trial_inputs(pipeline)
    np.save(tmp_path / "inputs.npy", images)
    with (
        Testbed(TestbedConfig(kind="relay")) as testbed,
        LiveEdge(testbed, spec, ["lenet-exit2-p12"]) as edge,
    ):
        device = edge.device(spec, tmp_path / "inputs.npy")
        opened, answers = edge.run(device, spec, COLLAPSE.trace, PAUSE_S)

    assert len(answers) == COLLAPSE.trace.total_s / PAUSE_S
    assert wrong_answers(network, images, answers) == []
    switches = [one for one in answers if one.switched]
    assert {one.wanted.partition_point for one in switches} == {0, 12}
    assert any(one.state_changed for one in answers)

    recovery = recovery_of(COLLAPSE, answers)
    assert recovery.device_only_share == 1.0
    assert recovery.back_after_s is not None
    assert recovery.back_after_s <= 5.0

    candidates = build_cost_table(load_costs(network), 240.0, 340.0)
    round_trip_s = measured_round_trip_s(answers, candidates, opened.link.round_trip_s)
    live = figures_of([as_replay("live", answers, candidates, DEVICE, PAUSE_S)])
    met = met_trace(COLLAPSE.trace, answers, PAUSE_S)
    replayed = figures_of([replay_of(met, candidates, DEVICE, round_trip_s)])
    assert live.accuracy_reward == pytest.approx(replayed.accuracy_reward, rel=0.1)
