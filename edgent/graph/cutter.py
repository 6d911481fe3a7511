"""Cuts segments out of an ONNX graph, reproducibly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import helper, numpy_helper

from edgent.errors import ModelError, StaleFileError
from edgent.graph.batch_shapes import batch_shapes
from edgent.graph.dataflow import Dataflow
from edgent.graph.onnx_file import DTYPES, WEIGHTS_ARE_NO_INPUTS, load
from edgent.graph.outside_weights import check_without_files, take_out
from edgent.graph.shape_values import read_shape
from edgent.graph.weights_file import DIGEST_BYTES, LOCATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.tensor import Tensor

ELEMENT_TYPES = {name: element for element, name in DTYPES.items()}


class Cutter:
    """One network, loaded once, from which any number of segments are cut.

    Attributes:
        weights: what the weights file of the network has to hold.

    Raises:
        StaleFileError: the file has changed since the graph was read.
        ModelError: the graph holds sparse weights or quantisation notes, which cannot be cut.
    """

    def __init__(self, graph: BranchyGraph) -> None:
        self._model, sha256 = load(graph.path)
        if sha256 != graph.sha256:
            raise StaleFileError(
                f"{graph.path} changed in use: sha256 {graph.sha256[:16]} became {sha256[:16]}; start again"
            )
        if self._model.graph.sparse_initializer or self._model.graph.quantization_annotation:
            raise ModelError(
                f"{graph.path} holds sparse weights or quantisation notes, which cannot be cut; "
                "export it with plain weights"
            )
        # Where the exporter saw the code: file names of one machine, which would make the bytes differ.
        for node in self._model.graph.node:
            node.ClearField("doc_string")
            node.ClearField("metadata_props")
        self._shapes = batch_shapes(self._model, graph.exit_names, graph.path)
        self.weights = take_out(self._model, LOCATION, DIGEST_BYTES)
        self._flow = Dataflow(self._model.graph, graph.input_name, self._shapes.by_name)

    def cut(self, first: Tensor, last: Tensor) -> bytes:
        """The nodes between two tensors as the bytes of an ONNX model with one input and one output.

        Its large weights are references to the weights file.
        """
        nodes = list(self._restated(self._flow.between(first.name, last.name), first.name))
        read = {name for node in nodes for name in node.input}
        weights = [weight for weight in self._model.graph.initializer if weight.name in read]
        graph = helper.make_graph(
            nodes,
            f"Extracted from {{{self._model.graph.name}}}",
            [self._value_info(first)],
            [self._value_info(last)],
            weights,
        )
        segment = helper.make_model(
            graph,
            ir_version=max(self._model.ir_version, WEIGHTS_ARE_NO_INPUTS),
            opset_imports=self._model.opset_import,
            producer_name="onnx.utils.extract_model",
            functions=self._functions(nodes),
        )
        check_without_files(segment)
        content: bytes = segment.SerializeToString(deterministic=True)
        return content

    def _restated(self, nodes: Sequence[onnx.NodeProto], first: str) -> Iterator[onnx.NodeProto]:
        """The nodes; those that read a shape from beyond the cut work it out from the batch that crosses."""
        inside = {first}.union(*(node.output for node in nodes))
        for node in nodes:
            if self._flow.reads_known_shape(node) and node.input[0] not in inside:
                yield from self._from_batch(node, first)
            else:
                yield node

    def _from_batch(self, node: onnx.NodeProto, first: str) -> Iterator[onnx.NodeProto]:
        """Nodes that say what a Shape or Size node says: ``fixed + per_sample * batch``."""
        shape = self._shapes.by_name[node.input[0]]
        single, pair = (read_shape(node, shape.at(batch)) for batch in (1, 2))
        name = node.output[0]
        constants = {"zero": np.array(0, np.int64), "per_sample": pair - single, "fixed": 2 * single - pair}
        for constant, value in constants.items():
            tensor = numpy_helper.from_array(np.asarray(value))
            yield helper.make_node("Constant", [], [f"{name}/{constant}"], value=tensor)
        yield helper.make_node("Shape", [first], [f"{name}/shape"])
        yield helper.make_node("Gather", [f"{name}/shape", f"{name}/zero"], [f"{name}/batch"])
        yield helper.make_node("Mul", [f"{name}/batch", f"{name}/per_sample"], [f"{name}/grown"])
        yield helper.make_node("Add", [f"{name}/grown", f"{name}/fixed"], [name])

    def _functions(self, nodes: Sequence[onnx.NodeProto]) -> list[onnx.FunctionProto]:
        """The model's functions that the nodes call, and those that these call in turn."""
        by_name = {(function.domain, function.name): function for function in self._model.functions}
        called: dict[tuple[str, str], onnx.FunctionProto] = {}
        pending = list(nodes)
        while pending:
            node = pending.pop(0)
            key = (node.domain, node.op_type)
            if key in by_name and key not in called:
                called[key] = by_name[key]
                pending.extend(by_name[key].node)
        return list(called.values())

    def _value_info(self, tensor: Tensor) -> onnx.ValueInfoProto:
        batch = self._shapes.batch or 1
        return helper.make_tensor_value_info(tensor.name, ELEMENT_TYPES[tensor.dtype], [batch, *tensor.shape])
