"""Asks for one photo: a plan, a runtime that plans by itself, the stock classifier or the small network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.studies.workload.answered import Answered, Subject
from benchmarks.studies.workload.bursts import Ask
from benchmarks.studies.workload.methods import SMALL, STOCK
from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.plan_costs import plan_costs
from benchmarks.testbed.rig import Rig
from edgent.planning.cost_table import CostTable
from edgent.planning.plan import Plan

_UNHURRIED_S = 60.0


@dataclass(frozen=True)
class Photos:
    """The photos, in the order of their numbers.

    Attributes:
        files: As the phone made them.
        labels: What is on them.
    """

    files: Sequence[Path]
    labels: Sequence[str]


class Asking:
    """A device at its edge, ready to be asked.

    Attributes:
        rig: Device and edge.
    """

    def __init__(self, rig: Rig, photos: Photos, small_accuracy: float) -> None:
        """Begin.

        Args:
            rig: Device and edge, served and started.
            photos: The device's inputs are made of them.
            small_accuracy: Of the small network, on all held-out photos.
        """
        self.rig = rig
        self._photos, self._small_accuracy = photos, small_accuracy
        self._names = rig.network.spec.input.labels

    def given(self, plan: Plan, table: CostTable) -> Ask[Answered]:
        """A plan, whatever it takes; its accuracy is that of a table of costs.

        A runtime of its own carries it out: those that plan learn from their own requests alone.
        """

        def ask(number: int) -> Answered:
            reply = self.rig.run(plan, number)
            return self._answered(reply, number, table)

        return ask

    def own_choice(self, subject: Subject, costs: CostTable, *, settles: bool = True) -> Ask[Answered]:
        """A runtime that plans by itself for a requirement.

        Args:
            subject: its name, and the requirement.
            costs: what its plans promise.
            settles: whether the next request waits until nothing of this one is under way any more; on a link
                that fails that is long after its answer.
        """

        def ask(number: int) -> Answered:
            reply = self.rig.infer(subject.name, number, subject.requirement_s)
            if settles:
                self.rig.ask(do="settle", runtime=subject.name)
            return self._answered(reply, number, costs)

        return ask

    def stock(self, table: CostTable) -> Ask[Answered]:
        """The stock classifier, with the photo's file; its accuracy is that of the deepest exit."""
        accuracy = float(table.accuracy[table.index_of(Plan.device_only(table.exits[-1]))])

        def ask(number: int) -> Answered:
            number %= len(self._photos.files)
            reply = self.rig.ask_stock(self._photos.files[number])
            right = reply.label == self._photos.labels[number]
            sizes = reply.sent_bytes, reply.received_bytes
            return Answered(STOCK, STOCK, reply.latency_s, accuracy, right, *sizes, 0.0)

        return ask

    def small(self, number: int) -> Answered:
        """The small network, on the device."""
        reply = self.rig.infer(SMALL, number, _UNHURRIED_S)
        right = self._is_right(reply, number)
        return Answered(SMALL, SMALL, reply.latency_s, self._small_accuracy, right, 0, 0, reply.latency_s)

    def _answered(self, reply: Reply, number: int, table: CostTable) -> Answered:
        return Answered(
            str(reply.wanted),
            str(reply.plan),
            reply.latency_s,
            plan_costs(table, _credited(reply)).accuracy,
            self._is_right(reply, number),
            reply.sent_bytes,
            reply.received_bytes,
            _busy_s(reply),
        )

    def _is_right(self, reply: Reply, number: int) -> bool:
        label = self._names[max(range(len(reply.logits)), key=reply.logits.__getitem__)]
        return label == self._photos.labels[number % len(self._photos.labels)]


def _credited(reply: Reply) -> Plan:
    """Whose accuracy an answer has: a plan's with a rule, where the rule let the input leave or go on."""
    by_rule = reply.left_early or reply.plan.exit == reply.wanted.exit
    return reply.wanted if reply.wanted.leaves_early and reply.edge_error is None and by_rule else reply.plan


def _busy_s(reply: Reply) -> float:
    """Seconds that the device computed; where a local exit stood in, without waiting for the edge."""
    if reply.wanted.remote and not reply.plan.remote:
        return sum(reply.stage_s.values())
    return reply.latency_s - reply.network_s - reply.edge_s
