"""What the regressors know of a layer: the paper's variables (Table I), and a better set.

``paper``: a convolution has the number of its input feature maps and (filter size / stride)² · number of
filters; relu, lrn and dropout have their input size; pooling and fully connected have input and output size.

``work``: every layer has its multiply-accumulates, its input and output size and its parameters. Convolutions
compute whole vectors of filters at once, so their filters count in steps of the widest vector, 16 floats.

Sizes are elements of one sample.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.graph.exit_path import ExitPath

CONSTANT = "constant"
INPUT_KIND = "input"
"""The pseudo layer at the start of a path that casts and normalises uint8 pixels."""

_VECTOR = 16
_FUSING = {"conv", "deconv", "fc"}
_FUSED = {"relu", "leakyrelu", "sigmoid", "tanh", "clip", "hardsigmoid"}
_ELEMENTWISE = {"relu", "lrn", "dropout"}


@dataclass(frozen=True)
class LayerFeatures:
    """A layer, as far as its time depends on it; sizes in elements of one sample.

    Attributes:
        kind: e.g. ``conv``.
        input_size, output_size: elements that enter and leave.
        input_maps: feature maps that enter (features of a vector).
        filters: feature maps that leave.
        kernel_over_stride: (filter size / stride)², 0 where no kernel slides.
        macs: multiply-accumulates.
        parameters: weights.
        fused: whether it is an activation behind a product in its segment, where the runtime computes both in
            one go.
    """

    kind: str
    input_size: int
    output_size: int
    input_maps: int = 0
    filters: int = 0
    kernel_over_stride: float = 0.0
    macs: int = 0
    parameters: int = 0
    fused: bool = False


def segment_features(path: ExitPath, start: int, stop: int) -> tuple[LayerFeatures, ...]:
    """The layers [start, stop) of a path, as one segment runs them."""
    features = []
    if start == 0 and path.source.dtype != path.layers[0].output_dtype:
        size = prod(path.source.shape)
        features.append(LayerFeatures(INPUT_KIND, size, size))
    for point in range(start, stop):
        layer, source = path.layers[point], path.cut(point)
        before = path.layers[point - 1].kind if point > start else ""
        features.append(
            LayerFeatures(
                kind=layer.kind,
                input_size=prod(source.shape),
                output_size=prod(layer.output_shape),
                input_maps=source.shape[0],
                filters=layer.output_shape[0],
                kernel_over_stride=prod(layer.kernel) / prod(layer.stride) if layer.kernel else 0.0,
                macs=layer.macs,
                parameters=layer.parameters,
                fused=layer.kind in _FUSED and before in _FUSING,
            )
        )
    return tuple(features)


def paper_type(layer: LayerFeatures) -> str:
    """The regressor that a layer belongs to: its kind."""
    return layer.kind


def paper_variables(layer: LayerFeatures) -> dict[str, float]:
    """Table I. Kinds that the table does not have are taken as pooling is: input and output size."""
    if layer.kind == "conv":
        return {
            CONSTANT: 1.0,
            "input_maps": layer.input_maps,
            "filter_work": layer.kernel_over_stride * layer.filters,
        }
    if layer.kind in _ELEMENTWISE:
        return {CONSTANT: 1.0, "input_size": layer.input_size}
    if layer.kind == INPUT_KIND:
        return {}
    return {CONSTANT: 1.0, "input_size": layer.input_size, "output_size": layer.output_size}


def work_type(layer: LayerFeatures) -> str:
    """The regressor that a layer belongs to: its kind, apart for what the runtime fuses."""
    return f"fused_{layer.kind}" if layer.fused else layer.kind


def work_variables(layer: LayerFeatures) -> dict[str, float]:
    """Multiply-accumulates, sizes, parameters."""
    macs: float = layer.macs
    if layer.kind == "conv":
        macs *= math.ceil(layer.filters / _VECTOR) * _VECTOR / layer.filters
    return {
        CONSTANT: 1.0,
        "macs": macs,
        "input_size": layer.input_size,
        "output_size": layer.output_size,
        "parameters": layer.parameters,
    }


@dataclass(frozen=True)
class FeatureSet:
    """A choice of variables: which regressor a layer belongs to, and the values it has there."""

    name: str
    type_of: Callable[[LayerFeatures], str]
    variables: Callable[[LayerFeatures], dict[str, float]]


FEATURE_SETS = {
    "paper": FeatureSet("paper", paper_type, paper_variables),
    "work": FeatureSet("work", work_type, work_variables),
}
