"""What the planner decides in some thousands of fixed situations, to hold every later version against.

``python -m tests.golden.decisions`` writes the files again; do that only where decisions are meant to change.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from device_runtime.choosing.choosers import Chooser, PolicyChooser, SteadyChooser
from device_runtime.learning.calibration import Calibration
from device_runtime.link.link import LinkMeter, Observation
from device_runtime.link.link_tracking import LinkTracker, MovingLink, SteadyLink
from device_runtime.timeline import Timeline
from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.bandwidth.forecast import Forecast
from edgent.bandwidth.forecasts import FORECASTS
from edgent.generated_file import Provenance
from edgent.latency.loading import USUAL_ANSWER_BYTES, USUAL_REQUEST_BYTES, load_costs
from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import NetworkCosts
from edgent.planning.decision import Decision
from edgent.planning.fallback import LocalExit
from edgent.planning.link import Link
from edgent.planning.paper.configuration_map import ConfigurationMap, build_configuration_map
from edgent.planning.paper.exit_search import exit_search, paper_search
from edgent.planning.paper.state_lookup import StateLookup
from edgent.planning.plan import FLOAT32, RAW
from edgent.planning.policies.chance import ChanceConstrained
from edgent.planning.policies.expected import ExpectedReward
from edgent.planning.policies.hedged import Hedged
from edgent.planning.policies.known_link import KnownLink
from edgent.planning.policies.plan_once import PlanOnce
from edgent.planning.policies.policy import Policy
from edgent.planning.situation import Situation
from edgent.planning.stages import Step
from edgent.planning.table_building import build_cost_table
from edgent.replay.conditions import Conditions
from edgent.spec import read_spec

ROOT = Path(__file__).parents[2]
PIPELINES = ("lenet", "alexnet")
SLOWDOWNS = (1.0, 30.0, 200.0)
_ROUNDS = 12  # a series of situations each, for every slowdown
_STEPS = 8  # of a series: a policy remembers its decision before
_LEVELS = np.geomspace(3e4, 3e7, 10)


@dataclass(frozen=True)
class Golden:
    """What was decided. Arrays of shape (n,): the plan's place in ``plans``, -1 for none, and seconds."""

    plans: list[str]
    chosen: np.ndarray
    latency_s: np.ndarray

    def write(self, file: Path) -> None:
        """As an archive of arrays; plans are one text."""
        text = np.frombuffer("\n".join(self.plans).encode(), np.uint8)
        np.savez_compressed(file, plans=text, chosen=self.chosen, latency_s=self.latency_s)

    @classmethod
    def read(cls, file: Path) -> "Golden":
        """What was written."""
        with np.load(file, allow_pickle=False) as arrays:
            plans = arrays["plans"].tobytes().decode().split("\n")
            return cls(plans, arrays["chosen"], arrays["latency_s"])


def golden_file(pipeline: str) -> Path:
    """Where a pipeline's decisions are kept."""
    return Path(__file__).parent / f"{pipeline}.npz"


def decide_all(pipeline: str) -> Golden:
    """Every decision of a pipeline, in a fixed order."""
    costs = _costs(Network.open(read_spec(ROOT / "pipelines" / f"{pipeline}.yaml")))
    plans: list[str] = []
    chosen: list[int] = []
    latency_s: list[float] = []
    for slowdown in SLOWDOWNS:
        candidates = build_cost_table(costs, USUAL_REQUEST_BYTES, USUAL_ANSWER_BYTES).slowed(slowdown)
        plans = [str(plan) for plan in candidates.plans]
        random = np.random.default_rng([int(slowdown), len(candidates)])
        for decision in (*_searches(candidates, random), *_policies(candidates, random)):
            chosen.append(-1 if decision is None else plans.index(str(decision.plan)))
            latency_s.append(math.nan if decision is None else decision.latency_s)
        for decision, predicted_s in _calibrated(candidates, random):
            chosen.append(plans.index(str(decision.plan)))
            latency_s.append(predicted_s)
    return Golden(plans, np.array(chosen, np.int16), np.array(latency_s))


def _costs(network: Network) -> NetworkCosts:
    """With one accuracy for each pair of codecs, that at the cut where it costs most.

    So accuracies were when the files were written, and so they may still be stated.
    """
    costs, spec = load_costs(network, windows=False), network.spec
    assert spec.codecs.accuracy is not None
    measured = read_accuracies(spec.resolve(spec.codecs.accuracy), network.graph.sha256)
    exits = []
    for exit_ in costs.exits:
        worst: dict[tuple[str, str], float] = {(RAW, FLOAT32): exit_.lossless_accuracy}
        for row in measured.changes:
            if row.exit == exit_.exit:
                pair, accuracy = (row.input_codec, row.activation_codec), exit_.lossless_accuracy + row.change
                worst[pair] = min(worst.get(pair, exit_.lossless_accuracy), max(0.0, accuracy))
        exits.append(replace(exit_, accuracy=worst))
    return replace(costs, exits=tuple(exits))


def _link(random: np.random.Generator) -> Link:
    up_bps, down_bps = np.exp(random.uniform(np.log(2e4), np.log(5e7), 2))
    if random.random() < 0.05:
        up_bps = 0.0
    return Link(float(random.uniform(0, 0.08)), float(up_bps), float(down_bps))


