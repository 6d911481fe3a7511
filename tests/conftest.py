"""What all tests share: Hypothesis' settings, small networks, one TorchServe for all that can share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import networks

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

pytest_plugins = [
    f"tests.{name}_fixtures" for name in ("command", "planner", "profile", "replay", "torchserve")
]

# The same examples every time and no clock: what fails here fails everywhere.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("full", settings.get_profile("repeatable"), max_examples=500)  # make test-all
settings.load_profile("repeatable")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is fast; what shares a TorchServe runs in one process, so that one is started."""
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        if not marks & {"torchserve", "root", "full", "timing"}:
            item.add_marker(pytest.mark.fast)
        if "torchserve" in marks:
            item.add_marker(pytest.mark.xdist_group(_server_of(item)))


def _server_of(item: pytest.Item) -> str:
    """The TorchServe that a test shares with others: all have ``tiny_edge``, a file has its own."""
    assert isinstance(item, pytest.Function)
    if "tiny_edge" in item.fixturenames:
        return "tiny_edge"
    interface = item.callspec.params.get("edge", "") if hasattr(item, "callspec") else ""
    return f"{item.path.stem} {interface}"


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
