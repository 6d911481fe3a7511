"""A trained feature codec as two ONNX graphs: few operators, all of ONNX's own, any number of samples.

Batch normalisation and the scales of what is read and given are folded into the convolutions. The encoder
ends in Clip, Round and Cast to uint8, the decoder begins with a Cast, so what crosses is exact.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edgent.compression.codec_network import Block, ConvNorm, Enlarge, FeatureCodecNetwork
from edgent.errors import ModelError
from edgent.graph.cutter import ELEMENT_TYPES

if TYPE_CHECKING:
    from edgent.compression.codec_place import CodecPlace

_OLDEST_OPSET = 13  # has Round, and Clip with bounds as inputs
_IR_VERSION = 7  # goes with that operator set


@dataclass(frozen=True)
class CodecFiles:
    """Both ONNX files."""

    encoder: bytes
    decoder: bytes


@dataclass(frozen=True)
class Versions:
    """Operator set and IR version of a network, which its codecs share where these have what codecs need."""

    opset: int
    ir: int

    @classmethod
    def of(cls, model: onnx.ModelProto) -> Versions:
        """Those of a network, or the oldest that have all operators."""
        opset = max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
        return cls(max(opset, _OLDEST_OPSET), max(model.ir_version, _IR_VERSION))


def export_codec(codec: FeatureCodecNetwork, place: CodecPlace, name: str, versions: Versions) -> CodecFiles:
    """Write both halves; the same weights give the same bytes.

    Args:
        codec: as trained; it stays as it is.
        place: names the tensors that the encoder reads and the decoder gives.
        name: of the codec; its code is the tensor ``name.code``.
        versions: operator set and IR version of the files.

    Raises:
        ModelError: a module that cannot be written.
    """
    codec = copy.deepcopy(codec).eval().cpu()
    code, shape = f"{name}.code", (codec.code.channels, codec.code.height, codec.code.width)
    with torch.no_grad():
        encoder = _Chain("encoder", place.reads.name)
        if place.reads.dtype != "float32":
            encoder.add("Cast", to=TensorProto.FLOAT)
        encoder.write(_with_input_scale(codec.encoder, codec.read_deviation))
        encoder.add("Clip", encoder.scalar(0.0), encoder.scalar(codec.code.levels - 1.0))
        encoder.add("Round")
        encoder.add("Cast", output=code, to=TensorProto.UINT8)
        decoder = _Chain("decoder", code)
        decoder.add("Cast", to=TensorProto.FLOAT)
        decoder.write(_with_output_scale(codec.decoder, codec.given_mean, codec.given_deviation))
        decoder.rename_output(place.gives.name)
    reads = _value(place.reads.name, ELEMENT_TYPES[place.reads.dtype], place.reads.shape)
    crosses = _value(code, TensorProto.UINT8, shape)
    gives = _value(place.gives.name, TensorProto.FLOAT, place.gives.shape)
    return CodecFiles(encoder.model(reads, crosses, versions), decoder.model(crosses, gives, versions))


class _Chain:
    """A graph in which every node reads what the one before it gave."""

    def __init__(self, name: str, source: str) -> None:
        self._name, self._last = name, source
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def add(self, operator: str, *constants: str, output: str | None = None, **attributes: Any) -> None:
        """Append a node."""
        label = f"/codec/{self._name}/{operator}_{len(self._nodes)}"
        output = output or f"{label}_output"
        self._nodes.append(
            helper.make_node(operator, [self._last, *constants], [output], name=label, **attributes)
        )
        self._last = output

    def weight(self, values: Tensor) -> str:
        """A constant."""
        name = f"codec.{self._name}.{len(self._weights)}"
        self._weights.append(
            numpy_helper.from_array(values.detach().contiguous().numpy().astype(np.float32), name)
        )
        return name

    def scalar(self, value: float) -> str:
        """A constant of rank 0."""
        return self.weight(torch.tensor(value))

    def rename_output(self, name: str) -> None:
        """Call the last node's output so."""
        self._nodes[-1].output[0] = self._last = name

    @singledispatchmethod
    def write(self, module: nn.Module) -> None:
        """Append a module."""
        raise ModelError(f"edgent/compression/codec_export.py cannot write a {type(module).__name__}")

    @write.register
    def _(self, module: nn.Sequential) -> None:
        for part in module:
            self.write(part)

    @write.register
    def _(self, module: Block) -> None:
        source = self._last
        for part in module:
            self.write(part)
        if module.adds:
            self.add("Add", source)

    @write.register
    def _(self, module: ConvNorm) -> None:
        self.write(fuse_conv_bn_eval(module.conv, module.norm))
        if module.relu:
            self.add("Relu")

    @write.register
    def _(self, _module: nn.ReLU) -> None:
        self.add("Relu")

    @write.register
    def _(self, module: nn.Conv2d) -> None:
        assert module.bias is not None
        self.add(
            "Conv",
            self.weight(module.weight),
            self.weight(module.bias),
            kernel_shape=list(module.kernel_size),
            strides=list(module.stride),
            pads=[int(side) for side in module.padding] * 2,
            group=module.groups,
        )

    @write.register
    def _(self, module: Enlarge) -> None:
        """A transposed convolution with ones; its padding cuts off what is too much."""
        rows, columns = module.factors
        excess = [
            factor * size - wanted
            for factor, size, wanted in zip(module.factors, module.size, module.larger, strict=True)
        ]
        self.add(
            "ConvTranspose",
            self.weight(torch.ones(module.channels, 1, rows, columns)),
            kernel_shape=[rows, columns],
            strides=[rows, columns],
            pads=[0, 0, *excess],
            group=module.channels,
        )

    def model(self, first: onnx.ValueInfoProto, last: onnx.ValueInfoProto, versions: Versions) -> bytes:
        """The whole as the bytes of a file."""
        model = helper.make_model(
            helper.make_graph(self._nodes, self._name, [first], [last], self._weights),
            producer_name="edgent",
            opset_imports=[helper.make_opsetid("", versions.opset)],
            ir_version=versions.ir,
        )
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content


def _with_input_scale(encoder: nn.Sequential, deviation: Tensor) -> nn.Sequential:
    """The encoder for unscaled tensors."""
    first, *others = encoder
    assert isinstance(first, ConvNorm)
    conv = fuse_conv_bn_eval(first.conv, first.norm)
    conv.weight.div_(deviation)
    return nn.Sequential(conv, *([nn.ReLU()] if first.relu else []), *others)


def _with_output_scale(decoder: nn.Sequential, mean: Tensor, deviation: Tensor) -> nn.Sequential:
    """The decoder that gives unscaled tensors."""
    *others, last = decoder
    assert isinstance(last, nn.Conv2d)
    assert last.bias is not None
    conv = nn.Conv2d(last.in_channels, last.out_channels, 1)
    conv.weight.copy_(last.weight * deviation[:, None])
    assert conv.bias is not None
    conv.bias.copy_(last.bias * deviation.flatten() + mean.flatten())
    return nn.Sequential(*others, conv)


def _value(name: str, element: int, shape: tuple[int, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, element, ["batch", *shape])
