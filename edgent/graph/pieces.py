"""Takes the layers of a network apart, so that an archive can join any window of them without ``onnx``."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import onnx
from onnx.external_data_helper import ExternalDataInfo, uses_external_data

from edgent.core.layer_pieces import CutTensor, LayerPieces, Piece
from edgent.graph.cutter import ELEMENT_TYPES
from edgent.graph.feature_pieces import edge_part, routes
from edgent.graph.outside_weights import LEAST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgent.graph.feature_codec import FeatureCodec
    from edgent.graph.segments import Segments
    from edgent.graph.tensor import Tensor


def layer_pieces(segments: Segments, codecs: Sequence[FeatureCodec] = ()) -> LayerPieces:
    """The pieces of all layers of a network, and of what its feature codecs have on the edge.

    Each layer is cut as a segment of its own, so that whatever it reads of shapes is worked out from what
    crosses before it, which every window with this layer has.

    Raises:
        ModelError: the network cannot be cut, or a codec not be joined to it.
        StaleFileError: the model file has changed since the graph was read.
    """
    collection = _Collection()
    paths = {}
    for path in segments.graph.paths:
        cuts = [path.cut(point) for point in path.partition_points]
        paths[path.exit_name] = tuple(cut.name for cut in cuts)
        for start, (first, last) in enumerate(pairwise(cuts)):
            if (first.name, last.name) not in collection.layers:
                file = segments.segment(path.index, start, start + 1)
                collection.add_layer(first, last, onnx.load_model_from_string(file.read_bytes()))
    for codec in codecs:
        collection.add_codec(codec)
    paths |= routes(segments.graph, codecs)
    return LayerPieces(paths, collection.tensors, collection.layers, list(collection.numbers))


class _Collection:
    """The pieces so far, each once.

    Attributes:
        numbers: of the pieces.
        layers, tensors: as `LayerPieces` has them.
    """

    def __init__(self) -> None:
        self.numbers: dict[Piece, int] = {}
        self.layers: dict[tuple[str, str], tuple[int, ...]] = {}
        self.tensors: dict[str, CutTensor] = {}
        self._header = onnx.ModelProto()
        self._batch = onnx.TensorShapeProto.Dimension()

    def add_layer(self, first: Tensor, last: Tensor, model: onnx.ModelProto) -> None:
        """A layer of the network, cut as a segment."""
        self._header = _header(model)
        (source,) = model.graph.input
        self._batch = source.type.tensor_type.shape.dim[0]
        self.layers[first.name, last.name] = self._numbers(model)
        self._note(first, source)
        self._note(last, model.graph.output[0])

    def add_codec(self, codec: FeatureCodec) -> None:
        """What a feature codec has on the edge; at least one layer is there before."""
        opset = next(entry.version for entry in self._header.opset_import if entry.domain in {"", "ai.onnx"})
        model = edge_part(codec, opset)
        ends = model.graph.input[0].name, model.graph.output[0].name
        self.layers[ends] = self._numbers(model)
        info = onnx.helper.make_tensor_value_info(
            codec.code.name, ELEMENT_TYPES[codec.code.dtype], [None, *codec.code.shape]
        )
        info.type.tensor_type.shape.dim[0].CopyFrom(self._batch)
        self._note(codec.code, info)

    def _numbers(self, model: onnx.ModelProto) -> tuple[int, ...]:
        header = Piece("header", self._header.SerializeToString(deterministic=True))
        return tuple(map(self._number, (header, *_pieces(model))))

    def _note(self, tensor: Tensor, info: onnx.ValueInfoProto) -> None:
        as_input = self._number(_piece(f"input {tensor.name}", input=[info]))
        as_output = self._number(_piece(f"output {tensor.name}", output=[info]))
        self.tensors[tensor.name] = CutTensor(tensor.shape, tensor.dtype, as_input, as_output)

    def _number(self, piece: Piece) -> int:
        return self.numbers.setdefault(piece, len(self.numbers))


def _header(model: onnx.ModelProto) -> onnx.ModelProto:
    """What a model says beside its graph and its functions."""
    header = onnx.ModelProto()
    header.CopyFrom(model)
    header.ClearField("graph")
    header.ClearField("functions")
    header.graph.name = model.graph.name
    return header


def _pieces(model: onnx.ModelProto) -> Iterator[Piece]:
    """A model's parts, but for header, input and output, in an order in which they are a model again."""
    for function in model.functions:
        part = onnx.ModelProto(functions=[function])
        yield Piece(f"function {function.domain} {function.name}", part.SerializeToString(deterministic=True))
    for weight in model.graph.initializer:
        yield _piece(f"tensor {weight.name}", _weight_bytes(weight), initializer=[weight])
    for node in model.graph.node:
        yield _piece(f"tensor {' '.join(filter(None, node.output))}", node=[node])


def _weight_bytes(weight: onnx.TensorProto) -> int:
    """What a large weight takes, in the weights file or, as those of feature codecs, in the graph itself."""
    if uses_external_data(weight):
        return ExternalDataInfo(weight).length or 0
    size_bytes = onnx.numpy_helper.to_array(weight).nbytes
    return size_bytes if size_bytes >= LEAST_BYTES else 0


def _piece(makes: str, weight_bytes: int = 0, **part: Any) -> Piece:
    model = onnx.ModelProto(graph=onnx.GraphProto(**part))
    return Piece(makes, model.SerializeToString(deterministic=True), weight_bytes)
