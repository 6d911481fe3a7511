"""The same photos by the same plan, with exits on the way asked and without."""

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

import numpy as np

from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import KnownLink, Rig
from benchmarks.testbed.trial import open_trial
from edgent.latency.loading import load_costs
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan
from edgent.planning.plan_space import plan_space
from edgent.planning.table_building import build_cost_table

SLOWDOWN = 20.0
RATE_BPS = 250e3
LEAST_ACCURACY = 0.86
OWN_CHOICE = "own choice"
_UNHURRIED_S = 60.0
_LEARNING_REQUESTS = 20


@dataclass(frozen=True)
class Opened:
    """A runtime on the device.

    Attributes:
        name: Of the runtime.
        loss: That its exit rule may cost; None without a rule.
        known: What it measured of the link.
        every: All plans of the network, those that win on no link, too.
    """

    name: str
    loss: float | None
    known: KnownLink
    every: CostTable

    @classmethod
    def on(cls, rig: Rig, spec: Path, loss: float | None) -> "Opened":
        """Open a runtime with a spec, under its name."""
        known = rig.open(spec.stem, spec)
        costs = load_costs(open_trial(spec))
        every = build_cost_table(costs, *known.overhead_bytes, plan_space(costs))
        return cls(spec.stem, loss, known, every)

    def predicted_s(self, plan: Plan) -> float:
        """Seconds that a plan takes in the mean on the link as it was measured at first."""
        return float(self.every.in_the_mean.latency_s(self.known.link)[self.every.index_of(plan)])


@dataclass(frozen=True)
class Asked:
    """What photos took by one plan.

    Attributes:
        kind: Of plan.
        loss: That leaving early may cost; None where nobody is asked.
        plan: The plan.
        predicted_s: In the mean, from the profiles of both nodes.
        replies: One of each photo.
    """

    kind: str
    loss: float | None
    plan: Plan
    predicted_s: float
    replies: tuple[Reply, ...]

    @property
    def mean_s(self) -> float:
        """Seconds of an answer in the mean."""
        return mean(reply.latency_s for reply in self.replies)

    @property
    def mean_bytes(self) -> float:
        """Bytes up and down the connection in the mean."""
        return mean(reply.sent_bytes + reply.received_bytes for reply in self.replies)

    @property
    def left(self) -> float:
        """Share of the photos that left before the plan's exit."""
        return mean(reply.plan.exit != self.plan.exit for reply in self.replies)


@dataclass(frozen=True)
class Photo:
    """One photo by one plan; a row of the study's file."""

    kind: str
    loss: float | None
    plan: Plan
    answered_by: Plan
    latency_s: float
    sent_bytes: int
    received_bytes: int


def measure_plans(rig: Rig, opened: Sequence[Opened], photos: int, tell: Tell) -> Iterator[Asked]:
    """The quickest plan of every kind under the first rule, with every rule that has it and without.

    Args:
        rig: Serves the pipeline's endpoint; its device is slow.
        opened: Runtimes, some of them with rules; that of the first rule runs the plan that asks nobody, too.
        photos: How many.
        tell: Is told of the progress.
    """
    ruled = [one for one in opened if one.loss is not None]
    chosen = _chosen(rig, ruled[0])
    for turn, (kind, plan) in enumerate(chosen.items()):
        tell(str(plan), turn / (len(chosen) + 1))
        plans = dict.fromkeys((one for one in ruled if plan in one.every.plans), plan)
        plans[replace(ruled[0], loss=None)] = replace(plan, leaves_early=False)
        for one, own in plans.items():
            rig.wake(own, one.name)
            for number in range(_LEARNING_REQUESTS):
                rig.infer(one.name, number, _UNHURRIED_S, own)
        replies = _interleaved(rig, plans, photos)
        for one, own in plans.items():
            yield Asked(kind, one.loss, own, one.predicted_s(own), tuple(replies[one]))


def measure_choices(rig: Rig, opened: Sequence[Opened], photos: int, tell: Tell) -> Iterator[Asked]:
    """What every runtime makes of the photos by plans of its own choice, once it has learnt."""
    for turn, one in enumerate(opened):
        tell(f"own choice of {one.name}", turn / len(opened))
        replies = [rig.infer(one.name, number, _UNHURRIED_S) for number in range(_LEARNING_REQUESTS + photos)]
        replies = replies[_LEARNING_REQUESTS:]
        wanted = [reply.wanted for reply in replies]
        most = max(set(wanted), key=wanted.count)
        yield Asked(OWN_CHOICE, one.loss, most, one.predicted_s(most), tuple(replies))


def _interleaved(rig: Rig, plans: dict[Opened, Plan], photos: int) -> dict[Opened, list[Reply]]:
    """Every photo by every plan, in an order that is drawn anew for each photo."""
    draw = random.Random(0)  # noqa: S311  no secret
    replies: dict[Opened, list[Reply]] = {one: [] for one in plans}
    for number in range(photos):
        for one in draw.sample(list(plans), len(plans)):
            replies[one].append(rig.infer(one.name, number, _UNHURRIED_S, plans[one]))
    return replies


def _chosen(rig: Rig, one: Opened) -> dict[str, Plan]:
    """The plan of each kind that leaves early and is predicted to take the least in the mean."""
    costs = one.every
    latency_s = costs.in_the_mean.latency_s(one.known.link)
    deepest = costs.depth == costs.depth.max()
    chosen: dict[str, Plan] = {}
    for k in np.argsort(latency_s, kind="stable").tolist():
        plan = costs.plans[k]
        if plan.leaves_early and deepest[k] and costs.accuracy[k] >= LEAST_ACCURACY:
            chosen.setdefault(_kind(plan, rig.network.feature_codecs), plan)
    return {kind: chosen[kind] for kind in sorted(chosen)}


def _kind(plan: Plan, feature_codecs: Collection[str]) -> str:
    if not plan.remote:
        return "device-only"
    if plan.start == 0:
        return "edge first"
    return "device first, feature codec" if plan.codec_up in feature_codecs else "device first"
