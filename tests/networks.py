"""Small two-exit networks as ONNX files, made of seeded weights without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from pathlib import Path

CHANNELS, SIZE, CLASSES = 3, 8, 10


class NetworkBuilder:
    """Writes a graph node by node: each method adds one operation and returns the name of its output."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def node(self, operation: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Any operation; its output is named for it unless ``output`` says otherwise."""
        output = output or f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [output], **attributes))
        return output

    def constant(self, values: np.ndarray) -> str:
        """A weight."""
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def weight(self, *shape: int) -> str:
        """A float32 weight of random values, small enough for activations to stay near 1."""
        values = self.random.normal(size=shape) / np.sqrt(np.prod(shape[1:]))
        return self.constant(values.astype(np.float32))

    def normalised(self, image: str) -> str:
        """The uint8 image as float32 between -1 and 1."""
        scaled = self.node("Div", self.node("Cast", image, to=TensorProto.FLOAT), self.scalar(127.5))
        return self.node("Sub", scaled, self.scalar(1.0))

    def scalar(self, value: float) -> str:
        """A float32 constant of one element."""
        return self.constant(np.array([value], np.float32))

    def conv(self, source: str, channels_in: int, channels_out: int) -> str:
        """A 3x3 convolution that keeps the size."""
        weight, bias = self.weight(channels_out, channels_in, 3, 3), self.weight(channels_out)
        return self.node("Conv", source, weight, bias, pads=[1, 1, 1, 1])

    def pool(self, source: str) -> str:
        """Max pooling that halves the size."""
        return self.node("MaxPool", source, kernel_shape=[2, 2], strides=[2, 2])

    def classifier(self, source: str, features: int, exit_name: str) -> str:
        """Flatten and a fully connected layer whose output is an exit."""
        flat = self.node("Flatten", source)
        return self.node("Gemm", flat, self.weight(features, CLASSES), self.weight(CLASSES), output=exit_name)

    def save(
        self, path: Path, exits: tuple[str, ...], shape: tuple[int, ...], dtype: int, classes: int = CLASSES
    ) -> Path:
        """Write the graph with a dynamic batch."""
        graph = helper.make_graph(
            self.nodes,
            "network",
            [helper.make_tensor_value_info("image", dtype, ["batch", *shape])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", classes]) for name in exits],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, path)
        return path


def chain(path: Path) -> Path:
    """Exit 1 after 6 layers (of which 3 in the trunk), exit 2 after 8; with LRN in the trunk."""
    net = NetworkBuilder()
    trunk = net.node("Relu", net.conv(net.normalised("image"), CHANNELS, 4))
    trunk = net.pool(trunk)
    branch = net.node("Relu", net.conv(trunk, 4, 4))
    net.classifier(branch, 4 * 4 * 4, "exit1")
    squares = net.node("Mul", trunk, trunk)
    mean = net.node("AveragePool", squares, kernel_shape=[1, 1])
    trunk = net.node("Div", trunk, net.node("Pow", net.node("Add", mean, net.scalar(2.0)), net.scalar(0.75)))
    trunk = net.pool(net.node("Relu", net.conv(trunk, 4, 8)))
    net.classifier(trunk, 8 * 2 * 2, "exit2")
    return net.save(path, ("exit1", "exit2"), (CHANNELS, SIZE, SIZE), TensorProto.UINT8)


def residual(path: Path) -> Path:
    """Two residual blocks; exit 1 after the first (5 layers), exit 2 after the second (7 layers)."""
    net = NetworkBuilder(seed=1)
    trunk = net.node("Relu", net.conv(net.normalised("image"), CHANNELS, 4))
    for exit_name in ("exit1", "exit2"):
        inner = net.node("Relu", net.conv(trunk, 4, 4))
        trunk = net.node("Relu", net.node("Add", net.conv(inner, 4, 4), trunk))
        net.classifier(trunk, 4 * SIZE * SIZE, exit_name)
    return net.save(path, ("exit1", "exit2"), (CHANNELS, SIZE, SIZE), TensorProto.UINT8)


def one_output(path: Path, shape: tuple[int, ...] = (3, 16, 16), classes: int = CLASSES) -> Path:
    """A classifier without further exits, as people have them: it takes floats, and ends in ``logits``."""
    net = NetworkBuilder(seed=5)
    first = net.node("Transpose", "image", perm=[0, 3, 1, 2]) if shape[2] == CHANNELS else "image"
    trunk = net.pool(net.node("Relu", net.conv(first, CHANNELS, 12)))
    trunk = net.pool(net.node("Relu", net.conv(trunk, 12, 16)))
    trunk = net.node("Flatten", net.node("GlobalAveragePool", net.node("Relu", net.conv(trunk, 16, 24))))
    net.node("Gemm", trunk, net.weight(24, classes), net.weight(classes), output="logits")
    return net.save(path, ("logits",), shape, TensorProto.FLOAT, classes)


def resizing(path: Path) -> Path:
    """Exit 1 leaves the trunk at 3, exit 2 is the whole trunk on 8x8 pixels, exit 3 on all 16x16."""
    net = NetworkBuilder(seed=9)
    convs = [(net.weight(12, CHANNELS, 3, 3), net.weight(12)), (net.weight(16, 12, 3, 3), net.weight(16))]

    def block(source: str, number: int) -> str:
        return net.pool(net.node("Relu", net.node("Conv", source, *convs[number], pads=[1, 1, 1, 1])))

    def exit_(source: str, channels: int, name: str) -> None:
        net.classifier(net.node("GlobalAveragePool", source), channels, name)

    first = block(net.normalised("image"), 0)
    exit_(first, 12, "exit1")
    exit_(block(first, 1), 16, "exit3")
    scales = net.constant(np.array([1, 1, 0.5, 0.5], np.float32))
    small = net.node("Resize", net.node("Cast", "image", to=TensorProto.FLOAT), "", scales, mode="linear")
    exit_(block(block(net.normalised(small), 0), 1), 16, "exit2")
    return net.save(path, ("exit1", "exit2", "exit3"), (CHANNELS, 2 * SIZE, 2 * SIZE), TensorProto.UINT8)


def for_batch_one(path: Path) -> Path:
    """Two exits behind a Reshape to batch 1, though the file calls its batch dynamic; input uint8."""
    net = NetworkBuilder(seed=2)
    trunk = net.node("Relu", net.conv(net.normalised("image"), CHANNELS, 4))
    for exit_name in ("exit1", "exit2"):
        flat = net.node("Reshape", trunk, net.constant(np.array([1, 4 * SIZE * SIZE])))
        net.node("Gemm", flat, net.weight(4 * SIZE * SIZE, CLASSES), output=exit_name)
        trunk = net.node("Relu", net.conv(trunk, 4, 4))
    return net.save(path, ("exit1", "exit2"), (CHANNELS, SIZE, SIZE), TensorProto.UINT8)


def before_version_4(source: Path, path: Path) -> Path:
    """A copy of a network in IR version 3, in which weights are inputs too."""
    model = onnx.load(source)
    model.ir_version = 3
    for weight in model.graph.initializer:
        model.graph.input.append(
            helper.make_tensor_value_info(weight.name, weight.data_type, list(weight.dims))
        )
    onnx.save(model, path)
    return path
