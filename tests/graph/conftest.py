"""What the tests of the graph share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["chain_network", "residual_network"])
def either_network(request: pytest.FixtureRequest) -> Path:
    """A chain and a residual network in turn."""
    path: Path = request.getfixturevalue(request.param)
    return path
