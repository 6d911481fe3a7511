"""Which codecs a new spec offers: those that write what crosses, so that no command warns of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.latency.crossing import can_write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.graph.exit_path import ExitPath
    from edgent.graph.tensor import Tensor

_OF_PICTURES = ("webp", "jpeg")
_QUANTISED = "uint8"


def input_codecs(source: Tensor, *, takes_pictures: bool, has_photos: bool) -> tuple[str, ...]:
    """The codecs of inputs.

    Args:
        source: the network's input.
        takes_pictures: whether pictures are fitted into it.
        has_photos: whether there are photos, on which the codec ``file`` can be measured.
    """
    if not takes_pictures:
        return ("raw",)
    pictures = tuple(codec for codec in _OF_PICTURES if can_write(codec, INPUT, source))
    return ("raw", *pictures, *(("file",) if has_photos else ()))


def activation_codecs(paths: Sequence[ExitPath]) -> tuple[str, ...]:
    """The codecs of activations, by the tensors at the cuts inside the paths to a network's exits."""
    cuts = (path.cut(point) for path in paths for point in path.partition_points[1:-1])
    is_quantised = any(can_write(_QUANTISED, ACTIVATION, cut) for cut in cuts)
    return ("float32", *((_QUANTISED,) if is_quantised else ()))