def _requirement_s(random: np.random.Generator) -> float:
    return float(np.exp(random.uniform(np.log(0.002), np.log(3.0))))


def _ready(candidates: CostTable, random: np.random.Generator) -> Any:
    if random.random() < 0.3:
        return None
    return (random.random(len(candidates)) < random.uniform(0.02, 0.9)) | ~candidates.remote


def _searches(candidates: CostTable, random: np.random.Generator) -> Iterator[Decision | None]:
    for _ in range(300):
        link, requirement_s, ready = _link(random), _requirement_s(random), _ready(candidates, random)
        yield exit_search(candidates, link, requirement_s, ready=ready)
        yield paper_search(candidates, link, requirement_s, ready=ready)


def _map(candidates: CostTable, weight: float) -> ConfigurationMap:
    states = [
        BandwidthState(float(mean), 0.2, 0.1, tuple(float(mean) * q for q in QUANTILE_LEVELS), (0.1,) * 10)
        for mean in _LEVELS
    ]
    made_by = Provenance("0" * 64, "golden", "2026-01-01", {}, {})
    return build_configuration_map(
        candidates,
        states,
        [0.05, 0.1, 0.2, 0.5, 1.0],
        ChangePointPrior(),
        made_by,
        round_trip_s=0.01,
        throughput_weight=weight,
    )


def _policies(candidates: CostTable, random: np.random.Generator) -> Iterator[Decision]:
    conditions = Conditions(candidates, 0.1, 0.01)
    slower = tuple(replace(local, time_s=1.2 * local.time_s) for local in conditions.local_exits)
    policies: list[Policy] = [
        StateLookup(_map(candidates, 0.0)),
        StateLookup(_map(candidates, 1.0), 1.0),
        ExpectedReward(throughput_weight=1.0),
        ExpectedReward(),
        ChanceConstrained(),
        Hedged(),
        PlanOnce(),
        KnownLink(1.0),
        KnownLink(),
    ]
    for new_forecast in FORECASTS.values():
        for _ in range(_ROUNDS):
            series = list(_series(candidates, random))
            for policy in policies:
                forecast = new_forecast(ChangePointPrior())
                yield from _decisions(candidates, policy, series, forecast, slower)


def _series(candidates: CostTable, random: np.random.Generator) -> Iterator[Any]:
    """Bandwidths that walk and jump, with the situations that they lead to."""
    bps, requirement_s, ratio = float(random.choice(_LEVELS)), _requirement_s(random), random.uniform(0.3, 4)
    for _ in range(_STEPS):
        bps = (
            float(random.choice(_LEVELS)) if random.random() < 0.15 else bps * float(random.lognormal(0, 0.2))
        )
        link = replace(_link(random), upload_bps=bps, download_bps=bps * ratio)
        yield bps, link, requirement_s, _ready(candidates, random), float(ratio)


def _decisions(
    candidates: CostTable,
    policy: Policy,
    series: list[Any],
    forecast: Forecast,
    local_exits: tuple[LocalExit, ...],
) -> Iterator[Decision]:
    previous = None
    for bps, link, requirement_s, ready, ratio in series:
        forecast.update(bps)
        situation = Situation(link, requirement_s, forecast, previous, ready, ratio, local_exits)
        previous = policy.decide(candidates, situation)
        yield previous


def _calibrated(candidates: CostTable, random: np.random.Generator) -> Iterator[tuple[Decision, float]]:
    """Decisions while both nodes turn out slower than their profiles say, with all latencies summed."""
    for dynamic in (False, True):
        calibration = Calibration(candidates)
        calibration.begin(dict.fromkeys(candidates.exits, (0.01, 0.02)))
        meter = LinkMeter(Link(0.004, 1e6, 2e6))
        tracker: LinkTracker = SteadyLink(meter)
        chooser: Chooser = SteadyChooser(calibration, meter)
        if dynamic:
            up, down = (FORECASTS["moving-average"](ChangePointPrior()) for _ in range(2))
            moving = MovingLink(meter, up, down)
            tracker, chooser = moving, PolicyChooser(calibration, moving, ExpectedReward(), tuple)
        for _ in range(60):
            decision = chooser.decide(_requirement_s(random), _ready(candidates, random))
            parts = candidates.parts(meter.link, decision.index)
            slow = random.uniform(0.7, 2.5, 5)
            steps = {0: Step.ENCODE_UP, 2: Step.RUN_EDGE, 3: Step.DECODE_DOWN, 4: Step.RUN_DEVICE}
            moving_s = parts.round_trip_s + parts.seconds[Step.MOVE_UP] + parts.seconds[Step.MOVE_DOWN]
            timeline = Timeline(
                {step: parts.seconds[step] * slow[n] for n, step in steps.items()}, moving_s * slow[1]
            )
            calibration.observe(decision.index, timeline, 0.0004 * slow[0], decision.latency_s)
            bps = float(np.exp(random.uniform(np.log(1e5), np.log(1e7))))
            weight = float(random.uniform(0.1, 1))
            tracker.follow(Observation(bps, weight), Observation(2 * bps, weight))
            yield decision, decision.latency_s
            latency_s = calibration.table.latency_s(Link(0.01, 1e6, 1e6))
            yield decision, float(latency_s.sum()) * calibration.spread


if __name__ == "__main__":
    for name in PIPELINES:
        decide_all(name).write(golden_file(name))
