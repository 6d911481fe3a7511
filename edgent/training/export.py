"""A trained network as one ONNX graph whose outputs are its exits.

The graph has the paper's layers and nothing else: batch normalisation is folded into the weights before it,
the pixels' scale into the first convolution, and dropout vanishes. Nodes carry the path of their layer
(``/trunk/conv1/Conv``), tensors its name (``trunk.conv1``), and between two layers exactly one tensor
crosses. It is written node by node rather than by torch's tracing exporter, which is deprecated, leaves
identities where weights are equal and numbers its tensors: so the same weights give the same bytes.
"""

from functools import singledispatchmethod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from edgent.errors import ModelError, OutputError
from edgent.training.layers import BranchyNetwork, ConvLayer, DenseLayer, LocalResponseNorm
from edgent.whole_file import whole_file

_OPSET = 17
_IR_VERSION = 8  # goes with opset 17, so that older onnxruntimes read it
_MAX_DIFFERENCE = 1e-5


def exported(network: BranchyNetwork, name: str) -> bytes:
    """An ONNX file's content: input ``image``, outputs ``exit1`` .. ``exitM``, any number of images.

    Args:
        network: as trained; it is put into evaluation mode.
        name: the network's name, kept in the file.

    Raises:
        ModelError: the graph does not compute what the network computes.
    """
    network.eval()
    with torch.no_grad():
        model = _Graph(network).model(name)
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    _check_equal(network, content)
    return content


def write_network(content: bytes, path: Path) -> None:
    """Write what `exported` gave to ``path``, whole or not at all; missing folders are made.

    Raises:
        OutputError: there is no room, or no file can be made there; a file that was there before stays.
    """
    try:
        with whole_file(path) as unfinished:
            unfinished.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror}; make room there, and train with --resume: "
            "the last checkpoint has all that was trained"
        ) from None


