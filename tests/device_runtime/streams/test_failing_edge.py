"""An edge that fails while frames overlap: whenever it does, local exits answer all of them in time."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_runtime.local_exits.local_exits import LocalExits
from tests.device_runtime.streams.test_stream import CUT, EDGE_S, Streaming, intervals
from tests.runtime_fixtures import Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.network import Network

EXITS_S = (0.04, 0.06)  # longer than a frame takes, overlapped
ROOMY_S, TIGHT_S = 0.2, 0.12
LASTS_S = 0.8


class AtOnce:
    """In place of a thread: does what it is given before it goes on, so that nothing depends on threads."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do it."""
        done: Future[Any] = Future()
        done.set_result(work(*arguments))
        return done


def streaming(network: Network, exits_s: tuple[float, float], edge_s: float = EDGE_S) -> Streaming:
    """Frames that take the device 20 ms, then the edge, then the device 5 ms; local exits take so long."""
    made = Scene(network, CUT)
    made.sessions.whole_s = dict(zip(network.graph.exit_names, exits_s, strict=True))
    sessions: Any = made.sessions
    beside: Any = AtOnce()
    local_exits = LocalExits(network, sessions, made.clock, made.clock.pass_s)
    local_exits._beside = beside
    made._parts = replace(made._parts, local_exits=local_exits)
    found = Streaming(made)
    found.edge.takes_s = edge_s
    return found


def test_frames_overlap_though_they_are_closer_together_than_an_exit_takes(tiny_network: Network) -> None:
    """30 ms apart, where the quickest exit takes 40: the first one's would start earlier."""
    made = streaming(tiny_network, EXITS_S)
    answers = made.answers(made.camera(600), ROOMY_S)
    assert intervals(answers)[3:-2] == pytest.approx([EDGE_S] * (len(answers) - 6))
    assert all(answer.met_requirement and not answer.edge_error for answer in answers)


def test_they_do_not_where_the_edge_may_answer_after_that(tiny_network: Network) -> None:
    """The exit that stands by starts 57 ms after the capture, and the edge answers after 50."""
    made = streaming(tiny_network, EXITS_S)
    answers = made.answers(made.camera(600), TIGHT_S)
    assert intervals(answers)[1:-1] == pytest.approx([0.055] * (len(answers) - 3))
    assert all(answer.met_requirement and not answer.edge_error for answer in answers)


def test_the_first_ones_exit_starts_earlier_for_the_second_one(tiny_network: Network) -> None:
    """By the 14 ms that the second one's would lack: 42 and 2 for what is around it, less 30."""
    made = streaming(tiny_network, EXITS_S)
    made.edge.fails_at_s = made.clock() + 0.3
    answers = made.answers(made.camera(600), ROOMY_S)
    first, second, *_ = [answer for answer in answers if answer.edge_error]
    assert first.latency_s == pytest.approx(ROOMY_S - 0.014 - 0.003, abs=0.002)
    assert second.captured_s - first.captured_s == pytest.approx(EDGE_S, abs=0.002)
    assert all(answer.met_requirement for answer in answers)


@settings(max_examples=40)
@given(
    fails_after_s=st.floats(0.1, 0.5),
    says_so=st.booleans(),
    quickest_s=st.floats(0.01, 0.06),
    deeper_s=st.floats(0.0, 0.06),
    edge_s=st.floats(0.005, 0.06),
    interval_s=st.sampled_from([0.002, 0.01, 0.033, 0.05]),
    requirement_s=st.floats(0.15, 0.4),
)
def test_whenever_the_edge_fails_all_frames_are_in_time(
    tiny_network: Network,
    fails_after_s: float,
    says_so: bool,
    quickest_s: float,
    deeper_s: float,
    edge_s: float,
    interval_s: float,
    requirement_s: float,
) -> None:
    """Those that overlap then, and those behind them; by silence, or with an error at once."""
    made = streaming(tiny_network, (quickest_s, quickest_s + deeper_s), edge_s)
    made.edge.fails_at_s, made.edge.says_so = made.clock() + fails_after_s, says_so
    answers = made.answers(made.camera(int(LASTS_S / interval_s), interval_s), requirement_s)
    assert [answer.frame for answer in answers if not answer.met_requirement] == []
    assert any(answer.edge_error for answer in answers)
