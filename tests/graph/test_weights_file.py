"""Weights once: every segment refers to one file, which is checked, and the only one that is followed."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, numpy_helper

from edgent.core.segment import Segment
from edgent.errors import ModelError
from edgent.graph.locations import external_bytes, locations
from edgent.graph.outside_weights import LEAST_BYTES
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments
from edgent.graph.weights_file import LOCATION
from tests.networks import NetworkBuilder, before_version_4, chain, for_batch_one, residual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edgent.graph.branchy_graph import BranchyGraph

CUT_EVERYTHING = """
import sys
from pathlib import Path
from edgent.graph.description import read_graph
from edgent.graph.segments import Segments
cache = Path(sys.argv[2])
graph = read_graph(sys.argv[1], None, cache)
segments = Segments(graph, cache)
print("ready", flush=True)
sys.stdin.readline()
for path in graph.paths:
    for point in path.partition_points[1:]:
        segments.head(path.index, point)
"""


HONEST = b"\x0a\x08location\x12\x0d" + LOCATION.encode()  # a reference as protobuf writes it


HONEST = b"\x0a\x08location\x12\x0d" + LOCATION.encode()  # a reference as protobuf writes it


def wide(path: Path, width: int = 48) -> Path:
    """Two exits on a trunk of four convolutions; nearly all of it is weights."""
    net = NetworkBuilder()
    trunk = net.node("Relu", net.conv(net.normalised("image"), 3, width))
    for exit_name in ("exit1", "exit2"):
        trunk = net.node("Relu", net.conv(net.node("Relu", net.conv(trunk, width, width)), width, width))
        net.classifier(trunk, width * 64, exit_name)
    return net.save(path, ("exit1", "exit2"), (3, 8, 8), TensorProto.UINT8)


def with_constants(source: Path, path: Path) -> Path:
    """A copy whose weights are constants of nodes, and no raw bytes, as some exporters write them."""
    model = onnx.load(source)
    nodes = list(model.graph.node)
    for number, weight in enumerate(model.graph.initializer):
        values = numpy_helper.to_array(weight)
        tensor = onnx.helper.make_tensor(weight.name, weight.data_type, weight.dims, values.flatten())
        assert not tensor.HasField("raw_data")
        nodes.insert(number, onnx.helper.make_node("Constant", [], [weight.name], value=tensor))
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)
    return path


NETWORKS: dict[str, Callable[[Path], Path]] = {
    "chain": chain,
    "residual": residual,
    "batch one": for_batch_one,
    "IR 3": lambda path: before_version_4(chain(path), path),
    "constants": lambda path: with_constants(wide(path, 8), path),
}


def every_segment(graph: BranchyGraph) -> Iterator[tuple[int, int, int]]:
    """Exit, start and stop of all runs of layers."""
    for path in graph.paths:
        for start in range(len(path.layers)):
            for stop in range(start + 1, len(path.layers) + 1):
                yield path.index, start, stop


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of everything that lies somewhere in a folder."""
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def segments(tmp_path: Path) -> Segments:
    """Of a wide network, none cut."""
    return Segments(read_branchy_graph(wide(tmp_path / "wide.onnx")), tmp_path / "cache")


def weights_of(segments: Segments) -> Path:
    """The weights file."""
    return segments.folder / LOCATION


@pytest.mark.parametrize("network", NETWORKS)
def test_answers_are_those_of_segments_with_weights_inside(network: str, tmp_path: Path) -> None:
    """Bit for bit, for every segment; and what stands alone refers to no file."""
    graph = read_branchy_graph(NETWORKS[network](tmp_path / "network.onnx"))
    segments = Segments(graph, tmp_path / "cache")
    random = np.random.default_rng(5)
    referring = 0
    for place in every_segment(graph):
        file, alone = segments.segment(*place), segments.standalone(*place)
        assert locations(alone) == set()
        onnx.checker.check_model(file)
        referring += locations(file.read_bytes()) == {LOCATION}
        segment = Segment(file)
        batch = random.normal(scale=50, size=(2, *segment.input_shape)).astype(segment.input_dtype)
        np.testing.assert_array_equal(segment.run(batch), Segment(alone).run(batch))
    assert referring > 0


@settings(max_examples=25)
@given(width=st.integers(1, 40), kept=st.booleans())
def test_large_weights_leave_the_graph_and_small_ones_stay(
    tmp_path_factory: pytest.TempPathFactory, width: int, kept: bool
) -> None:
    """Wherever the exporter keeps them; together the file and the graph hold what the network holds."""
    folder = tmp_path_factory.mktemp("network")
    file = wide(folder / "network.onnx", width)
    if kept:
        with_constants(file, file)
    graph = read_branchy_graph(file)
    segments = Segments(graph, folder)
    whole = segments.tail(1, 0)
    for weight in onnx.load(whole, load_external_data=False).graph.initializer:
        outside = weight.data_location == TensorProto.EXTERNAL
        assert outside == (4 * np.prod(weight.dims) >= LEAST_BYTES)
    image = np.random.default_rng(width).integers(0, 256, (1, *graph.input_shape), np.uint8)
    np.testing.assert_array_equal(
        Segment(whole).run(image), Segment(segments.standalone(1, 0, len(graph.paths[1].layers))).run(image)
    )


