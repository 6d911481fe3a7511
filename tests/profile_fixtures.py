"""A small network with its spec, and profiles of it that were really measured, if only for a moment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.latency.fitting import with_regressors
from edgent.latency.profiling import profile_node
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edgent.latency.profile import NodeProfile

SPEC = """
version: 1
name: chain
model: {{file: {file}}}
input: {{shape: [3, 8, 8], labels: [a, b, c, d, e, f, g, h, i, j]}}
exits:
  - {{name: exit1, accuracy: 0.7}}
  - {{name: exit2, accuracy: 0.8}}
codecs: {{input: [raw, webp], activation: [float32, uint8]}}
"""


@pytest.fixture(scope="session")
def profile_in_haste() -> Iterator[Callable[..., NodeProfile]]:
    """Profiles a node without the pause before each of thousands of runs.

    What is measured in tests need not be what requests meet. Whoever asks for this gets no pauses anywhere.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("edgent.latency.profiling.PAUSE_S", 0.0)
        yield partial(profile_node, budget_s=0.01)


@pytest.fixture(scope="session")
def network(chain_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The chain with two exits of 6 and 8 layers, which share 3; its layers are in tests/networks.py."""
    folder = tmp_path_factory.mktemp("latency")
    (folder / "chain.yaml").write_text(SPEC.format(file=chain_network), encoding="utf-8")
    return Network.open(read_spec(folder / "chain.yaml"), cache=folder / "cache")


@pytest.fixture(scope="session")
def samples() -> np.ndarray:
    """Five images for the chain."""
    return np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8), dtype=np.uint8)


@pytest.fixture(scope="session")
def device(
    network: Network, samples: np.ndarray, profile_in_haste: Callable[..., NodeProfile]
) -> NodeProfile:
    """This machine as the device, with regressors."""
    return with_regressors(profile_in_haste(network, "device", samples), network.graph)


@pytest.fixture(scope="session")
def edge(network: Network, samples: np.ndarray, profile_in_haste: Callable[..., NodeProfile]) -> NodeProfile:
    """This machine as the edge, with regressors."""
    return with_regressors(profile_in_haste(network, "edge", samples), network.graph)
