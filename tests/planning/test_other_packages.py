"""A policy and a forecast of another package: one file and one entry each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.bandwidth.forecasts import FORECASTS
from edgent.planning.policies.registry import POLICIES
from edgent.replay.contenders import contender
from edgent.replay.simulator import replay
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edgent.bandwidth.traces import BandwidthTrace
    from edgent.replay.conditions import Conditions
    from tests.package_fixtures import MadeUpPackage

    MakeTrace = Callable[..., BandwidthTrace]

POLICY = """
from dataclasses import dataclass
import numpy as np
from edgent.planning.policies.policy import decision_at
from edgent.planning.policies.registry import PolicyEntry

@dataclass(frozen=True)
class AlwaysLocal:
    def decide(self, table, situation):
        return decision_at(table, situation, int(np.flatnonzero(~table.remote)[0]), "needs no edge")

ALWAYS_LOCAL = PolicyEntry("the shallowest local exit", lambda setting: AlwaysLocal())
"""
FORECAST = """
from edgent.bandwidth.last_value import LastValueForecast

class Gloomy(LastValueForecast):
    def __init__(self, prior):
        super().__init__()

    def update(self, bandwidth_bps, weight=1.0):
        super().update(bandwidth_bps / 1000, weight)
"""
SPEC = """\
version: 1
name: tiny
model: {{file: network.onnx}}
input: {{shape: [3, 8, 8], labels: [a, b]}}
exits: [{{name: exit1}}]
bandwidth: {{environment: dynamic, {bandwidth}}}
"""


def test_a_policy_of_another_package(
    conditions: Conditions, trace: MakeTrace, made_up_package: MadeUpPackage, tmp_path: Path
) -> None:
    """A spec may name it, and a replay runs it."""
    made_up_package(POLICIES, "always-local = made_up:ALWAYS_LOCAL", POLICY)
    (tmp_path / "tiny.yaml").write_text(SPEC.format(bandwidth="policy: always-local"))
    assert read_spec(tmp_path / "tiny.yaml").bandwidth.policy == "always-local"
    local = replay(trace(1e6, 1e6, 1e6), contender("always-local", conditions), conditions)
    assert set(local.candidate.tolist()) == {0}


def test_a_forecast_of_another_package(
    conditions: Conditions, trace: MakeTrace, made_up_package: MadeUpPackage, tmp_path: Path
) -> None:
    """It sees a thousandth of the bandwidth, and every plan on it stays on the device."""
    made_up_package(FORECASTS, "gloomy = made_up:Gloomy", FORECAST)
    (tmp_path / "tiny.yaml").write_text(SPEC.format(bandwidth="forecast: gloomy"))
    assert read_spec(tmp_path / "tiny.yaml").bandwidth.forecast == "gloomy"
    made_trace = trace(1e6, 1e6, 1e6)
    hopeful = replay(made_trace, contender("expected", conditions), conditions)
    gloomy = replay(made_trace, contender("expected", conditions, forecast="gloomy"), conditions)
    assert conditions.table.remote[hopeful.candidate].all()
    assert not conditions.table.remote[gloomy.candidate].any()
