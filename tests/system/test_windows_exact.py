"""Windows through a real TorchServe, over both interfaces, of pipelines' endpoints and of heads' own.

Some windows of two networks are in `make test`; all of LeNet and many of larger networks in `make test-all`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.studies.windows.equality import Compared, Subject, compare_all
from benchmarks.studies.windows.places import Place, draw, heads, whole_path
from benchmarks.studies.windows.residual_network import write_residual
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.network import Network
from edgent.spec import read_spec
from tests.torchserve_fixtures import ended_at_once, write_tiny_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = [pytest.mark.torchserve, pytest.mark.timeout(1200)]

PIPELINES = Path(__file__).parents[2] / "pipelines"
KINDS = {("HTTP", "own"), ("HTTP", "pipeline"), ("gRPC", "own"), ("gRPC", "pipeline")}


def _subject(network: Network, chosen: Sequence[Place]) -> Subject:
    """Two inputs of noise, which drives every unit."""
    shape = network.spec.input.shape
    return Subject(network, chosen, np.random.default_rng(7).integers(0, 256, (2, *shape), np.uint8))


def _compare(subjects: Sequence[Subject], store: Path) -> list[Compared]:
    """Every window of some networks, asked of a TorchServe of their own."""
    wanted = {whole_path(subject.network).head_name(subject.network) for subject in subjects}
    wanted |= {name for subject in subjects for name in heads(subject.network, subject.chosen)}
    every = plan_archives([subject.network for subject in subjects], warm=())
    models = build_store(store, [archive for archive in every if archive.name in wanted])
    with TorchServe(store, models) as server, ended_at_once(server):
        return compare_all(server, subjects, lambda *_: None)


def _check(compared: Sequence[Compared]) -> None:
    """The wire changes nothing, to the bit; a cut next to nothing, whatever onnxruntime makes of it."""
    assert {(one.interface, one.endpoint) for one in compared} == KINDS
    assert [one for one in compared if not one.is_exact] == []
    assert [one for one in compared if not one.is_same_label or one.difference > 1e-5] == []


def test_windows_of_two_networks(residual_network: Path, tmp_path: Path) -> None:
    """Every inner window of a small residual network and some of LeNet, and two heads of each."""
    specs = (write_tiny_spec(tmp_path, residual_network, "small"), PIPELINES / "lenet.yaml")
    subjects = []
    for spec, most in zip(specs, (100, 25), strict=True):
        network = Network.open(read_spec(spec), tmp_path / "cache")
        inner = [place for place in draw(network, most) if not place.is_head]
        path = network.graph.paths[-1]
        subjects.append(_subject(network, [*inner, Place(path, 0, 2), Place(path, 0, len(path.layers))]))
    _check(_compare(subjects, tmp_path / "store"))


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "most"), [("lenet", 10_000), ("alexnet", 200), ("flowers", 60), ("residual", 60)]
)
def test_many_windows(name: str, most: int, tmp_path: Path) -> None:
    """All of LeNet, and random ones of three larger networks."""
    spec = write_residual(tmp_path) if name == "residual" else PIPELINES / f"{name}.yaml"
    network = Network.open(read_spec(spec), tmp_path / "cache")
    _check(_compare([_subject(network, draw(network, most))], tmp_path / "store"))
