"""What an ONNX file tells about a network: its input, its exits, and what these answer with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgent.core.preprocessing import CHANNELS
from edgent.errors import SpecError
from edgent.exits.attach import with_outputs
from edgent.exits.exit_place import exit_places
from edgent.graph.onnx_file import load
from edgent.graph.reading import read_branchy_graph
from edgent.spec.input_section import LONGEST_SIDE, MOST_LABELS, MOST_SIDES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import onnx

    from edgent.graph.exit_path import ExitPath
    from edgent.graph.tensor import Tensor

_FLOATS = ("float16", "float32", "float64")


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
    def read(cls, path: Path, outputs: Sequence[str] = ()) -> GivenNetwork:
        """Read an ONNX file.

        Args:
            path: the file.
            outputs: those of its outputs that are exits; all when there are none.

        Raises:
            ModelError: it is missing, no ONNX, or cannot be cut.
            SpecError: its input is larger than specs declare, or its outputs are of different kinds, so that
                they are no exits of one network.
        """
        model, _ = load(path)
        graph = read_branchy_graph(path, outputs or None)
        sides = graph.source.shape
        if len(sides) > MOST_SIDES or max(sides) > LONGEST_SIDE:
            raise SpecError(
                f"{path} takes an input of {'x'.join(map(str, sides))}, and inputs have at most {MOST_SIDES} "
                f"sides of up to {LONGEST_SIDE:,} elements: export it with a smaller input"
            )
        if outputs:
            model = with_outputs(model, outputs)
        shapes = {exit_.exit_name: exit_.cut(len(exit_.layers)).shape for exit_ in graph.paths}
        if len(set(shapes.values())) > 1:
            listed = ", ".join(f"{name} ({'x'.join(map(str, shape))})" for name, shape in shapes.items())
            raise SpecError(
                f"{path} has outputs of different shapes, {listed}: one exit answers in place of another, so "
                "choose those that do with --output NAME, once for each"
            )
        return cls(model, graph.source, tuple(sorted(graph.paths, key=lambda exit_: exit_.macs)))

    @property
    def can_get_exits(self) -> bool:
        """Whether it is a classifier with one output and a place for others."""
        is_bare = len(self.paths) == 1 and self.classes is not None
        return is_bare and bool(exit_places(self.paths[0]))

    @property
    def layout(self) -> str:
        """``HWC`` where the last axis of the input, and not the first, can be a picture's channels."""
        shape = self.source.shape
        is_last = len(shape) == 3 and shape[0] not in CHANNELS and shape[2] in CHANNELS
        return "HWC" if is_last else "CHW"

    @property
    def channels(self) -> int | None:
        """Number of a picture's channels; None where the input can be no picture."""
        shape = self.source.shape
        if len(shape) != 3 or self.source.dtype not in (*_FLOATS, "uint8"):
            return None
        channels = shape[0] if self.layout == "CHW" else shape[2]
        return channels if channels in CHANNELS else None

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
        return shape[0] if is_scores and len(shape) == 1 and 1 < shape[0] <= MOST_LABELS else None
