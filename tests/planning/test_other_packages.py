"""A policy and a forecast of another package: one file and one entry each."""

from pathlib import Path

import pytest

from edgent.bandwidth.forecasts import FORECASTS
from edgent.planning.policies.registry import POLICIES
from edgent.replay.conditions import Conditions
from edgent.replay.contenders import contender
from edgent.replay.simulator import replay
from edgent.spec import read_spec

ENTRY_POINTS = """\
[edgent.policies]
always-local = made_up_planning:ALWAYS_LOCAL
[edgent.forecasts]
gloomy = made_up_planning:Gloomy
"""
MODULE = """\
from dataclasses import dataclass
import numpy as np
from edgent.bandwidth.last_value import LastValueForecast
from edgent.planning.policies.policy import decision_at
from edgent.planning.policies.registry import PolicyEntry

@dataclass(frozen=True)
class AlwaysLocal:
    def decide(self, table, situation):
        return decision_at(table, situation, int(np.flatnonzero(~table.remote)[0]), "needs no edge")

class Gloomy(LastValueForecast):
    def __init__(self, prior):
        super().__init__()

    def update(self, bandwidth_bps, weight=1.0):
        super().update(bandwidth_bps / 1000, weight)

ALWAYS_LOCAL = PolicyEntry("the shallowest local exit", lambda setting: AlwaysLocal())
"""
SPEC = """\
version: 1
name: tiny
model: {file: network.onnx}
input: {shape: [3, 8, 8], labels: [a, b]}
exits: [{name: exit1}]
bandwidth: {environment: dynamic, policy: always-local, forecast: gloomy}
"""


@pytest.fixture
def made_up_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package, as far as Python can tell."""
    package = tmp_path / "made_up_planning-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up-planning\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(ENTRY_POINTS)
    (tmp_path / "made_up_planning.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    for registry in (POLICIES, FORECASTS):
        monkeypatch.setattr(registry, "_items", dict(registry._items))


@pytest.mark.usefixtures("made_up_package")
def test_a_policy_and_a_forecast_of_another_package(
    conditions: Conditions, trace: object, tmp_path: Path
) -> None:
    """A spec may name them, and a replay runs them."""
    (tmp_path / "tiny.yaml").write_text(SPEC)
    spec = read_spec(tmp_path / "tiny.yaml")
    assert (spec.bandwidth.policy, spec.bandwidth.forecast) == ("always-local", "gloomy")
    made_trace = trace(1e6, 1e6, 1e6)  # type: ignore[operator]
    local = replay(made_trace, contender("always-local", conditions), conditions)
    assert set(local.candidate.tolist()) == {0}
    hopeful = replay(made_trace, contender("expected", conditions), conditions)
    gloomy = replay(made_trace, contender("expected", conditions, forecast="gloomy"), conditions)
    assert conditions.table.remote[hopeful.candidate].all()
    assert not conditions.table.remote[gloomy.candidate].any()
