"""Every fault at every phase of a request, by name."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.testbed.errors import TestbedError
from benchmarks.testbed.faults.fault import Fault
from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import AddressBook
from device_runtime.exchange.edge_client import EdgeClient
from edgent.errors import EdgeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from benchmarks.testbed.edge.edge_under_test import EdgeUnderTest
    from benchmarks.testbed.faults.faulty_link import FaultyLink

_DELAY_S = 0.3
_BARELY_LATE = 1.1
_TRICKLE_BYTES_PER_S = 400.0
_EDGE_RETURNS_S = 90.0


@dataclass(frozen=True)
class Scenario:
    """One row of the table.

    Attributes:
        phase: of a request: connecting, sending, edge computing, receiving; or edge.
        again: called with each request's number, for harms that are done more than once.
        outlasts: whether the edge needs a while after the harm's end before it can answer.
    """

    phase: str
    name: str
    harm: Callable[[], AbstractContextManager[object]]
    again: Callable[[int], None] = lambda _: None
    outlasts: bool = False


def link_scenarios(
    link: FaultyLink, request_bytes: int, answer_bytes: int, requirement_s: float
) -> list[Scenario]:
    """Faults of the link; in the middle of a message means from its second half on."""
    up, down = request_bytes // 2, answer_bytes // 2
    faults = {
        "connecting": [Fault("refuse"), Fault("connect black hole"), Fault("reset accepted")],
        "sending": [
            *(Fault(kind, "up", up) for kind in ("reset", "truncate", "stop", "corrupt", "garbage", "twice")),
            Fault("delay", "up", up, seconds=_DELAY_S),
            Fault("trickle", "up", up, rate_bytes_per_s=_TRICKLE_BYTES_PER_S),
            Fault("black hole"),
        ],
        "edge computing": [
            *(Fault(kind, "down", 0) for kind in ("reset", "truncate", "stop")),
            Fault("delay", "down", 0, seconds=_BARELY_LATE * requirement_s),
            Fault("delay", "down", 0, seconds=_DELAY_S),
        ],
        "receiving": [
            *(
                Fault(kind, "down", down)
                for kind in ("reset", "truncate", "stop", "corrupt", "garbage", "twice", "slow close")
            ),
            Fault("delay", "down", down, seconds=_DELAY_S),
            Fault("trickle", "down", down, rate_bytes_per_s=_TRICKLE_BYTES_PER_S),
        ],
    }
    return [
        Scenario(phase, _name(fault), lambda fault=fault: link.doing(fault))  # type: ignore[misc]  # bound now
        for phase, some in faults.items()
        for fault in some
    ]


def _name(fault: Fault) -> str:
    return f"{fault.kind} {fault.seconds * 1e3:.0f} ms" if fault.kind == "delay" else fault.kind


def edge_scenarios(edge: EdgeUnderTest, link: FaultyLink) -> list[Scenario]:
    """Faults of the server, its worker and what it serves."""

    @contextlib.contextmanager
    def replaced() -> Iterator[None]:
        with edge.other_archive() as url:
            link.lead_to(url)
            try:
                yield
            finally:
                link.lead_to(edge.url)

    def rotate_now_and_then(k: int) -> None:
        if k == 0 or k % 50 == 25:
            edge.rotate_token()

    return [
        Scenario("edge", "worker killed (SIGKILL)", edge.killed_worker, outlasts=True),
        Scenario("edge", "worker frozen (SIGSTOP)", edge.frozen_worker, outlasts=True),
        Scenario("edge", "server frozen (SIGSTOP)", edge.frozen_server, outlasts=True),
        Scenario("edge", "queue full", edge.full_queue, outlasts=True),
        Scenario("edge", "token expired", edge.wrong_token),
        Scenario("edge", "token rotated", contextlib.nullcontext, again=rotate_now_and_then),
        Scenario("edge", "archive of another model", replaced),
        Scenario("edge", "server killed (SIGKILL)", edge.killed_server, outlasts=True),
    ]


def wait_for_edge(edge: EdgeUnderTest) -> None:
    """Return when the heads answer somebody else, past the faulty link."""
    deadline = Deadline.after(_EDGE_RETURNS_S)
    addresses = AddressBook(edge.network)
    client = EdgeClient(edge.url, token_file=edge.token_file)
    while deadline.left_s():
        with contextlib.suppress(EdgeError):
            for head in edge.heads:
                client.check(addresses.head(head), Deadline.after(1.0))
            client.close()
            return
        time.sleep(0.02)
    raise TestbedError(f"the edge was not back after {_EDGE_RETURNS_S:.0f} s")
