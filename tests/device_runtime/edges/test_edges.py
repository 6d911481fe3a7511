"""Several edges: who is asked, who is asked next, what is said of it; every edge follows a script."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from device_runtime.edges.edges import Edge, Edges
from edgent.errors import EdgeBusyError, EdgeTimeoutError, EdgeUnreachableError, HeadAbsentError
from edgent.planning.decision import Decision
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.stages import AFTER_ARRIVAL, BEFORE_REQUEST
from edgent.planning.worth import Worth
from tests.runtime_fixtures import FakeEdge

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.deadline import Deadline
    from device_runtime.exchange.exchange_thread import Arrival
    from edgent.planning.cost_table import CostTable

    Exchange = Callable[[str, Deadline], Arrival]

IMAGE = np.zeros((3, 8, 8), np.uint8)
CUT = Plan("exit2", 3, codec_down="uint8")
INNER = Plan.parse("exit2:p3-p8")
GONE = EdgeUnreachableError("connection refused")


class Two:
    """A runtime with a fixed plan and two edges, ``a`` and ``b``."""

    def __init__(self, scene: Callable[..., Any], plan: Plan) -> None:
        self.made = scene(plan)
        self.a, self.b = FakeEdge(self.made.clock, "a"), FakeEdge(self.made.clock, "b")
        self.reopen(None, None, plan)

    def reopen(self, planner_a: Any, planner_b: Any, plan: Plan | None = None) -> None:
        """The same with other planners."""
        sessions: Any = (self.a, self.b)
        self.edges = (Edge(sessions[0], planner_a), Edge(sessions[1], planner_b))
        self.made.reopen(*self.edges, plan=plan)

    def ask(self, requirement_s: float = 1.0) -> Any:
        """An answer."""
        return self.made.runtime.infer(IMAGE, requirement_s)

    def answers(self, plan: Plan, after_s: float = 0.02) -> Exchange:
        """An entry of a script: an answer."""

        def exchange(_: str, __: Deadline) -> Arrival:
            self.made.clock.pass_s(after_s)
            arrival: Arrival = self.made.arrival(plan)
            return arrival

        return exchange

    def silent(self, edge: FakeEdge) -> Exchange:
        """An entry of a script: nothing comes while it is waited for."""

        def exchange(_: str, wait_until: Deadline) -> Arrival:
            self.made.clock.pass_s(wait_until.left_s())
            edge.under_way = Future()
            raise EdgeTimeoutError("had not answered")

        return exchange


def failing(error: Exception) -> Exchange:
    """An entry of a script: it fails."""

    def exchange(_: str, __: Deadline) -> Arrival:
        raise error

    return exchange


@pytest.fixture
def two(scene: Callable[..., Any]) -> Two:
    """Two edges that give the trunk's first layers."""
    return Two(scene, CUT)


def test_the_first_edge_is_asked_while_it_may_be(two: Two) -> None:
    """The answer says which one it was; the other one's link is kept known by probes."""
    two.a.script = [two.answers(CUT)]
    answer = two.ask()
    assert (answer.edge, answer.endpoint, answer.passed_over) == ("a", "tiny-p03", None)
    assert (two.a.crossed, two.b.crossed) == ([True], [False])
    assert two.b.asked == []


def test_an_edge_that_is_busy_or_lost_is_passed_by(two: Two) -> None:
    """An exchange with it is under way, or it failed too often."""
    two.a.under_way = Future()
    two.b.script = [two.answers(CUT)]
    answer = two.ask()
    assert (answer.edge, answer.passed_over) == ("b", "a: it has not answered")


def test_an_answer_says_why_an_edge_was_avoided(two: Two) -> None:
    """For as long as that is so, also where the one that was chosen failed; not where none answered."""
    two.a.absence = "it broke"
    two.b.script = [two.answers(CUT), failing(GONE)]
    assert two.ask().passed_over == "a: it broke"
    alone = two.ask()
    assert (alone.edge, alone.passed_over) == (None, None)
    two.a.absence = None
    two.a.script = [two.answers(CUT)]
    assert two.ask().passed_over is None


