"""Element types of the graph are those of the spec, and cross at their own width."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from edgent.accuracy.evaluation import evaluate_codecs
from edgent.core.codecs import CODECS
from edgent.core.codecs.float32 import Float32Codec
from edgent.core.head import Head, HeadConfig
from edgent.core.segment import Segment
from edgent.core.wire import Frame, read_frame, write_frame
from edgent.errors import ModelError, PlanError
from edgent.inputs import to_tensor
from edgent.inputs.labelled import Labelled
from edgent.latency.costs import network_costs
from edgent.latency.crossing import write_tensor
from edgent.latency.profiling import profile_node
from edgent.latency.unusable_codecs import unusable_codecs
from edgent.network import Network
from edgent.plan_check import check_plan
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table
from edgent.spec import Pipeline
from tests.networks import NetworkBuilder

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY = bytes(8)
HEADER_BYTES = 24
EVERY = [
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "uint64",
    "int64",
    "float16",
    "float64",
    "bool",
]


def _network(folder: Path, dtype: int, cast_to: int, last: int, **spec: Any) -> Network:
    """A chain of 64 inputs to 4 values: its input, its cuts and its answer have the given element types."""
    net = NetworkBuilder()
    name = helper.tensor_dtype_to_np_dtype(cast_to).name
    values = net.node("Cast", "image", to=cast_to)
    for _ in range(2):
        values = net.node("Relu", net.node("Add", values, net.constant(np.ones((1,), name))))
    product = net.node("MatMul", values, net.constant(np.arange(256).reshape(64, 4).astype(name)))
    net.node("Cast", product, to=last, output="exit1")
    graph = helper.make_graph(
        net.nodes,
        "typed",
        [helper.make_tensor_value_info("image", dtype, ["batch", 64])],
        [helper.make_tensor_value_info("exit1", last, ["batch", 4])],
        net.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "network.onnx")
    pipeline = Pipeline.model_validate(
        {
            "version": 1,
            "name": "typed",
            "model": {"file": str(folder / "network.onnx")},
            "input": {
                "shape": (64,),
                "dtype": helper.tensor_dtype_to_np_dtype(dtype).name,
                "labels": ("a", "b", "c", "d"),
            },
            "exits": ({"name": "exit1"},),
        }
        | spec
    )
    return Network.open(pipeline, folder / "cache")


def _ask(network: Network, point: int, tensor: np.ndarray) -> Frame:
    """What the head of a cut answers to a request for the tensor as it is."""
    content = network.segments.standalone(0, 0, point)
    head = Head(content, HeadConfig("typed", IDENTITY, hashlib.sha256(content).hexdigest(), 1))
    [(status, body)] = head.answer([write_frame(Frame(tensor, "raw", IDENTITY, "float32"))])
    assert status == 200, body
    return read_frame(body)


def test_half_floats_cross_in_two_bytes_each(tmp_path: Path) -> None:
    """Input, cut and answer: a frame has its header, its dimensions and two bytes an element."""
    network = _network(tmp_path, TensorProto.FLOAT16, TensorProto.FLOAT16, TensorProto.FLOAT16)
    tensor = to_tensor(np.linspace(0, 1, 64).astype(np.float16), network.spec)
    answer = _ask(network, 2, tensor)
    assert (answer.tensor.dtype, answer.codec) == (np.float16, "raw")
    frame = write_tensor(answer.tensor, "float32", "activation")
    assert len(frame) == HEADER_BYTES + 2 * 4 + answer.tensor.nbytes
    assert answer.tensor.nbytes == 2 * answer.tensor.size


def test_token_numbers_go_in_and_64_bit_logits_come_out(tmp_path: Path) -> None:
    """An edge-only answer of float64 is the whole network's, bit for bit."""
    network = _network(tmp_path, TensorProto.INT64, TensorProto.DOUBLE, TensorProto.DOUBLE)
    np.save(tmp_path / "tokens.npy", np.arange(64))
    tensor = to_tensor(tmp_path / "tokens.npy", network.spec)
    assert tensor.dtype == np.int64
    last = len(network.graph.paths[0].layers)
    answer = _ask(network, last, tensor)
    whole = Segment(network.segments.tail(0, 0)).run(tensor)
    assert answer.tensor.dtype == np.float64
    np.testing.assert_array_equal(answer.tensor, whole)


@pytest.mark.parametrize("dtype", EVERY)
def test_every_type_crosses_by_its_own_bytes(dtype: str) -> None:
    """The rule holds for all but float32, which has a codec of its own."""
    tensor = np.asarray([[0, 1, 1, 0]], np.dtype(dtype))
    assert CODECS.answering("float32", tensor.dtype) == "raw"
    restored = read_frame(write_tensor(tensor, "float32", "activation")).tensor
    assert restored.dtype == tensor.dtype
    np.testing.assert_array_equal(restored, tensor)
    assert CODECS.answering("float32", np.dtype(np.float32)) == "float32"
    assert CODECS.answering("uint8", tensor.dtype) == "uint8"


