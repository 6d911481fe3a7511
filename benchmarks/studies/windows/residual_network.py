"""A residual network with normalisation, made on the fly: cuts of it fall between what onnxruntime fuses."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_SIDE, _CLASSES = 64, 10
_STAGES = (32, 64, 128)
_SPEC = """\
version: 1
name: residual
model: {file: residual.onnx, input: image}
input: {shape: [3, 64, 64], labels: [a, b, c, d, e, f, g, h, i, j]}
exits: [{name: exit1}, {name: exit2}, {name: exit3}]
"""


def write_residual(folder: Path) -> Path:
    """Write the network, of the shape of ResNet-18 with three stages and three exits; returns its spec."""
    _Writer().save(folder / "residual.onnx")
    spec = folder / "residual.yaml"
    spec.write_text(_SPEC, encoding="utf-8")
    return spec


class _Writer:
    """Writes the graph node by node; each method returns the name of its output."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def save(self, file: Path) -> None:
        """Write all of it, with a dynamic batch."""
        scaled = self._node("Div", self._node("Cast", "image", to=TensorProto.FLOAT), self._constant([127.5]))
        trunk = self._node("Relu", self._normalised_conv(scaled, 3, _STAGES[0], stride=2))
        channels = _STAGES[0]
        for number, wider in enumerate(_STAGES, 1):
            trunk = self._block(trunk, channels, wider, stride=1 if wider == channels else 2)
            trunk = self._block(trunk, wider, wider, stride=1)
            self._classifier(trunk, wider, f"exit{number}")
            channels = wider
        image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", 3, _SIDE, _SIDE])
        exits = [
            helper.make_tensor_value_info(f"exit{number}", TensorProto.FLOAT, ["batch", _CLASSES])
            for number in range(1, len(_STAGES) + 1)
        ]
        graph = helper.make_graph(self._nodes, "residual", [image], exits, self._weights)
        onnx.save(
            helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(file)
        )

    def _block(self, source: str, channels: int, wider: int, stride: int) -> str:
        inner = self._node("Relu", self._normalised_conv(source, channels, wider, stride=stride))
        inner = self._normalised_conv(inner, wider, wider, stride=1)
        if channels != wider:
            source = self._normalised_conv(source, channels, wider, stride=stride, side=1)
        return self._node("Relu", self._node("Add", inner, source))

    def _normalised_conv(self, source: str, channels: int, wider: int, *, stride: int, side: int = 3) -> str:
        shape = (wider, channels, side, side)
        values = self._random.normal(size=shape) * np.sqrt(2 / (channels * side * side))
        pads = [side // 2] * 4
        conv = self._node("Conv", source, self._constant(values), pads=pads, strides=[stride, stride])
        scale, shift, mean = (self._random.normal(centre, 0.1, wider) for centre in (1.0, 0.0, 0.0))
        statistics = (scale, shift, mean, self._random.uniform(0.5, 1.5, wider))
        return self._node("BatchNormalization", conv, *map(self._constant, statistics))

    def _classifier(self, source: str, channels: int, exit_name: str) -> None:
        pooled = self._node("Flatten", self._node("GlobalAveragePool", source))
        values = self._random.normal(size=(channels, _CLASSES)) / np.sqrt(channels)
        self._node("Gemm", pooled, self._constant(values), self._constant(np.zeros(_CLASSES)), name=exit_name)

    def _node(self, operation: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        output = name or f"{operation.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, list(inputs), [output], **attributes))
        return output

    def _constant(self, values: np.ndarray | list[float]) -> str:
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name