def test_a_second_edge_answers_in_place_of_the_first(two: Two) -> None:
    """Within the same request: it costs no accuracy, and the answer says why."""
    two.a.script, two.b.script = [failing(GONE)], [two.answers(CUT)]
    answer = two.ask()
    assert (answer.edge, answer.plan, answer.edge_error) == ("b", CUT, None)
    assert answer.passed_over == "a: connection refused"
    assert answer.to_json()["edge"] == "b"
    assert answer.timeline.network_s > 0


def test_a_window_behind_the_devices_layers_goes_on_with_them(scene: Callable[..., Any]) -> None:
    """The layers before the window are not run again."""
    two = Two(scene, INNER)
    two.a.script, two.b.script = [failing(GONE)], [two.answers(INNER)]
    answer = two.ask()
    assert (answer.edge, answer.plan) == ("b", INNER)
    assert [(stage.start, stage.stop) for stage in two.made.sessions.ran] == [(0, 3)]
    assert answer.timeline.before_s == pytest.approx(0.005)
    assert two.a.written[0] is two.b.written[0]


def test_where_all_fail_the_device_answers_and_names_all(two: Two) -> None:
    """The local exit is the last one."""
    two.a.script = [failing(GONE)]
    two.b.script = [failing(EdgeBusyError("its queue is full")), failing(HeadAbsentError("no pipeline"))]
    answer = two.ask()
    assert (answer.plan, answer.edge) == (Plan.device_only("exit2"), None)
    assert answer.edge_error == ("EdgeBusyError: a: connection refused; b: its queue is full; no pipeline")
    assert answer.met_requirement


def test_the_local_exit_is_never_given_up_for_a_second_edge(two: Two) -> None:
    """The first one was waited for until the exit had to start: nobody else is asked then."""
    two.a.script = [two.silent(two.a)]
    answer = two.ask(0.1)
    assert answer.plan == Plan.device_only("exit2")
    assert two.b.asked == []
    assert answer.met_requirement
    two.b.script = [two.answers(CUT)]
    assert two.ask(0.1).edge == "b"


def test_one_retry_budget_for_all(two: Two) -> None:
    """Three second edges at once; then the device answers by itself."""
    two.a.script = [failing(GONE) for _ in range(4)]
    two.b.script = [two.answers(CUT) for _ in range(4)]
    assert [two.ask().edge for _ in range(4)] == ["b", "b", "b", None]


def test_a_lost_edge_is_said_once(two: Two) -> None:
    """On the answer at which it was found; once more when it is lost again."""
    said = []
    for absence in (None, "it broke", "it broke", None, "it broke again"):
        two.a.absence = absence
        two.a.script, two.b.script = [two.answers(CUT)], [two.answers(CUT)]
        said.append(two.ask().edge_lost)
    assert said == [None, "a: it broke", None, None, "a: it broke again"]


@pytest.mark.parametrize(
    ("at_a", "at_b", "said"),
    [(None, None, None), ("a broke", None, None), ("a broke", "b broke", "a broke; b broke")],
)
def test_all_are_absent_only_where_none_may_be_asked(
    two: Two, at_a: str | None, at_b: str | None, said: str | None
) -> None:
    """Answers of the device say so."""
    two.a.absence, two.b.absence = at_a, at_b
    assert Edges(two.edges).absence == said


def test_what_was_wrong_at_the_start_is_told_of_all(two: Two) -> None:
    """Each reason names its own address."""
    two.a.start_error, two.b.start_error = "a does not answer", "b does not answer"
    assert Edges(two.edges).start_error == "a does not answer; b does not answer"


def test_closing_closes_all(two: Two) -> None:
    """And ends what is under way."""
    two.made.runtime.close()
    assert (two.a.closed, two.b.closed, two.a.abandoned, two.b.abandoned) == (True, True, True, True)


