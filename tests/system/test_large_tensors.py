"""Tensors that are larger than what TorchServe allows by itself: 26 MB to the edge, 13 MB back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto

from device_runtime.deadline import Deadline
from device_runtime.edges.addresses import AddressBook
from device_runtime.exchange.edge_client import EdgeClient
from device_runtime.exchange.torchserve import TorchServeClient
from edgent.core.segment import Segment
from edgent.core.wire import Frame, read_frame, window_identity, write_frame
from edgent.errors import EdgeBusyError
from edgent.network import Network
from edgent.spec import read_spec
from tests.networks import NetworkBuilder
from tests.torchserve_fixtures import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from device_runtime.exchange.carrier import RawAnswer
    from tests.torchserve_fixtures import Edge

pytestmark = [pytest.mark.torchserve]

SHAPE = (2, 1792, 1792)
SPEC = """\
version: 1
name: large
model: {file: network.onnx}
input: {shape: [2, 1792, 1792], dtype: float32, labels: [a, b, c, d, e, f, g, h, i, j]}
exits: [{name: exit1}]
"""


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """A TorchServe that serves a network up to its cut of 64x224x224, by a head and by the pipeline."""
    folder: Path = tmp_path_factory.mktemp("large")
    net = NetworkBuilder()
    pooled = net.node("MaxPool", "image", kernel_shape=[8, 8], strides=[8, 8])
    wide = net.node("Conv", pooled, net.weight(64, 2, 1, 1), net.weight(64))
    net.classifier(net.node("GlobalAveragePool", wide), 64, "exit1")
    net.save(folder / "network.onnx", ("exit1",), SHAPE, TensorProto.FLOAT)
    (folder / "large.yaml").write_text(SPEC, encoding="utf-8")
    network = Network.open(read_spec(folder / "large.yaml"), folder / "cache")
    head = network.graph.head_name("large", 0, _wide_point(network))
    with serving([network], folder / "store") as server, server.workers([head, "large"]):
        yield server


def _wide_point(network: Network) -> int:
    """Where the large tensor crosses."""
    path = network.graph.paths[0]
    return next(point for point in path.partition_points if path.cut(point).shape == (64, 224, 224))


@pytest.mark.parametrize("interface", ["inference", "grpc_inference"])
def test_large_tensors_cross(edge: Edge, interface: str) -> None:
    """Both ways over both interfaces, twice on one connection, and what comes back is what a head gives."""
    network = edge.networks["large"]
    point = _wide_point(network)
    head = network.graph.head_name("large", 0, point)
    image = np.random.default_rng(0).normal(size=(1, *SHAPE)).astype(np.float32)
    expected = Segment(network.segments.head(0, point)).run(image)
    client = EdgeClient(getattr(edge.server.addresses, interface), token_file=edge.server.token_file)
    address = AddressBook(network).head(head)
    for _ in range(2):
        request = client.write_request(address, image, "raw", "float32", 60.0)
        reply = client.exchange(address, request, Deadline.after(60.0))
        np.testing.assert_array_equal(client.read_reply(address, reply).tensor, expected)
        assert reply.sent_bytes > 25_000_000
        assert reply.received_bytes > 12_800_000
    client.close()
    assert expected.shape == (1, 64, 224, 224)


@pytest.mark.parametrize("interface", ["inference", "grpc_inference"])
def test_large_tensors_cross_at_the_pipelines_endpoint(edge: Edge, interface: str) -> None:
    """As at the head's; the window waits until it is loaded."""
    network, patience = edge.networks["large"], Deadline.after(60.0)
    path, point = network.graph.paths[0], _wide_point(network)
    image = np.random.default_rng(1).normal(size=(1, *SHAPE)).astype(np.float32)
    identity = window_identity(network.graph.sha256, path.cut_tensor(0), path.cut_tensor(point))
    url = getattr(edge.server.addresses, interface)
    client = TorchServeClient(url, token_file=edge.server.token_file)
    answers: list[RawAnswer] = []
    while len(answers) < 2:
        with suppress(EdgeBusyError):
            request = write_frame(Frame(image, "raw", identity, "float32", 60.0))
            answers.append(client.predict("large", request, patience))
    client.close()
    expected = Segment(network.segments.head(0, point)).run(image)
    for answer in answers:
        np.testing.assert_array_equal(read_frame(answer.body).tensor, expected)
        assert answer.sent_bytes > 25_000_000
        assert answer.received_bytes > 12_800_000
