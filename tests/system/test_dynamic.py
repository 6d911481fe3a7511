"""A link that collapses and comes back under a running device, through a real TorchServe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from benchmarks.live.answers import LiveAnswer
    from edgent.network import Network
    from edgent.planning.link import Link

pytestmark = [pytest.mark.torchserve]

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"
DEVICE = Device(slowdown=2000.0, latency_requirement_s=0.15)  # exit1 takes 0.09 s on it, exit2 0.17
COLLAPSE = Collapse(before_s=4.0, collapsed_s=18.0, after_s=6.0)
PAUSE_S = 0.25


@dataclass(frozen=True)
class LiveRun:
    """One run on the collapsing link, and what it is judged by."""

    network: Network
    images: np.ndarray
    link: Link
    answers: list[LiveAnswer]


@pytest.fixture(scope="module")
def live_run(tmp_path_factory: pytest.TempPathFactory) -> LiveRun:
    """Half a minute of requests."""
    folder = tmp_path_factory.mktemp("live")
    pipeline = read_spec(LENET)
    spec = write_live_spec(pipeline, folder, DEVICE)
    images = trial_inputs(pipeline)
    np.save(folder / "inputs.npy", images)
    with (
        Testbed(TestbedConfig(kind="relay")) as testbed,
        LiveEdge(testbed, spec, ["lenet-exit2-p12"]) as edge,
    ):
        device = edge.device(spec, folder / "inputs.npy")
        opened, answers = edge.run(device, spec, COLLAPSE.trace, PAUSE_S)
    return LiveRun(open_trial(spec), images, opened.link, answers)


def test_plans_follow_a_link_that_collapses_and_comes_back(live_run: LiveRun) -> None:
    """Plans switch, no request fails, every answer is the whole network's, the edge is back at the end."""
    answers = live_run.answers
    assert len(answers) == COLLAPSE.trace.total_s / PAUSE_S
    assert wrong_answers(live_run.network, live_run.images, answers) == []
    switches = [answer for answer in answers if answer.switched]
    assert {answer.wanted.partition_point for answer in switches} == {0, 12}
    assert any(answer.state_changed for answer in answers)
    recovery = recovery_of(COLLAPSE, answers)
    assert recovery.device_only_share == 1.0
    assert recovery.back_after_s is not None


@pytest.mark.timing
def test_the_edge_is_back_soon_and_the_reward_is_the_replays(live_run: LiveRun) -> None:
    """The edge is back within 5 s; the reward is the replay's within a tenth."""
    answers = live_run.answers
    recovery = recovery_of(COLLAPSE, answers)
    assert recovery.back_after_s is not None
    assert recovery.back_after_s <= 5.0
    candidates = build_cost_table(load_costs(live_run.network), 240.0, 340.0)
    round_trip_s = measured_round_trip_s(answers, candidates, live_run.link.round_trip_s)
    live = figures_of([as_replay("live", answers, candidates, DEVICE, PAUSE_S)])
    met = met_trace(COLLAPSE.trace, answers, PAUSE_S)
    replayed = figures_of([replay_of(met, candidates, DEVICE, round_trip_s)])
    assert live.accuracy_reward == pytest.approx(replayed.accuracy_reward, rel=0.1)
