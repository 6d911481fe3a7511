"""Windows through a real TorchServe: one archive answers for all of them, cold ones a moment later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.torchserve import TorchServeClient
from edgent.core.segment import Segment
from edgent.core.wire import Frame, read_frame, window_identity, write_frame
from edgent.errors import EdgeBusyError, HeadRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.network import Network
    from tests.torchserve_fixtures import Edge

pytestmark = pytest.mark.torchserve

PATIENT_S = 60.0
# Of exit 2's eight layers; other ones for each interface, so that both find some cold.
COLD = {"inference": [(1, 3), (2, 8), (4, 5)], "grpc_inference": [(1, 4), (3, 8), (5, 6)]}
WARM = (0, 8)


@pytest.fixture(scope="module")
def pipeline(tiny_edge: Edge) -> Iterator[str]:
    """The pipeline's archive with its worker."""
    with tiny_edge.workers(["tiny"]):
        yield "tiny"


def _request(network: Network, start: int, stop: int, tensor: np.ndarray, model: str | None = None) -> bytes:
    path = network.graph.paths[1]
    ends = path.cut_tensor(start), path.cut_tensor(stop)
    identity = window_identity(model or network.graph.sha256, *ends)
    return write_frame(Frame(tensor, "raw", identity, "float32"))


def _ask_until_ready(client: TorchServeClient, pipeline: str, request: bytes) -> bytes:
    patience = Deadline.after(PATIENT_S)
    while True:
        try:
            return client.predict(pipeline, request, patience).body
        except EdgeBusyError:
            if patience.left_s() <= 0:
                raise


@pytest.mark.parametrize("interface", ["inference", "grpc_inference"])
def test_windows_cold_and_warm(interface: str, pipeline: str, tiny_edge: Edge, tiny_network: Network) -> None:
    """A cold window says at once that it is not ready, and soon is; answers are the unsplit network's."""
    server, segments = tiny_edge.server, tiny_network.segments
    client = TorchServeClient(getattr(server.addresses, interface), token_file=server.token_file)
    image = np.random.default_rng(6).integers(0, 256, (2, 3, 8, 8), np.uint8)
    whole = Segment(segments.head(1, 8)).run(image)
    for start, stop in [WARM, *COLD[interface]]:
        tensor = Segment(segments.head(1, start)).run(image) if start else image
        request = _request(tiny_network, start, stop, tensor)
        if (start, stop) != WARM:
            with pytest.raises(EdgeBusyError, match="is being loaded: ask again in a moment"):
                client.predict(pipeline, request, Deadline.after(PATIENT_S))
        answer = read_frame(_ask_until_ready(client, pipeline, request)).tensor
        rest = Segment(segments.tail(1, stop)).run(answer) if stop < 8 else answer
        np.testing.assert_allclose(rest, whole, rtol=0, atol=1e-5)
    with pytest.raises(HeadRefusedError, match="same model"):
        client.predict(pipeline, _request(tiny_network, 0, 8, image, "0" * 64), Deadline.after(PATIENT_S))
    client.close()
