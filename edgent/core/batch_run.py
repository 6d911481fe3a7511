"""Some requests that TorchServe hands over at once: which of them are computed, and in which order.

Their answers return together, when the last of them was computed. So none of them is answered earlier than
the others, and computing the most urgent ones first hastens nothing by itself. What can be gained is to
compute nothing that nobody will wait for: the batch is judged before each run, by what all that is left of
it is counted with (`edgent.core.run_times`), and the most urgent requests run first, so that those judged
last can wait longest.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edgent.core.frame_exits import ExitsToAsk
from edgent.core.pieced_window import Given, PiecedWindow
from edgent.core.run_times import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edgent.core.run_times import RunTimes
    from edgent.core.window import LoadedWindow
    from edgent.core.wire import Frame

Group = tuple["LoadedWindow | PiecedWindow", int]
"""A window, and how many inputs a request to it has."""

_NO_OUTPUT = np.zeros(0, np.float32)


class Request(NamedTuple):
    """A request that may be computed.

    Attributes:
        frame: what it holds.
        window: what computes it.
        until_us: when nobody waits for its answer any more, on the edge's clock.
    """

    frame: Frame
    window: LoadedWindow | PiecedWindow
    until_us: float

    @property
    def group(self) -> Group:
        """What it may run with: requests to the same window, of one size."""
        return self.window, len(self.frame.tensor)


class Computed(NamedTuple):
    """What a request got.

    Attributes:
        given: its output.
        compute_s: seconds that its window took, for those that ran with it, too.
    """

    given: Given
    compute_s: float


class Late(NamedTuple):
    """Why a request was not computed.

    Attributes:
        left_s: seconds until nobody waits for it any more.
        own_s: seconds that its own run is counted with.
        batch_s: seconds that its batch is.
    """

    left_s: float
    own_s: float
    batch_s: float


def run_batch(
    requests: Mapping[int, Request], now_us: Callable[[], int], run_times: RunTimes
) -> tuple[dict[int, Computed], dict[int, Late]]:
    """Run what somebody will wait for; requests to one window and of one size run together.

    Args:
        requests: by their place in the batch.
        now_us: reads the edge's clock.
        run_times: what runs are counted with; those of this batch are taken in.

    Returns:
        what became of them by their place: outputs, and why others have none.
    """
    groups: dict[Group, dict[int, Request]] = defaultdict(dict)
    for index, request in requests.items():
        groups[request.group][index] = request
    computed: dict[int, Computed] = {}
    late: dict[int, Late] = {}
    while groups:
        late |= _take_late(groups, now_us, run_times)
        if not groups:
            break
        most_urgent = min(groups, key=lambda group: _until_us(groups[group]))
        computed |= _run_group(most_urgent, groups.pop(most_urgent), now_us, run_times)
    return computed, late


def _take_late(
    groups: dict[Group, dict[int, Request]], now_us: Callable[[], int], run_times: RunTimes
) -> dict[int, Late]:
    """Take out what is late if all that is left takes as long as it is counted with, the most urgent first.

    Without it the batch may take less, so that others are in time again.
    """
    late: dict[int, Late] = {}
    while groups:
        counted_s = {
            group: run_times.counted_s(_run(group, requests), group[0].least_compute_s) if group[1] else 0.0
            for group, requests in groups.items()
        }
        batch_s = sum(counted_s.values())
        group = min(groups, key=lambda group: _until_us(groups[group]))
        index, request = min(groups[group].items(), key=lambda item: item[1].until_us)
        left_s = (request.until_us - now_us()) / 1e6
        if left_s >= batch_s:
            break
        late[index] = Late(left_s, counted_s[group], batch_s)
        del groups[group][index]
        if not groups[group]:
            del groups[group]
    return late


def _until_us(requests: Mapping[int, Request]) -> float:
    return min(request.until_us for request in requests.values())


def _run(group: Group, requests: Mapping[int, Request]) -> Run:
    window, size = group
    return Run(window.window.identity, isinstance(window, PiecedWindow), len(requests) * size)


def _run_group(
    group: Group, requests: Mapping[int, Request], now_us: Callable[[], int], run_times: RunTimes
) -> dict[int, Computed]:
    """What each of some requests to one window and of one size gets."""
    window, size = group
    if size == 0:  # a device asks whether the window is ready and of its model
        return dict.fromkeys(requests, Computed(Given(_NO_OUTPUT), 0.0))
    began_us = now_us()
    given = _run_together(window, [request.frame for request in requests.values()], size)
    compute_s = (now_us() - began_us) / 1e6
    run_times.took(_run(group, requests), compute_s)
    return {index: Computed(one, compute_s) for index, one in zip(requests, given, strict=True)}


def _run_together(window: LoadedWindow | PiecedWindow, frames: Sequence[Frame], size: int) -> list[Given]:
    inputs = frames[0].tensor if len(frames) == 1 else np.concatenate([frame.tensor for frame in frames])
    if isinstance(window, PiecedWindow):
        return window.run(inputs, [frame.exits for frame in frames if isinstance(frame.exits, ExitsToAsk)])
    output = window.run(inputs)
    return [Given(output[place * size : (place + 1) * size]) for place in range(len(frames))]
