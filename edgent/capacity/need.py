"""How many edges or workers it takes for answers to be about as good as on an idle edge."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from edgent.capacity.crowd import Span
from edgent.capacity.figures import Figures, figures_of
from edgent.capacity.least import least
from edgent.capacity.scenario import ALONE, IDLE, Edges, Scenario
from edgent.capacity.shortfall import Shortfall, shortfalls
from edgent.capacity.simulation import grid_of, simulate

MOST_WORKERS = 100_000
"""Of one edge: with more, nothing is tried."""
_USUAL_SPAN = Span()


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked.

    Attributes:
        name: of the pipeline.
        scenario: who asks how often, over which links.
        edges: how many there are; None: as few as it takes.
        workers: of each edge; None: as few as it takes. At least one of the two is given.
        late_share: of requests that may be answered late; and of those that load may make late for the
            edge, whoever answers them in its place.
        loss: of accuracy, that answers may lack of what they have where nobody waits on an edge.
        span: how long is simulated.
    """

    name: str
    scenario: Scenario
    edges: int | None = None
    workers: int | None = None
    late_share: float = 0.01
    loss: float = 0.01
    span: Span = _USUAL_SPAN


@dataclass(frozen=True)
class Need:
    """The answer.

    Attributes:
        name: of the pipeline.
        devices: how many there are.
        rate_hz: requests of each a second.
        latency_requirement_s: seconds from input to answer.
        late_share, loss: what was asked for.
        measure: what accuracies are measured by.
        idle: figures where nobody waits on an edge.
        busy_workers: that requests keep busy in the mean where nobody waits.
        found: figures with the edges and workers that are needed, or that were given.
        is_given: whether both numbers were given; else the least one was looked for.
        shortfalls: what these fall short in; none where they are enough.
        tried: figures with each number that was tried, rising.
    """

    name: str
    devices: int
    rate_hz: float
    latency_requirement_s: float
    late_share: float
    loss: float
    measure: str
    idle: Figures
    busy_workers: float
    found: Figures
    is_given: bool
    shortfalls: tuple[Shortfall, ...]
    tried: tuple[Figures, ...]

    @property
    def is_enough(self) -> bool:
        """Whether nothing is wanting."""
        return not self.shortfalls


def need(question: Question, tell: Callable[[Edges], None] = lambda _: None) -> Need:
    """Simulate, and search where a number is asked for: with more edges or workers less is late.

    Args:
        question: what is asked.
        tell: called with each number before it is simulated.
    """
    scenario = question.scenario
    trials = _Trials(question, tell)
    idle = trials.of(IDLE)
    is_given = question.edges == 0 or None not in (question.edges, question.workers)
    if question.edges is not None and question.workers is not None:
        found = trials.of(Edges(question.edges, question.workers))
    elif idle.late_share > question.late_share:
        found = idle
    elif question.edges != 0 and trials.shortfalls(trials.of(ALONE)):
        found = trials.of(_least(question, trials))
    else:
        found = trials.of(ALONE)
    return Need(
        question.name,
        scenario.devices,
        scenario.rate_hz,
        scenario.conditions.latency_requirement_s,
        question.late_share,
        question.loss,
        scenario.conditions.table.measure,
        idle,
        trials.busy_workers,
        found,
        is_given,
        trials.shortfalls(found),
        trials.limited,
    )


def _least(question: Question, trials: "_Trials") -> Edges:
    """The least number of edges, or of workers of each edge, that is enough; the most if none is."""
    sized: Callable[[int], Edges]
    if question.workers is None:
        count = question.edges or 1
        sized, most, busy = partial(Edges, count), MOST_WORKERS, trials.busy_workers / count
    else:
        workers = question.workers
        sized, most = partial(_of_workers, workers), question.scenario.devices
        busy = trials.busy_workers / workers
    number = least(lambda tried: not trials.shortfalls(trials.of(sized(tried))), math.ceil(busy), most)
    return sized(most if number is None else number)


def _of_workers(workers: int, count: int) -> Edges:
    return Edges(count, workers)


class _Trials:
    """Simulations of one scenario, each made once, all with the same requests and decisions."""

    def __init__(self, question: Question, tell: Callable[[Edges], None]) -> None:
        self._question = question
        self._tell = tell
        self._grid = grid_of(question.scenario)
        self._made: dict[Edges, Figures] = {}
        self.busy_workers = 0.0
        """Workers that are busy on an idle edge, in the mean."""

    def of(self, edges: Edges) -> Figures:
        """Figures with so many edges."""
        if edges not in self._made:
            self._tell(edges)
            scenario = self._question.scenario
            outcome = simulate(scenario, edges, self._grid, self._question.span)
            self._made[edges] = figures_of(outcome, scenario, edges)
            if edges == IDLE:
                self.busy_workers = outcome.busy_s.mean() * scenario.devices * scenario.rate_hz
        return self._made[edges]

    def shortfalls(self, figures: Figures) -> tuple[Shortfall, ...]:
        """In what some edges fall short."""
        question = self._question
        return shortfalls(figures, self.of(IDLE), question.late_share, question.loss)

    @property
    def limited(self) -> tuple[Figures, ...]:
        """Figures with every number that was tried, rising."""
        numbers = [edges for edges in self._made if edges.workers is not None]
        return tuple(self._made[edges] for edges in sorted(numbers, key=lambda one: (one.count, one.workers)))
