"""Where an input, its answer and the work may be: a contract that plans keep, whatever it costs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edgent.planning.costs import BoolArray, IntArray


@dataclass(frozen=True)
class Placement:
    """What the edge may not see, and who should work.

    Attributes:
        input_stays: the input is never sent to the edge, only what the device's first layers made of it.
        answer_stays: the edge never computes an answer, only what the device's last layers make it of.
        device_only: the edge is never asked.
    """

    input_stays: bool = False
    answer_stays: bool = False
    device_only: bool = False

    @property
    def is_free(self) -> bool:
        """Whether every plan is allowed."""
        return not (self.input_stays or self.answer_stays or self.device_only)

    def allows(self, start: IntArray, stop: IntArray, layers: int) -> BoolArray:
        """Which windows [start, stop) of a path of so many layers the edge may run.

        Args:
            start: of each window; its shape broadcasts with that of `stop`, and the result has both together.
            stop: of each window.
            layers: of the path.
        """
        allowed = np.ones(np.broadcast_shapes(start.shape, stop.shape), dtype=np.bool_)
        for _, broken in self.broken(start, stop, layers):
            allowed &= ~broken
        return allowed

    def broken(
        self, start: IntArray, stop: IntArray, layers: int | IntArray
    ) -> Iterator[tuple[str, BoolArray]]:
        """Each rule that is made, by name, and the windows that break it; an empty one breaks none.

        Masks have shapes that broadcast to that of `start` and `stop` together.
        """
        if self.input_stays:
            yield "input_stays", (start == 0) & (stop > 0)
        if self.answer_stays:
            yield "answer_stays", stop == layers
        if self.device_only:
            yield "device_only", stop > 0


ANYWHERE = Placement()
"""No rules."""
