"""A segment: whole batches where the network takes them, sample by sample where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest

from edgent.core.segment import Segment, Stop
from edgent.errors import StoppedError
from edgent.graph.reading import read_branchy_graph
from edgent.graph.segments import Segments
from tests.networks import for_batch_one

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = np.random.default_rng(4).integers(0, 256, (3, 3, 8, 8), np.uint8)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that holds at batch 1 only, though its file calls the batch dynamic."""
    return for_batch_one(tmp_path_factory.mktemp("one") / "network.onnx")


def only_exit1(model: Path) -> bytes:
    """The file with one output, as a segment has it, and a batch that it calls dynamic."""
    network = onnx.load(model)
    del network.graph.output[1:]
    content: bytes = network.SerializeToString()
    return content


def sums(axis: int) -> bytes:
    """A network that sums pairs of numbers along an axis."""
    source, result = (
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", 2]) for name in ("x", "y")
    )
    node = onnx.helper.make_node("ReduceSum", ["x", "axes"], ["y"])
    axes = onnx.numpy_helper.from_array(np.array([axis]), "axes")
    graph = onnx.helper.make_graph([node], "sums", [source], [result], [axes])
    opset = onnx.helper.make_opsetid("", 17)
    content: bytes = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()
    return content


def test_a_batch_that_the_network_does_not_take(model: Path, tmp_path: Path) -> None:
    """Each sample is run by itself, whether the file says so or a run has to show it."""
    graph = read_branchy_graph(model)
    cut = Segment(Segments(graph, tmp_path).head(0, len(graph.paths[0].layers)))
    for segment in (cut, Segment(only_exit1(model))):
        singly = np.concatenate([segment.run(image[np.newaxis]) for image in IMAGES])
        for _ in range(2):
            np.testing.assert_array_equal(segment.run(IMAGES), singly)


def test_the_log_says_why_samples_run_one_by_one(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Once for every time that a batch is tried."""
    segment = Segment(only_exit1(model))
    for _ in range(2):
        segment.run(IMAGES)
    (record,) = caplog.records
    said = "a batch of 3 fails, so the next 8 batches of 3 inputs or more run one by one: "
    assert record.getMessage().startswith(said)


def test_a_batch_that_failed_once_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """Smaller batches go on; those that failed for want of memory are tried again after a while."""
    segment = Segment(sums(axis=1))
    ran, session = list[int](), segment._session
    values = np.arange(8, dtype=np.float32).reshape(4, 2)

    class Tight:
        """A session with memory for two inputs, at first."""

        memory = 2

        def run(self, wanted: list[str], given: dict[str, np.ndarray], options: object) -> list[np.ndarray]:
            ran.append(len(given["x"]))
            if len(given["x"]) > self.memory:
                raise RuntimeError("no memory")
            outputs: list[np.ndarray] = session.run(wanted, given, options)
            return outputs

    segment._session = tight = Tight()
    wanted = values.sum(axis=1, keepdims=True)
    np.testing.assert_array_equal(segment.run(values), wanted)
    assert ran == [4, 1, 1, 1, 1]
    segment.run(values[:2])
    assert ran[5:] == [2]
    tight.memory = 4
    for _ in range(8):
        segment.run(values)
    assert ran[6:] == [1] * 32
    np.testing.assert_array_equal(segment.run(values), wanted)
    segment.run(values)
    assert ran[38:] == [4, 4]
    assert caplog.messages[-1] == "a batch of 4 runs again"


def test_a_batch_that_becomes_one_sample() -> None:
    """An output of another batch than the input's is no answer, though onnxruntime calls it a success."""
    segment = Segment(sums(axis=0))
    values = np.arange(6, dtype=np.float32).reshape(3, 2)
    np.testing.assert_array_equal(segment.run(values), values)


def test_a_stopped_batch_is_not_tried_again(model: Path) -> None:
    """A run that was ended is no sign of a network that takes no batches."""
    segment, stop = Segment(only_exit1(model)), Stop()
    stop()
    with pytest.raises(StoppedError):
        segment.run(IMAGES, stop)
