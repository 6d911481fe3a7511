"""Networks with profiles, and traces, to run commands on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.bandwidth.generator import demo_traces
from edgent.bandwidth.trace_writing import trace_text
from edgent.network import Network
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.latency.places import Node
    from edgent.latency.profile import NodeProfile

PIPELINES = Path(__file__).parents[2] / "pipelines"
NODES: tuple[Node, ...] = ("device", "edge")
PROFILED_SPEC = """\
version: 1
name: tiny
model: {file: network.onnx}
input: {shape: [3, 8, 8], labels: [a, b, c, d, e, f, g, h, i, j]}
exits:
  - {name: exit1, accuracy: 0.7}
  - {name: exit2, accuracy: 0.8}
latency_requirement_ms: 20
regressors: {device: device.yaml, edge: edge.yaml}
"""


@pytest.fixture
def lenet(tmp_path: Path) -> Path:
    """A copy of the shipped LeNet's spec, with its files."""
    shutil.copytree(PIPELINES / "lenet", tmp_path / "lenet")
    return Path(shutil.copy(PIPELINES / "lenet.yaml", tmp_path))


@pytest.fixture(scope="session")
def profiled_folder(
    chain_network: Path,
    profile_in_haste: Callable[..., NodeProfile],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The chain with its spec and with profiles that were really measured, if only for a moment."""
    folder = tmp_path_factory.mktemp("profiled")
    shutil.copy(chain_network, folder / "network.onnx")
    (folder / "tiny.yaml").write_text(PROFILED_SPEC, encoding="utf-8")
    network = Network.open(read_spec(folder / "tiny.yaml"), tmp_path_factory.mktemp("cache"))
    samples = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8), dtype=np.uint8)
    for node in NODES:
        profile_in_haste(network, node, samples).write(folder / f"{node}.yaml")
    return folder


@pytest.fixture
def profiled(profiled_folder: Path, tmp_path: Path) -> Path:
    """Spec file of a profiled network, named ``tiny``, in a folder that a test may change."""
    shutil.copytree(profiled_folder, tmp_path / "profiled")
    return tmp_path / "profiled" / "tiny.yaml"


@pytest.fixture(scope="session")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of five demo traces of 40 seconds."""
    folder = tmp_path_factory.mktemp("some") / "traces"
    folder.mkdir()
    for number, trace in enumerate(demo_traces(5, samples=40)):
        (folder / f"trace{number}.txt").write_text(trace_text(trace), encoding="utf-8")
    return folder