class Wants:
    """A planner that wants what a test says, and remembers what was learnt."""

    edge_factor = device_factor = spread = 1.0

    def __init__(self, latency_s: float, worth: Worth | None, plan: Plan = CUT) -> None:
        self.decision = Decision(plan, latency_s, True, 0, "is a test's", worth=worth)
        self.told: list[tuple[float, float | None]] = []
        self.forgot = 0
        self.table: Any = SimpleNamespace(seconds=np.zeros((14, 1)), plans=[plan])
        self.profiled = self
        self.file_bytes = 0.0

    @property
    def calibration(self) -> Any:
        """Itself."""
        return self

    def decide(self, _: float) -> Decision:
        """Always the same."""
        return self.decision

    def writing_s(self, _: Plan) -> float:
        """At once."""
        return 0.0

    def __contains__(self, plan: Plan) -> bool:
        return plan == self.decision.plan

    def index_of(self, _: Plan) -> int:
        """The only one."""
        return 0

    def observe(self, _: int, timeline: Any, overhead_s: float | None, *__: object) -> None:
        """Remember it."""
        self.told.append((timeline.edge_s, overhead_s))

    def forget_edge(self) -> None:
        """Count it."""
        self.forgot += 1


def test_what_an_exchange_is_expected_to_take(two: Two, branchy: CostTable) -> None:
    """All of a plan but what the device does before and after; one second where nothing is predicted."""
    link, planner = Link(0.002, 1e6, 2e6), Wants(0.05, None)
    planner.table = branchy
    k = int(branchy.remote.argmax())
    sessions: Any = SimpleNamespace(name="a", tracker=SimpleNamespace(expected=link))
    edge = Edge(sessions, cast("Any", planner))
    parts = branchy.parts(link, k)
    here_s = sum(parts.seconds[step] for step in (*BEFORE_REQUEST, *AFTER_ARRIVAL))
    decision = replace(planner.decision, index=k)
    assert edge.exchange_s(decision) == pytest.approx(parts.total_s - here_s)
    assert edge.exchange_s(None) == 1.0
    assert two.edges[0].exchange_s(decision) == 1.0


def _worth(value: float, latency_s: float) -> Worth:
    return Worth((value,), latency_s, 0.002)


@pytest.mark.parametrize(
    ("at_a", "at_b", "asked"),
    [
        (_worth(0.8, 0.05), _worth(0.9, 0.09), "b"),
        (_worth(0.9, 0.05), _worth(0.9, 0.04), "b"),
        (_worth(0.9, 0.05), _worth(0.9, 0.06), "a"),
        (None, _worth(0.9, 0.06), "a"),
    ],
)
def test_the_best_of_what_is_best_for_each(two: Two, at_a: Worth, at_b: Worth, asked: str) -> None:
    """Accuracy first, then time; a decision that says nothing of its worth counts as in time."""
    planners = [Wants(0.05, worth) for worth in (at_a, at_b)]
    two.reopen(planners[0], planners[1])
    two.a.script, two.b.script = [two.answers(CUT)], [two.answers(CUT)]
    assert two.ask().edge == asked


def test_each_edge_learns_of_itself(two: Two) -> None:
    """What the device did is learnt for both; of the other edge, that it was not asked."""
    planners = [Wants(0.05, _worth(0.9, 0.05)), Wants(0.05, _worth(0.9, 0.04))]
    two.reopen(planners[0], planners[1])
    two.b.script = [two.answers(CUT)]
    two.ask()
    ((at_a, overhead_a),), ((at_b, overhead_b),) = planners[0].told, planners[1].told
    assert (at_a, overhead_a, planners[0].forgot) == (0.0, None, 1)
    assert at_b == pytest.approx(0.002)
    assert overhead_b is not None
    assert planners[1].forgot == 0
    assert (len(two.a.observed), len(two.b.observed)) == (0, 1)
