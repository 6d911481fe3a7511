"""The shape of every tensor and how it grows with the batch: inferred at batch 1 and at 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx import shape_inference

from edgent.errors import ModelError
from edgent.graph.onnx_file import graph_inputs
from edgent.graph.shape_inference import infer_shapes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import onnx

    from edgent.graph.shape_values import InferredShape


@dataclass(frozen=True)
class BatchShape:
    """A shape as ``fixed + per_sample * batch``, dimension by dimension, and the dtype's NumPy name.

    Attributes:
        dtype: None for one that cannot cross a cut.
    """

    fixed: tuple[int, ...]
    per_sample: tuple[int, ...]
    dtype: str | None

    def at(self, batch: int) -> tuple[int, ...]:
        """The shape at a batch."""
        return tuple(a + b * batch for a, b in zip(self.fixed, self.per_sample, strict=True))

    def __str__(self) -> str:
        dims = zip(self.fixed, self.per_sample, strict=True)
        return f"({', '.join(str(a) if b == 0 else _with_batch(b) for a, b in dims)})"


@dataclass(frozen=True)
class BatchShapes:
    """The shapes of a network.

    Attributes:
        batch: name of a dynamic batch; None for a network that holds at batch 1 only.
        by_name: shape of every tensor whose shape is known.
    """

    batch: str | None
    by_name: Mapping[str, BatchShape]

    def sample_shape(self, name: str) -> tuple[int, ...] | None:
        """A tensor's shape without the batch; None where the batch is not its first dimension or unknown."""
        shape = self.by_name.get(name)
        if shape is None or len(shape.fixed) < 2:
            return None
        first, *others = shape.per_sample
        in_front = shape.fixed[0] + first == 1 and (self.batch is None or first == 1)
        return shape.fixed[1:] if in_front and not any(others) else None


def batch_shapes(model: onnx.ModelProto, exits: Sequence[str], path: Path) -> BatchShapes:
    """Infer the shapes of a checked model with one input.

    A batch is dynamic where the input says so and every exit grows with it: a Reshape to batch 1 within makes
    the network one for batch 1.

    Args:
        model: the network.
        exits: those of its outputs that are exits.
        path: its file.

    Raises:
        ModelError: the shapes do not fit together.
    """
    batch = graph_inputs(model)[0].type.tensor_type.shape.dim[0]
    try:
        single = infer_shapes(model, 1)
    except (shape_inference.InferenceError, ValueError) as error:
        raise ModelError(f"{path}: shapes do not fit together: {error}; export the model again") from error
    fixed = BatchShapes(None, {name: _growth(shape, shape) for name, shape in single.items()})
    if batch.dim_value == 1:
        return fixed
    try:
        pair = infer_shapes(model, 2)
    except (shape_inference.InferenceError, ValueError):
        return fixed
    grown = {
        name: _growth(shape, pair[name])
        for name, shape in single.items()
        if name in pair and len(pair[name].dims) == len(shape.dims)
    }
    shapes = BatchShapes(batch.dim_param or "batch", grown)
    for name in exits:
        if fixed.sample_shape(name) is not None and (name not in grown or not grown[name].per_sample[0]):
            return fixed
    return shapes


def _growth(single: InferredShape, pair: InferredShape) -> BatchShape:
    per_sample = tuple(b - a for a, b in zip(single.dims, pair.dims, strict=True))
    fixed = tuple(a - b for a, b in zip(single.dims, per_sample, strict=True))
    return BatchShape(fixed, per_sample, single.dtype)


def _with_batch(factor: int) -> str:
    return "batch" if factor == 1 else f"{factor}*batch"
