"""Bandwidths and latency requirements: what every method answers, and when."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, median

from benchmarks.comparison.limit import limit_s, raw_round_trip_s
from benchmarks.comparison.methods import METHODS, OURS
from benchmarks.rig.rig import Rig
from edgent.latency.loading import load_costs
from edgent.planning.candidates import Candidates
from edgent.planning.plan import Plan

_CALIBRATION_ROUNDS = 4


@dataclass(frozen=True)
class Outcome:
    """One method on one link under one requirement.

    Attributes:
        rate_bps, latency_requirement_s, method: where, and which.
        plan: what the method chose; None where it found nothing.
        latency_s: of each request.
        accuracy: of each answer: that of the plan that answered.
        limit_s: T* of the plan; None where there is none.
    """

    rate_bps: float
    latency_requirement_s: float
    method: str
    plan: Plan | None
    latency_s: tuple[float, ...]
    accuracy: tuple[float, ...]
    limit_s: float | None = None

    @property
    def ratio(self) -> float | None:
        """T / T*; None where there is no plan."""
        return self.median_s / self.limit_s if self.median_s and self.limit_s else None

    @property
    def median_s(self) -> float | None:
        """The latency that half of the requests kept to; None where there were none."""
        return median(self.latency_s) if self.latency_s else None

    @property
    def late_share(self) -> float:
        """Of the requests; a method without a plan is always late."""
        if not self.latency_s:
            return 1.0
        return mean(latency_s > self.latency_requirement_s for latency_s in self.latency_s)

    @property
    def accuracy_in_time(self) -> float:
        """Mean accuracy, where a late answer counts nothing."""
        if not self.latency_s:
            return 0.0
        return mean(
            accuracy if latency_s <= self.latency_requirement_s else 0.0
            for latency_s, accuracy in zip(self.latency_s, self.accuracy, strict=True)
        )


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
    bare, round_trip_s = load_costs(rig.network).candidates(), raw_round_trip_s(rig)
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
        given: dict[Plan, list[float]] = {plan: [] for plan in plans}
        ours: dict[float, list[tuple[Plan, float]]] = {requirement_s: [] for requirement_s in requirements_s}
        for turn in range(rounds + _CALIBRATION_ROUNDS):
            for requirement_s in requirements_s:
                answer = rig.infer(OURS, requirement_s, turn)
                rig.ask(do="settle", runtime=OURS)
                if turn >= _CALIBRATION_ROUNDS:
                    ours[requirement_s].append((Plan.parse(answer["plan"]), answer["latency_s"]))
            if turn >= _CALIBRATION_ROUNDS:
                for plan in plans:
                    given[plan].append(rig.run(plan, turn)["latency_s"])
            tell(
                f"at {rate_bps / 1e3:,g} kbps",
                (number + turn / (rounds + _CALIBRATION_ROUNDS)) / len(rates_bps),
            )
        outcomes += [
            Outcome(
                rate_bps,
                requirement_s,
                name,
                plan,
                tuple(given[plan]) if plan else (),
                (_accuracy(known.candidates, plan),) * len(given[plan]) if plan else (),
                limit_s(bare, plan, rate_bps, round_trip_s) if plan else None,
            )
            for (name, requirement_s), plan in chosen.items()
        ]
        for requirement_s, answers in ours.items():
            plan = Counter(done for done, _ in answers).most_common(1)[0][0]
            outcomes.append(
                Outcome(
                    rate_bps,
                    requirement_s,
                    OURS,
                    plan,
                    tuple(latency_s for _, latency_s in answers),
                    tuple(_accuracy(known.candidates, done) for done, _ in answers),
                    limit_s(bare, plan, rate_bps, round_trip_s),
                )
            )
    return outcomes


def _accuracy(candidates: Candidates, plan: Plan) -> float:
    return float(candidates.accuracy[candidates.index_of(plan)])
