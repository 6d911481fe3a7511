"""Networks that tests share."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="session")
def networks() -> ModuleType:
    """The module ``networks.py`` beside this file: builders of small two-exit networks."""
    spec = importlib.util.spec_from_file_location("networks", Path(__file__).with_name("networks.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
