"""Networks with functions of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
import pytest

from edgent.errors import ModelError
from edgent.graph.reading import read_branchy_graph
from tests.graph.runs import check_every_cut

if TYPE_CHECKING:
    from pathlib import Path


def _network(path: Path, body: str, functions: str) -> Path:
    functions = functions.replace("own ", """<domain: "own", opset_import: ["" : 17, "own" : 1]> """)
    model = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["" : 17, "own" : 1]>
        net (float[n, 2, 4] x) => (float[n, 8] y) {{ {body} }} {functions}""")
    onnx.save(model, path)
    return path


def test_a_function_that_reads_the_batch(tmp_path: Path) -> None:
    """The shape behind it is known, and each cut is exact."""
    view = """own view (a) => (b) {
        minus = Constant <value = int64[1] {-1}> ()
        sides = Shape <start = 0, end = 1> (a)
        target = Concat <axis = 0> (sides, minus)
        b = Reshape(a, target) }"""
    path = _network(tmp_path / "n.onnx", "r = Relu(x) f = own.view(r) y = Tanh(f)", view)
    graph = read_branchy_graph(path)
    assert [layer.output_shape for layer in graph.paths[0].layers] == [(2, 4), (8,), (8,)]
    check_every_cut(graph, tmp_path, (1, 3))


def test_functions_that_come_to_any_number_of_nodes(tmp_path: Path) -> None:
    """Each calls the next one twice: they are refused before they are written out."""
    functions = "".join(
        f"own f{k} (a) => (c) {{ b = own.f{k + 1}(a) c = own.f{k + 1}(b) }}" for k in range(60)
    )
    path = _network(
        tmp_path / "n.onnx",
        "r = own.f0(x) y = Flatten(r)",
        f"{functions} own f60 (a) => (b) {{ b = Relu(a) }}",
    )
    with pytest.raises(ModelError, match="more than 1,000,000 nodes where its functions are written out"):
        read_branchy_graph(path)