def test_the_cache_is_little_more_than_the_network(segments: Segments) -> None:
    """With every segment that a plan or a profile uses, at most 1.3 times the network's file."""
    for path in segments.graph.paths:
        for point in path.partition_points[1:]:
            segments.head(path.index, point)
            segments.tail(path.index, point - 1)
            segments.segment(path.index, point - 1, point)
    assert len(contents(segments.folder)) > 30
    total = sum(map(len, contents(segments.folder).values()))
    assert total <= 1.3 * segments.graph.path.stat().st_size


def test_the_size_of_a_segment_counts_its_weights(segments: Segments) -> None:
    """As large as the file that stands alone, but for the references."""
    alone = len(segments.standalone(1, 0, 3))
    assert alone <= segments.size_bytes(segments.head(1, 3)) <= alone + 1000
    assert external_bytes(segments.standalone(1, 0, 3)) == 0


def test_two_processes_cut_at_once(segments: Segments, tmp_path: Path) -> None:
    """Both succeed, and leave what one alone leaves."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    caches = tmp_path / "both", tmp_path / "both", tmp_path / "alone"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CUT_EVERYTHING, str(segments.graph.path), str(cache)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for cache in caches
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n")
        assert process.returncode == 0
    assert contents(tmp_path / "both") == contents(tmp_path / "alone")


def cut_short(file: Path) -> None:
    """As after a full disk."""
    file.write_bytes(file.read_bytes()[:-1])


def flip(file: Path) -> None:
    """One bit of the last weight."""
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def replace_by_link(file: Path) -> None:
    """To the same content elsewhere, which onnxruntime does not follow."""
    file.rename(file.parents[1] / "elsewhere")
    file.symlink_to(file.parents[1] / "elsewhere")


@pytest.mark.parametrize("running", [False, True], ids=["next start", "running"])
@pytest.mark.parametrize(
    "harm", [cut_short, flip, replace_by_link, Path.unlink, lambda f: f.write_bytes(b"")]
)
def test_a_harmed_weights_file_is_written_again(
    segments: Segments, harm: Callable[[Path], object], running: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """At the next start and in a process that used it before; that it was damaged is said."""
    segment = segments.head(1, 3)
    good = contents(segments.folder)
    harm(weights_of(segments))
    later = segments if running else Segments(segments.graph, segments.folder.parent)
    with caplog.at_level(logging.WARNING):
        assert later.head(1, 3) == segment
    assert contents(segments.folder) == good
    assert not weights_of(segments).is_symlink()
    assert ("is damaged; it is written again" in caplog.text) == (harm is not Path.unlink)


@pytest.mark.parametrize(
    "entry",
    [
        HONEST.replace(LOCATION.encode(), b"../secret.bin"),
        b"\x0a\x08location\x12\x04abcd\x12\x07../evil",  # twice: the last counts
        b"\x12\x0d../secret.bin\x0a\x08location",
        b"\x12\x0d/etc/password\x0a\x08location",
    ],
)
def test_a_segment_that_names_another_file_is_cut_again(segments: Segments, entry: bytes) -> None:
    """However the reference is written; no file but the weights file is ever opened."""
    file = segments.head(1, 3)
    good = file.read_bytes()
    assert HONEST in good
    assert len(entry) == len(HONEST)
    file.write_bytes(good.replace(HONEST, entry, 1))
    assert locations(file.read_bytes()) - {LOCATION}  # and so it is still an ONNX file
    assert segments.head(1, 3).read_bytes() == good


def test_same_model_same_weights_file(segments: Segments, tmp_path: Path) -> None:
    """Whichever segment is cut first."""
    other = Segments(read_branchy_graph(segments.graph.path), tmp_path / "other")
    segments.head(1, 3)
    other.tail(0, 1)
    assert weights_of(segments).read_bytes() == weights_of(other).read_bytes()


def test_an_interrupted_write_leaves_nothing(segments: Segments, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither half a file nor one under another name."""

    def full(*_: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(ModelError, match=r"cannot write the cache .*: No space left on device"):
            segments.head(1, 3)
    assert contents(segments.folder) == {}
    assert Segment(segments.head(1, 3)).input_shape == (3, 8, 8)


def test_a_segment_cut_short_is_cut_again(segments: Segments) -> None:
    """Its bytes are no ONNX file, which shows without loading it."""
    good = segments.head(1, 3).read_bytes()
    cut_short(segments.head(1, 3))
    assert segments.head(1, 3).read_bytes() == good


def test_a_damaged_segment_says_what_to_do(segments: Segments) -> None:
    """A plain sentence that names the file."""
    file = segments.head(1, 3)
    file.write_bytes(file.read_bytes().replace(b"Conv", b"Corn"))
    with pytest.raises(ModelError, match=r"cannot load the segment .*\.onnx; delete the file"):
        Segment(segments.head(1, 3))
