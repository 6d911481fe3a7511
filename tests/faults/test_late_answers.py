"""Answers that come a moment too late are nobody's, above all not the next request's."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.studies.faults.measure import Outcome, Subject
from benchmarks.testbed.faults.fault import Fault
from device_runtime.runtime import DeviceRuntime
from edgent.planning.fallback import Fallback
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
    from benchmarks.testbed.faults.faulty_link import FaultyLink

pytestmark = pytest.mark.torchserve
REQUESTS = 400


@pytest.mark.parametrize("plan", [Plan("exit2", 2), Plan("exit2", 8)])
def test_a_late_answer_is_not_the_next_requests(
    plan: Plan, subject: Subject, edge: EdgeUnderTest, link: FaultyLink, tiny_spec: Path, tmp_path: Path
) -> None:
    """Requests follow each other so fast that late answers fall into the local runs of others."""
    with DeviceRuntime.open(
        tiny_spec, plan=plan, inference_url=link.url, token_file=edge.token_file, cache=tmp_path
    ) as runtime:
        hurried = replace(subject, runtime=runtime, requirement_s=0.01)
        outcome = Outcome()
        with link.doing(Fault("delay", "down", 0, seconds=0.012)):
            for k in range(REQUESTS):
                hurried.ask(k, outcome)
        assert outcome.requests == REQUESTS
        assert (outcome.raised, outcome.wrong) == (0, 0)
        assert outcome.by_edge < REQUESTS / 2


def test_an_edge_that_is_raced_against_has_until_the_requirement(
    edge: EdgeUnderTest, link: FaultyLink, tiny_spec: Path, tmp_path: Path, subject: Subject
) -> None:
    """A slow local exit has to start at once; the head is not told that its answer is of no use by then."""
    plan = Plan("exit2", 8)
    with DeviceRuntime.open(
        tiny_spec, plan=plan, inference_url=link.url, token_file=edge.token_file, cache=tmp_path
    ) as runtime:
        client, budgets_s, ended = runtime.edges.first.session._client, [], threading.Event()
        runtime.infer(subject.images[0], 2.0)
        write_request = client.write_request

        def written(*said: Any) -> bytes:
            budgets_s.append(said[4])
            return write_request(*said)

        def slow(_name: str, _tensor: object, _start: int = 0) -> tuple[Future[object], Callable[[], None]]:
            return beside.submit(ended.wait, 5.0), ended.set

        with ThreadPoolExecutor(1) as beside, pytest.MonkeyPatch.context() as patched:
            patched.setattr(client, "write_request", written)
            patched.setattr(runtime.local_exits, "start", slow)
            patched.setattr(runtime.local_exits, "rungs", lambda *_: ())
            patched.setattr(runtime.local_exits, "standing_by", lambda *_: Fallback("exit1", 0.5, 3e-4))
            answer = runtime.infer(subject.images[0], 2.0)
        assert (answer.plan, answer.edge_error) == (plan, None)
        assert budgets_s[0] > 1.5


def test_closing_ends_an_exchange_that_hangs(
    edge: EdgeUnderTest, link: FaultyLink, subject: Subject, tiny_spec: Path, tmp_path: Path
) -> None:
    """The thread that waits for a silent edge ends with its device, not when the exchange's patience does."""
    before = set(threading.enumerate())
    runtime = DeviceRuntime.open(
        tiny_spec,
        plan=Plan("exit2", 2),
        inference_url=link.url,
        token_file=edge.token_file,
        cache=tmp_path,
    )
    with link.doing(Fault("stop", "down", 0)):
        answer = runtime.infer(subject.images[0], 1.0)  # an exchange's patience is four times as long
        assert (answer.edge_error or "").startswith("EdgeTimeoutError")
        begun = set(threading.enumerate()) - before
        assert any(thread.name.startswith("edge") for thread in begun)
        runtime.close()
        for thread in begun:  # a local exit that overslept runs beside the edge, in a thread of its own
            thread.join(1.0)
            assert not thread.is_alive()
        assert not answer.plan.remote
