"""A path that resizes the picture first: its windows, its heads, and weights that it shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx

from edgent.core.layer_pieces import LayerPieces
from edgent.graph.pieces import layer_pieces
from edgent.graph.segments import Segments
from edgent.graph.weights_file import DIGEST_BYTES
from edgent.graph.window import Window
from tests.cuts import noise
from tests.graph.runs import run

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.network import Network


def test_every_window_answers_as_the_unsplit_network(resizing_network: Network) -> None:
    """Cut at once, and joined from the pieces that the archive of a pipeline holds."""
    graph, segments = resizing_network.graph, resizing_network.segments
    path, images = graph.path_of("exit2"), noise(resizing_network)
    whole = run(graph.path, images, "exit2")
    pieces = LayerPieces.from_bytes(layer_pieces(segments).to_bytes())
    spans = {(first, last): span for first, last, span in pieces.spans()}
    for start in path.partition_points:
        for stop in path.partition_points[start + 1 :]:
            before = run(segments.head(path.index, start), images) if start else images
            inside = run(segments.segment(path.index, start, stop), before)
            joined = segments.folder / "joined.onnx"
            joined.write_bytes(pieces.graph(spans[path.cut_tensor(start), path.cut_tensor(stop)]))
            np.testing.assert_array_equal(run(joined, before), inside)
            after = stop < len(path.layers)
            answer = run(segments.tail(path.index, stop), inside) if after else inside
            np.testing.assert_allclose(answer, whole, rtol=0, atol=1e-6)


def test_heads_and_windows_have_names_of_their_own(resizing_network: Network) -> None:
    """No other exit shares them."""
    graph = resizing_network.graph
    assert graph.path_of("exit2").begins_at_input
    assert [path.begins_at_input for path in graph.paths] == [False, True, False]
    assert graph.head_name("flowers", 1, 4) == "flowers-exit2-p04"
    assert graph.head_name("flowers", 0, 3) == graph.head_name("flowers", 2, 3) == "flowers-p03"
    assert Window.of(graph, 1, 1, 4).exits == (1,)
    names = [head.name("flowers") for head in graph.heads()]
    assert len(names) == len(set(names))


def test_weights_lie_in_the_cache_and_in_the_archive_once(resizing_network: Network, tmp_path: Path) -> None:
    """The trunk's large ones are those of the other path, and no file or piece holds them twice."""
    graph = resizing_network.graph
    segments = Segments(graph, tmp_path)
    content = segments.weights().read_bytes()
    large = [
        onnx.numpy_helper.to_array(weight).tobytes()
        for weight in onnx.load(graph.path).graph.initializer
        if len(weight.raw_data) >= 1024
    ]
    assert [content.count(weight) for weight in large] == [1] * len(large)
    assert len(content) < DIGEST_BYTES + sum(map(len, large)) + 64 * len(large)
    pieces = layer_pieces(segments)
    shared = graph.path_of("exit3").layers[3], graph.path_of("exit2").layers[4]
    befores = graph.path_of("exit3").cut_tensor(3), graph.path_of("exit2").cut_tensor(4)
    numbers = [
        set(pieces.layers[before, layer.output]) for before, layer in zip(befores, shared, strict=True)
    ]
    weights = {k for k, piece in enumerate(pieces.pieces) if piece.weight_bytes}
    assert numbers[0] & weights == numbers[1] & weights != set()
