"""Why a cut network differs from the uncut one at all: what onnxruntime fuses where nothing is cut."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime

from benchmarks.studies.windows.places import Place, whole_path
from edgent.network import Network

LEVELS = {
    "all (edgent's)": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
    "extended": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
}
_RUNS = 40


@dataclass(frozen=True)
class Fused:
    """Windows of one network, run in one process under one level of graph optimisation.

    Attributes:
        exact: How many give the uncut path's answer to the bit.
        difference: The most by which an output differs from it.
        whole_s: What all layers of the deepest exit take uncut, at the least.
    """

    network: str
    level: str
    windows: int
    exact: int
    difference: float
    whole_s: float


def compare_levels(network: Network, chosen: Sequence[Place], image: np.ndarray) -> list[Fused]:
    """Cut and uncut in this process, under each level; paths take turns.

    Args:
        network: The network.
        chosen: Windows of it.
        image: One input, shape (1, *input shape).
    """
    levels = {name: _Level(network, level) for name, level in LEVELS.items()}
    whole = whole_path(network)
    for of_level in levels.values():
        of_level.run(whole, 0, whole.stop, image)  # loads it
    least_s = dict.fromkeys(levels, np.inf)
    for _ in range(_RUNS):
        for name, of_level in levels.items():
            began_s = time.perf_counter()
            of_level.run(whole, 0, whole.stop, image)
            least_s[name] = min(least_s[name], time.perf_counter() - began_s)
    return [
        _compare(network.spec.name, name, of_level, chosen, image, least_s[name])
        for name, of_level in levels.items()
    ]


class _Level:
    """Segments of a network under a level, each loaded once."""

    def __init__(self, network: Network, level: onnxruntime.GraphOptimizationLevel) -> None:
        self._network, self._options = network, onnxruntime.SessionOptions()
        self._options.intra_op_num_threads = 1
        self._options.log_severity_level = 3
        self._options.graph_optimization_level = level
        self._sessions: dict[tuple[str, str], onnxruntime.InferenceSession] = {}

    def run(self, place: Place, start: int, stop: int, tensor: np.ndarray) -> np.ndarray:
        """Layers [start, stop) of the path of a place."""
        if start == stop:
            return tensor
        ends = place.path.cut_tensor(start), place.path.cut_tensor(stop)
        if ends not in self._sessions:
            file = self._network.segments.segment(place.path.index, start, stop)
            self._sessions[ends] = onnxruntime.InferenceSession(
                file, self._options, providers=["CPUExecutionProvider"]
            )
        session = self._sessions[ends]
        output: np.ndarray = session.run(None, {session.get_inputs()[0].name: tensor})[0]
        return output


def _compare(
    network: str, name: str, level: _Level, chosen: Sequence[Place], image: np.ndarray, whole_s: float
) -> Fused:
    differences = []
    for place in chosen:
        last = len(place.path.layers)
        tensor = level.run(place, 0, place.start, image)
        tensor = level.run(place, place.start, place.stop, tensor)
        cut = level.run(place, place.stop, last, tensor)
        differences.append(float(np.abs(cut - level.run(place, 0, last, image)).max()))
    return Fused(network, name, len(chosen), differences.count(0.0), max(differences), whole_s)
