"""What tests of accuracy share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.datasets.registry import DATASETS

if TYPE_CHECKING:
    from edgent.datasets.dataset import Split


@pytest.fixture(scope="module")
def digits() -> Split:
    """The held-out digits."""
    return DATASETS["digits"].held_out()
