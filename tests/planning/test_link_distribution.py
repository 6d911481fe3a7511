"""Both directions together, against every pair of bandwidths."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.planning.cost_table import CostTable
from edgent.planning.link import Link
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.situation import Situation


def _situation(forecast: Any, download_forecast: Any = None, ratio: float = 1.0) -> Situation:
    link = Link(1 / 64, 1e6, 1e6)
    return Situation(link, 1.0, forecast, download_ratio=ratio, download_forecast=download_forecast)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_chances_are_the_share_of_pairs_that_are_in_time(
    data: st.DataObject,
    random_networks: st.SearchStrategy[Any],
    requirements: st.SearchStrategy[float],
    log_uniform: type[Any],
) -> None:
    """Within 4 in 100, for links of any asymmetry and budgets that differ by plan."""
    table = data.draw(random_networks).candidates
    up, down = (log_uniform(data.draw(st.floats(1e4, 1e7))) for _ in range(2))
    budget_s = data.draw(requirements) * np.array([[1.0], [0.5]]) * np.ones(len(table))
    up_bps, down_bps = np.meshgrid(up.samples_bps()[10::20], down.samples_bps()[10::20])
    share = np.zeros(budget_s.shape)
    for k in range(len(table)):
        moving_s = 8 * (table.upload_bytes[k] / up_bps + table.download_bytes[k] / down_bps)
        latency_s = table.fixed_s(1 / 64)[k] + table.remote[k] * moving_s
        share[:, k] = (latency_s <= budget_s[:, k, None, None]).mean(axis=(1, 2))
    in_time = LinkDistribution(_situation(up, down)).in_time(table, budget_s)
    assert in_time == pytest.approx(share, abs=0.04)


def test_a_slow_download_is_seen(branchy: CostTable, log_uniform: type[Any]) -> None:
    """Where answers come down slowly, a plan of large activations is late, one of a whole answer is not."""
    remote = np.flatnonzero(branchy.remote)
    heavy = int(remote[branchy.download_bytes[remote].argmax()])
    light = int(np.flatnonzero(branchy.edge_only)[0])
    slow = LinkDistribution(_situation(log_uniform(1e7), log_uniform(1e5))).in_time(branchy, 0.1)
    quick = LinkDistribution(_situation(log_uniform(1e7), log_uniform(1e7))).in_time(branchy, 0.1)
    assert slow[heavy] < 0.01
    assert slow[light] > 0.99
    assert quick[[heavy, light]].min() > 0.99


@pytest.mark.parametrize("ratio", [0.5, 4.0])
def test_without_a_forecast_the_download_is_a_multiple(
    ratio: float, branchy: CostTable, log_uniform: type[Any]
) -> None:
    """To the bit what one bandwidth gives: the least that a plan needs, asked of the upload."""
    distribution = LinkDistribution(_situation(log_uniform(1e6), ratio=ratio))
    needed_bps = branchy.required_bandwidth_bps(0.05, 1 / 64, ratio)
    assert (distribution.in_time(branchy, 0.05) == distribution.upload.at_least(needed_bps)).all()
    latency_s = branchy.fixed_s(1 / 64) + branchy.bits(ratio) / distribution.upload.quantiles_bps[:, None]
    assert (distribution.latency_s(branchy) == latency_s).all()


def test_both_forecasts_make_the_mean_link(log_uniform: type[Any]) -> None:
    """Each direction at the mean of its own."""
    assert _situation(log_uniform(2e6), log_uniform(5e6)).mean_link == Link(1 / 64, 2e6, 5e6)
    assert _situation(log_uniform(2e6), ratio=4.0).mean_link == Link(1 / 64, 2e6, 8e6)


def test_sixteen_links_of_both_directions_have_the_right_means(
    branchy: CostTable, log_uniform: type[Any]
) -> None:
    """The mean latency is that of both distributions, within 5 %, and the quickest link stands last."""
    up, down = log_uniform(1e6), log_uniform(3e6)
    latency_s = LinkDistribution(_situation(up, down)).latency_s(branchy)
    expected_s = branchy.fixed_s(1 / 64) + 8 * (
        branchy.upload_bytes * (1 / up.samples_bps()).mean()
        + branchy.download_bytes * (1 / down.samples_bps()).mean()
    )
    assert latency_s.mean(axis=0) == pytest.approx(expected_s, rel=0.05)
    assert (latency_s[-1] == latency_s.min(axis=0)).all()


@pytest.mark.parametrize("followed", [False, True])
def test_what_computing_may_take_longer_is_counted_where_the_edge_is_asked(
    followed: bool, branchy: CostTable, log_uniform: type[Any]
) -> None:
    """As if both nodes were so much slower; what the device does alone knows its own spread."""
    forecasts = log_uniform(1e6), log_uniform(1e6) if followed else None
    sure = _situation(*forecasts)
    unsure, slower = replace(sure, compute_spread=1.2), replace(branchy, seconds=1.2 * branchy.seconds)
    for of in (LinkDistribution.in_time, _latency_s):
        expected = np.where(
            branchy.remote, of(LinkDistribution(sure), slower, 0.1), of(LinkDistribution(sure), branchy, 0.1)
        )
        assert of(LinkDistribution(unsure), branchy, 0.1) == pytest.approx(expected)
        assert (expected != of(LinkDistribution(sure), branchy, 0.1)).any()


def _latency_s(distribution: LinkDistribution, table: CostTable, _budget_s: float) -> Any:
    return distribution.latency_s(table)
