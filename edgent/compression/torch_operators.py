"""ONNX's operators in torch, with gradients: those that the tails of convolutional networks have.

A tail is folded by onnxruntime first, so that neither computed constants nor batch normalisation behind a
convolution are left. Own code in place of a converter: onnx2pytorch needs Python 3.11 and a torchvision that
was built with the very torch that is installed, and leaves operators that it does not know to the first run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  torch's own name for it
from torch import Tensor

Function = Callable[..., Tensor]


class NotCoveredError(Exception):
    """An operator, or a way of using it, that is not written here; the message names it."""


@dataclass(frozen=True)
class Node:
    """A node of a graph.

    Attributes:
        operator: its ONNX name.
        attributes: its attributes.
        constants: inputs that are known before the graph runs, by their number.
        version: of the operator set.
    """

    operator: str
    attributes: Mapping[str, Any]
    constants: Mapping[int, np.ndarray]
    version: int

    def constant(self, number: int, name: str) -> np.ndarray | None:
        """An input of newer operator sets that was an attribute; None where it is neither."""
        if number in self.constants:
            return self.constants[number]
        value = self.attributes.get(name)
        return None if value is None else np.asarray(value)

    def integers(self, number: int, name: str) -> list[int]:
        """An input, or attribute, of whole numbers; see `constant`.

        Raises:
            NotCoveredError: they are computed while the graph runs.
        """
        value = self.constant(number, name)
        if value is None:
            raise NotCoveredError(f"{self.operator} with computed {name}")
        return [int(one) for one in value.ravel()]


def _window(node: Node) -> tuple[list[int], list[int], list[int]]:
    """Strides, dilations and padding (torch's order, last axis first) of what slides over two axes."""
    attributes = node.attributes
    if attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise NotCoveredError(f"{node.operator} with auto_pad")
    top, left, bottom, right = attributes.get("pads") or (0, 0, 0, 0)
    strides, dilations = attributes.get("strides") or (1, 1), attributes.get("dilations") or (1, 1)
    return list(strides), list(dilations), [left, right, top, bottom]


def _conv(node: Node) -> Function:
    if 1 not in node.constants or node.constants[1].ndim != 4:
        raise NotCoveredError("Conv of other than two axes")
    strides, dilations, (left, right, top, bottom) = _window(node)
    groups = node.attributes.get("group", 1)
    if (left, top) == (right, bottom):
        return lambda x, w, b=None: F.conv2d(x, w, b, strides, (top, left), dilations, groups)
    around = (left, right, top, bottom)
    return lambda x, w, b=None: F.conv2d(F.pad(x, around), w, b, strides, 0, dilations, groups)


def _pool(node: Node) -> Function:
    strides, dilations, around = _window(node)
    kernel = list(node.attributes["kernel_shape"])
    ceil = bool(node.attributes.get("ceil_mode", 0))
    if node.operator == "MaxPool":
        lowest = -math.inf
        return lambda x: F.max_pool2d(
            F.pad(x, around, value=lowest) if any(around) else x,
            kernel,
            strides,
            0,
            dilations,
            ceil_mode=ceil,
        )
    left, right, top, bottom = around
    if (left, top) != (right, bottom):
        raise NotCoveredError("AveragePool with uneven padding")
    counts = bool(node.attributes.get("count_include_pad", 0))
    return lambda x: F.avg_pool2d(x, kernel, strides, (top, left), ceil, counts)


def _gemm(node: Node) -> Function:
    alpha, beta = node.attributes.get("alpha", 1.0), node.attributes.get("beta", 1.0)
    turned = bool(node.attributes.get("transB", 0))
    if node.attributes.get("transA", 0) or (alpha, beta) != (1.0, 1.0):
        raise NotCoveredError("Gemm with transA, alpha or beta")

    def gemm(x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
        product = x @ (w.T if turned else w)
        return product if b is None else product + b

    return gemm


def _clip(node: Node) -> Function:
    low, high = node.constant(1, "min"), node.constant(2, "max")
    least = -math.inf if low is None else float(low)
    most = math.inf if high is None else float(high)
    if math.isinf(least) or math.isinf(most):
        return lambda x, *_: x.clamp(least, most)
    return lambda x, *_: F.hardtanh(x, least, most)  # its gradient takes one pass over memory, not four


def _batch_normalization(node: Node) -> Function:
    epsilon = node.attributes.get("epsilon", 1e-5)
    return lambda x, scale, bias, mean, variance: F.batch_norm(
        x, mean, variance, scale, bias, training=False, eps=epsilon
    )


def _layer_normalization(node: Node) -> Function:
    epsilon, axis = node.attributes.get("epsilon", 1e-5), node.attributes.get("axis", -1)

    def normalise(x: Tensor, scale: Tensor, bias: Tensor | None = None) -> Tensor:
        return F.layer_norm(x, x.shape[axis:], scale, bias, epsilon)

    return normalise


def _reshape(node: Node) -> Function:
    keeps_zeros = bool(node.attributes.get("allowzero", 0))

    def reshape(x: Tensor, shape: Tensor) -> Tensor:
        sides: list[int] = shape.tolist()
        return x.reshape(
            [x.shape[k] if side == 0 and not keeps_zeros else side for k, side in enumerate(sides)]
        )

    return reshape


def _gather(node: Node) -> Function:
    axis = node.attributes.get("axis", 0)

    def gather(x: Tensor, indices: Tensor) -> Tensor:
        if indices.ndim == 0:
            return x.select(axis, int(indices))
        if indices.ndim == 1:
            return x.index_select(axis, indices % x.shape[axis])
        raise NotCoveredError("Gather with a table of indices")

    return gather


def _flatten(node: Node) -> Function:
    if node.attributes.get("axis", 1) != 1:
        raise NotCoveredError("Flatten of another axis than the first")
    return lambda x: x.flatten(1)


def _reduce_mean(node: Node) -> Function:
    axes, keeps = node.integers(1, "axes"), bool(node.attributes.get("keepdims", 1))
    return lambda x, *_: x.mean(axes, keepdim=keeps)


def _squeeze(node: Node) -> Function:
    axes = node.integers(1, "axes")
    return lambda x, *_: x.squeeze(axes)


def _unsqueeze(node: Node) -> Function:
    axes = sorted(node.integers(1, "axes"))

    def unsqueeze(x: Tensor, *_: Tensor) -> Tensor:
        for axis in axes:
            x = x.unsqueeze(axis)
        return x

    return unsqueeze


def _concat(node: Node) -> Function:
    axis = node.attributes["axis"]
    return lambda *parts: torch.cat(parts, axis)


def _transpose(node: Node) -> Function:
    order = list(node.attributes["perm"])
    return lambda x: x.permute(order)


def _softmax(node: Node) -> Function:
    if node.version < 13:
        raise NotCoveredError("Softmax of an operator set before 13")
    axis = node.attributes.get("axis", -1)
    return lambda x: x.softmax(axis)


def _gelu(node: Node) -> Function:
    how = node.attributes.get("approximate", b"none").decode()
    return lambda x: F.gelu(x, approximate=how)


def _hard_sigmoid(node: Node) -> Function:
    alpha, beta = node.attributes.get("alpha", 0.2), node.attributes.get("beta", 0.5)
    return lambda x: (alpha * x + beta).clamp(0, 1)


def _leaky_relu(node: Node) -> Function:
    slope = node.attributes.get("alpha", 0.01)
    return lambda x: F.leaky_relu(x, slope)


def _plain(function: Function) -> Callable[[Node], Function]:
    """An operator without attributes."""
    return lambda _node: function


OPERATORS: Mapping[str, Callable[[Node], Function]] = {
    "Add": _plain(torch.add),
    "AveragePool": _pool,
    "BatchNormalization": _batch_normalization,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "Div": _plain(torch.div),
    "Erf": _plain(torch.erf),
    "Flatten": _flatten,
    "Gather": _gather,
    "Gelu": _gelu,
    "Gemm": _gemm,
    "GlobalAveragePool": _plain(lambda x: x.mean((2, 3), keepdim=True)),
    "GlobalMaxPool": _plain(lambda x: x.amax((2, 3), keepdim=True)),
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _plain(F.hardswish),
    "Identity": _plain(lambda x: x),
    "LayerNormalization": _layer_normalization,
    "LeakyRelu": _leaky_relu,
    "MatMul": _plain(torch.matmul),
    "MaxPool": _pool,
    "Mul": _plain(torch.mul),
    "Pow": _plain(torch.pow),
    "ReduceMean": _reduce_mean,
    "Relu": _plain(torch.relu),
    "Reshape": _reshape,
    "Shape": _plain(lambda x: torch.tensor(x.shape, device=x.device)),
    "Sigmoid": _plain(torch.sigmoid),
    "Softmax": _softmax,
    "Sqrt": _plain(torch.sqrt),
    "Squeeze": _squeeze,
    "Sub": _plain(torch.sub),
    "Tanh": _plain(torch.tanh),
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
"""What makes a function of tensors out of a node, by the operator's name."""


def function_of(node: Node) -> Function:
    """What a node computes.

    Raises:
        NotCoveredError: no such operator here, or not used in this way.
    """
    if node.operator not in OPERATORS:
        raise NotCoveredError(node.operator)
    return OPERATORS[node.operator](node)
