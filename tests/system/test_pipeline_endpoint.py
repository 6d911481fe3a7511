"""Windows through a real TorchServe: one archive answers for all of them, cold ones a moment later.

Some windows of a small network are in `make test`; those of the shipped ones, over both interfaces, in
`make test-all`. tests/core/test_pipeline.py has every window without TorchServe.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from device_runtime.deadline import Deadline
from device_runtime.exchange.torchserve import TorchServeClient
from edgent.core.segment import Segment
from edgent.core.wire import Frame, read_frame, window_identity, write_frame
from edgent.errors import EdgeBusyError, HeadRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.graph.exit_path import ExitPath
    from edgent.network import Network
    from tests.torchserve_fixtures import Edge

pytestmark = [pytest.mark.torchserve, pytest.mark.timeout(1200)]

PIPELINES = Path(__file__).parents[2] / "pipelines"
INTERFACES = ["inference", "grpc_inference"]
PATIENT_S = 60.0
WARM = (0, 8)
# Of exit 2's eight layers; other ones for each interface, so that both find some cold.
COLD = {"inference": [(1, 3), (2, 8), (4, 5)], "grpc_inference": [(1, 4), (3, 8), (5, 6)]}


class Windows:
    """The windows of one network, asked of its pipeline's archive."""

    def __init__(self, edge: Edge, network: Network, interface: str) -> None:
        addresses = edge.server.addresses
        self.network = network
        self.client = TorchServeClient(getattr(addresses, interface), token_file=edge.server.token_file)
        shape, dtype = network.graph.input_shape, network.graph.input_dtype
        self._image = np.random.default_rng(6).integers(0, 256, (2, *shape)).astype(dtype)

    def crossing(self, path: ExitPath, point: int) -> np.ndarray:
        """What crosses at a partition point of a path."""
        return self._run(path, 0, point, self._image)

    def request(self, path: ExitPath, start: int, stop: int, model: str | None = None) -> bytes:
        """The frame that asks for layers [start, stop) of a path."""
        ends = path.cut_tensor(start), path.cut_tensor(stop)
        identity = window_identity(model or self.network.graph.sha256, *ends)
        return write_frame(Frame(self.crossing(path, start), "raw", identity, "float32"))

    def ask(self, request: bytes) -> bytes:
        """The answer to one request."""
        return self.client.predict(self.network.spec.name, request, Deadline.after(PATIENT_S)).body

    def check(self, path: ExitPath, start: int, stop: int) -> None:
        """Layers before the window here, the window there, the rest here: the unsplit network's answer."""
        request, patience = self.request(path, start, stop), Deadline.after(PATIENT_S)
        while True:
            try:
                answer = read_frame(self.ask(request)).tensor
                break
            except EdgeBusyError:
                if patience.left_s() <= 0:
                    raise
        last = len(path.layers)
        whole, answer = self.crossing(path, last), self._run(path, stop, last, answer)
        np.testing.assert_allclose(
            answer, whole, rtol=0, atol=1e-5, err_msg=f"{path.exit_name} {start} {stop}"
        )
        np.testing.assert_array_equal(answer.argmax(1), whole.argmax(1))

    def _run(self, path: ExitPath, start: int, stop: int, tensor: np.ndarray) -> np.ndarray:
        if start == stop:
            return tensor
        return Segment(self.network.segments.segment(path.index, start, stop)).run(tensor)


@pytest.fixture(scope="module")
def with_worker(tiny_edge: Edge) -> Iterator[Edge]:
    """The small network's edge, on which its pipeline has a worker."""
    with tiny_edge.workers(["tiny"]):
        yield tiny_edge


@pytest.mark.parametrize("interface", INTERFACES)
def test_windows_cold_and_warm(interface: str, with_worker: Edge, tiny_network: Network) -> None:
    """A cold window says at once that it is not ready, and soon is; answers are the unsplit network's."""
    windows = Windows(with_worker, tiny_network, interface)
    path = tiny_network.graph.paths[1]
    windows.ask(windows.request(path, *WARM))
    for place in COLD[interface]:
        with pytest.raises(EdgeBusyError, match="is not ready: it loads the layers asked for"):
            windows.ask(windows.request(path, *place))
    for place in [WARM, *COLD[interface]]:
        windows.check(path, *place)
    with pytest.raises(HeadRefusedError, match="same model"):
        windows.ask(windows.request(path, *WARM, model="0" * 64))
    windows.client.close()
