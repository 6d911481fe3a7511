"""How far an answer is from its limit: T / T*, and where the rest goes.

T* is what the same frames would take over a bare TCP connection: its round trip, their bytes and those of the
packets that carry them at the link's rate, and head, tail and codecs measured alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import ceil
from statistics import median

from benchmarks.studies.comparison.grid import Outcome
from benchmarks.studies.comparison.methods import Choose
from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.link.shaped_direction import HEADER_BYTES, SEGMENT_BYTES
from benchmarks.testbed.plan_costs import PlanCosts, plan_costs
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import UNSHAPED_BPS, Rig
from benchmarks.testbed.self_test import transfer_times_s
from edgent.latency.loading import load_costs
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table

_PINGS = 20


@dataclass(frozen=True)
class Parts:
    """Where the seconds of an answer went; the first four are its limit T*.

    Attributes:
        compute_s: Head, tail and codecs, measured alone.
        round_trip_s: Of raw TCP with a byte.
        payload_s: Frames, at the link's rate.
        packets_s: TCP, IP and Ethernet headers of the packets that frames alone would fill.
        protocol_s: What HTTP or gRPC adds, and the packets for it.
        hop_s: TorchServe's queue and hop, sockets, and packets that nobody counts (acknowledgements before
            an answer, an answer's head by itself): what is left of the exchange.
        python_s: The device's runtime around it, and what computing took more than alone.
    """

    compute_s: float
    round_trip_s: float
    payload_s: float
    packets_s: float
    protocol_s: float
    hop_s: float
    python_s: float

    @property
    def limit_s(self) -> float:
        """T*: round trip + bytes / bandwidth + compute alone."""
        return self.compute_s + self.round_trip_s + self.payload_s + self.packets_s

    @property
    def total_s(self) -> float:
        """T."""
        return sum((getattr(self, name) for name in PART_NAMES), 0.0)


PART_NAMES = [part.name for part in fields(Parts)]


@dataclass(frozen=True)
class LimitRow:
    """A plan on a link, over HTTP or gRPC; parts are medians over its requests."""

    rate_bps: float
    method: str
    interface: str
    parts: Parts

    @property
    def ratio(self) -> float:
        """T / T*."""
        return self.parts.total_s / self.parts.limit_s


def raw_round_trip_s(rig: Rig) -> float:
    """Twice what a byte takes over raw TCP on the unshaped link, as the link's probe measures it."""
    rig.set_rate(UNSHAPED_BPS)
    return 2 * median(transfer_times_s(rig.testbed, 0.01, [("up", 1)] * _PINGS))


def run_limit(
    rig: Rig,
    methods: Mapping[str, Choose],
    round_trip_s: float,
    rates_bps: Sequence[float],
    repeats: int,
    tell: Tell,
) -> Iterator[LimitRow]:
    """Plans that ask the edge on every link, the device at full speed: nothing hides what is lost on the way.

    Args:
        rig: ready, with the device at full speed.
        methods: what is asked, by the names of rows.
        round_trip_s: of raw TCP.
        rates_bps: of the links, both ways.
        repeats: answers of each.
        tell: of progress.
    """
    slowness = rig.slowness.dilation * rig.slowness.slowdown
    bare = build_cost_table(load_costs(rig.network)).slowed(1 / slowness)
    for number, rate_bps in enumerate(rates_bps):
        tell(f"at {rate_bps / 1e3:,g} kbps", number / len(rates_bps))
        rig.set_rate(rate_bps)
        known = rig.open("limit")
        chosen = {name: choose(known.costs, known.link, 1.0) for name, choose in methods.items()}
        plans = {name: plan for name, plan in chosen.items() if plan is not None}
        for plan in plans.values():
            rig.wake(plan)
        parts: dict[str, list[Parts]] = {name: [] for name in plans}
        for turn in range(repeats):
            for name, plan in plans.items():
                reply, alone = rig.run(plan, turn), plan_costs(bare, plan)
                parts[name].append(_parts(reply, alone, known.overhead_bytes, rate_bps, round_trip_s))
        for name, of_method in parts.items():
            yield LimitRow(rate_bps, name, known.interface, _median(of_method))


def _parts(
    reply: Reply,
    alone: PlanCosts,
    overhead_bytes: tuple[float, float],
    rate_bps: float,
    round_trip_s: float,
) -> Parts:
    """Where the time of an answer of the edge's went, given what its plan costs alone.

    Its frames are as long as they were: photos' files and codes differ in length.
    """
    added = [max(each - HEADER_BYTES, 0.0) for each in overhead_bytes]  # what HTTP or gRPC adds, no packet's
    frames = max(reply.sent_bytes - added[0], 0.0), max(reply.received_bytes - added[1], 0.0)
    of_input = replace(alone, sent_bytes=frames[0], received_bytes=frames[1])
    compute_s, payload_s, packets_s = _least(of_input, rate_bps)
    wire_s = 8 * (_on_wire(reply.sent_bytes) + _on_wire(reply.received_bytes)) / rate_bps
    exchange_s = reply.network_s + reply.edge_s
    return Parts(
        compute_s=compute_s,
        round_trip_s=round_trip_s,
        payload_s=payload_s,
        packets_s=packets_s,
        protocol_s=max(wire_s - payload_s - packets_s, 0.0),
        hop_s=max(exchange_s - alone.edge_s - wire_s - round_trip_s, 0.0),
        python_s=max(reply.latency_s - exchange_s - alone.device_s, 0.0),
    )


def with_limits(
    outcomes: Sequence[Outcome], profiles: Sequence[CostTable], round_trip_s: float
) -> list[Outcome]:
    """Outcomes with T* of the plans that answered."""
    return [
        replace(outcome, limit_s=limit_s(profiles, plan, outcome.rate_bps, round_trip_s))
        if (plan := outcome.usually_by)
        else outcome
        for outcome in outcomes
    ]


def limit_s(profiles: Sequence[CostTable], plan: Plan, rate_bps: float, round_trip_s: float) -> float:
    """T* of a plan: of several profiles that counts in which the plan takes least.

    Args:
        profiles: With compute times of these nodes, and with nothing but frames on the link.
        plan: A plan of these profiles.
        rate_bps: Of the link, both ways.
        round_trip_s: Of raw TCP.
    """
    least_s = min(sum(_least(plan_costs(profile, plan), rate_bps)) for profile in profiles)
    return least_s + (round_trip_s if plan.remote else 0.0)


def _least(alone: PlanCosts, rate_bps: float) -> tuple[float, float, float]:
    """Seconds of computing, of the frames' bytes, and of the headers of the packets that they fill."""
    frames = (alone.sent_bytes, alone.received_bytes)
    payload_s = 8 * sum(frames) / rate_bps
    packets_s = 8 * sum(_on_wire(frame) for frame in frames) / rate_bps - payload_s
    return alone.edge_s + alone.device_s, payload_s, packets_s


def _on_wire(message_bytes: float) -> float:
    """With the headers of every segment that a message takes."""
    return message_bytes + HEADER_BYTES * ceil(message_bytes / SEGMENT_BYTES)


def _median(parts: Sequence[Parts]) -> Parts:
    return Parts(*(median(getattr(part, name) for part in parts) for name in PART_NAMES))
