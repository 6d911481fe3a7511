"""The race between a local exit and the edge's late answer."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.local_exits import LocalExits
from device_runtime.race import race
from device_runtime.tails import Tails
from edgent.core.segment import Segment, Stop
from edgent.errors import StoppedError
from edgent.network import Network

if TYPE_CHECKING:
    from device_runtime.edge_path import EdgePath

IMAGE = np.zeros((1, 3, 8, 8), np.uint8)
LONG_S = 10.0


class Edge:
    """An exchange that ends when the test says so."""

    def __init__(self) -> None:
        self.under_way: Future[object] = Future()

    def overtaken(self, head: str) -> object | None:
        """What came, if it has."""
        if not self.under_way.done() or self.under_way.exception():
            return None
        return (head, self.under_way.result())


class Local:
    """A local exit that takes until the test says so, or until it is stopped."""

    def __init__(self, begin: Callable[[], None] = lambda: None) -> None:
        self.run_to_come: Future[np.ndarray] = Future()
        self.stopped = False
        self._begin = begin

    def start(self, exit_name: str, tensor: np.ndarray) -> tuple[Future[np.ndarray], Callable[[], None]]:
        """The run to come."""
        self._begin()
        return self.run_to_come, self._stop

    def run(self, exit_name: str, tensor: np.ndarray) -> np.ndarray:
        """At once."""
        return np.ones((1, 2))

    def _stop(self) -> None:
        self.stopped = True


def _race(local: Local, edge: Edge, hold_s: float = 0.0) -> Any:
    hold_until = Deadline.after(hold_s)
    return race(cast("LocalExits", local), "exit1", IMAGE, cast("EdgePath", edge), "head", hold_until)


def test_the_edge_first_stops_the_local_exit() -> None:
    """Its answer is given at once, not when the exit would have ended."""
    edge = Edge()
    local = Local(begin=lambda: edge.under_way.set_result("late but whole"))
    assert _race(local, edge) == ("head", "late but whole")
    assert local.stopped


def test_the_local_exit_first_is_the_answer() -> None:
    """The edge's answer is left for later."""
    local, edge = Local(), Edge()
    local.run_to_come.set_result(np.full((1, 2), 7.0))
    assert _race(local, edge).logits[0, 0] == 7.0
    assert not local.stopped


def test_an_edge_that_fails_leaves_the_local_exit_to_end() -> None:
    """A failure is no answer: the exit is waited for."""
    edge = Edge()
    local = Local(begin=lambda: edge.under_way.set_exception(OSError("gone")))
    threading.Timer(0.05, lambda: local.run_to_come.set_result(np.full((1, 2), 3.0))).start()
    began_s = time.perf_counter()
    run = _race(local, edge, hold_s=LONG_S)
    assert run.logits[0, 0] == 3.0
    assert time.perf_counter() - began_s < LONG_S / 2


def test_an_answer_at_hand_is_held_back_for_a_better_one() -> None:
    """The edge's comes after the exit's and still in time."""
    local, edge = Local(), Edge()
    local.run_to_come.set_result(np.zeros((1, 2)))
    threading.Timer(0.05, lambda: edge.under_way.set_result("whole")).start()
    assert _race(local, edge, hold_s=LONG_S) == ("head", "whole")
    assert not local.stopped


def test_an_answer_at_hand_is_held_back_no_longer_than_said() -> None:
    """The edge says nothing; how long the exit ran and how long it was held are told apart."""
    local, edge = Local(), Edge()
    threading.Timer(0.05, lambda: local.run_to_come.set_result(np.full((1, 2), 7.0))).start()
    run = _race(local, edge, hold_s=0.2)
    assert run.logits[0, 0] == 7.0
    assert run.took_s >= 0.04
    assert run.held_s > 0
    assert 0.19 <= run.took_s + run.held_s < LONG_S


def test_both_there_gives_the_deeper_answer() -> None:
    """The edge's, which is of the planned exit."""
    local, edge = Local(), Edge()
    local.run_to_come.set_result(np.zeros((1, 2)))
    edge.under_way.set_result("whole")
    assert _race(local, edge) == ("head", "whole")


def test_a_stopped_run_ends_and_harms_no_other(tiny_network: Network) -> None:
    """A run that is told to stop before it begins ends with StoppedError; the next one is as ever."""
    segment = Segment(tiny_network.segments.tail(1, 0).read_bytes())
    before = segment.run(IMAGE)
    stop = Stop()
    stop()
    with pytest.raises(StoppedError):
        segment.run(IMAGE, stop)
    np.testing.assert_array_equal(segment.run(IMAGE, Stop()), before)
    np.testing.assert_array_equal(segment.run(IMAGE), before)


def test_a_run_beside_gives_what_a_run_gives(tiny_network: Network) -> None:
    """The same logits, from a thread of its own."""
    exits = LocalExits(tiny_network, Tails(tiny_network))
    name = tiny_network.graph.exit_names[0]
    future, _ = exits.start(name, IMAGE)
    np.testing.assert_array_equal(future.result(10), exits.run(name, IMAGE))
    exits.close()
