"""Head then tail is the whole network, bit for bit; the cache is warm and reproducible."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.errors import PlanError, StaleFileError
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments
from tests.graph.runs import run

if TYPE_CHECKING:
    from collections.abc import Callable

WARM_START = """
import sys
from pathlib import Path
from edgent.graph.description import read_graph
from edgent.graph.segments import Segments
graph = read_graph(sys.argv[1], ["exit1", "exit2"], Path(sys.argv[2]))
assert Segments(graph, Path(sys.argv[2])).tail(1, 3).exists()
print("onnx" in sys.modules)
"""


@pytest.mark.parametrize("fuse", [False, True])
def test_head_then_tail_is_the_whole(either_network: Path, tmp_path: Path, fuse: bool) -> None:
    """For every cut of every exit, on a batch of three (the batch stays dynamic).

    Bit for bit where nodes run as they are. Where onnxruntime fuses a conv with the sum and the relu behind
    it, as in the residual network, a cut between them changes the order of additions and so the last bits.
    """
    graph = read_branchy_graph(either_network)
    segments = Segments(graph, tmp_path)
    images = np.random.default_rng(0).integers(0, 256, (3, *graph.input_shape)).astype(np.uint8)
    for path in graph.paths:
        whole = run(either_network, images, path.exit_name, fuse=fuse)
        for point in path.partition_points:
            values = run(segments.head(path.index, point), images, fuse=fuse) if point else images
            assert values.shape[1:] == path.cut(point).shape
            assert values.dtype == path.cut(point).dtype
            if point < len(path.layers):
                values = run(segments.tail(path.index, point), values, fuse=fuse)
            np.testing.assert_allclose(values, whole, rtol=0, atol=1e-5 if fuse else 0)


def test_single_layers_chain_to_the_whole(either_network: Path, tmp_path: Path) -> None:
    """Segments of one layer each, run one after another, give the exit's answer."""
    graph = read_branchy_graph(either_network)
    segments = Segments(graph, tmp_path)
    images = np.full((1, *graph.input_shape), 7, np.uint8)
    path = graph.paths[-1]
    values = images
    for start in range(len(path.layers)):
        values = run(segments.segment(path.index, start, start + 1), values)
    np.testing.assert_array_equal(values, run(either_network, images, path.exit_name))


def test_shared_heads_are_one_file(either_network: Path, tmp_path: Path) -> None:
    """Exits that share a head share its file; those that do not have two."""
    graph = read_branchy_graph(either_network)
    segments = Segments(graph, tmp_path)
    leaves = graph.paths[0].leaves_after
    assert segments.head(0, leaves) == segments.head(1, leaves)
    assert segments.head(0, leaves + 1) != segments.head(1, leaves + 1)
    files = {segments.head(path.index, p) for path in graph.paths for p in path.partition_points[1:]}
    assert len(files) == len(graph.heads())


def test_same_model_same_bytes(either_network: Path, tmp_path: Path) -> None:
    """Two caches filled in different order, by different processes' worth of state, hold equal bytes."""
    graph = read_branchy_graph(either_network)
    first_cache = Segments(graph, tmp_path / "first")
    second_cache = Segments(read_branchy_graph(either_network), tmp_path / "second")
    points = graph.paths[1].partition_points[1:-1]
    first = {p: first_cache.head(1, p).read_bytes() + first_cache.tail(1, p).read_bytes() for p in points}
    second = {p: second_cache.tail(1, p).read_bytes() for p in reversed(points)}
    assert first == {p: second_cache.head(1, p).read_bytes() + second[p] for p in points}


def test_warm_cache_does_not_import_onnx(chain_network: Path, tmp_path: Path) -> None:
    """The first process cuts and needs onnx, the second finds all it needs."""
    command = [sys.executable, "-c", WARM_START, str(chain_network), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    answers = [subprocess.check_output(command, text=True, env=environment).strip() for _ in range(2)]
    assert answers == ["True", "False"]


def test_segment_without_layers(chain_network: Path, tmp_path: Path) -> None:
    """The head at 0 and the tail at N hold nothing; beyond N there is nothing."""
    segments = Segments(read_branchy_graph(chain_network), tmp_path)
    asks: tuple[Callable[[], Path], ...] = (
        lambda: segments.head(0, 0),
        lambda: segments.tail(0, 6),
        lambda: segments.segment(0, 4, 2),
    )
    for ask in asks:
        with pytest.raises(PlanError, match="start must come before stop"):
            ask()
    with pytest.raises(PlanError, match="no partition point 9"):
        segments.head(0, 9)


def test_changed_model_is_stale(chain_network: Path, residual_network: Path, tmp_path: Path) -> None:
    """A file replaced after the graph was read is not cut by the old graph's cuts."""
    path = tmp_path / "network.onnx"
    path.write_bytes(chain_network.read_bytes())
    graph = read_branchy_graph(path)
    path.write_bytes(residual_network.read_bytes())
    with pytest.raises(StaleFileError, match="changed in use"):
        Segments(graph, tmp_path).head(0, 1)