class _Graph:
    """The nodes and weights of one network, collected layer by layer."""

    def __init__(self, network: BranchyNetwork) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._network = network
        self._pixel_scale: Tensor | None = network.pixel_std.view(1, -1, 1, 1)
        ends = dict(zip(network.exit_names, network.branch_points, strict=False))
        x = self._node("Cast", "image", "image.float", ["image"], to=TensorProto.FLOAT)
        x = self._node("Sub", "image", "image.centred", [x, self._weight("image.mean", network.pixel_mean)])
        for depth, (layer, module) in enumerate(network.trunk.named_children(), start=1):
            last = depth == len(network.trunk)
            x = self._write(module, f"trunk.{layer}", x, network.exit_names[-1] if last else f"trunk.{layer}")
            for exit_name in (name for name, end in ends.items() if end == depth):
                self._write_branch(exit_name, x)

    def model(self, name: str) -> onnx.ModelProto:
        """The whole as a model."""
        image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", *self._network.input_shape])
        ends = [layer for layer in self._network.modules() if isinstance(layer, DenseLayer)]
        exits = [
            helper.make_tensor_value_info(exit_name, TensorProto.FLOAT, ["N", ends[-1].linear.out_features])
            for exit_name in self._network.exit_names
        ]
        model = helper.make_model(
            helper.make_graph(self._nodes, name, [image], exits, self._weights),
            producer_name="edgent",
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
        )
        helper.set_model_props(model, {"producer": "edgent", "network": name})
        return model

    def _write_branch(self, exit_name: str, x: str) -> None:
        layers = list(self._network.get_submodule(exit_name).named_children())
        for layer, module in layers[:-1]:
            x = self._write(module, f"{exit_name}.{layer}", x, f"{exit_name}.{layer}")
        layer, classifier = layers[-1]
        self._write(classifier, f"{exit_name}.{layer}", x, exit_name)

    @singledispatchmethod
    def _write(self, module: nn.Module, layer: str, x: str, output: str) -> str:
        """Append a layer that reads tensor ``x`` and gives tensor ``output``; return the latter's name."""
        raise ModelError(
            f"layer {layer} is a {type(module).__name__}; edgent/training/export.py cannot write it"
        )

    @_write.register
    def _(self, module: ConvLayer, layer: str, x: str, output: str) -> str:
        conv = fuse_conv_bn_eval(module.conv, module.norm)
        weight = conv.weight
        if self._pixel_scale is not None:  # only the first convolution sees pixels
            weight, self._pixel_scale = weight / self._pixel_scale, None
        inputs = [x, self._weight(f"{layer}.weight", weight), self._weight(f"{layer}.bias", conv.bias)]
        kernel, padding = list(conv.kernel_size), [*conv.padding, *conv.padding]
        return self._node("Conv", layer, output, inputs, kernel_shape=kernel, pads=padding)

    @_write.register
    def _(self, module: DenseLayer, layer: str, x: str, output: str) -> str:
        linear = module.linear if module.norm is None else fuse_linear_bn_eval(module.linear, module.norm)
        if len(module.shape_in) > 1:
            x = self._node("Flatten", layer, f"{layer}.flat", [x])
        inputs = [
            x,
            self._weight(f"{layer}.weight", linear.weight),
            self._weight(f"{layer}.bias", linear.bias),
        ]
        return self._node("Gemm", layer, output, inputs, transB=1)

    @_write.register
    def _(self, _module: nn.ReLU, layer: str, x: str, output: str) -> str:
        return self._node("Relu", layer, output, [x])

    @_write.register
    def _(self, module: nn.MaxPool2d, layer: str, x: str, output: str) -> str:
        kernel, stride = [module.kernel_size] * 2, [module.stride] * 2
        return self._node(
            "MaxPool",
            layer,
            output,
            [x],
            kernel_shape=kernel,
            strides=stride,
            ceil_mode=int(module.ceil_mode),
        )

    @_write.register
    def _(self, _module: nn.Dropout, _layer: str, x: str, _output: str) -> str:
        return x

    @_write.register
    def _(self, module: LocalResponseNorm, layer: str, x: str, output: str) -> str:
        """Write x / (√s · √√s), where a 1x1 convolution with a banded matrix gives s = k + alpha/3 · Σ x²."""
        band = torch.ones(module.channels, module.channels).tril(1).triu(-1)
        weight = self._weight(f"{layer}.band", (module.alpha / 3 * band)[:, :, None, None])
        bias = self._weight(f"{layer}.k", torch.full((module.channels,), module.k))
        squares = self._node("Mul", layer, f"{layer}.squares", [x, x])
        energy = self._node("Conv", layer, f"{layer}.energy", [squares, weight, bias], kernel_shape=[1, 1])
        root = self._node("Sqrt", layer, f"{layer}.root", [energy])
        fourth_root = self._node("Sqrt", layer, f"{layer}.fourth_root", [root])
        divisor = self._node("Mul", layer, f"{layer}.divisor", [root, fourth_root])
        return self._node("Div", layer, output, [x, divisor])

    def _node(self, operator: str, layer: str, output: str, inputs: list[str], **attributes: Any) -> str:
        scope = f"/{layer.replace('.', '/')}/{operator}"
        repeats = sum(node.name.startswith(scope) for node in self._nodes)
        name = f"{scope}_{repeats}" if repeats else scope
        self._nodes.append(helper.make_node(operator, inputs, [output], name, **attributes))
        return output

    def _weight(self, name: str, value: Tensor | None) -> str:
        assert value is not None  # fusing always gives a bias
        self._weights.append(numpy_helper.from_array(value.contiguous().numpy(), name))
        return name


def _check_equal(network: BranchyNetwork, content: bytes) -> None:
    """Compare graph and network on random images.

    Raises:
        ModelError: they differ by more than float arithmetic explains.
    """
    images = np.random.default_rng(0).integers(0, 256, (8, *network.input_shape), dtype=np.uint8)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answers = session.run(list(network.exit_names), {"image": images})
    with torch.no_grad():
        expected = network(torch.from_numpy(images))
    for exit_name, answer, logits in zip(network.exit_names, answers, expected, strict=True):
        difference = float(np.abs(answer - logits.numpy()).max() / max(1.0, float(logits.abs().max())))
        if difference > _MAX_DIFFERENCE:
            raise ModelError(
                f"{exit_name} of the exported graph differs from the network by {difference:.1e} "
                f"(at most {_MAX_DIFFERENCE:.0e}): an error in edgent/training/export.py"
            )
