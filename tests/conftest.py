"""What all tests share: Hypothesis' settings, small networks, and a real TorchServe."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from types import ModuleType

# Tests are plain folders, not packages: what they share is imported from here.
sys.path.insert(0, str(Path(__file__).parent))
pytest_plugins = [
    "planner_fixtures",
    "profile_fixtures",
    "replay_fixtures",
    "runtime_fixtures",
    "torchserve_fixtures",
]

# The same examples every time and no clock: what fails here fails everywhere.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def networks() -> ModuleType:
    """The module ``networks.py`` beside this file: builders of small two-exit networks."""
    return importlib.import_module("networks")


@pytest.fixture(scope="session")
def chain_network(networks: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ONNX file of a chain with two exits, input uint8 3x8x8."""
    path: Path = networks.chain(tmp_path_factory.mktemp("chain") / "network.onnx")
    return path


@pytest.fixture(scope="session")
def residual_network(networks: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ONNX file of a residual network with two exits, input uint8 3x8x8."""
    path: Path = networks.residual(tmp_path_factory.mktemp("residual") / "network.onnx")
    return path
