"""Windows that begin or end with a code: joined of pieces, they give what their parts give in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import helper

from edgent.core.layer_pieces import LayerPieces
from edgent.errors import ModelError
from edgent.graph.feature_codec import read_feature_codec
from edgent.graph.feature_pieces import edge_part
from edgent.graph.pieces import layer_pieces
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments
from tests.graph.runs import run
from tests.random_feature_codec import CODE_SHAPE, write_random_codec

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.graph.feature_codec import FeatureCodec
    from edgent.graph.feature_record import Direction

RANDOM = np.random.default_rng(3)


class Joined:
    """A network in pieces, with one codec up, from the image to cut 2, and one down at cut 4."""

    def __init__(self, model: Path, folder: Path, opset: int = 17) -> None:
        self.graph = read_branchy_graph(model)
        self.segments = Segments(self.graph, folder / "cache")
        self.up = self._codec(folder, "up", 0, 2, opset)
        self.down = self._codec(folder, "down", 4, 4, opset)
        self.layers = LayerPieces.from_bytes(layer_pieces(self.segments, (self.up, self.down)).to_bytes())
        self.spans = {(first, last): span for first, last, span in self.layers.spans()}

    def _codec(self, folder: Path, name: str, reads: int, gives: int, opset: int) -> FeatureCodec:
        direction: Direction = "up" if name == "up" else "down"
        record = write_random_codec(folder, self.graph, name, reads, gives, direction, opset=opset)
        return read_feature_codec(record, self.graph)

    def window(self, first: str, last: str, values: np.ndarray) -> np.ndarray:
        """What a window joined of pieces gives."""
        file = self.segments.folder / "joined.onnx"
        file.write_bytes(self.layers.graph(self.spans[first, last]))
        return run(file, values)


@pytest.mark.parametrize("opset", [17, 15])
def test_windows_through_codes(chain_network: Path, tmp_path: Path, opset: int) -> None:
    """Behind a code, to a code, and from one to another; a codec of another opset is converted."""
    joined = Joined(chain_network, tmp_path, opset)
    path, up, down = joined.graph.paths[-1], joined.up, joined.down
    code = RANDOM.integers(0, 255, (3, *CODE_SHAPE), np.uint8)
    image = RANDOM.integers(0, 255, (3, *path.cut(0).shape), np.uint8)
    decoded = run(up.decoder, code)
    tail = run(joined.segments.tail(path.index, 2), decoded)
    np.testing.assert_array_equal(joined.window(up.code.name, path.exit_name, code), tail)
    between = run(down.encoder, run(joined.segments.segment(path.index, 2, 4), decoded))
    np.testing.assert_array_equal(joined.window(up.code.name, down.code.name, code), between)
    whole = run(down.encoder, run(joined.segments.head(path.index, 4), image))
    np.testing.assert_array_equal(joined.window("image", down.code.name, image), whole)


def test_the_networks_own_windows_are_as_without_codecs(chain_network: Path, tmp_path: Path) -> None:
    """Codecs add ways; what was there has the same bytes."""
    joined = Joined(chain_network, tmp_path)
    plain = layer_pieces(joined.segments)
    for first, last, span in plain.spans():
        assert joined.layers.graph(joined.spans[first, last]) == plain.graph(span)
    more = {ends for ends in joined.spans if any(".code." in name for name in ends)}
    assert len(joined.spans) == len(list(plain.spans())) + len(more)
    assert all(joined.layers.weight_bytes(joined.spans[ends]) > 0 for ends in more)


def test_what_cannot_be_joined_is_refused(chain_network: Path, tmp_path: Path) -> None:
    """Other ends than the record's, operators of others, and no ONNX at all."""
    joined = Joined(chain_network, tmp_path)
    decoder = joined.up.decoder
    model = onnx.load(decoder)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.save(model, decoder)
    with pytest.raises(ModelError, match=r"uses operators of com\.microsoft; only ONNX's can"):
        edge_part(joined.up, 17)
    decoder.write_bytes(joined.down.encoder.read_bytes())
    with pytest.raises(ModelError, match=r"takes .* and gives down.code; expected up.code and"):
        edge_part(joined.up, 17)
    decoder.write_bytes(b"no model")
    with pytest.raises(ModelError, match="cannot be joined to a network of opset 17"):
        edge_part(joined.up, 17)
