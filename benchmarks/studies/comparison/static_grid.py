"""Bandwidths and latency requirements: what every method answers, and when."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from benchmarks.studies.comparison.methods import METHODS, OURS
from benchmarks.testbed.rig import Rig
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan

_CALIBRATION_ROUNDS = 4


@dataclass(frozen=True)
class Reply:
    """One request's.

    Attributes:
        plan: what answered: a local exit where the edge was late.
        latency_s: when.
        accuracy: of that plan.
    """

    plan: Plan
    latency_s: float
    accuracy: float


@dataclass(frozen=True)
class Outcome:
    """One method on one link under one requirement.

    Attributes:
        rate_bps, latency_requirement_s, method: where, and which.
        plan: what the method chose, most often where it chose anew; None where it found nothing.
        replies: to each request.
        limit_s: T* of the plan that answered most often, once it is known; None where there is none.
    """

    rate_bps: float
    latency_requirement_s: float
    method: str
    plan: Plan | None
    replies: tuple[Reply, ...]
    limit_s: float | None = None

    @property
    def usually_by(self) -> Plan | None:
        """The plan that answered most often."""
        return _most_common(reply.plan for reply in self.replies) if self.replies else None

    @property
    def ratio(self) -> float | None:
        """T / T*, of the replies by the plan that gave most of them; None where there is no plan."""
        if self.limit_s is None:
            return None
        by = self.usually_by
        return median(reply.latency_s for reply in self.replies if reply.plan == by) / self.limit_s

    @property
    def median_s(self) -> float | None:
        """The latency that half of the requests kept to; None where there were none."""
        return median(reply.latency_s for reply in self.replies) if self.replies else None

    @property
    def late_share(self) -> float:
        """Of the requests; a method without a plan is always late."""
        return 1 - mean(map(self._in_time, self.replies)) if self.replies else 1.0

    @property
    def accuracy_in_time(self) -> float:
        """Mean accuracy, where a late answer counts nothing."""
        return mean(self._in_time(one) * one.accuracy for one in self.replies) if self.replies else 0.0

    def _in_time(self, reply: Reply) -> bool:
        return reply.latency_s <= self.latency_requirement_s


def run_grid(
    rig: Rig,
    rates_bps: Sequence[float],
    requirements_s: Sequence[float],
    rounds: int,
    tell: Callable[[str, float], None],
) -> list[Outcome]:
    """Every method on every link: in each round every plan once, and ours once for each requirement.

    Plans that several methods choose are run once a round for all of them.
    """
    outcomes: list[Outcome] = []
    for number, rate_bps in enumerate(rates_bps):
        rig.set_rate(rate_bps)
        tell(f"at {rate_bps / 1e3:,g} kbps", number / len(rates_bps))
        known = rig.open(OURS, hedge=True)
        chosen = {
            (name, requirement_s): method.choose(known.candidates, known.link, requirement_s)
            for name, method in METHODS.items()
            for requirement_s in requirements_s
        }
        plans = list(dict.fromkeys(plan for plan in chosen.values() if plan))
        given: dict[Plan, list[Reply]] = {plan: [] for plan in plans}
        ours: dict[float, list[Reply]] = {requirement_s: [] for requirement_s in requirements_s}
        wanted: dict[float, list[Plan]] = {requirement_s: [] for requirement_s in requirements_s}
        for turn in range(rounds + _CALIBRATION_ROUNDS):
            for requirement_s in requirements_s:
                answer = rig.infer(OURS, requirement_s, turn)
                rig.ask(do="settle", runtime=OURS)
                if turn >= _CALIBRATION_ROUNDS:
                    ours[requirement_s].append(_reply(answer, known.candidates))
                    wanted[requirement_s].append(Plan.parse(answer["wanted"]))
            if turn >= _CALIBRATION_ROUNDS:
                for plan in plans:
                    given[plan].append(_reply(rig.run(plan, turn), known.candidates))
            tell(
                f"at {rate_bps / 1e3:,g} kbps",
                (number + turn / (rounds + _CALIBRATION_ROUNDS)) / len(rates_bps),
            )
        outcomes += [
            Outcome(rate_bps, requirement_s, name, plan, tuple(given[plan]) if plan else ())
            for (name, requirement_s), plan in chosen.items()
        ]
        outcomes += [
            Outcome(rate_bps, requirement_s, OURS, _most_common(wanted[requirement_s]), tuple(replies))
            for requirement_s, replies in ours.items()
        ]
    return outcomes


def _reply(answer: Mapping[str, Any], candidates: CostTable) -> Reply:
    plan = Plan.parse(answer["plan"])
    return Reply(plan, answer["latency_s"], float(candidates.accuracy[candidates.index_of(plan)]))


def _most_common(plans: Iterable[Plan]) -> Plan:
    return Counter(plans).most_common(1)[0][0]
