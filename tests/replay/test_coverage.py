"""Predictions of lateness against what happened, by hand and on made-up links."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from edgent.bandwidth.generator import demo_traces
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.traces import BandwidthTrace
from edgent.replay.conditions import Conditions
from edgent.replay.contenders import contender
from edgent.replay.coverage import Coverage, coverage, summed
from edgent.replay.simulator import replay

MakeTrace = Callable[..., BandwidthTrace]


def test_predictions_are_sorted_into_tenths() -> None:
    """0 and 1 among them; tenths without any are no numbers."""
    one = Coverage.of(np.array([0.0, 0.05, 0.25, 0.99, 1.0]), np.array([False, True, True, True, False]))
    assert one.count.tolist() == [2, 0, 1, 0, 0, 0, 0, 0, 0, 2]
    assert one.late.tolist() == [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert one.predicted_share[[0, 2, 9]] == pytest.approx([0.025, 0.25, 0.995])
    assert one.late_share[[0, 2, 9]] == pytest.approx([0.5, 1.0, 0.5])
    assert np.isnan(one.late_share[1])
    assert (one + one).count.tolist() == (2 * one.count).tolist()


def test_certain_predictions_on_a_link_that_jumps(trace: MakeTrace, conditions: Conditions) -> None:
    """The last value without spread is sure: right on what stays, wrong where it jumps down.

    Three of four plans that need the edge are in time at 1 Mbit/s, none at 0.1 Mbit/s.
    """
    made = coverage(
        trace(1e6, 1e6, 1e5, 1e5),
        lambda: LastValueForecast(spread=0.0, memory=0),
        conditions,
        [np.array([0, 0, 0])],
    )
    assert conditions.table.remote.sum() == 4
    assert made[0].count.tolist() == [6, *[0] * 8, 6]
    assert made[0].late.tolist() == [3, *[0] * 8, 6]
    assert not conditions.table.remote[0]
    assert made[1].count.sum() == 0  # that policy asked nobody


def test_the_chosen_are_those_of_the_replay(conditions: Conditions) -> None:
    """As many as the policy asked the edge, and as many late as the replay has."""
    pair = [replace(one, download_bps=2 * one.bandwidth_bps) for one in demo_traces(count=3, samples=60)]
    policy = contender("chance", conditions, forecast="conformal")
    replays = [replay(one, policy, conditions) for one in pair]
    _, chosen = summed(
        coverage(one, policy.new_forecast, conditions, [made.candidate])
        for one, made in zip(pair, replays, strict=True)
    )
    assert chosen.count.sum() == sum(conditions.table.remote[made.candidate].sum() for made in replays)
    assert chosen.late.sum() == sum(made.late.sum() for made in replays)


def test_conformal_predictions_come_true_more_often_than_others(conditions: Conditions) -> None:
    """On links with outages, 300 samples each: less far off on average than the moving average's."""
    off = {}
    for name in ("conformal", "moving-average"):
        policy = contender("expected", conditions, forecast=name)
        [made] = summed(
            coverage(one, policy.new_forecast, conditions) for one in demo_traces(count=10, samples=300)
        )
        off[name] = np.abs(made.late - made.expected).sum() / made.count.sum()
    assert off["conformal"] < 0.75 * off["moving-average"]
