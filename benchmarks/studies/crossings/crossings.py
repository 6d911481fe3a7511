"""The quickest plan of every family on a link, and a runtime that chooses by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.studies.crossings.families import Family, quickest_of_each
from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.plan_costs import plan_costs
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import KnownLink, Rig
from edgent.planning.plan import Plan

SLOWDOWN = 20.0
LEAST_ACCURACY = 0.86
_LEARNING_REQUESTS = 20
_UNHURRIED_S = 60.0
_LONGEST_S = 5.0  # of a plan that is measured: raw pixels on a slow link are not


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        rates_bps: Links, the same up and down.
        requests: How many of each plan, and of a runtime that has learnt, are counted.
    """

    rates_bps: Sequence[float]
    requests: int


@dataclass(frozen=True)
class Quickest:
    """The quickest plan of one family on one link.

    Attributes:
        predicted_s: From the profiles of both nodes and the link as it was measured at first.
        measured_s: What it took, request by request.
        sent_bytes, received_bytes: Of a request on the connection, with what HTTP or gRPC adds; medians.
    """

    rate_bps: float
    family: Family
    plan: Plan
    accuracy: float
    predicted_s: float
    measured_s: tuple[float, ...]
    sent_bytes: float
    received_bytes: float

    @property
    def latency_s(self) -> float:
        """The median."""
        return median(self.measured_s)


@dataclass(frozen=True)
class OwnChoice:
    """What a runtime chose by itself on one link, once it had learnt.

    Attributes:
        plans: Of each request.
        ratios: What it predicted over what it took, of requests that went by the plan that was wanted.
    """

    rate_bps: float
    interface: str
    plans: tuple[Plan, ...]
    measured_s: tuple[float, ...]
    ratios: tuple[float, ...]


def measure_link(
    rig: Rig, spec: Path, rate_bps: float, requests: int, tell: Tell
) -> tuple[list[Quickest], OwnChoice]:
    """Measure the quickest plan of every family, then let a runtime choose.

    Args:
        rig: Serves the pipeline's endpoint; its device is slow.
        spec: Asks for the quickest plan that is accurate enough.
        rate_bps: Of the link.
        requests: How many are counted.
        tell: Is told of the progress.
    """
    rig.set_rate(rate_bps)
    name = f"at-{rate_bps / 1e3:g}-kbps"
    known = rig.open(name, spec)
    quickest = list(_measure_families(rig, known, rate_bps, requests, tell))
    tell(f"{name}: own choice", 0.8)
    replies = [
        rig.infer(name, number, requirement_s=_UNHURRIED_S) for number in range(_LEARNING_REQUESTS + requests)
    ][-requests:]
    ratios = [
        reply.predicted_s / reply.latency_s
        for reply in replies
        if reply.predicted_s is not None and reply.plan == reply.wanted
    ]
    own = OwnChoice(
        rate_bps,
        known.interface,
        tuple(reply.plan for reply in replies),
        tuple(reply.latency_s for reply in replies),
        tuple(ratios),
    )
    return quickest, own


def _measure_families(
    rig: Rig, known: KnownLink, rate_bps: float, requests: int, tell: Tell
) -> Iterator[Quickest]:
    plans = quickest_of_each(known.costs, known.link, LEAST_ACCURACY, rig.network.feature_codecs)
    latency_s = known.costs.latency_s(known.link)
    for turn, (family, plan) in enumerate(plans.items()):
        tell(f"{plan} at {rate_bps / 1e3:g} kbps", 0.8 * turn / len(plans))
        predicted_s = float(latency_s[known.costs.index_of(plan)])
        replies = _run(rig, plan, requests) if predicted_s <= _LONGEST_S else []
        yield Quickest(
            rate_bps,
            family,
            plan,
            plan_costs(known.costs, plan).accuracy,
            predicted_s,
            tuple(reply.latency_s for reply in replies) or (predicted_s,),
            median([reply.sent_bytes for reply in replies] or [0]),
            median([reply.received_bytes for reply in replies] or [0]),
        )


def _run(rig: Rig, plan: Plan, count: int) -> list[Reply]:
    """Answers by a plan, once its layers are loaded on both nodes."""
    rig.wake(plan)
    return [rig.run(plan, number) for number in range(count)]
