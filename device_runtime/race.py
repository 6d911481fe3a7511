"""A local exit and the edge's late answer, side by side: the edge's counts as long as it is in time."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

    import numpy as np

    from device_runtime.deadline import Deadline
    from device_runtime.edge_path import Arrival, EdgePath
    from device_runtime.local_exits import LocalExits


@dataclass(frozen=True)
class LocalRun:
    """What a local exit gave.

    Attributes:
        logits: shape (batch, classes).
        took_s: seconds that it ran.
        held_s: seconds that its answer then waited for a better one.
    """

    logits: np.ndarray
    took_s: float
    held_s: float


def race(
    local_exits: LocalExits,
    exit_name: str,
    tensor: np.ndarray,
    edge: EdgePath,
    head: str,
    hold_until: Deadline,
) -> LocalRun | Arrival:
    """Run a local exit while the whole answer of a head may still come; the edge's stops the exit.

    Args:
        local_exits: runs the exit.
        exit_name: the exit.
        tensor: the network's input.
        edge: an exchange with the head is under way there.
        head: a head without a tail.
        hold_until: how long the exit's answer is held back for the head's, where that is the better one.
    """
    under_way, began_s = edge.under_way, hold_until.clock()
    if under_way is None:
        return LocalRun(local_exits.run(exit_name, tensor), hold_until.clock() - began_s, 0.0)
    local, stop = local_exits.start(exit_name, tensor)
    both: list[Future[Any]] = [local, under_way]
    wait(both, return_when=FIRST_COMPLETED)
    answer = edge.overtaken(head)
    if answer is not None:
        stop()
        return answer
    logits = local.result()
    ended_s = hold_until.clock()
    wait([under_way], hold_until.left_s())
    return edge.overtaken(head) or LocalRun(logits, ended_s - began_s, hold_until.clock() - ended_s)
