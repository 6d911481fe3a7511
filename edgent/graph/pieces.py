"""Takes the layers of a network apart, so that an archive can join any window of them without ``onnx``."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import onnx
from onnx.external_data_helper import ExternalDataInfo, uses_external_data

from edgent.core.layer_pieces import CutTensor, LayerPieces, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.graph.segments import Segments
    from edgent.graph.tensor import Tensor


def layer_pieces(segments: Segments) -> LayerPieces:
    """The pieces of all layers of a network.

    Each layer is cut as a segment of its own, so that whatever it reads of shapes is worked out from what
    crosses before it, which every window with this layer has.

    Raises:
        ModelError: the network cannot be cut.
        StaleFileError: the model file has changed since the graph was read.
    """
    numbers: dict[Piece, int] = {}
    layers: dict[tuple[str, str], tuple[int, ...]] = {}
    tensors: dict[str, CutTensor] = {}

    def number(piece: Piece) -> int:
        return numbers.setdefault(piece, len(numbers))

    def note(tensor: Tensor, info: onnx.ValueInfoProto) -> None:
        as_input = number(_piece(f"input {tensor.name}", input=[info]))
        as_output = number(_piece(f"output {tensor.name}", output=[info]))
        tensors[tensor.name] = CutTensor(tensor.shape, tensor.dtype, as_input, as_output)

    paths = {}
    for path in segments.graph.paths:
        cuts = [path.cut(point) for point in path.partition_points]
        paths[path.exit_name] = tuple(cut.name for cut in cuts)
        for start, (first, last) in enumerate(pairwise(cuts)):
            if (first.name, last.name) in layers:
                continue
            file = segments.segment(path.index, start, start + 1)
            model = onnx.load_model_from_string(file.read_bytes())
            layers[first.name, last.name] = tuple(map(number, _pieces(model)))
            note(first, model.graph.input[0])
            note(last, model.graph.output[0])
    return LayerPieces(paths, tensors, layers, list(numbers))


def _pieces(model: onnx.ModelProto) -> Iterator[Piece]:
    """A model's parts, but for input and output, in an order in which they are a model again."""
    header = onnx.ModelProto()
    header.CopyFrom(model)
    header.ClearField("graph")
    header.ClearField("functions")
    header.graph.name = model.graph.name
    yield Piece("header", header.SerializeToString(deterministic=True))
    for function in model.functions:
        part = onnx.ModelProto(functions=[function])
        yield Piece(f"function {function.domain} {function.name}", part.SerializeToString(deterministic=True))
    for weight in model.graph.initializer:
        kept_bytes = ExternalDataInfo(weight).length if uses_external_data(weight) else 0
        yield _piece(f"tensor {weight.name}", kept_bytes or 0, initializer=[weight])
    for node in model.graph.node:
        yield _piece(f"tensor {' '.join(filter(None, node.output))}", node=[node])


def _piece(makes: str, weight_bytes: int = 0, **part: Any) -> Piece:
    model = onnx.ModelProto(graph=onnx.GraphProto(**part))
    return Piece(makes, model.SerializeToString(deterministic=True), weight_bytes)
