"""An input that left at an exit inside its window: the edge's answer is that exit's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from device_runtime.carrying_out.outcome import Outcome
from edgent.planning.plan import FLOAT32

if TYPE_CHECKING:
    import numpy as np

    from device_runtime.carrying_out.request import Request
    from device_runtime.exchange.exchange_thread import Arrival


def left_on_edge(request: Request, arrival: Arrival, output: np.ndarray) -> Outcome | None:
    """What became of a request whose input left at an exit inside the window; None where it did not.

    Args:
        request: what was asked.
        arrival: what came back.
        output: the tensor in it, checked. Shape (1, ...).
    """
    left_at = arrival.left_at
    if left_at is None or request.asked is None:
        return None
    plan = replace(
        request.plan,
        exit=left_at.exit_name,
        stop=len(left_at.layers),
        codec_down=FLOAT32,
        leaves_early=False,
    )
    return Outcome(
        plan,
        output[0],
        request.timeline(arrival),
        endpoint=request.asked.endpoint,
        edge=request.edge,
        passed=(*request.passed, *arrival.passed),
        left_early=True,
        left_on_edge=True,
        asked_s=request.asked_s + arrival.asked_s,
    )
