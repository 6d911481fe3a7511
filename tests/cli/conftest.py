"""The command ``edgent`` inside the test's own process, and pipelines to run it on."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from torchserve_fixtures import write_tiny_spec

from edgent.bandwidth.generator import demo_traces
from edgent.bandwidth.trace_files import write_trace
from edgent.cli import main
from edgent.latency.profiling import profile_node
from edgent.network import Network
from edgent.spec import read_spec
from edgent.spec.edit import write_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.latency.places import Node

PIPELINES = Path(__file__).parents[2] / "pipelines"


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    output: str
    errors: str


@pytest.fixture
def edgent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs ``edgent`` with arguments; a mistake's traceback would fail the test."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["edgent", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        output, errors = capsys.readouterr()
        return Outcome(int(stopped.value.code or 0), output, errors)

    return run


@pytest.fixture
def lenet(tmp_path: Path) -> Path:
    """A copy of the shipped LeNet's spec, with its files."""
    shutil.copytree(PIPELINES / "lenet", tmp_path / "lenet")
    return Path(shutil.copy(PIPELINES / "lenet.yaml", tmp_path))


@pytest.fixture(scope="session")
def profiled_folder(chain_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the spec of a small network, which names profiles of both nodes."""
    folder = tmp_path_factory.mktemp("profiled")
    spec = write_tiny_spec(folder, chain_network)
    network = Network.open(read_spec(spec), cache=folder / "cache")
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 8, 8), dtype=np.uint8)
    values: dict[tuple[str | int, ...], object] = {("latency_requirement_ms",): 20.0}
    nodes: tuple[Node, ...] = ("device", "edge")
    for node in nodes:
        profile_node(network, node, images, budget_s=0.1).write(folder / f"{node}.yaml")
        values["regressors", node] = f"{node}.yaml"
    for index, accuracy in enumerate((0.6, 0.8)):
        values["exits", index, "accuracy"] = accuracy
    write_values(spec, values)
    return folder


@pytest.fixture
def profiled(profiled_folder: Path, tmp_path: Path) -> Path:
    """That spec, in a folder of its own."""
    copy = tmp_path / "pipeline"
    shutil.copytree(profiled_folder, copy, ignore=shutil.ignore_patterns("cache"))
    return copy / "tiny.yaml"


@pytest.fixture(scope="session")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of five traces of forty samples."""
    folder = tmp_path_factory.mktemp("traces")
    for trace in demo_traces(count=5, samples=40):
        write_trace(trace, folder / f"{trace.name.rpartition('/')[2]}.txt")
    return folder
