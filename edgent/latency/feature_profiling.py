"""What a node runs of feature codecs, to be timed: an encoder and what writes its code, or the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.wire import read_frame
from edgent.graph.feature_codec import CODE_CODEC
from edgent.latency.crossing import write_tensor
from edgent.latency.frame_sizes import mean_and_p95
from edgent.latency.places import Place, owner
from edgent.latency.profile import FeatureTiming
from edgent.latency.timing import Timing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np

    from edgent.core.segment import Segment
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.feature_codec import FeatureCodec
    from edgent.latency.places import Node
    from edgent.latency.timing import Task


def feature_task(
    codec: FeatureCodec, node: Node, tensors: Sequence[np.ndarray], load: Callable[[Path], Segment]
) -> tuple[FeatureTiming, Task]:
    """A node's part of a feature codec: the row that its times will fill, and what is to be timed.

    Args:
        codec: the codec.
        node: which side this is.
        tensors: what its encoder reads, one array a sample, batch 1.
        load: opens an ONNX file as the node runs it.
    """
    encoder = load(codec.encoder)
    frames = [write_tensor(encoder.run(tensor), CODE_CODEC) for tensor in tensors]
    row = FeatureTiming(codec.code.name, *mean_and_p95(list(map(len, frames))), timing=Timing())
    if codec.sent_by == node:
        return row, lambda visit: write_tensor(encoder.run(tensors[visit % len(tensors)]), CODE_CODEC)
    decoder = load(codec.decoder)
    return row, lambda visit: decoder.run(read_frame(frames[visit % len(frames)]).tensor)


def read_by(
    codec: FeatureCodec,
    graph: BranchyGraph,
    crossing: Mapping[tuple[str, int], Sequence[np.ndarray]],
) -> Sequence[np.ndarray]:
    """What a codec's encoder reads, of all that crosses (`cut_activations`)."""
    for path in reversed(graph.paths):
        points = codec.points(path)
        if points is not None:
            return crossing[owner(graph, Place(path.exit_name, points[0], len(path.layers))), points[0]]
    raise AssertionError("a codec of the network stands on one of its paths")
