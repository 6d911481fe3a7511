"""One device on one link: every method asked in bursts, on the same photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.studies.workload.answered import Answered, Measured, Subject
from benchmarks.studies.workload.bursts import Ask, in_bursts
from benchmarks.studies.workload.conditions import Condition
from benchmarks.studies.workload.devices import Device
from benchmarks.studies.workload.methods import AGAIN, METHODS, OURS, SMALL, STOCK, counts
from benchmarks.studies.workload.steadiness import speed_s, unsteady
from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.plan_costs import latencies_s, plan_costs
from benchmarks.testbed.rig import KnownLink, Rig
from benchmarks.testbed.trial import open_trial
from edgent.latency.loading import load_costs
from edgent.planning.cost_table import CostTable, build_cost_table
from edgent.planning.plan import Plan
from edgent.planning.plan_space import Candidate, plan_space

_UNHURRIED_S = 60.0
_TOO_LATE = 1.3
"""A plan that is predicted to take so many times the longest requirement is not asked: it is late."""


@dataclass(frozen=True)
class Effort:
    """How much is asked.

    Attributes:
        requirements_s: That runtimes plan for.
        learning: Photos by a runtime's own plans before anything counts, as many for each.
        rounds, counted: Bursts of each subject, and answers of a burst that count.
    """

    requirements_s: Sequence[float]
    learning: int
    rounds: int
    counted: int


@dataclass(frozen=True)
class Photos:
    """The photos, in the order of their numbers.

    Attributes:
        files: As the phone made them.
        labels: What is on them.
    """

    files: Sequence[Path]
    labels: Sequence[str]


class Bench:
    """A device at its edge, ready to be asked."""

    def __init__(
        self, rig: Rig, device: Device, photos: Photos, small_accuracy: float, effort: Effort
    ) -> None:
        self._rig, self._device, self._photos, self._effort = rig, device, photos, effort
        self._small_accuracy = small_accuracy
        self._names = rig.network.spec.input.labels
        network = open_trial(device.specs[OURS])
        self._costs = load_costs(network)
        layers = {path.exit_name: len(path.layers) for path in network.graph.paths}
        self._space: list[Candidate] = [one for one in plan_space(self._costs) if counts(one, layers)]
        self._awake: set[Plan] = set()

    def measure(self, condition: Condition, runtimes: Sequence[str]) -> Measured:
        """Ask everything on one link.

        Args:
            condition: The link.
            runtimes: Of the device's specs: those that plan by themselves here, ours first.
        """
        rig, effort = self._rig, self._effort
        rig.set_round_trip(condition.round_trip_s)
        rig.set_rate(condition.up_bps, condition.down_bps)
        opened = {name: rig.open(name, self._device.specs[name]) for name in runtimes}
        known = opened[OURS]
        table = build_cost_table(self._costs, *known.overhead_bytes, iter(self._space))
        candidates = self._candidates(table, known)
        plans = {subject.name for by_s in candidates.values() for those in by_s.values() for subject in those}
        asks: dict[Subject, Ask[Answered]] = {
            Subject(name): self._given(Plan.parse(name), table) for name in sorted(plans)
        }
        asks[Subject(AGAIN)] = self._given(Plan.device_only(table.exits[-1]), table)
        asks[Subject(STOCK)] = self._ask_stock(table)
        asks[Subject(SMALL)] = self._ask_small
        for name, link in opened.items():
            own = {requirement_s: Subject(name, requirement_s) for requirement_s in effort.requirements_s}
            asks |= {subject: self._own_choice(subject, link.costs) for subject in own.values()}
            candidates[name] = {requirement_s: [subject] for requirement_s, subject in own.items()}
            for number in range(effort.learning):
                for subject in own.values():
                    asks[subject](number)
        for name in (STOCK, SMALL, AGAIN):
            candidates[name] = {requirement_s: [Subject(name)] for requirement_s in effort.requirements_s}
        for plan in map(Plan.parse, plans):
            if plan.remote and plan not in self._awake:
                rig.wake(plan, OURS)
                self._awake.add(plan)
        answers = in_bursts(asks, effort.rounds, effort.counted)
        return Measured(condition, answers, candidates, speed_s())

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

    def _given(self, plan: Plan, table: CostTable) -> Ask[Answered]:
        def ask(number: int) -> Answered:
            reply = self._rig.infer(OURS, number, _UNHURRIED_S, plan)
            return self._answered(reply, number, table)

        return ask

    def _own_choice(self, subject: Subject, costs: CostTable) -> Ask[Answered]:
        def ask(number: int) -> Answered:
            reply = self._rig.infer(subject.name, number, subject.requirement_s)
            self._rig.ask(do="settle", runtime=subject.name)
            return self._answered(reply, number, costs)

        return ask

    def _ask_stock(self, table: CostTable) -> Ask[Answered]:
        accuracy = float(table.accuracy[table.index_of(Plan.device_only(table.exits[-1]))])

        def ask(number: int) -> Answered:
            number %= len(self._photos.files)
            reply = self._rig.ask_stock(self._photos.files[number])
            right = reply.label == self._photos.labels[number]
            sizes = reply.sent_bytes, reply.received_bytes
            return Answered(STOCK, STOCK, reply.latency_s, accuracy, right, *sizes, 0.0)

        return ask

    def _ask_small(self, number: int) -> Answered:
        reply = self._rig.infer(SMALL, number, _UNHURRIED_S)
        right = self._is_right(reply, number)
        return Answered(SMALL, SMALL, reply.latency_s, self._small_accuracy, right, 0, 0, reply.latency_s)

    def _answered(self, reply: Reply, number: int, table: CostTable) -> Answered:
        as_wanted = reply.wanted.leaves_early and reply.edge_error is None
        plan = reply.wanted if as_wanted else reply.plan
        return Answered(
            str(reply.wanted),
            str(reply.plan),
            reply.latency_s,
            plan_costs(table, plan).accuracy,
            self._is_right(reply, number),
            reply.sent_bytes,
            reply.received_bytes,
            reply.latency_s - reply.network_s - reply.edge_s,
        )

    def _is_right(self, reply: Reply, number: int) -> bool:
        label = self._names[max(range(len(reply.logits)), key=reply.logits.__getitem__)]
        return label == self._photos.labels[number % len(self._photos.labels)]


def kept(folder: Path, conditions: Sequence[Condition]) -> Mapping[Condition, Measured]:
    """What was measured already."""
    files = {condition: folder / condition.file_name for condition in conditions}
    return {condition: Measured.read(file) for condition, file in files.items() if file.exists()}


def left_to_measure(folder: Path, conditions: Sequence[Condition]) -> list[Condition]:
    """What was not measured yet, or while the machine was faster or slower than it usually was."""
    measured = kept(folder, conditions)
    again = unsteady({condition: one.speed_s for condition, one in measured.items()}) if measured else []
    return [condition for condition in conditions if condition not in measured or condition in again]
