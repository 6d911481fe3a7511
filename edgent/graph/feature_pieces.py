"""Encoders and decoders of feature codecs as pieces, which are joined to windows as layers are.

A code is one more place at which a tensor crosses: the decoder is the layer from the code to the tensor that
it gives, the encoder the layer from the tensor that it reads to the code. What lies inside them gets names of
its own, so that nothing meets a name of the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx import version_converter

from edgent.errors import ModelError
from edgent.graph.outside_weights import check_without_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.feature_codec import FeatureCodec

_DEFAULT_DOMAINS = ("", "ai.onnx")


def edge_part(codec: FeatureCodec, opset: int) -> onnx.ModelProto:
    """What of a codec runs on the edge: its decoder where codes go up, else its encoder.

    Args:
        codec: the codec.
        opset: of the network that it is joined to.

    Returns:
        A model between two tensors, named as the network names them and as the codec names its code.

    Raises:
        ModelError: the file is no ONNX, lies between other tensors, or uses what cannot be joined.
    """
    goes_up = codec.direction == "up"
    file = codec.decoder if goes_up else codec.encoder
    model = _load(file, opset)
    crosses, lasts = f"{codec.name}.code", codec.gives.name if goes_up else codec.reads.name
    ends = (crosses, lasts) if goes_up else (lasts, crosses)
    found = tuple(tuple(value.name for value in values) for values in (model.graph.input, model.graph.output))
    if found != tuple((end,) for end in ends):
        raise ModelError(
            f"{file} takes {', '.join(found[0])} and gives {', '.join(found[1])}; "
            f"expected {ends[0]} and {ends[1]}"
        )
    _rename(model, f"{codec.code.name}/", {crosses: codec.code.name, lasts: lasts})
    return model


def routes(graph: BranchyGraph, codecs: Sequence[FeatureCodec]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The ways through codes that windows can take: a name, and the tensors that cross on the way."""
    for path in graph.paths:
        names = [path.cut_tensor(point) for point in path.partition_points]
        placed = [(codec, points) for codec in codecs if (points := codec.points(path)) is not None]
        ups = [(codec, gives) for codec, (_, gives) in placed if codec.direction == "up"]
        downs = [(codec, reads) for codec, (reads, _) in placed if codec.direction == "down"]
        for up, gives in ups:
            yield f"{path.exit_name} behind {up.name}", (up.code.name, *names[gives:])
        for down, reads in downs:
            yield f"{path.exit_name} to {down.name}", (*names[: reads + 1], down.code.name)
            for up, gives in ups:
                if gives < reads:
                    between = (up.code.name, *names[gives : reads + 1], down.code.name)
                    yield f"{path.exit_name} from {up.name} to {down.name}", between


def _load(file: Path, opset: int) -> onnx.ModelProto:
    """A codec's model in the network's version of the operators."""
    try:
        model = onnx.load_model(file, load_external_data=False)
        check_without_files(model)
        versions = {entry.domain: entry.version for entry in model.opset_import}
        others = sorted(set(versions) - set(_DEFAULT_DOMAINS))
        if others or model.functions:
            raise ModelError(
                f"{file} uses operators of {', '.join(others) or 'its own'}; only ONNX's can be joined"
            )
        if opset not in versions.values():
            model = version_converter.convert_version(model, opset)
    except ModelError:
        raise
    except Exception as error:  # noqa: BLE001  protobuf's, the disk's and the converter's share no other base
        reason = str(error).partition("\n")[0]
        raise ModelError(f"{file} cannot be joined to a network of opset {opset}: {reason}") from None
    return model


def _rename(model: onnx.ModelProto, prefix: str, kept: dict[str, str]) -> None:
    """Give every tensor and node a name of the codec's own, but for the two ends."""

    def new(name: str) -> str:
        return kept.get(name, f"{prefix}{name}") if name else name

    for node in model.graph.node:
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            raise ModelError(f"node {node.name} of a feature codec holds a graph, which cannot be joined")
        node.name = new(node.name)
        for names in (node.input, node.output):
            names[:] = [new(name) for name in names]
    for named in (*model.graph.initializer, *model.graph.input, *model.graph.output):
        named.name = new(named.name)
