"""Where exits are tried: along the trunk, and along the same trunk on smaller pictures."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.errors import ModelError
from edgent.exits.exit_place import exit_places
from edgent.exits.features import FeatureReader
from edgent.exits.smaller_pictures import LEAST_OPSET, smaller_sizes, with_smaller_pictures
from edgent.graph.reading import branchy_graph

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnx

    from edgent.exits.exit_place import ExitPlace
    from edgent.exits.smaller_pictures import Size
    from edgent.graph.branchy_graph import BranchyGraph

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Candidate:
    """A place that an exit may read.

    Attributes:
        place: on the trunk or, where there is a size, on its own path.
        size: of the pictures that lead to it; None: as they are.
    """

    place: ExitPlace
    size: Size | None = None

    @property
    def name(self) -> str:
        """``p44``, or ``p45@128x128``."""
        at = f"p{self.place.partition_point}"
        return at if self.size is None else f"{at}@{self.size}"


@dataclass(frozen=True)
class Candidates:
    """All places of a network, and the network to try them with.

    Attributes:
        model: the network, with an output more for each size of pictures.
        places: by rising work.
        macs: multiply-accumulates of the network as it is.
        whole_only: why no smaller pictures are tried, as the rest of a sentence; empty where they are.
    """

    model: onnx.ModelProto
    places: tuple[Candidate, ...]
    macs: int
    whole_only: str = ""

    @property
    def shares(self) -> list[float]:
        """Of the network's work before each place."""
        return [candidate.place.macs / max(1, self.macs) for candidate in self.places]

    def reader(self) -> FeatureReader:
        """Reads the features at all places.

        Raises:
            ModelError: onnxruntime cannot run it.
        """
        return FeatureReader(self.model, [candidate.place.tensor for candidate in self.places])


def candidates(model: onnx.ModelProto, graph: BranchyGraph, layout: str) -> Candidates:
    """The places of a network with one output.

    Smaller pictures are tried where the network gives the same classes for them: not where it reshapes an
    activation to a fixed size, or adds a table of positions.

    Args:
        model: the network.
        graph: its path.
        layout: of its input, ``CHW`` or ``HWC``.
    """
    trunk = graph.paths[0]
    whole = tuple(map(Candidate, exit_places(trunk)))
    sizes = smaller_sizes(trunk, layout)
    if not whole or not sizes:
        return Candidates(model, whole, trunk.macs, "its layers read no picture that could be smaller")
    opset = next(entry.version for entry in model.opset_import if entry.domain in {"", "ai.onnx"})
    if opset < LEAST_OPSET:
        reason = f"its operators are of opset {opset}, and pictures are resized from {LEAST_OPSET} on"
        return Candidates(model, whole, trunk.macs, reason)
    try:
        wider, smaller = _on_smaller_pictures(model, graph, sizes, layout)
        found = Candidates(wider, tuple(sorted((*whole, *smaller), key=_macs)), trunk.macs)
        found.reader().read(np.zeros((1, *graph.input_shape), graph.input_dtype))
    except ModelError as error:
        _LOG.info("%s takes no pictures of %s: %s", graph.path, " and ".join(map(str, sizes)), error)
        reason = "its layers take pictures of one size alone, as a reshape or a table of positions does"
        return Candidates(model, whole, trunk.macs, reason)
    return found


def _on_smaller_pictures(
    model: onnx.ModelProto, graph: BranchyGraph, sizes: Sequence[Size], layout: str
) -> tuple[onnx.ModelProto, list[Candidate]]:
    wider, outputs = with_smaller_pictures(model, sizes, layout)
    own = model.graph.output[0].name  # which the spec may give another name as an exit
    paths = branchy_graph(wider, graph.sha256, graph.path, (*outputs, own)).paths
    found = [
        Candidate(place, size)
        for size, path in zip(sizes, paths, strict=False)
        for place in exit_places(path)
    ]
    return wider, found


def _macs(candidate: Candidate) -> int:
    return candidate.place.macs
