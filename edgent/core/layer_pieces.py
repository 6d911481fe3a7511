"""The layers of a network as pieces of ONNX files, from which the graph of any window is joined.

An ONNX file is one message in protobuf's format, and messages that are written one after the other are read
as one: nodes and weights add up. So each node, each weight, each input and output is kept as a small file of
its own, a *piece*, and the graph of layers [a, b) is what their pieces are in a row. Pieces that make the
same tensor, such as a constant that two layers read, are taken once. Large weights are references to a file.

The pieces of all layers are one file: the length of a table in JSON, the table, and the pieces.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Piece:
    """An ONNX file with one thing in it.

    Attributes:
        makes: what it is, such as the name of the tensor that it computes; a graph takes it once.
        content: its bytes.
        weight_bytes: what its weights take, in the file of weights or in itself.
    """

    makes: str
    content: bytes
    weight_bytes: int = 0


@dataclass(frozen=True)
class CutTensor:
    """A tensor that crosses a cut.

    Attributes:
        shape: without the batch.
        dtype: as NumPy names it.
        as_input, as_output: the pieces that make it a graph's input and a graph's output.
    """

    shape: tuple[int, ...]
    dtype: str
    as_input: int
    as_output: int


class Span(NamedTuple):
    """Layers [start, stop) of the path to an exit."""

    exit_name: str
    start: int
    stop: int


@dataclass(frozen=True)
class LayerPieces:
    """All layers of a network.

    Attributes:
        paths: the tensors that cross the cuts of each exit's path, from the network's input to the exit; and
            those on the ways through codes of feature codecs, where an encoder or a decoder is a layer, too.
        tensors: those tensors by name.
        layers: the pieces of each layer by the tensors before and after it, in the order of computation.
        pieces: all of them.
    """

    paths: Mapping[str, tuple[str, ...]]
    tensors: Mapping[str, CutTensor]
    layers: Mapping[tuple[str, str], tuple[int, ...]]
    pieces: Sequence[Piece]

    def spans(self) -> Iterator[tuple[str, str, Span]]:
        """Every window, once: its first and its last tensor, and its place on the first path that has it."""
        seen = set()
        for exit_name, names in self.paths.items():
            for start, stop in combinations(range(len(names)), 2):
                ends = names[start], names[stop]
                if ends not in seen:
                    seen.add(ends)
                    yield *ends, Span(exit_name, start, stop)

    def input_of(self, span: Span) -> CutTensor:
        """What goes into a window."""
        return self.tensors[self.paths[span.exit_name][span.start]]

    def graph(self, span: Span) -> bytes:
        """The window's ONNX file."""
        output = self.tensors[self.paths[span.exit_name][span.stop]]
        first, last = self.pieces[self.input_of(span).as_input], self.pieces[output.as_output]
        return b"".join(piece.content for piece in (first, *self._of(span), last))

    def weight_bytes(self, span: Span) -> int:
        """What the window's weights take."""
        return sum(piece.weight_bytes for piece in self._of(span))

    def _of(self, span: Span) -> list[Piece]:
        """What the window's layers are made of, each once: the first layer that has it computes it."""
        made: dict[str, Piece] = {}
        for layer in pairwise(self.paths[span.exit_name][span.start : span.stop + 1]):
            for number in self.layers[layer]:
                made.setdefault(self.pieces[number].makes, self.pieces[number])
        return list(made.values())

    def to_bytes(self) -> bytes:
        """The file that holds them."""
        table = {
            "paths": self.paths,
            "tensors": {
                name: [tensor.shape, tensor.dtype, tensor.as_input, tensor.as_output]
                for name, tensor in self.tensors.items()
            },
            "layers": [[*ends, numbers] for ends, numbers in self.layers.items()],
            "pieces": [[piece.makes, len(piece.content), piece.weight_bytes] for piece in self.pieces],
        }
        written = json.dumps(table, separators=(",", ":")).encode()
        return b"".join([_LENGTH.pack(len(written)), written, *(piece.content for piece in self.pieces)])

    @classmethod
    def from_bytes(cls, data: bytes) -> LayerPieces:
        """What ``to_bytes`` wrote."""
        (length,) = _LENGTH.unpack_from(data)
        at = _LENGTH.size + length
        table = json.loads(data[_LENGTH.size : at])
        pieces = []
        for makes, size, weight_bytes in table["pieces"]:
            pieces.append(Piece(makes, data[at : at + size], weight_bytes))
            at += size
        return cls(
            {name: tuple(tensors) for name, tensors in table["paths"].items()},
            {name: CutTensor(tuple(shape), *rest) for name, (shape, *rest) in table["tensors"].items()},
            {(first, last): tuple(numbers) for first, last, numbers in table["layers"]},
            pieces,
        )
