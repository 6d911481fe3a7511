"""What is told where nobody answers for a window: what there is to mend, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.edges.addresses import Address
from device_runtime.edges.refused_window import refused_window
from edgent.core.stay import Stay
from edgent.errors import (
    ColdWindowError,
    EdgeBusyError,
    EdgeError,
    ExpiredError,
    HeadAbsentError,
    QueueFullError,
)
from edgent.graph.tensor import Tensor
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_runtime.deadline import Deadline
    from device_runtime.exchange.exchange_thread import Arrival

TAKES = Tensor("image", (3, 8, 8), "uint8")
HEAD = Address("tiny-p03", "0123", b"head", TAKES)
PIPELINE = Address("tiny", "0123", b"window", TAKES)
PLAN = Plan("exit2", 3, codec_down="uint8")
ABSENT = HeadAbsentError("the edge does not know it: run `edgent archive SPEC`")
FULL = QueueFullError("tiny's queue is full")
EXPIRED = ExpiredError("tiny computed nothing: 0.2 ms are left", Stay(b"edge", 0, 0.0, 0.1))


@pytest.mark.parametrize(
    ("refusals", "unasked", "told"),
    [
        (
            {HEAD: ABSENT},
            [PIPELINE],
            HeadAbsentError("no time was left to ask tiny, and tiny-p03 has no archive of its own"),
        ),
        ({HEAD: ABSENT, PIPELINE: EXPIRED}, [], EXPIRED),
        ({HEAD: ABSENT, PIPELINE: ABSENT}, [], ABSENT),
        ({HEAD: ABSENT}, [], ABSENT),
        ({HEAD: EdgeBusyError("full")}, [PIPELINE], EdgeBusyError("full; no time was left to ask tiny")),
        ({HEAD: EdgeBusyError("full"), PIPELINE: ABSENT}, [], EdgeBusyError(f"full; {ABSENT}")),
        (
            {HEAD: ABSENT, PIPELINE: ColdWindowError("loads")},
            [],
            ColdWindowError(f"the edge is not ready for {PLAN}: it loads these layers, which takes a moment"),
        ),
    ],
)
def test_what_is_told(refusals: dict[Address, EdgeError], unasked: list[Address], told: EdgeError) -> None:
    """An archive that a head need not have is no cause, where its pipeline is there."""
    error = refused_window(PLAN, refusals, unasked, "tiny")
    assert (type(error), str(error)) == (type(told), str(told))


@pytest.mark.parametrize("first", [EXPIRED, FULL])
def test_it_is_of_the_first_ones_kind_and_names_all(first: EdgeError) -> None:
    """What expired still says how long it stayed."""
    told = refused_window(PLAN, {HEAD: first, PIPELINE: FULL}, [], "tiny")
    assert type(told) is type(first)
    assert str(told) == "; ".join(dict.fromkeys([str(first), str(FULL)]))
    assert getattr(told, "stay", None) == getattr(first, "stay", None)


def test_a_requirement_that_leaves_no_time(scene: Callable[[Plan], Any]) -> None:
    """The head has no archive, which is usual; that its pipeline was not asked is what has to be known."""
    made = scene(PLAN)

    def refuse_late(_: str, wait_until: Deadline) -> Arrival:
        made.clock.pass_s(wait_until.left_s())
        raise ABSENT

    made.edge.script = [refuse_late]
    answer = made.runtime.infer(np.zeros((3, 8, 8), np.uint8), 0.1)
    assert [endpoint for endpoint, *_ in made.edge.asked] == ["tiny-p03"]
    assert answer.edge_error == (
        "HeadAbsentError: no time was left to ask tiny, and tiny-p03 has no archive of its own"
    )
