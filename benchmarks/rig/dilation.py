"""A device slower than any quota can stand for: what it computes takes so many times as long.

Every segment and every frame is computed at full speed; then the device sleeps the rest. Python around them
is not slowed down. A quota's slices are too coarse for this: at 1000 one period would be 0.3 s.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import device_runtime.edge_client as client_module
from edgent.core import segment as segment_module

T = TypeVar("T")


class Dilation:
    """How many times as long everything takes from now on; 1 is full speed."""

    def __init__(self) -> None:
        self.factor = 1.0

    def of(self, compute: Callable[..., T]) -> Callable[..., T]:
        """The same computation, so many times as long."""

        def slow(*arguments: object, **options: object) -> T:
            began_s = time.thread_time()
            outcome = compute(*arguments, **options)
            if self.factor > 1:
                time.sleep((self.factor - 1) * (time.thread_time() - began_s))
            return outcome

        return slow

    def install(self) -> None:
        """Slow down the segments and frames of this process."""
        segment_module.Segment.run = self.of(segment_module.Segment.run)  # type: ignore[method-assign]
        for name in ("write_frame", "read_frame"):
            setattr(client_module, name, self.of(getattr(client_module, name)))
