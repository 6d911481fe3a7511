"""Traces replayed on the link: every policy from the beginning of the same trace."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.studies.comparison.answered import Answered
from benchmarks.studies.comparison.methods import METHODS, OURS, PAPER
from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import UNSHAPED_BPS, KnownLink, Rig
from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.bandwidth.traces import BandwidthTrace
from edgent.generated_file import Provenance
from edgent.planning.paper.configuration_map import build_configuration_map
from edgent.planning.paper.configuration_map_file import write_map
from edgent.planning.paper.exit_search import paper_space
from edgent.planning.plan import Plan

STATIC_PLAN = "static plan"
_POLICIES: dict[str, tuple[str, bool] | None] = {
    STATIC_PLAN: ("static", False),
    "device-only": None,
    "edge-only jpeg": None,
    PAPER: ("paper", False),
    OURS: ("hedged", True),
}
"""In the order in which they are tried: the policy on the device, and whether a local exit stands by; None
for the plan of a method that heeds no link."""
_STATES = 10
_LEAST_OPENING_BPS = 50e3


def run_traces(
    rig: Rig,
    traces: Sequence[BandwidthTrace],
    requirement_s: float,
    duration_s: float,
    tell: Tell,
) -> Iterator[Answered]:
    """Replay every trace once for each policy."""
    if not traces:
        return
    levels_bps = np.concatenate([trace.bandwidth_bps for trace in traces])
    # The paper's states: as good equally spaced in ratio as by any clustering.
    low_bps, high_bps = (float(bps) for bps in np.percentile(levels_bps[levels_bps > 0], (1, 99)))
    states_bps = [float(bps) for bps in np.geomspace(low_bps, high_bps, _STATES)]
    for number, trace in enumerate(traces):
        known: KnownLink | None = None
        for place, (name, follows) in enumerate(_POLICIES.items()):
            tell(f"{trace.name}, {name}", (number + place / len(_POLICIES)) / len(traces))
            rig.set_rate(max(float(trace.bandwidth_bps[0]), _LEAST_OPENING_BPS))
            if follows:
                policy, hedge = follows
                bandwidth = {"environment": "dynamic", "policy": policy}
                if policy == "paper":
                    assert known is not None, "another policy comes first"
                    bandwidth["map"] = str(_write_map(rig, known, states_bps, requirement_s))
                known = rig.open(
                    name,
                    bandwidth=bandwidth,
                    device={"hedge": hedge},
                    latency_requirement_ms=requirement_s * 1e3,
                    range={"latency_requirements_ms": [requirement_s * 1e3]},
                )
            assert known is not None, "the first policy follows the link"
            given = None if follows else METHODS[name].choose(known.costs, known.link, requirement_s)
            with rig.testbed.follow(trace):
                replies = _answer(rig, name, given, requirement_s, duration_s)
            for reply in replies:
                yield Answered.of(reply, trace.name, name, requirement_s, known.costs)
            if follows:
                rig.ask(do="settle", runtime=name)
    rig.set_rate(UNSHAPED_BPS)


def _write_map(rig: Rig, known: KnownLink, states_bps: Sequence[float], requirement_s: float) -> Path:
    """The paper's map in its own space of plans; of a state it needs no more than its level."""
    count = len(states_bps)
    states = [
        BandwidthState(bps, 0.1, 1 / count, (bps,) * len(QUANTILE_LEVELS), (1 / count,) * count)
        for bps in states_bps
    ]
    made_by = Provenance.here_and_now(rig.network.graph.sha256, "benchmarks.studies.comparison")
    configuration_map = build_configuration_map(
        known.costs,
        states,
        [requirement_s],
        ChangePointPrior(),
        made_by,
        round_trip_s=known.link.round_trip_s,
        allowed=paper_space(known.costs),
    )
    file = rig.network.spec.file.with_name("map.yaml")
    write_map(file, configuration_map)
    return file


def _answer(rig: Rig, name: str, given: Plan | None, requirement_s: float, duration_s: float) -> list[Reply]:
    """One input after the other, by the plan that is given or by the runtime of this name."""
    replies: list[Reply] = []
    ends_s = time.monotonic() + duration_s
    while time.monotonic() < ends_s:
        index = len(replies)
        replies.append(rig.run(given, index) if given else rig.infer(name, index, requirement_s))
    return replies
