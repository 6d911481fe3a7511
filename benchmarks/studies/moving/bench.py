"""Every method on one trace, one after the other, each from the trace's beginning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import mean

from benchmarks.studies.moving.edge_codecs import EdgeCodecs, links_at
from benchmarks.studies.moving.measure import Watched, on_trace, photo_times_s
from benchmarks.studies.workload.answered import Answered, Subject
from benchmarks.studies.workload.asking import Asking, Photos
from benchmarks.studies.workload.bursts import Ask
from benchmarks.studies.workload.devices import BEFORE, Device
from benchmarks.studies.workload.methods import (
    AGAIN,
    EDGE_ONLY,
    LOCAL_EXIT,
    OURS,
    SMALL,
    STOCK,
    counts,
    local_exits,
)
from benchmarks.studies.workload.steadiness import speed_s
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import KnownLink
from benchmarks.testbed.trial import open_trial
from edgent.bandwidth.traces import BandwidthTrace
from edgent.latency.loading import load_costs
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan
from edgent.planning.plan_space import Candidate, plan_space
from edgent.planning.table_building import build_cost_table

PAUSE_S = 0.25
"""From one photo to the next."""
_LEARNING = 4
"""Photos of each method before the link moves, of which nothing counts: what runs first runs slowly."""


@dataclass(frozen=True)
class _Asked:
    """What is asked for a whole trace.

    Attributes:
        plan: What it is told to do; empty where it chooses by itself or has no choice.
        requirement_s: What it chooses for; None where nothing depends on it.
    """

    method: str
    ask: Ask[Answered]
    plan: str = ""
    requirement_s: float | None = None


class Bench:
    """A device at its edge, ready to be asked on links that move."""

    def __init__(
        self,
        asking: Asking,
        photos: Photos,
        device: Device,
        requirements_s: Sequence[float],
        tell: Tell,
    ) -> None:
        self._asking, self._device, self._requirements_s, self._tell = asking, device, requirements_s, tell
        file_bytes = [file.stat().st_size for file in photos.files]
        self._sizes = [each / mean(file_bytes) for each in file_bytes]
        network = open_trial(device.specs[OURS])
        self._costs = load_costs(network)
        layers = {path.exit_name: len(path.layers) for path in network.graph.paths}
        self._space: list[Candidate] = [one for one in plan_space(self._costs) if counts(one, layers)]

    def on_link(self, link: BandwidthTrace) -> Iterator[Watched]:
        """Every method on one trace; the control comes last, far from the plan that it repeats."""
        known = self._open(OURS, link)
        table = build_cost_table(self._costs, *known.overhead_bytes, iter(self._space))
        told = [
            _Asked(STOCK, self._asking.stock(table)),
            _Asked(SMALL, self._asking.small),
            *(self._given(LOCAL_EXIT, plan, table) for plan in local_exits(table, known.link, 0.0)),
            *self._edge_only(link, known, table),
        ]
        for one in told:
            yield self._watch(link, one)
        for method in (OURS, BEFORE):
            for requirement_s in self._requirements_s:
                yield self._watch(link, self._own(method, requirement_s, link))
        yield self._watch(link, self._given(AGAIN, Plan.device_only(table.exits[-1]), table))

    def _stand_still(self, link: BandwidthTrace) -> None:
        """Give the link the trace's mean bandwidths: a trace may begin with an outage."""
        downwards = link.download or link
        self._asking.rig.set_rate(float(link.bandwidth_bps.mean()), float(downwards.bandwidth_bps.mean()))

    def _open(self, name: str, link: BandwidthTrace) -> KnownLink:
        self._stand_still(link)
        return self._asking.rig.open(name, self._device.specs[name])

    def _given(self, method: str, plan: Plan, table: CostTable) -> _Asked:
        return _Asked(method, self._asking.given(plan, table), str(plan))

    def _edge_only(self, link: BandwidthTrace, known: KnownLink, table: CostTable) -> list[_Asked]:
        """The best codecs that are kept for the whole trace, and the codec chosen anew for each photo.

        The edge is woken for all of them: before the link follows the trace.
        """
        times_s = photo_times_s(link.total_s, PAUSE_S)
        codecs = EdgeCodecs(table, links_at(link, times_s, known.link.round_trip_s), self._sizes)
        held = codecs.to_hold(self._requirements_s)
        chosen = {each_s: codecs.for_each_photo(each_s) for each_s in self._requirements_s}
        asks: dict[Plan, Ask[Answered]] = {}
        for plan in dict.fromkeys(chain(held, *chosen.values())):
            self._asking.rig.wake(plan)
            asks[plan] = self._asking.given(plan, table)
        return [
            *(_Asked(EDGE_ONLY, asks[plan], str(plan)) for plan in held),
            *(
                _Asked(EDGE_ONLY, by_number([asks[plan] for plan in plans]), requirement_s=each_s)
                for each_s, plans in chosen.items()
            ),
        ]

    def _own(self, method: str, requirement_s: float, link: BandwidthTrace) -> _Asked:
        """A runtime that plans by itself."""
        costs = self._open(method, link).costs
        ask = self._asking.own_choice(Subject(method, requirement_s), costs, settles=False)
        return _Asked(method, ask, requirement_s=requirement_s)

    def _watch(self, link: BandwidthTrace, one: _Asked) -> Watched:
        within = "" if one.requirement_s is None else f" within {one.requirement_s * 1e3:g} ms"
        self._tell(f"{link.name}: {one.method} {one.plan}{within}", 0.0)
        self._stand_still(link)
        for number in range(_LEARNING):
            one.ask(number)
        answers = on_trace(self._asking.rig, link, one.ask, PAUSE_S)
        return Watched(link.name, one.method, one.plan, one.requirement_s, answers, speed_s())


def by_number(asks: Sequence[Ask[Answered]]) -> Ask[Answered]:
    """Ask for each photo in a way of its own; after the last way comes the first."""
    return lambda number: asks[number % len(asks)](number)
