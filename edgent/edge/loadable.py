"""Whether the onnxruntime that is installed runs a network: asked before archives of it are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnxruntime

from edgent.core.segment import Segment
from edgent.errors import ModelError

if TYPE_CHECKING:
    from edgent.network import Network


def check_loadable(network: Network) -> None:
    """Load the whole path of every exit, which is all that heads and tails are cut from.

    Raises:
        ModelError: onnxruntime cannot load one, for instance a version of ONNX newer than itself.
    """
    for path in network.graph.paths:
        file = network.segments.head(path.index, len(path.layers))
        try:
            Segment(file)
        except ModelError as error:
            raise ModelError(
                f"{network.graph.path}: {error}; no edge and no device with onnxruntime "
                f"{onnxruntime.__version__} can run it: upgrade onnxruntime, or export the network again "
                "with an older opset and IR version"
            ) from None
