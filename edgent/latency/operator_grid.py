"""Small networks of one to three operators, over the shapes of small CNNs: what the regressors learn from.

The network at hand has too few layers to tell multiply-accumulates from sizes; these fill the space around.
"""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edgent.graph.reading import read_branchy_graph
from edgent.latency.features import LayerFeatures, segment_features

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LARGEST_MACS = 12_000_000
_CONVOLUTIONS = 70
_SIZES = (4, 8, 16, 32)
_CHANNELS = (8, 16, 32, 64, 96)


@dataclass(frozen=True)
class GridNetwork:
    """One network: its name, its ONNX file, the shape of its input without the batch, its layers."""

    name: str
    content: bytes
    input_shape: tuple[int, ...]
    layers: tuple[LayerFeatures, ...]


def operator_grid() -> tuple[GridNetwork, ...]:
    """The grid, always the same: convolutions alone, with relu, with pool; fc, relu, pools, lrn, blocks."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        return tuple(_read(drawing, file) for drawing in _drawings(random))


class _Drawing:
    """A chain of operators, added one after the other."""

    def __init__(self, name: str, shape: Sequence[int], random: np.random.Generator) -> None:
        self.name, self.shape, self._random = name, tuple(shape), random
        self.channels = shape[0]
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._end = "input"

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        output = f"{operator.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs) or [self._end], [output], **attributes))
        self._end = output
        return output

    def conv(self, filters: int, side: int, stride: int = 1) -> _Drawing:
        weight = self._weight(filters, self.channels, side, side)
        pads = [side // 2] * 4
        self.node("Conv", self._end, weight, self._weight(filters), pads=pads, strides=[stride] * 2)
        self.channels = filters
        return self

    def fc(self, features: int) -> _Drawing:
        weight = self._weight(features, int(np.prod(self.shape)))
        flat = self.node("Flatten") if len(self.shape) > 1 else self._end
        self.node("Gemm", flat, weight, self._weight(features), transB=1)
        return self

    def relu(self) -> _Drawing:
        self.node("Relu")
        return self

    def pool(self, operator: str, side: int) -> _Drawing:
        self.node(operator, kernel_shape=[side] * 2, strides=[2, 2], ceil_mode=1)
        return self

    def lrn(self) -> _Drawing:
        """Divide by √s √√s with s = k + a · Σ x², the sum over channels by a 1x1 convolution."""
        source = self._end
        band, bias = self._weight(self.channels, self.channels, 1, 1), self._weight(self.channels)
        root = self.node(
            "Sqrt", self.node("Abs", self.node("Conv", self.node("Mul", source, source), band, bias))
        )
        self.node("Div", source, self.node("Mul", root, self.node("Sqrt", root)))
        return self

    def residual(self, side: int) -> _Drawing:
        source = self._end
        self.conv(self.channels, side).relu().conv(self.channels, side)
        self.node("Add", self._end, source)
        return self

    def save(self, file: Path) -> bytes:
        self._nodes[-1].output[0] = "output"
        rank = 2 if self._nodes[-1].op_type == "Gemm" or len(self.shape) == 1 else 4
        graph = helper.make_graph(
            self._nodes,
            self.name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, *self.shape])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, [None] * rank)],
            self._weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        content: bytes = model.SerializeToString(deterministic=True)
        file.write_bytes(content)
        return content

    def _weight(self, *shape: int) -> str:
        name = f"weight{len(self._weights)}"
        values = self._random.normal(size=shape, scale=0.1).astype(np.float32)
        self._weights.append(numpy_helper.from_array(values, name))
        return name


def _read(drawing: _Drawing, file: Path) -> GridNetwork:
    content = drawing.save(file)
    path = read_branchy_graph(file).paths[0]
    layers = segment_features(path, 0, len(path.layers))
    return GridNetwork(drawing.name, content, drawing.shape, layers)


def _drawings(random: np.random.Generator) -> Iterator[_Drawing]:
    convolutions = [
        (channels, filters, side, stride, size)
        for channels, filters, side, stride, size in itertools.product(
            (1, 3, *_CHANNELS, 128), (6, *_CHANNELS, 128), (1, 3, 5), (1, 2), (*_SIZES, 28)
        )
        if channels * filters * side**2 * (size // stride) ** 2 <= _LARGEST_MACS
    ]
    chosen = random.choice(len(convolutions), _CONVOLUTIONS, replace=False)
    for number, index in enumerate(sorted(chosen)):
        channels, filters, side, stride, size = convolutions[index]
        end = ("", "_relu", "_relu_pool")[number % 3]
        name = f"conv{side}x{side}_{channels}_{filters}_stride{stride}_on{size}{end}"
        drawing = _Drawing(name, (channels, size, size), random).conv(filters, side, stride)
        if end:
            drawing.relu()
        yield drawing.pool("MaxPool", 2) if end == "_relu_pool" else drawing
    for number, (inputs, outputs) in enumerate(itertools.product((64, 256, 720, 1024), (10, 64, 128, 256))):
        end = "_relu" if number % 2 else ""
        drawing = _Drawing(f"fc_{inputs}_{outputs}{end}", (inputs,), random).fc(outputs)
        yield drawing.relu() if end else drawing
    for channels, size in ((8, 4), (32, 4), (96, 4), (64, 8), (16, 16), (64, 16), (8, 32), (32, 32)):
        shape, text = (channels, size, size), f"{channels}_on{size}"
        yield _Drawing(f"relu_{text}", shape, random).relu()
        yield _Drawing(f"maxpool2_{text}", shape, random).pool("MaxPool", 2)
        yield _Drawing(f"maxpool3_{text}", shape, random).pool("MaxPool", 3)
        yield _Drawing(f"avgpool2_{text}", shape, random).pool("AveragePool", 2)
        yield _Drawing(f"lrn_{text}", shape, random).lrn()
    for channels, size in ((8, 8), (32, 8), (16, 16), (64, 8), (8, 32), (96, 4)):
        yield _Drawing(f"residual_{channels}_on{size}", (channels, size, size), random).residual(3)