@pytest.mark.parametrize("dtype", [np.float16, np.uint8])
def test_frames_of_an_older_edge_are_still_read(dtype: type) -> None:
    """Heads that were built before answered with such tensors widened to 32-bit floats."""
    tensor = np.array([[1, 2, 3]], np.dtype(dtype))
    assert Float32Codec().supports(tensor.shape, tensor.dtype)
    restored = read_frame(write_frame(Frame(tensor, "float32", IDENTITY))).tensor
    assert restored.dtype == dtype
    np.testing.assert_array_equal(restored, tensor)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (
            Plan("exit1", 2, "webp", "float32"),
            "codec 'webp' does not write the input .* int64 .* these do: raw",
        ),
        (
            Plan("exit1", 2, "raw", "uint8"),
            "codec 'uint8' does not write the activation .*float64.*these do: float32",
        ),
    ],
)
def test_a_plan_whose_codec_does_not_write_the_tensor(tmp_path: Path, plan: Plan, words: str) -> None:
    """It is refused when it is given, with the codecs that do."""
    network = _network(tmp_path, TensorProto.INT64, TensorProto.DOUBLE, TensorProto.DOUBLE)
    with pytest.raises(PlanError, match=words):
        check_plan(network, plan)
    check_plan(network, Plan("exit1", 2))


def test_the_declared_type_is_checked_against_the_graph(tmp_path: Path) -> None:
    """Both types are in the message."""
    with pytest.raises(ModelError, match="the graph's is float16, the spec's float32"):
        _network(
            tmp_path,
            TensorProto.FLOAT16,
            TensorProto.FLOAT16,
            TensorProto.FLOAT16,
            input={"shape": (64,), "dtype": "float32", "labels": ("a", "b", "c", "d")},
        )


def test_an_exit_has_a_name_and_an_output(tmp_path: Path) -> None:
    """The graph may call it ``495`` or ``Identity:0``; plans and answers call it what the spec says."""
    network = _network(
        tmp_path,
        TensorProto.UINT8,
        TensorProto.FLOAT,
        TensorProto.FLOAT,
        name="resnet-50",
        exits=({"name": "first-exit", "output": "exit1"},),
    )
    assert network.graph.exit_names == ("first-exit",)
    last = len(network.graph.paths[0].layers)
    assert network.graph.paths[0].cut_tensor(last) == "exit1"
    assert network.head_of(Plan("first-exit", 2)) == "resnet-50-exit1-p02"


def test_codecs_that_no_plan_uses_are_named(tmp_path: Path) -> None:
    """Those that do not write such tensors, and lossy ones whose accuracy is not known."""
    network = _network(tmp_path, TensorProto.FLOAT16, TensorProto.FLOAT16, TensorProto.FLOAT16)
    said = list(unusable_codecs(network, {"exit1": {("raw", "float32"): 0.5}}))
    assert [reason.split(":")[0] for reason in said] == [
        "no plan uses codec webp for inputs",
        "no plan uses codec uint8 for activations",
    ]
    assert "float16 of shape [64]" in said[0]


def _quantised(path: Path) -> Path:
    """A chain with a cut of uint8 in it, between QuantizeLinear and DequantizeLinear."""
    net = NetworkBuilder()
    values = net.conv(net.normalised("image"), 3, 4)
    steps = (net.scalar(0.05), net.constant(np.array([128], np.uint8)))
    levels = net.node("QuantizeLinear", values, *steps)
    net.classifier(net.node("Relu", net.node("DequantizeLinear", levels, *steps)), 4 * 8 * 8, "exit1")
    return net.save(path, ("exit1",), (3, 8, 8), TensorProto.UINT8)


def _quantised_network(folder: Path) -> Network:
    pipeline = Pipeline.model_validate(
        {
            "version": 1,
            "name": "quantised",
            "model": {"file": str(_quantised(folder / "network.onnx"))},
            "input": {"shape": (3, 8, 8), "labels": tuple("abcdefghij")},
            "exits": ({"name": "exit1"},),
        }
    )
    return Network.open(pipeline, folder / "cache")


def test_a_cut_of_bytes_in_a_network_of_floats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A codec for floats is used where it can be, and the cut of bytes crosses in a byte an element."""
    monkeypatch.setattr("edgent.latency.profiling.PAUSE_S", 0.0)  # nothing here has to be timed well
    network = _quantised_network(tmp_path)
    path = network.graph.paths[0]
    [point] = [p for p in path.partition_points[1:-1] if path.cut(p).dtype == "uint8"]
    images = np.random.default_rng(2).integers(0, 256, (20, 3, 8, 8), np.uint8)
    accuracies = evaluate_codecs(network, Labelled.of(images, np.zeros(20, np.int64)), budget_s=0.1)
    compared = {row.partition_point for row in accuracies.changes if row.activation_codec == "uint8"}
    assert compared == set(path.partition_points[1:-1]) - {point}
    device = profile_node(network, "device", images[:2], budget_s=0.05)
    edge = profile_node(network, "edge", images[:2], budget_s=0.05)
    frame = device.codec_by_place["exit1", point, "float32"]
    assert frame.size_bytes == HEADER_BYTES + 4 * 4 + path.cut(point).size_bytes
    costs = network_costs(network, device, edge, accuracies.by_exit)
    plans = build_cost_table(costs, 0.0, 0.0).plans
    assert Plan("exit1", point) in plans
    assert Plan("exit1", point, "raw", "uint8") not in plans
    assert Plan("exit1", point - 1, "raw", "uint8") in plans
    [said] = unusable_codecs(network, accuracies.by_exit)
    assert said.startswith(f"codec uint8 is used at {len(compared)} of {len(compared) + 1} cuts")
