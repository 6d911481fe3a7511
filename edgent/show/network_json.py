"""The network as plain values, for ``edgent show --json``; sizes and work are those of one sample."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgent.graph.exit_path import ExitPath, Layer
    from edgent.graph.feature_codec import FeatureCodec
    from edgent.network import Network


def network_json(network: Network, codecs: Iterable[FeatureCodec], measure: str) -> dict[str, Any]:
    """Input, exits with the layers of their paths, lost cuts, edges and feature codecs.

    Behind the first p layers of a path lies its partition point p.

    Args:
        network: what is shown.
        codecs: its feature codecs.
        measure: what accuracies are measured by.
    """
    graph, spec = network.graph, network.spec
    accuracy = {exit_.name: exit_.accuracy for exit_ in spec.exits}
    return {
        "name": spec.name,
        "model_sha256": graph.sha256,
        "input": {
            "name": graph.input_name,
            "shape": graph.input_shape,
            "dtype": graph.input_dtype,
            "size_bytes": graph.source.size_bytes,
        },
        "measure": measure,
        "exits": [_exit(path, accuracy[path.exit_name]) for path in graph.paths],
        "lost_cuts": [asdict(lost) for lost in graph.lost],
        "edges": [
            {
                "name": edge.known_as,
                "inference_url": edge.inference_url,
                "grpc_url": edge.grpc_url,
                "profile": spec.of_edge(edge).edge_profile,
                "speed": edge.speed,
            }
            for edge in spec.edges
        ],
        "feature_codecs": [_codec(codec) for codec in codecs],
    }


def _exit(path: ExitPath, accuracy: float | None) -> dict[str, Any]:
    return {
        "name": path.exit_name,
        "accuracy": accuracy,
        "parameters": path.parameters,
        "macs": path.macs,
        "leaves_after": path.leaves_after,
        "layers": [_layer(layer) for layer in path.layers],
    }


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "output_shape": layer.output_shape,
        "output_dtype": layer.output_dtype,
        "output_bytes": layer.output_bytes,
        "parameters": layer.parameters,
        "macs": layer.macs,
    }


def _codec(codec: FeatureCodec) -> dict[str, Any]:
    record = codec.record
    return {
        "name": codec.name,
        "direction": codec.direction,
        "reads": codec.reads.name,
        "gives": codec.gives.name,
        "code_shape": record.code_shape,
        "size_bytes": record.bytes_mean,
        "size_p95_bytes": record.bytes_p95,
        "encoder_macs": record.encoder_macs,
        "decoder_macs": record.decoder_macs,
    }
