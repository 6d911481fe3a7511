"""What all tests share: Hypothesis' settings, small networks, one TorchServe for all that can share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from edgent.core.codecs import CODECS
from edgent.network import Network
from edgent.spec import read_spec
from tests import networks
from tests.scheduling import ByServer, sort_files

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from edgent.core.codecs.codec_registry import CodecRegistry

RESIZING_SPEC = """\
version: 1
name: resizing
model: {file: network.onnx}
input: {shape: [3, 16, 16], labels: [a, b, c, d, e, f, g, h, i, j]}
exits:
  - {name: exit1, accuracy: 0.7}
  - {name: exit2, accuracy: 0.8}
  - {name: exit3, accuracy: 0.9}
"""

pytest_plugins = [
    f"tests.{name}_fixtures"
    for name in ("browser", "command", "package", "planner", "profile", "replay", "runtime", "torchserve")
]

# The same examples every time and no clock: what fails here fails everywhere.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("full", settings.get_profile("repeatable"), max_examples=500)  # make test-all
settings.load_profile("repeatable")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByServer:
    """See tests/scheduling.py; xdist's own groups are not seen under pytest 9.2."""
    return ByServer(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests, see tests/scheduling.py; one takes them as they lie."""
    if hasattr(config, "workerinput"):
        sort_files(items)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what is fast: everything that has no other tier."""
    if not {mark.name for mark in item.iter_markers()} & {"slow", "torchserve", "root", "full", "timing"}:
        item.add_marker(pytest.mark.fast)


@pytest.fixture(scope="session", name="networks")
def networks_module() -> ModuleType:
    """The module ``networks.py`` beside this file: builders of small two-exit networks."""
    return networks


@pytest.fixture(scope="session")
def chain_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ONNX file of a chain with two exits, input uint8 3x8x8."""
    return networks.chain(tmp_path_factory.mktemp("chain") / "network.onnx")


@pytest.fixture(scope="session")
def residual_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ONNX file of a residual network with two exits, input uint8 3x8x8."""
    return networks.residual(tmp_path_factory.mktemp("residual") / "network.onnx")


@pytest.fixture(scope="session")
def resizing_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Three exits, of which the second shares nothing but the input and the weights with the others."""
    folder = tmp_path_factory.mktemp("resizing")
    networks.resizing(folder / "network.onnx")
    (folder / "resizing.yaml").write_text(RESIZING_SPEC, encoding="utf-8")
    return Network.open(read_spec(folder / "resizing.yaml"), folder / "cache")


@pytest.fixture
def codecs(monkeypatch: pytest.MonkeyPatch) -> CodecRegistry:
    """The process's codecs; what a test adds to them goes with the test."""
    for attribute in ("_items", "_added", "by_number"):
        monkeypatch.setattr(CODECS, attribute, getattr(CODECS, attribute).copy())
    return CODECS
