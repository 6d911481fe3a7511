"""The one archive that serves a whole pipeline: the weights once, and what joins the graph of any window."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from edgent.core.pipeline import LAYERS
from edgent.core.served_version import served_version
from edgent.edge.configuration import USUAL_FRAME_BYTES, ServedModel
from edgent.edge.limits import LONGEST_QUEUE, largest_frame_bytes, serving_limits
from edgent.edge.mar import mar_file, pipeline_files, write_mar
from edgent.edge.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from edgent.latency.profile import NodeProfile
    from edgent.network import Network
    from edgent.spec import Pipeline

_LOG = logging.getLogger(__name__)
_LEAST_MEMORY_BYTES = 64 * 1024 * 1024
_TIMES_THE_WEIGHTS = 2
"""So that at least two windows with all the weights stay loaded."""
_TIMES_WITH_EXITS = 3
"""And one of them in pieces, too, between exits that inputs leave at."""


def windows_memory_bytes(spec: Pipeline, weights_bytes: int) -> int:
    """What the loaded windows of a pipeline may take.

    Args:
        spec: the pipeline's.
        weights_bytes: of the network.
    """
    times = _TIMES_THE_WEIGHTS if spec.exit_rule is None else _TIMES_WITH_EXITS
    return max(_LEAST_MEMORY_BYTES, times * weights_bytes)


def build_pipeline(
    folder: Path,
    network: Network,
    profile: NodeProfile | None,
    warm: Iterable[tuple[str, str]],
    workers: int = 1,
) -> ServedModel:
    """Write the archive of a pipeline.

    Args:
        folder: of the archives.
        network: the pipeline's.
        profile: the edge's; None before the edge is profiled.
        warm: windows that are loaded from the start while there is memory, by the names of their first and
            last tensor.
        workers: that TorchServe starts for it; they share one queue.

    Raises:
        ModelError: the network cannot be cut, or a feature codec not be joined to it.
        ArchiveError: a codec's source cannot be carried.
    """
    from edgent.graph.pieces import layer_pieces  # noqa: PLC0415  imports onnx

    graph, spec = network.graph, network.spec
    deepest = graph.paths[-1]
    weights, codecs = network.segments.weights(), tuple(network.feature_codecs.values())
    contents = {LAYERS: layer_pieces(network.segments, codecs).to_bytes(), weights.name: weights.read_bytes()}
    limits = serving_limits(network, profile, deepest.index, len(deepest.layers))
    files = pipeline_files(
        spec.name,
        contents,
        warm,
        windows_memory_bytes(spec, len(contents[weights.name])),
        Serving.of(network, replace(limits, queue=LONGEST_QUEUE)),  # some windows take next to nothing
    )
    version = served_version(graph.sha256)
    mar = write_mar(folder / mar_file(spec.name, version), files)
    _LOG.info("built %s: %d bytes, %d workers", mar.path, mar.size_bytes, workers)
    crossing = [path.cut(point) for path in graph.paths for point in path.partition_points]
    return ServedModel(
        spec.name,
        mar,
        workers,
        limits.response_timeout_s,
        max(USUAL_FRAME_BYTES, largest_frame_bytes(crossing)),
        spec.edge.providers,
        spec.edge.batch_size,
        spec.edge.max_batch_delay_ms,
        version,
        spec.name,
    )
