"""The shipped feature codecs give the same bits on both nodes, however many samples and threads there are.

Sessions are opened as the device, the pipeline's endpoint and `edgent evaluate` open theirs; a real
TorchServe is asked in test_served_answers.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnxruntime
import pytest

from edgent.core.pipeline import LAYERS, Pipeline, PipelineConfig
from edgent.core.segment import Segment
from edgent.core.wire import Frame, read_frame, window_identity, write_frame
from edgent.graph.feature_codec import CODE_CODEC
from edgent.graph.pieces import layer_pieces
from edgent.network import Network
from edgent.spec import read_spec
from tests.flower_photos import FEATURES, SPEC, all_and_more, needs_photos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edgent.graph.feature_codec import FeatureCodec

    Run = Callable[[np.ndarray], np.ndarray]

pytestmark = [pytest.mark.full, pytest.mark.timeout(3600), needs_photos]

PHOTOS = 1000
MANY = 50
LAST_BITS = 2e-5  # of tensors whose elements reach 40


class Flowers(NamedTuple):
    """The shipped network, its photos, and what crosses at the cuts at which codecs read."""

    network: Network
    read: dict[int, np.ndarray]
    edge: dict[int, Pipeline]


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Flowers:
    """The layers before a codec are run as a device runs them; the edge has one thread or two."""
    folder = tmp_path_factory.mktemp("bits")
    network = Network.open(read_spec(SPEC), folder / "cache")
    deepest, codecs = network.graph.paths[-1], network.feature_codecs.values()
    read = {0: all_and_more(network.spec, PHOTOS)}
    for start in {_points(network, codec)[0] for codec in codecs} - {0}:
        read[start] = _by(Segment(network.segments.head(deepest.index, start)).run, read[0], 1)
    (folder / LAYERS).write_bytes(layer_pieces(network.segments, tuple(codecs)).to_bytes())
    weights = network.segments.weights()
    (folder / weights.name).write_bytes(weights.read_bytes())
    edge = {threads: Pipeline(folder, _config(network, threads)) for threads in (1, 2)}
    return Flowers(network, read, edge)


def _config(network: Network, threads: int) -> PipelineConfig:
    return PipelineConfig(
        network.spec.name, network.graph.sha256, {}, largest_batch=MANY, memory_bytes=1024**3, threads=threads
    )


def _points(network: Network, codec: FeatureCodec) -> tuple[int, int]:
    points = codec.points(network.graph.paths[-1])
    assert points is not None
    return points


def _by(run: Run, tensors: np.ndarray, size: int) -> np.ndarray:
    """What a session makes of tensors, so many at a time."""
    return np.concatenate([run(tensors[k : k + size]) for k in range(0, len(tensors), size)])


def _ways(file: Path) -> Iterator[tuple[str, Run, int]]:
    """How a node opens a file, and how many samples it runs at once; the device's usual way is the first."""
    yield "alone", Segment(file).run, 1
    yield "many", Segment(file).run, MANY
    yield "alone, two threads", Segment(file, threads=2).run, 1
    yield "many, two threads", Segment(file, threads=2).run, MANY
    yield "as the edge", Segment(file, shares_memory=True).run, 1
    yield "as evaluated", Segment(file, keeps_memory=False).run, MANY


def _all_alike(file: Path, tensors: np.ndarray) -> np.ndarray:
    """What a file's graph makes of tensors, which is the same in every way."""
    (_, run, size), *others = _ways(file)
    first = _by(run, tensors, size)
    for name, other, other_size in others:
        np.testing.assert_array_equal(_by(other, tensors, other_size), first, err_msg=f"{file.name}: {name}")
    return first


def _without_optimisations(file: Path) -> Run:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    return lambda tensors: session.run(None, {taken.name: tensors})[0]


def _at_the_edge(flowers: Flowers, codec: FeatureCodec, last: str, threads: int) -> Run:
    """The window from a code to a tensor, opened by the code that answers in an archive."""
    pipeline = flowers.edge[threads]
    window = pipeline.find(window_identity(flowers.network.graph.sha256, codec.code.name, last))
    return pipeline._load(window).run


@pytest.mark.parametrize("name", FEATURES)
def test_codes_and_what_is_made_of_them(name: str, flowers: Flowers) -> None:
    """Codes to the bit, as numbers and as frames; tensors to the bit but without graph optimisations.

    Without these, convolutions add in another order and the last bits of what a decoder gives differ; neither
    node opens sessions so.
    """
    codec = flowers.network.feature_codecs[name]
    start, stop = _points(flowers.network, codec)
    codes = _all_alike(codec.encoder, flowers.read[start])
    np.testing.assert_array_equal(
        _by(_without_optimisations(codec.encoder), flowers.read[start], MANY), codes
    )
    frames = [write_frame(Frame(codes[k : k + 1], CODE_CODEC, bytes(16))) for k in range(len(codes))]
    np.testing.assert_array_equal(np.concatenate([read_frame(frame).tensor for frame in frames]), codes)
    decoded = _all_alike(codec.decoder, codes)
    plain = _by(_without_optimisations(codec.decoder), codes, MANY)
    np.testing.assert_allclose(plain, decoded, rtol=0, atol=LAST_BITS)
    deepest = flowers.network.graph.paths[-1]
    behind = Segment(flowers.network.segments.tail(deepest.index, stop)).run
    answers = _by(behind, decoded, 1)
    for threads in flowers.edge:
        gives = _at_the_edge(flowers, codec, codec.gives.name, threads)
        whole = _at_the_edge(flowers, codec, deepest.exit_name, threads)
        for size in (1, MANY):
            np.testing.assert_array_equal(_by(gives, codes, size), decoded)
            np.testing.assert_allclose(_by(whole, codes, size), answers, rtol=0, atol=LAST_BITS)


@pytest.mark.parametrize("start", [24])
def test_the_layers_before_a_code(start: int, flowers: Flowers) -> None:
    """What an encoder reads is the same, too, so that its code is."""
    deepest = flowers.network.graph.paths[-1]
    head = flowers.network.segments.head(deepest.index, start)
    np.testing.assert_array_equal(_all_alike(head, flowers.read[0]), flowers.read[start])
