"""The segments of a network in this process: what a device runs before and after a window, and the window."""

import numpy as np

from benchmarks.studies.windows.places import Place
from edgent.core.segment import Segment
from edgent.network import Network


class Chain:
    """Runs segments on the same settings as heads and devices do, each loaded once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._segments: dict[tuple[str, str], Segment] = {}

    def before(self, place: Place, image: np.ndarray) -> np.ndarray:
        """What goes up to a window, of an input. Shape (1, *input shape) to (1, ...)."""
        return self._run(place, 0, place.start, image)

    def window(self, place: Place, tensor: np.ndarray) -> np.ndarray:
        """What the window makes of it."""
        return self._run(place, place.start, place.stop, tensor)

    def after(self, place: Place, tensor: np.ndarray) -> np.ndarray:
        """The exit's answer, of what came down. Shape (1, classes)."""
        return self._run(place, place.stop, len(place.path.layers), tensor)

    def _run(self, place: Place, start: int, stop: int, tensor: np.ndarray) -> np.ndarray:
        if start == stop:
            return tensor
        ends = place.path.cut_tensor(start), place.path.cut_tensor(stop)
        if ends not in self._segments:
            file = self._network.segments.segment(place.path.index, start, stop)
            self._segments[ends] = Segment(file)
        return self._segments[ends].run(tensor)
