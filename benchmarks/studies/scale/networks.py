"""The networks that are measured: the shipped ones, ResNets and VGG-16 with random weights, one output each.

He et al., "Deep Residual Learning for Image Recognition", 2016; Simonyan and Zisserman, "Very Deep
Convolutional Networks", 2015. ResNet-50 strides in its 3x3 convolutions, as torchvision's does.
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import TYPE_CHECKING

import onnx
import torch
from torch import nn

from benchmarks.studies.study import PIPELINES
from edgent.exits.attach import with_outputs
from edgent.graph.onnx_file import load
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

NETWORKS = ("lenet", "alexnet", "flowers", "resnet18", "resnet50", "vgg16")
_SIDE, _CLASSES = 224, 1000
_VGG16 = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)


def write_network(name: str, file: Path) -> None:
    """Write the ONNX file of one of `NETWORKS`: of a shipped one, its path to the deepest exit."""
    if name not in {"resnet18", "resnet50", "vgg16"}:
        spec = read_spec(PIPELINES / f"{name}.yaml")
        model, _ = load(spec.resolve(spec.model.file))
        onnx.save(with_outputs(model, spec.exit_outputs[-1:]), file)
        return
    torch.manual_seed(0)
    network = _vgg16() if name == "vgg16" else _resnet(is_deep=name == "resnet50")
    pixels = torch.zeros(1, 3, _SIDE, _SIDE)
    axes = {"pixels": {0: "batch"}, "scores": {0: "batch"}}
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of the older exporter, which takes a tenth of the time
        torch.onnx.export(
            network.eval(), (pixels,), str(file), input_names=["pixels"], output_names=["scores"],
            dynamic_axes=axes, dynamo=False,
        )  # fmt: skip


class _Block(nn.Module):
    """What layers add to their input, or to a projection of it."""

    def __init__(self, channels: int, wider: int, stride: int, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        is_same = channels == wider and stride == 1
        self.shortcut = nn.Identity() if is_same else nn.Sequential(*_conv(channels, wider, 1, stride))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of shape (batch, channels, height, width)."""
        return torch.relu(self.layers(x) + self.shortcut(x))


def _conv(channels: int, wider: int, side: int, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(channels, wider, side, stride, side // 2, bias=False)
    return [conv, nn.BatchNorm2d(wider)]


def _resnet(*, is_deep: bool) -> nn.Module:
    """ResNet-50, else ResNet-18."""
    layers = [*_conv(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    channels, growth = 64, 4 if is_deep else 1
    for stage, count in enumerate((3, 4, 6, 3) if is_deep else (2, 2, 2, 2)):
        narrow = 64 << stage
        for number in range(count):
            stride = 2 if stage and not number else 1
            inner = (
                [*_conv(channels, narrow, 1), nn.ReLU(), *_conv(narrow, narrow, 3, stride), nn.ReLU()]
                if is_deep
                else [*_conv(channels, narrow, 3, stride), nn.ReLU()]
            )
            last = _conv(narrow, narrow * growth, 1 if is_deep else 3)
            layers.append(_Block(channels, narrow * growth, stride, [*inner, *last]))
            channels = narrow * growth
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, _CLASSES))


def _vgg16() -> nn.Module:
    layers: list[nn.Module] = []
    channels = 3
    for group in _VGG16:
        for wider in group:
            layers += [nn.Conv2d(channels, wider, 3, padding=1), nn.ReLU()]
            channels = wider
        layers.append(nn.MaxPool2d(2))
    sizes = (512 * 7 * 7, 4096, 4096)
    hidden = [part for pair in pairwise(sizes) for part in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(*layers, nn.Flatten(), *hidden, nn.Linear(sizes[-1], _CLASSES))
