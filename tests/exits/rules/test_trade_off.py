"""What the steps of a path of thresholds cost and save."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.exits.rules.calibration import PATH
from edgent.exits.rules.trade_off import trade_off

if TYPE_CHECKING:
    from edgent.network import Network

CONFIDENCE = np.array([[0.95, 0.5, 0.2, 0.95], [0.9, 0.9, 0.9, 0.9]])
SCORES = np.array([[True, False, True, False], [True, True, True, True]])


def test_from_hardly_anything_to_everything(tiny_network: Network) -> None:
    """First nothing leaves and nothing is lost, in the end all do, and it is lost what exit 1 gets wrong."""
    paths = tiny_network.graph.paths
    steps = trade_off(CONFIDENCE, SCORES, np.array([True, False]), paths)
    assert steps.leaving.shape == steps.lost.shape == steps.macs.shape == PATH.shape
    assert (steps.leaving[0], steps.lost[0]) == (0.0, 0.0)
    assert (steps.leaving[-1], steps.lost[-1]) == (1.0, 0.5)
    assert (np.diff(steps.leaving) >= 0).all()
    assert steps.macs[-1] == paths[0].macs
    assert steps.macs[0] > paths[1].macs, "whoever goes on has asked exit 1 for nothing"
    at_half = int(np.flatnonzero(PATH < 0.9)[0])
    assert (steps.leaving[at_half], steps.lost[at_half]) == (0.5, 0.25)


def test_nobody_leaves_where_no_exit_is_asked(tiny_network: Network) -> None:
    """All of it is the deepest exit's."""
    paths = tiny_network.graph.paths
    steps = trade_off(CONFIDENCE, SCORES, np.array([False, False]), paths)
    assert not steps.leaving.any()
    assert not steps.lost.any()
    assert steps.macs == pytest.approx(paths[1].macs)
