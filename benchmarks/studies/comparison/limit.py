"""How far an answer is from its limit: T / T*, and where the rest goes.

T* is what the same frames would take over a bare TCP connection: its round trip, their bytes and those of the
packets that carry them at the link's rate, and head, tail and codecs measured alone.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from math import ceil
from statistics import median

from benchmarks.studies.comparison.methods import METHODS
from benchmarks.studies.comparison.static_grid import Outcome
from benchmarks.testbed.rig import UNSHAPED_BPS, Rig
from benchmarks.testbed.link.shaped_direction import HEADER_BYTES, SEGMENT_BYTES
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan

_PINGS = 20


@dataclass(frozen=True)
class Parts:
    """Where the seconds of one answer went; the first four are its limit T*.

    Attributes:
        compute_s: head, tail and codecs, measured alone.
        round_trip_s: of raw TCP with one byte.
        payload_s: frames, at the link's rate.
        packets_s: TCP, IP and Ethernet headers of the packets that frames alone would fill.
        protocol_s: what HTTP or gRPC adds, and the packets for it.
        hop_s: TorchServe's queue and hop, sockets, and packets that nobody counts (acknowledgements before
            an answer, an answer's head by itself): what is left of the exchange.
        python_s: the device's runtime around it, and what computing took more than alone.
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
        return sum((getattr(self, field.name) for field in fields(self)), 0.0)


@dataclass(frozen=True)
class LimitRow:
    """One plan on one link, over HTTP or gRPC; parts are medians over its requests."""

    rate_bps: float
    method: str
    interface: str
    parts: Parts

    @property
    def ratio(self) -> float:
        """T / T*."""
        return self.parts.total_s / self.parts.limit_s


def raw_round_trip_s(rig: Rig) -> float:
    """Twice what one byte takes over raw TCP on the unshaped link, as the link's probe measures it."""
    rig.set_rate(UNSHAPED_BPS)
    testbed = rig.testbed
    server = testbed.edge.popen_module("link_probe", "serve", testbed.edge_host)
    try:
        assert server.stdout is not None
        host, port = testbed.edge_address(int(server.stdout.readline()))
        probe = testbed.device_at_full_speed.popen_module(
            "link_probe", "measure", host, str(port), "0.01", *["up:1"] * _PINGS
        )
        output, _ = probe.communicate(timeout=60)
    finally:
        server.terminate()
        server.communicate()
    return 2 * float(median(json.loads(output)))


def run_limit(
    rig: Rig,
    round_trip_s: float,
    rates_bps: Sequence[float],
    names: Sequence[str],
    repeats: int,
    tell: Callable[[str, float], None],
) -> list[LimitRow]:
    """Edge-only plans on every link, the device at full speed: nothing hides what is lost on the way."""
    bare, rows = rig.bare_candidates(), []
    for number, rate_bps in enumerate(rates_bps):
        tell(f"limit at {rate_bps / 1e3:,g} kbps", number / len(rates_bps))
        rig.set_rate(rate_bps)
        known = rig.open("limit", hedge=False)
        plans = {name: METHODS[name].choose(known.candidates, known.link, 1.0) for name in names}
        found: dict[str, list[Parts]] = {name: [] for name in names}
        for turn in range(repeats):
            for name, plan in plans.items():
                assert plan is not None
                answer = rig.run(plan, turn)
                found[name].append(_parts(answer, bare, plan, rate_bps, round_trip_s))
        rows += [LimitRow(rate_bps, name, known.interface, _median(parts)) for name, parts in found.items()]
    return rows


def _parts(
    answer: dict[str, float], candidates: CostTable, plan: Plan, rate_bps: float, round_trip_s: float
) -> Parts:
    k = candidates.index_of(plan)
    compute_s, payload_s, packets_s = _least(candidates, k, rate_bps)
    wire_bytes = _on_wire(answer["sent_bytes"]) + _on_wire(answer["received_bytes"])
    wire_s = 8 * wire_bytes / rate_bps
    exchange_s = answer["network_s"] + answer["edge_s"]
    edge_s = float(candidates.edge_compute_s[k])
    return Parts(
        compute_s=compute_s,
        round_trip_s=round_trip_s,
        payload_s=payload_s,
        packets_s=packets_s,
        protocol_s=max(wire_s - payload_s - packets_s, 0.0),
        hop_s=max(exchange_s - edge_s - wire_s - round_trip_s, 0.0),
        python_s=max(answer["latency_s"] - exchange_s - (compute_s - edge_s), 0.0),
    )


def with_limits(
    outcomes: Sequence[Outcome], profiles: Sequence[CostTable], round_trip_s: float
) -> list[Outcome]:
    """Outcomes with T* of the plans that answered.

    Args:
        outcomes: of the grid.
        profiles: every plan with nothing but frames on the link, as profiled at different moments.
        round_trip_s: of raw TCP.
    """
    return [
        replace(outcome, limit_s=limit_s(profiles, plan, outcome.rate_bps, round_trip_s))
        if (plan := outcome.usually_by)
        else outcome
        for outcome in outcomes
    ]


def limit_s(profiles: Sequence[CostTable], plan: Plan, rate_bps: float, round_trip_s: float) -> float:
    """T* of a plan: of several profiles the one in which the plan takes least counts.

    Args:
        profiles: with compute times of these nodes, and with nothing but frames on the link.
        plan: one of them.
        rate_bps: of the link, both ways.
        round_trip_s: of raw TCP.
    """
    least_s = min(sum(_least(known, known.index_of(plan), rate_bps)) for known in profiles)
    return least_s + (round_trip_s if plan.partition_point else 0.0)


def _least(candidates: CostTable, k: int, rate_bps: float) -> tuple[float, float, float]:
    """Seconds of computing, of the frames' bytes, and of the headers of the packets that they fill."""
    frames = (float(candidates.upload_bytes[k]), float(candidates.download_bytes[k]))
    payload_s = 8 * sum(frames) / rate_bps
    packets_s = 8 * sum(_on_wire(frame) for frame in frames) / rate_bps - payload_s
    return float(candidates.edge_compute_s[k] + candidates.device_compute_s[k]), payload_s, packets_s


def _on_wire(message_bytes: float) -> float:
    """With the headers of every segment that a message takes."""
    return message_bytes + HEADER_BYTES * ceil(message_bytes / SEGMENT_BYTES)


def _median(parts: Sequence[Parts]) -> Parts:
    return Parts(*(median(getattr(one, field.name) for one in parts) for field in fields(Parts)))
