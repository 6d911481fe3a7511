"""The graph of a window joined from its layers' pieces: what the segment cut at once computes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx.external_data_helper import uses_external_data

from edgent.core.layer_pieces import LayerPieces
from edgent.graph.pieces import layer_pieces
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments
from tests.graph.runs import run

if TYPE_CHECKING:
    from pathlib import Path

structures = pytest.importorskip("tests.graph.test_structures")  # torch exports them
SHAPES = ("reads the batch", "transformer")  # their layers ask tensors far before them for their shapes
STRUCTURES = [
    pytest.param(*case.values, id=case.id, marks=() if quick else pytest.mark.full)
    for case in structures.CASES
    for quick in [case.values[0] in SHAPES and case.values[1] == "legacy" and not case.marks]
]


def _check(model: Path, folder: Path, batch: int, every: int) -> None:
    """Each window, or one of so many, gives the bits of the segment."""
    graph = read_branchy_graph(model)
    segments = Segments(graph, folder)
    layers = LayerPieces.from_bytes(layer_pieces(segments).to_bytes())
    assert layers == layer_pieces(segments)
    joined = segments.folder / "joined.onnx"
    seen: set[tuple[str, str]] = set()
    for number, (first, last, span) in enumerate(layers.spans()):
        assert (first, last) not in seen
        seen.add((first, last))
        if number % every:
            continue
        joined.write_bytes(layers.graph(span))
        index = graph.exit_names.index(span.exit_name)
        cut = layers.input_of(span)
        noise = np.random.default_rng(number).normal(scale=50, size=(batch, *cut.shape))
        values = np.abs(noise).astype(cut.dtype)
        at_once = segments.segment(index, span.start, span.stop)
        np.testing.assert_array_equal(run(joined, values), run(at_once, values), err_msg=str(span))
        assert layers.weight_bytes(span) == _weight_bytes(at_once), span
    paths = [[path.cut_tensor(point) for point in path.partition_points] for path in graph.paths]
    assert seen == {(path[a], path[b]) for path in paths for b in range(len(path)) for a in range(b)}


def _weight_bytes(segment: Path) -> int:
    """What a segment refers to in the weights file."""
    model = onnx.load_model_from_string(segment.read_bytes())
    entries = [
        entry.value
        for tensor in model.graph.initializer
        if uses_external_data(tensor)
        for entry in tensor.external_data
        if entry.key == "length"
    ]
    return sum(map(int, entries))


def test_every_window(either_network: Path, tmp_path: Path) -> None:
    """Of a chain and of a residual network, singly and in batches."""
    for batch in (1, 3):
        _check(either_network, tmp_path, batch, every=1)


@pytest.mark.parametrize(("name", "exporter", "opset", "dynamic"), STRUCTURES)
def test_windows_of_structures(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, exporter: str, opset: int, dynamic: bool
) -> None:
    """Constants and shapes that several layers read are taken once, whichever layer comes first."""
    caplog.set_level(logging.ERROR)
    structures.export(tmp_path / "network.onnx", name, exporter, opset, dynamic=dynamic)
    _check(tmp_path / "network.onnx", tmp_path, 2 if dynamic else 1, every=3)


def test_functions_of_the_network(chain_network: Path, tmp_path: Path) -> None:
    """What several layers call is taken once, and only where a layer calls it."""
    model = onnx.load(chain_network)
    body = [helper.make_node("Relu", ["x"], ["y"])]
    imports = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("own", "Rectify", ["x"], ["y"], body, imports))
    model.opset_import.append(helper.make_opsetid("own", 1))
    for node in model.graph.node:
        if node.op_type == "Relu":
            node.op_type, node.domain = "Rectify", "own"
    onnx.save(model, tmp_path / "network.onnx")
    _check(tmp_path / "network.onnx", tmp_path, 2, every=1)
    layers = layer_pieces(Segments(read_branchy_graph(tmp_path / "network.onnx"), tmp_path))
    counts = {len(onnx.load_model_from_string(layers.graph(span)).functions) for *_, span in layers.spans()}
    assert counts == {0, 1}


def test_what_two_layers_make_is_taken_once(either_network: Path, tmp_path: Path) -> None:
    """A graph computes no tensor twice, and holds every weight once."""
    layers = layer_pieces(Segments(read_branchy_graph(either_network), tmp_path))
    for *_, span in layers.spans():
        graph = onnx.load_model_from_string(layers.graph(span)).graph
        made = [name for node in graph.node for name in node.output] + [one.name for one in graph.initializer]
        assert len(made) == len(set(made)), span
        assert (len(graph.input), len(graph.output)) == (1, 1)
