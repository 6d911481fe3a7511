"""Whether an edge has the feature codecs of a spec: asked with batches of 0, as it is of heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.core.wire import Frame, window_identity
from edgent.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.graph.feature_codec import FeatureCodec
    from edgent.graph.tensor import Tensor
    from edgent.network import Network


def feature_problem(network: Network) -> str:
    """Why the spec's feature codecs cannot be used here; empty where they can."""
    try:
        network.feature_codecs  # noqa: B018  read and checked when asked for
    except SpecError as error:
        return str(error)
    return ""


def feature_windows(network: Network, budget_s: float) -> Iterator[tuple[str, Frame]]:
    """For each codec the frame that asks for a window of one layer beside its code.

    Args:
        network: whose codecs can be read.
        budget_s: seconds that the frame says are left.
    """
    for name, codec in network.feature_codecs.items():
        first, last = _window(network, codec)
        takes = codec.code if codec.direction == "up" else first
        identity = window_identity(network.graph.sha256, first.name, last.name)
        nothing = np.zeros((0, *takes.shape), takes.dtype)
        yield name, Frame(nothing, "raw", identity, "float32", budget_s)


def _window(network: Network, codec: FeatureCodec) -> tuple[Tensor, Tensor]:
    """The tensors before and behind the layer that lies beside a code on the edge."""
    placed = ((path, codec.points(path)) for path in network.graph.paths)
    path, (reads, gives) = next((path, points) for path, points in placed if points is not None)
    if codec.direction == "up":
        return codec.code, path.cut(gives + 1)
    return path.cut(reads - 1), codec.code
