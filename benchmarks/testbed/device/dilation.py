"""A device slower than any quota can stand for: what it computes takes so many times as long.

Every segment and every frame is computed at full speed; then the device sleeps for the rest of what it
typically takes here and now, so many times: the same layers for as long in every runtime. What disturbs a
single run on this machine is not multiplied, and Python around segments and frames is not slowed down. A
quota's slices are too coarse for this: at 500 a period would be 0.15 s.
"""

import statistics
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from typing import TypeVar

import numpy as np

import device_runtime.carrying_out.execution as execution_module
import device_runtime.exchange.edge_client as client_module
from edgent.core import segment as segment_module
from edgent.core.photo import Photo
from edgent.core.wire import Frame

T = TypeVar("T")

_REMEMBERED = 21
_CODEC_OFFSET = 3


class Dilation:
    """Slows down the segments and frames of this process from the first factor on; 1 is full speed."""

    def __init__(self) -> None:
        self._factor: float | None = None
        self._took_s: dict[Hashable, deque[float]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def set_factor(self, factor: float) -> None:
        """Take so many times as long for all that is computed from now on."""
        if self._factor is None:
            self._install()
        self._factor = factor

    def _install(self) -> None:
        segment_module.Segment.run = self._slowed(  # type: ignore[method-assign]
            segment_module.Segment.run, _run
        )
        for module, name, kind in (
            (client_module, "write_frame", _written),
            (client_module, "read_frame", _read),
            (execution_module, "payload_of", _encoded),
        ):
            setattr(module, name, self._slowed(getattr(module, name), kind))

    def _slowed(self, compute: Callable[..., T], kind: Callable[..., Hashable]) -> Callable[..., T]:
        """The same computation, so many times as long.

        Args:
            compute: What is slow.
            kind: Of its arguments: runs of one kind take about as long as each other.
        """

        def slow(*arguments: object, **options: object) -> T:
            began_s = time.thread_time()
            outcome = compute(*arguments, **options)
            if self._factor is not None and self._factor > 1:  # what ran at full speed found warmer caches
                took_s = self._took_s[compute.__name__, kind(*arguments, **options)]
                took_s.append(time.thread_time() - began_s)
                time.sleep((self._factor - 1) * statistics.median(took_s))
            return outcome

        return slow


def _run(segment: segment_module.Segment, *_: object) -> Hashable:
    """Which layers: those between two tensors of a network, in whatever runtime they were loaded."""
    return segment._input, segment._output, segment.input_shape  # noqa: SLF001  only a testbed asks


def _written(frame: Frame, payload: bytes | None = None) -> Hashable:
    return frame.codec, frame.tensor.shape, payload is None


def _encoded(tensor: np.ndarray | Photo, codec: str) -> Hashable:
    return codec, type(tensor)


def _read(data: bytes, _largest_tensor_bytes: int = 0) -> Hashable:
    return data[_CODEC_OFFSET], len(data) // 256
