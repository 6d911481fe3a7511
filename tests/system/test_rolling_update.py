"""A network is changed on two edges and two devices, one after the other, while requests go on."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.segment import Segment
from edgent.deploy.served_store import question_to
from edgent.edge.store import build_store
from edgent.network import Network
from edgent.spec import read_spec
from tests.system.proxied import REQUIREMENT_S, Traffic, beside, running_proxy, start_edge

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.edge.configuration import ServedModel
    from edgent.edge.torchserve import TorchServe

pytestmark = [
    pytest.mark.torchserve,
    pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed"),
]

IMAGE = np.random.default_rng(8).integers(0, 256, (3, 8, 8), np.uint8)
PLAN = "exit2:p2"


@dataclass(frozen=True)
class Release:
    """A store, and what a device of the network that it was built last for should be answered."""

    network: Network
    store: Path
    models: list[ServedModel]

    @classmethod
    def of(cls, network: Network, store: Path) -> Release:
        """Built into a store that may hold other versions."""
        path = network.graph.paths[1]
        windows = [(path.cut_tensor(0), path.cut_tensor(2))]
        return cls(network, store, build_store(store, [], warm=[(network, windows)]))

    @property
    def expected(self) -> np.ndarray:
        """The answer of the whole network."""
        path = self.network.graph.paths[1]
        whole: np.ndarray = Segment(self.network.segments.head(1, len(path.layers))).run(IMAGE[np.newaxis])[0]
        return whole


@pytest.fixture
def releases(tiny_network: Network, retrained_spec: Path, tmp_path: Path) -> tuple[Release, Release]:
    """The old network alone, and the store that `edgent deploy` makes of it with the new one beside it."""
    old = Release.of(tiny_network, tmp_path / "old")
    both = tmp_path / "both"
    shutil.copytree(old.store, both)
    return old, Release.of(Network.open(read_spec(retrained_spec), tmp_path / "cache"), both)


def test_edges_first_then_devices(
    releases: tuple[Release, Release], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request of a device is answered by another network than its own, and none goes without its edge."""
    old, new = releases
    assert np.abs(old.expected - new.expected).max() > 1e-3
    cache, question = tmp_path / "cache", question_to(old.network)
    with contextlib.ExitStack() as held:
        edges: dict[str, TorchServe] = {}
        for name in ("edge1", "edge2"):
            edges[name] = held.enter_context(start_edge(old.store, old.models))
        places = [beside(server, name) for name, server in edges.items()]
        proxy = held.enter_context(running_proxy(tmp_path, places, [question]))
        monkeypatch.setenv("SSL_CERT_FILE", str(proxy.folder / "ca.pem"))
        first, second = (
            held.enter_context(proxy.device(old.network.spec.file, PLAN, cache)) for _ in range(2)
        )
        updated = held.enter_context(proxy.device(new.network.spec.file, PLAN, cache))
        too_early = updated.infer(IMAGE, latency_requirement_s=REQUIREMENT_S)
        assert too_early.edge_error is not None  # no edge has its version, and none of another one is asked
        np.testing.assert_allclose(too_early.logits, new.expected, rtol=0, atol=1e-5)

        with Traffic(IMAGE).of([first, second], [old.expected] * 2) as traffic:
            for name, server in edges.items():
                proxy.wait_for(name, "UP")
                proxy.command(f"set server edges/{name} state drain")
                traffic.more(10)
                server.stop()
                held.enter_context(start_edge(new.store, new.models, server.addresses))
                proxy.command(f"set server edges/{name} state ready")
                proxy.wait_for(name, "UP")
                traffic.more(20)
        assert (traffic.alone, traffic.wrong) == ([], 0)

        later = held.enter_context(proxy.device(new.network.spec.file, PLAN, cache))
        with Traffic(IMAGE).of([later, second], [new.expected, old.expected]) as traffic:
            traffic.more(100)
        assert (traffic.alone, traffic.wrong) == ([], 0)
