"""What is believed of edges and their links is told to those who look on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from device_runtime.edges.edge_belief import BandwidthBelief, EdgeBelief
from device_runtime.link.link import LinkMeter, Observation
from device_runtime.link.link_tracking import MovingLink, SteadyLink
from edgent.bandwidth.conformal import ConformalForecast
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.planning.link import Link
from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.bandwidth.forecast import Forecast

LINK = Link(0.02, 1e6, 4e6)


@pytest.mark.parametrize("make", [MovingAverageForecast, ConformalForecast, LastValueForecast])
def test_four_of_five_transfers_are_in_the_band(make: Callable[[], Forecast]) -> None:
    """As the forecast has it; the mean lies between."""
    forecast = make()
    for bandwidth_bps in 1e6 * np.exp(0.3 * np.random.default_rng(1).standard_normal(200)):
        forecast.update(bandwidth_bps)
    belief = BandwidthBelief.of(forecast)

    assert forecast.cdf([belief.low_bps, belief.high_bps]) == pytest.approx([0.1, 0.9], abs=0.03)
    assert belief.low_bps < belief.mean_bps < belief.high_bps


def test_a_steady_link_has_no_band() -> None:
    """It is taken to stay as it was measured."""
    belief = SteadyLink(LinkMeter(LINK)).belief

    assert belief.upload == BandwidthBelief(1e6, 1e6, 1e6)
    assert belief.download == BandwidthBelief(4e6, 4e6, 4e6)
    assert belief.round_trip_s == pytest.approx(0.02, rel=0.2)


def test_a_moving_link_has_what_its_forecasts_say() -> None:
    """Each direction its own, after every measurement."""
    tracker = MovingLink(LinkMeter(LINK), MovingAverageForecast(), MovingAverageForecast())
    before = tracker.belief
    for _ in range(20):
        tracker.follow(Observation(2e6, 1.0), Observation(4e6, 1.0))

    assert before.upload.mean_bps == pytest.approx(1e6)
    assert tracker.belief.upload.mean_bps == pytest.approx(2e6, rel=0.01)
    assert tracker.belief.download == BandwidthBelief.of(tracker.download_forecast)


def test_the_runtime_tells_of_every_edge(scene: Callable[..., Any]) -> None:
    """Its name, whether it is left alone, and its link where that is measured."""
    made = scene(Plan("exit2", 3))
    assert made.runtime.edge_beliefs() == (EdgeBelief("here", None, None),)

    link = SteadyLink(LinkMeter(LINK))
    made.edge.tracker, made.edge.absence = SimpleNamespace(belief=link.belief), "it is gone"
    assert made.runtime.edge_beliefs() == (EdgeBelief("here", "it is gone", link.belief),)
