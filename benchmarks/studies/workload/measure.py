"""One device on one link: every method asked in bursts, on the same photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.studies.workload.answered import Answered, Measured, Subject
from benchmarks.studies.workload.asking import Asking
from benchmarks.studies.workload.bursts import Ask, in_bursts
from benchmarks.studies.workload.conditions import Condition
from benchmarks.studies.workload.devices import Device
from benchmarks.studies.workload.methods import AGAIN, METHODS, OURS, SMALL, STOCK, counts
from benchmarks.studies.workload.provenance import made_with
from benchmarks.studies.workload.steadiness import speed_s
from benchmarks.testbed.plan_costs import latencies_s
from benchmarks.testbed.rig import KnownLink
from benchmarks.testbed.trial import open_trial
from edgent.latency.loading import load_costs
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan
from edgent.planning.plan_space import Candidate, plan_space
from edgent.planning.table_building import build_cost_table

_TOO_LATE = 1.3
"""A plan that is predicted to take so many times the longest requirement is not asked: it is late."""


@dataclass(frozen=True)
class Effort:
    """How much is asked.

    Attributes:
        requirements_s: That runtimes plan for.
        learning: Photos by a runtime's own plans before anything counts, as many for each.
        rounds, counted: Bursts of each subject, and answers of a burst that count.
        limit_answers: Answers of each plan whose limit is measured, on each link.
        is_thorough: Whether nodes are profiled where they are, an exit rule is calibrated, and ours is run
            without each of its parts, too.
    """

    requirements_s: Sequence[float]
    learning: int
    rounds: int
    counted: int
    limit_answers: int
    is_thorough: bool = False

    @property
    def photos(self) -> int:
        """How many photos that takes on a link."""
        return self.rounds * (self.counted + 1)

    @property
    def counted_photos(self) -> int:
        """Of how many of them the answers count."""
        return self.rounds * self.counted


class Bench:
    """A device at its edge, ready to be asked."""

    def __init__(self, asking: Asking, device: Device, effort: Effort) -> None:
        self._asking, self._device, self._effort = asking, device, effort
        network = open_trial(device.specs[OURS])
        self._costs = load_costs(network)
        layers = {path.exit_name: len(path.layers) for path in network.graph.paths}
        self._space: list[Candidate] = [one for one in plan_space(self._costs) if counts(one, layers)]
        self._awake: set[tuple[str, Plan]] = set()

    def measure(self, condition: Condition, runtimes: Sequence[str], first: int) -> Measured:
        """Ask everything on one link.

        Args:
            condition: The link.
            first: The number of the first photo that is asked there.
            runtimes: Of the device's specs: those that plan by themselves here, ours first.
        """
        asking, effort = self._asking, self._effort
        rig, speeds_s = asking.rig, [speed_s()]
        rig.set_round_trip(condition.round_trip_s)
        rig.set_rate(condition.up_bps, condition.down_bps)
        # Ours comes last: given plans go over the interface of who was opened last.
        opened = {name: rig.open(name, self._device.specs[name]) for name in reversed(runtimes)}
        known = opened[OURS]
        table = build_cost_table(self._costs, *known.overhead_bytes, iter(self._space))
        candidates = self._candidates(table, known)
        plans = {subject.name for by_s in candidates.values() for those in by_s.values() for subject in those}
        asks: dict[Subject, Ask[Answered]] = {
            Subject(name): asking.given(Plan.parse(name), table) for name in sorted(plans)
        }
        asks[Subject(AGAIN)] = asking.given(Plan.device_only(table.exits[-1]), table)
        asks[Subject(STOCK)] = asking.stock(table)
        asks[Subject(SMALL)] = asking.small
        for name, link in opened.items():
            own = {requirement_s: Subject(name, requirement_s) for requirement_s in effort.requirements_s}
            asks |= {subject: asking.own_choice(subject, link.costs) for subject in own.values()}
            candidates[name] = {requirement_s: [subject] for requirement_s, subject in own.items()}
            for number in range(effort.learning):
                for subject in own.values():
                    asks[subject](first + number)
        for name in (STOCK, SMALL, AGAIN):
            candidates[name] = {requirement_s: [Subject(name)] for requirement_s in effort.requirements_s}
        for plan in map(Plan.parse, plans):
            if plan.remote and (known.interface, plan) not in self._awake:
                rig.wake(plan)
                self._awake.add((known.interface, plan))
        answers = in_bursts(
            asks, effort.rounds, effort.counted, first, before_round=lambda: speeds_s.append(speed_s())
        )
        speeds_s.append(speed_s())
        return Measured(condition, answers, candidates, median(speeds_s), made_with())

    def _candidates(self, table: CostTable, known: KnownLink) -> dict[str, dict[float, list[Subject]]]:
        """The plans of every method but ours; those that are bound to be late are left out."""
        latency_s = latencies_s(table, known.link)
        latest_s = _TOO_LATE * max(self._effort.requirements_s)
        return {
            name: {
                requirement_s: [
                    Subject(str(plan))
                    for plan in method.choose(table, known.link, requirement_s)
                    if latency_s[plan] <= latest_s
                ]
                for requirement_s in self._effort.requirements_s
            }
            for name, method in METHODS.items()
        }
