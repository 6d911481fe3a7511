"""A runtime that chooses by itself on a steady link: what it predicts, and what it comes to believe."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median

from benchmarks.testbed.device.reply import Reply
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import Rig
from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.spec import read_spec

LEARNING_REQUESTS = 20
RATES_BPS = ((2e6, 200e3), (200e3, 2e6), (10e6, 1e6))
"""Up and down."""
INTERFACES = ("http", "grpc")
_USUAL_HOP_S = 3e-3


@dataclass(frozen=True)
class Wish:
    """What a runtime is to choose for.

    Attributes:
        spec: The pipeline with this objective.
    """

    name: str
    latency_requirement_s: float
    spec: Path


@dataclass(frozen=True)
class Asked:
    """Requests of a runtime's own choice on one link.

    Attributes:
        link: As it was: bytes on the wire, and the delay that the testbed adds.
        first, last: As the runtime believed it to be before the first request, and after the last.
        replies: In order, those from which it was to learn among them.
    """

    wish: str
    interface: str
    link: Link
    first: Link
    last: Link
    replies: tuple[Reply, ...]

    @property
    def settled(self) -> list[Reply]:
        """Answers after the learning whose plan was carried out."""
        return [reply for reply in self.replies[LEARNING_REQUESTS:] if reply.plan == reply.wanted]

    @property
    def plan(self) -> Plan:
        """What was chosen most, after the learning."""
        wanted = [reply.wanted for reply in self.replies[LEARNING_REQUESTS:]]
        return max(wanted, key=wanted.count)

    @property
    def error(self) -> float:
        """Median of |predicted - measured| / measured over the settled answers; not a number without any."""
        errors = [abs(_predicted_s(reply) / reply.latency_s - 1) for reply in self.settled]
        return median(errors) if errors else float("nan")

    @property
    def bias(self) -> float:
        """Median of predicted / measured - 1, above 0 where too much was predicted."""
        errors = [_predicted_s(reply) / reply.latency_s - 1 for reply in self.settled]
        return median(errors) if errors else float("nan")

    def exchanges_s(self) -> tuple[float, float] | None:
        """Medians of what settled exchanges are believed to take now, and took; None without any."""
        asked = [reply for reply in self.settled if reply.network_s]
        if not asked:
            return None
        believed = [
            self.last.round_trip_s
            + 8 * reply.sent_bytes / self.last.upload_bps
            + 8 * reply.received_bytes / self.last.download_bps
            for reply in asked
        ]
        return median(believed), median(reply.network_s for reply in asked)


def links(round_trips_s: Sequence[float]) -> list[Link]:
    """Every pair of rates with every round trip."""
    return [Link(round_trip_s, up, down) for (up, down), round_trip_s in product(RATES_BPS, round_trips_s)]


def wanted_plans(costs: CostTable, wishes: Sequence[Wish], on: Sequence[Link]) -> list[Plan]:
    """The plans with a head that are likely to be chosen."""
    chosen = {
        read_spec(wish.spec)
        .plans_for.search(
            costs,
            Link(link.round_trip_s + _USUAL_HOP_S, link.upload_bps, link.download_bps),
            wish.latency_requirement_s,
        )
        .plan
        for wish, link in product(wishes, on)
    }
    return sorted((plan for plan in chosen if plan.remote), key=str)


def measure(
    rig: Rig, on: Sequence[Link], wishes: Sequence[Wish], requests: int, tell: Tell
) -> Iterator[Asked]:
    """Open a runtime on every link over every interface, for every wish, and ask it.

    Args:
        rig: Serves the pipeline; its device is slow.
        on: The links.
        wishes: What is chosen for.
        requests: How many, with those from which the runtime learns.
        tell: Is told of the progress.
    """
    cells = list(product(on, INTERFACES, wishes))
    for number, (link, interface, wish) in enumerate(cells):
        tell(f"{wish.name} over {interface}", number / len(cells))
        rig.set_rate(link.upload_bps, link.download_bps)
        rig.set_round_trip(link.round_trip_s)
        first = rig.open(wish.name, wish.spec, (interface,)).link
        replies = [rig.infer(wish.name, turn, wish.latency_requirement_s) for turn in range(requests)]
        last = Link(*rig.ask(do="link", runtime=wish.name)["link"])
        yield Asked(wish.name, interface, link, first, last, tuple(replies))


def _predicted_s(reply: Reply) -> float:
    assert reply.predicted_s is not None, "a runtime that plans predicts"
    return reply.predicted_s
