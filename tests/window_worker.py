"""Answers for any window of a network, as a pipeline's endpoint does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.core.codecs import CODECS
from edgent.core.segment import Segment
from edgent.core.wire import Frame, read_frame, window_identity, write_frame

if TYPE_CHECKING:
    from edgent.network import Network


class WindowWorker:
    """Finds the window by the frame's identity, and runs it.

    Attributes:
        asked: the windows (exit index, start, stop) of all requests that had something in them.
        broken: whether it fails from now on.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.asked: list[tuple[int, int, int]] = []
        self.broken = False
        self._place = {
            window_identity(network.graph.sha256, path.cut_tensor(start), path.cut_tensor(stop)): (
                path.index,
                start,
                stop,
            )
            for path in network.graph.paths
            for stop in path.partition_points
            for start in range(stop)
        }

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one request."""
        frame = read_frame(body)
        place = self._place.get(frame.identity)
        if place is None or self.broken:
            return 409, b'{"code": 409, "message": "no such window"}'
        segment = Segment(self.network.segments.segment(*place))
        assert frame.tensor.shape[1:] == segment.input_shape
        assert frame.tensor.dtype == segment.input_dtype
        if len(frame.tensor):
            self.asked.append(place)
            output = segment.run(frame.tensor)
        else:
            output = np.zeros(0, np.float32)
        codec = CODECS.answering(frame.answer_codec or "float32", output.dtype)
        return 200, write_frame(Frame(output, codec, frame.identity, seconds=1e-6, number=frame.number))
