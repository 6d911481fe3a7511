"""A segment of the network as a torch module with frozen weights, for gradients with respect to its input."""

from __future__ import annotations

import tempfile
from pathlib import Path

import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from edgent.compression.torch_operators import Function, Node, NotCoveredError, function_of

_CONSTANT = "Constant"
_OWN_DOMAINS = ("", "ai.onnx")


class TorchGraph(nn.Module):
    """Runs a graph with one input and one output node by node.

    Attributes:
        operators: names of the operators that it has.
    """

    def __init__(self, content: bytes) -> None:
        """Read a segment.

        Args:
            content: an ONNX file with its weights inside.

        Raises:
            NotCoveredError: it has an operator that torch_operators.py does not write.
        """
        super().__init__()
        model = _folded(content)
        graph = model.graph
        self._source, self._answer = graph.input[0].name, graph.output[0].name
        versions = {entry.domain: entry.version for entry in model.opset_import}
        constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self._weights: dict[str, str] = {}
        self._steps: list[tuple[Function, list[str], str]] = []
        for node in graph.node:
            attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
            if node.domain not in _OWN_DOMAINS:
                raise NotCoveredError(f"{node.domain}.{node.op_type}")
            if node.op_type == _CONSTANT:
                constants[node.output[0]] = numpy_helper.to_array(attributes["value"])
                continue
            known = {k: constants[name] for k, name in enumerate(node.input) if name in constants}
            described = Node(node.op_type, attributes, known, versions.get("", 1))
            self._steps.append((function_of(described), list(node.input), node.output[0]))
        for name in {name for _, inputs, _ in self._steps for name in inputs} & constants.keys():
            self._weights[name] = f"weight_{len(self._weights)}"
            self.register_buffer(self._weights[name], torch.from_numpy(constants[name].copy()))

    def forward(self, x: Tensor) -> Tensor:
        """The output for a batch."""
        tensors: dict[str, Tensor | None] = {
            name: self.get_buffer(buffer) for name, buffer in self._weights.items()
        }
        tensors[self._source] = x
        tensors[""] = None  # an input that is left out
        for function, inputs, output in self._steps:
            tensors[output] = function(*(tensors[name] for name in inputs))
        answer = tensors[self._answer]
        assert answer is not None
        return answer


def _folded(content: bytes) -> onnx.ModelProto:
    """The graph after onnxruntime has computed what does not depend on the input."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "folded.onnx"
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(file)
        options.log_severity_level = 3
        onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        return onnx.load(file)
