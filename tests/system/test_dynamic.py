"""A link that collapses and comes back under a running device, through a real TorchServe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from benchmarks.studies.live.measure import prepare_device, run_live, wrong_answers
from benchmarks.studies.live.recovery import Collapse, recovery_of
from benchmarks.studies.live.replayed import as_replay, measured_round_trip_s, met_trace, replay_of
from benchmarks.studies.live.spec import Device, write_live_spec
from benchmarks.testbed.judge import Judge
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.trial import trial_inputs
from edgent.latency.loading import load_cost_table
from edgent.planning.plan import Plan
from edgent.replay.figures import figures_of
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.studies.live.measure import LiveAnswer
    from edgent.network import Network

pytestmark = [pytest.mark.torchserve]

LENET = Path(__file__).parents[2] / "pipelines" / "lenet.yaml"
DEVICE = Device(slowdown=2000.0, latency_requirement_s=0.15)  # exit1 takes 0.09 s on it, exit2 0.17
COLLAPSE = Collapse(before_s=4.0, collapsed_s=18.0, after_s=6.0)
PAUSE_S = 0.25


@dataclass(frozen=True)
class LiveRun:
    """One run on the collapsing link, and what it is judged by."""

    network: Network
    judge: Judge
    round_trip_s: float
    answers: Sequence[LiveAnswer]


@pytest.fixture(scope="module")
def live_run(tmp_path_factory: pytest.TempPathFactory) -> LiveRun:
    """Half a minute of requests."""
    pipeline = read_spec(LENET)
    spec = write_live_spec(pipeline, tmp_path_factory.mktemp("live"), DEVICE)
    images = trial_inputs(pipeline)
    with Rig(spec, images, Slowness(), Console(quiet=True), "relay") as rig:
        plans = [Plan("exit2", 12)]
        rig.serve(plans)
        prepare_device(rig, plans)
        opened_s, answers = run_live(rig, spec, COLLAPSE.trace, PAUSE_S)
        return LiveRun(rig.network, Judge(rig.network, images), opened_s, answers)


def test_plans_follow_a_link_that_collapses_and_comes_back(live_run: LiveRun) -> None:
    """Plans switch, no request fails, every answer is the whole network's, the edge is back at the end."""
    answers = live_run.answers
    assert len(answers) == COLLAPSE.trace.total_s / PAUSE_S
    assert wrong_answers(live_run.judge, answers) == []
    switches = [answer.reply for answer in answers if answer.reply.switched]
    assert {reply.wanted.stop for reply in switches} == {0, 12}
    assert any(answer.reply.state_changed for answer in answers)
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
    costs = load_cost_table(live_run.network)
    round_trip_s = measured_round_trip_s(answers, costs) or live_run.round_trip_s
    live = figures_of([as_replay("live", answers, costs, DEVICE, PAUSE_S)])
    met = met_trace(COLLAPSE.trace, answers, PAUSE_S)
    replayed = figures_of([replay_of(met, costs, DEVICE, round_trip_s)])
    assert live.accuracy_reward == pytest.approx(replayed.accuracy_reward, rel=0.1)
