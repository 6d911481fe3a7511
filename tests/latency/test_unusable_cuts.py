"""Cuts whose tensors are larger than a frame: not measured, not planned, refused by name, and said."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.core.wire import fits_in_a_frame
from edgent.errors import PlanError
from edgent.latency import crossing
from edgent.latency.costs import network_costs
from edgent.latency.unusable_codecs import unusable_codecs
from edgent.latency.unusable_cuts import unusable_cuts
from edgent.network import Network
from edgent.plan_check import check_plan
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table
from edgent.spec import read_spec
from tests.torchserve_fixtures import write_tiny_spec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edgent.latency.profile import NodeProfile
    from edgent.planning.cost_table import CostTable

ACCURACIES = {name: {("raw", "float32"): 0.7, ("raw", "uint8"): 0.6} for name in ("exit1", "exit2")}


@pytest.fixture
def chain(chain_network: Path, tmp_path: Path) -> Network:
    """The chain, whose first two cuts take 1,024 bytes and whose input takes 768 on its way."""
    return Network.open(read_spec(write_tiny_spec(tmp_path / "chain", chain_network)), tmp_path)


def _table(chain: Network, profile_in_haste: Callable[..., NodeProfile]) -> CostTable:
    samples = np.random.default_rng(0).integers(0, 256, (2, 3, 8, 8), np.uint8)
    device, edge = (profile_in_haste(chain, node, samples) for node in ("device", "edge"))
    return build_cost_table(network_costs(chain, device, edge, ACCURACIES))


def _at_most(monkeypatch: pytest.MonkeyPatch, size_bytes: int) -> None:
    """Let a frame hold no more than this."""
    monkeypatch.setattr(
        crossing, "fits_in_a_frame", partial(fits_in_a_frame, largest_tensor_bytes=size_bytes)
    )


def test_large_activations(
    chain: Network, profile_in_haste: Callable[..., NodeProfile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every other cut is planned, and codecs are not blamed."""
    assert not list(unusable_cuts(chain.graph))
    _at_most(monkeypatch, 1000)
    plans = _table(chain, profile_in_haste).plans
    assert {plan.stop for plan in plans if plan.exit == "exit1"} == {0, 3, 4, 5, 6}
    said = list(unusable_cuts(chain.graph))
    assert [line.partition(":")[0] for line in said] == [
        "no plan cuts exit1, exit2 at partition point 1",
        "no plan cuts exit1, exit2 at partition point 2",
    ]
    assert "float32 of shape [4, 8, 8], is more than the" in said[0]
    assert not list(unusable_codecs(chain, ACCURACIES))
    with pytest.raises(PlanError, match=r"exit1:p1: the activation .*more than .*: cut elsewhere"):
        check_plan(chain, Plan("exit1", 1))
    check_plan(chain, Plan("exit1", 3))


def test_a_large_input(
    chain: Network, profile_in_haste: Callable[..., NodeProfile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The device answers alone."""
    _at_most(monkeypatch, 700)
    plans = _table(chain, profile_in_haste).plans
    assert plans == (Plan("exit1", 0), Plan("exit2", 0))
    [said] = unusable_cuts(chain.graph)
    assert said.startswith("every plan is device-only: the input, uint8 of shape [3, 8, 8], is more than")
    with pytest.raises(PlanError, match=r"exit2:p4: the input .*more than"):
        check_plan(chain, Plan("exit2", 4))
