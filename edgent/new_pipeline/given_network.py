"""What an ONNX file tells about a network: its input, its exits, and what these answer with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.graph.onnx_file import load
from edgent.graph.reading import read_branchy_graph

if TYPE_CHECKING:
    from pathlib import Path

    import onnx

    from edgent.graph.exit_path import ExitPath
    from edgent.graph.tensor import Tensor

_CHANNELS = (1, 3, 4)
_FLOATS = ("float16", "float32")


@dataclass(frozen=True)
class GivenNetwork:
    """A network as a user has it.

    Attributes:
        model: the file's content, weights included.
        source: its input.
        paths: of its outputs, in the order of their work.
    """

    model: onnx.ModelProto
    source: Tensor
    paths: tuple[ExitPath, ...]

    @classmethod
    def read(cls, path: Path) -> GivenNetwork:
        """Read an ONNX file.

        Raises:
            ModelError: it is missing, no ONNX, or cannot be cut.
        """
        model, _ = load(path)
        graph = read_branchy_graph(path)
        return cls(model, graph.source, tuple(sorted(graph.paths, key=lambda exit_: exit_.macs)))

    @property
    def layout(self) -> str:
        """``HWC`` where the last axis of the input, and not the first, can be a picture's channels."""
        shape = self.source.shape
        is_last = len(shape) == 3 and shape[0] not in _CHANNELS and shape[2] in _CHANNELS
        return "HWC" if is_last else "CHW"

    @property
    def channels(self) -> int | None:
        """Number of a picture's channels; None where the input can be no picture."""
        shape = self.source.shape
        if len(shape) != 3 or self.source.dtype not in (*_FLOATS, "uint8"):
            return None
        channels = shape[0] if self.layout == "CHW" else shape[2]
        return channels if channels in _CHANNELS else None

    @property
    def takes_floats(self) -> bool:
        """Whether pixels have to be normalised for it."""
        return self.source.dtype in _FLOATS

    @property
    def outputs(self) -> tuple[str, ...]:
        """Its outputs, in the order of their work."""
        return tuple(path.exit_name for path in self.paths)

    @property
    def classes(self) -> int | None:
        """Number of classes that every output scores; None where the outputs are something else."""
        ends = [path.cut(len(path.layers)) for path in self.paths]
        shapes = {end.shape for end in ends}
        is_scores = len(shapes) == 1 and all(end.dtype in _FLOATS for end in ends)
        shape = ends[0].shape
        return shape[0] if is_scores and len(shape) == 1 and shape[0] > 1 else None
