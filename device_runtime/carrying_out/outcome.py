"""What became of a request: which plan answered it, with what, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from device_runtime.edges.edge_session import EdgeSession
    from device_runtime.timeline import Timeline
    from edgent.planning.plan import Plan


@dataclass(frozen=True)
class LocalRun:
    """How a local exit came to its answer.

    Attributes:
        took_s: seconds from the moment at which it should have begun, a late wake-up included.
        after_wait: whether it began after a wait for the edge.
        whole: whether it ran the whole path in one go; False: piece by piece, or from an activation.
        start: the partition point of the tensor that it began with; 0: the input.
        passed: the exits that were answered on the way, and then this one.
    """

    took_s: float
    after_wait: bool
    whole: bool = True
    start: int = 0
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a request.

    Attributes:
        plan: what was done.
        logits: the exit's output, shape (classes,).
        timeline: where the time went.
        local: how the device came to the answer alone; None where the edge took part.
        endpoint: which of TorchServe's answered; None where none did.
        edge: whose that is; None where none answered.
        passed: where the edge took part, the exits that were asked on the way, and then the one that
            answered; empty where none was asked.
        edge_error: why the edge did not answer; None when it did, or was not asked.
        tried: what the device had done for the plan by then; None in the same case.
        late_edge: the edge that was not awaited any longer; None where none was late, or it failed.
        left_early: whether the exit rule let the input leave before the exit that was wanted.
        left_on_edge: whether it did so inside the window, which then did not run to its end.
        not_asked: why exits that the plan asks were not asked; None where all were.
        asked_s: seconds of the exits that were asked and passed by, which are in no step of the timeline.
        prepare_s: seconds in which a photo was made an input after all, once its file had gone up.
        passed_over: why edges that were asked before did not answer; None where the first one did.
        waited_s: seconds of a wait for a probe of the link, or for the request before, and at addresses
            of the edge that refused it.
    """

    plan: Plan
    logits: np.ndarray
    timeline: Timeline
    local: LocalRun | None = None
    endpoint: str | None = None
    edge: EdgeSession | None = None
    passed: tuple[str, ...] = ()
    edge_error: str | None = None
    tried: Timeline | None = None
    late_edge: EdgeSession | None = None
    left_early: bool = False
    left_on_edge: bool = False
    not_asked: str | None = None
    asked_s: float = 0.0
    prepare_s: float = 0.0
    passed_over: str | None = None
    waited_s: float = 0.0
