"""A local exit and the edge's late answer, side by side: whichever is there first is the answer."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, wait
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

    import numpy as np

    from device_runtime.edge_client import HeadReply
    from device_runtime.edge_path import EdgePath
    from device_runtime.local_exits import LocalExits
    from edgent.core.wire import Frame


def race(
    local_exits: LocalExits, exit_name: str, tensor: np.ndarray, edge: EdgePath, head: str
) -> np.ndarray | tuple[Frame, HeadReply]:
    """Run a local exit while the whole answer of a head may still come; the loser is stopped.

    Args:
        local_exits: runs the exit.
        exit_name: the exit.
        tensor: the network's input.
        edge: an exchange with the head is under way there.
        head: a head without a tail.

    Returns:
        The exit's logits, shape (batch, classes); or what the head answered with, which is preferred.
    """
    under_way = edge.under_way
    if under_way is None:
        return local_exits.run(exit_name, tensor)
    local, stop = local_exits.start(exit_name, tensor)
    both: list[Future[Any]] = [local, under_way]
    wait(both, return_when=FIRST_COMPLETED)
    answer = edge.overtaken(head)
    if answer is not None:
        stop()
        return answer
    logits = local.result()
    return edge.overtaken(head) or logits
