"""Cuts segments out of an ONNX graph (``onnx.utils.Extractor``), reproducibly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx.utils import Extractor

from edgent.errors import ModelError, StaleFileError
from edgent.graph.onnx_file import DTYPES, graph_inputs, load

if TYPE_CHECKING:
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.tensor import Tensor

ELEMENT_TYPES = {name: element for element, name in DTYPES.items()}


class Cutter:
    """One network, loaded once, from which any number of segments are cut.

    Raises:
        StaleFileError: the file has changed since the graph was read.
    """

    def __init__(self, graph: BranchyGraph) -> None:
        model, sha256 = load(graph.path)
        if sha256 != graph.sha256:
            raise StaleFileError(
                f"{graph.path} changed in use: sha256 {graph.sha256[:16]} became {sha256[:16]}; start again"
            )
        self._path = graph.path
        batch = graph_inputs(model)[0].type.tensor_type.shape.dim[0]
        self._batch = batch.dim_value or batch.dim_param or "batch"
        tensors = {graph.source.name: graph.source}
        for path in graph.paths:
            tensors.update((path.cut_tensor(point), path.cut(point)) for point in path.partition_points)
        del model.graph.value_info[:], model.graph.output[:], model.graph.input[:]
        # Where the exporter saw the code: file names of one machine, which would make the bytes differ.
        for node in model.graph.node:
            node.ClearField("doc_string")
            node.ClearField("metadata_props")
        model.graph.value_info.extend(map(self._value_info, tensors.values()))
        self._extractor = Extractor(model)

    def cut(self, first: Tensor, last: Tensor) -> bytes:
        """The nodes between two tensors as the bytes of an ONNX model with one input and one output.

        Raises:
            ModelError: the graph holds sparse weights or quantisation notes, which cannot be cut.
        """
        try:
            segment = self._extractor.extract_model([first.name], [last.name])
        except ValueError as error:
            raise ModelError(f"{self._path} cannot be cut: {error}; export it with plain weights") from error
        del segment.graph.value_info[:]
        onnx.checker.check_model(segment)
        content: bytes = segment.SerializeToString(deterministic=True)
        return content

    def _value_info(self, tensor: Tensor) -> onnx.ValueInfoProto:
        return onnx.helper.make_tensor_value_info(
            tensor.name, ELEMENT_TYPES[tensor.dtype], [self._batch, *tensor.shape]
        )
