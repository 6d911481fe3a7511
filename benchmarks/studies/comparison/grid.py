"""Bandwidths and latency requirements: what every method answers, and when."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.studies.comparison.answered import Answered, late_share, mean_accuracy_in_time
from benchmarks.studies.comparison.methods import METHODS, OURS
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import Rig
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from benchmarks.testbed.device.reply import Reply

_CALIBRATION_ROUNDS = 4


@dataclass(frozen=True)
class Outcome:
    """A method on a link under a requirement.

    Attributes:
        plan: What the method chose, most often where it chose anew; None where it had no plan.
        limit_s: T* of the plan that answered most often; None before it is known, or where there is no plan.
    """

    rate_bps: float
    latency_requirement_s: float
    method: str
    plan: Plan | None
    answers: tuple[Answered, ...]
    limit_s: float | None = None

    @property
    def usually_by(self) -> Plan | None:
        """The plan that answered most often."""
        return most_common(answer.plan for answer in self.answers) if self.answers else None

    @property
    def ratio(self) -> float | None:
        """T / T*, of the answers by the plan that gave most of them; None where there is no plan."""
        if self.limit_s is None:
            return None
        by = self.usually_by
        return median(answer.latency_s for answer in self.answers if answer.plan == by) / self.limit_s

    @property
    def median_s(self) -> float | None:
        """The latency that half of the requests kept to; None where there were no requests."""
        return median(answer.latency_s for answer in self.answers) if self.answers else None

    @property
    def late_share(self) -> float:
        """The share of late answers; a method without a plan is always late."""
        return late_share(self.answers)

    @property
    def accuracy_in_time(self) -> float:
        """Mean accuracy, where a late answer counts nothing."""
        return mean_accuracy_in_time(self.answers)


def run_grid(
    rig: Rig, rates_bps: Sequence[float], requirements_s: Sequence[float], rounds: int, tell: Tell
) -> Iterator[Outcome]:
    """Every method on every link: in each round every plan once, and ours once for each requirement."""
    for number, rate_bps in enumerate(rates_bps):
        tell(f"at {rate_bps / 1e3:,g} kbps", number / len(rates_bps))
        rig.set_rate(rate_bps)
        yield from _run_link(rig, rate_bps, requirements_s, rounds)


def _run_link(rig: Rig, rate_bps: float, requirements_s: Sequence[float], rounds: int) -> list[Outcome]:
    """Every method on the link as it is; a plan that several methods choose runs once a round for all."""
    known = rig.open(OURS, device={"hedge": True})
    chosen = {
        (name, requirement_s): method.choose(known.costs, known.link, requirement_s)
        for name, method in METHODS.items()
        for requirement_s in requirements_s
    }
    given: dict[Plan, list[Reply]] = {plan: [] for plan in chosen.values() if plan}
    ours: dict[float, list[Reply]] = {requirement_s: [] for requirement_s in requirements_s}
    for turn in range(-_CALIBRATION_ROUNDS, rounds):
        for requirement_s, replies in ours.items():
            reply = rig.infer(OURS, turn + _CALIBRATION_ROUNDS, requirement_s)
            rig.ask(do="settle", runtime=OURS)
            if turn >= 0:
                replies.append(reply)
        for plan, replies in given.items():
            if turn >= 0:
                replies.append(rig.run(plan, turn + _CALIBRATION_ROUNDS))
    wanted = {
        (OURS, requirement_s): most_common(reply.wanted for reply in replies)
        for requirement_s, replies in ours.items()
    }
    outcomes = []
    for (name, requirement_s), wants in (chosen | wanted).items():
        replies = ours[requirement_s] if name == OURS else given[wants] if wants else []
        link = f"{rate_bps / 1e3:g} kbps"
        answers = tuple(Answered.of(reply, link, name, requirement_s, known.costs) for reply in replies)
        outcomes.append(Outcome(rate_bps, requirement_s, name, wants, answers))
    return outcomes


def most_common(plans: Iterable[Plan]) -> Plan:
    """The plan that occurs most often."""
    return Counter(plans).most_common(1)[0][0]
