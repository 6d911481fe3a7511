"""CostTable as arrays: times, bytes, dominance, and what is refused."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.errors import PlanError
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import CodecCosts, ExitCosts, NetworkCosts
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.table_building import build_cost_table


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_parts_add_up_to_the_latency(
    data: st.DataObject, random_networks: st.SearchStrategy[Any], links: st.SearchStrategy[Link]
) -> None:
    """The table of parts and the array agree on every candidate, dead link or not."""
    candidates, link = data.draw(random_networks).candidates, data.draw(links)
    latency = candidates.latency_s(link)
    totals = [candidates.parts(link, k).total_s for k in range(len(candidates))]
    assert not np.isnan(latency).any()
    dead = link.upload_bps == 0 or link.download_bps == 0
    gets_through = ~candidates.remote | (not dead)
    np.testing.assert_array_equal(latency[gets_through], np.array(totals)[gets_through])
    assert np.isinf(latency[~gets_through]).all()


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_required_bandwidth_is_the_border_of_in_time(
    data: st.DataObject, random_networks: st.SearchStrategy[Any], requirements: st.SearchStrategy[float]
) -> None:
    """A little more bandwidth is in time, a little less is late."""
    candidates, budget = data.draw(random_networks).candidates, data.draw(requirements)
    ratio = data.draw(st.sampled_from([0.5, 1.0, 4.0]))
    round_trip_s = data.draw(st.sampled_from([0.0, 1 / 64]))
    required = candidates.required_bandwidth_bps(budget, round_trip_s, ratio)
    for k, bandwidth in enumerate(required):
        if math.isinf(bandwidth):
            fast = Link(round_trip_s, 1e12, 1e12)
            assert candidates.latency_s(fast)[k] >= budget
        elif bandwidth == 0:
            assert (
                candidates.latency_s(Link(round_trip_s, 0.0 if not candidates.remote[k] else 1e-9, 1e-9))[k]
                <= budget
            )
        else:
            more, less = bandwidth * (1 + 1e-9), bandwidth * (1 - 1e-9)
            assert candidates.latency_s(Link(round_trip_s, more, more * ratio))[k] <= budget
            assert candidates.latency_s(Link(round_trip_s, less, less * ratio))[k] >= budget


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_dominated_candidate_never_wins(
    data: st.DataObject, random_networks: st.SearchStrategy[Any], links: st.SearchStrategy[Link]
) -> None:
    """Its dominators are at least as fast and as accurate on every link, and dominance has no circles."""
    candidates, link = data.draw(random_networks).candidates, data.draw(links)
    latency = candidates.latency_s(link)
    for k in range(len(candidates)):
        dominators = candidates.dominated_by(k)
        for j in dominators:
            assert latency[j] <= latency[k]
            assert candidates.accuracy[j] >= candidates.accuracy[k]
            assert k not in candidates.dominated_by(j)


def test_inner_cuts_are_dominated_by_edge_only(branchy: CostTable) -> None:
    """With the edge faster on every layer, cutting inside downloads more and computes longer."""
    k = branchy.index_of(Plan("exit1", 1))
    assert Plan("exit1", 3) in {branchy.plans[j] for j in branchy.dominated_by(k)}
    assert branchy.dominated_by(branchy.index_of(Plan("exit2", 3))) == []
    assert branchy.dominated_by(branchy.index_of(Plan("exit2", 0))) == []


def test_http_is_counted_where_something_travels(branchy: CostTable) -> None:
    """Overhead bytes belong to requests and answers; a device-only plan has neither."""
    k = branchy.index_of(Plan("exit1", 2, codec_down="uint8"))
    assert (branchy.upload_bytes[k], branchy.download_bytes[k]) == (3096 + 150, 400 + 100)
    k = branchy.index_of(Plan("exit1", 0))
    assert (branchy.upload_bytes[k], branchy.download_bytes[k]) == (0, 0)


def test_a_lossy_codec_counts_as_the_exit_that_its_accuracy_is_worth() -> None:
    """uint8 at exit 2 keeps more than exit 1 has; jpeg does not, and with both lost there is no candidate."""
    exits = [
        ExitCosts(name, accuracy, np.zeros(3), np.zeros(3), codecs)
        for codecs in [{"float32": CodecCosts(8), "uint8": CodecCosts(2, lossless=False)}]
        for name, accuracy in [
            ("exit1", {("raw", "float32"): 0.75}),
            ("exit2", {("raw", "float32"): 0.8, ("raw", "uint8"): 0.79, ("jpeg", "float32"): 0.75}),
        ]
    ]
    candidates = build_cost_table(
        NetworkCosts(tuple(exits), {"raw": CodecCosts(9), "jpeg": CodecCosts(3, lossless=False)})
    )
    depth = {str(plan): int(depth) for plan, depth in zip(candidates.plans, candidates.depth, strict=True)}
    assert depth == {
        "exit1:p0": 0,
        "exit1:p1": 0,
        "exit1:p2": 0,
        "exit2:p0": 1,
        "exit2:p1": 1,
        "exit2:p1:uint8": 1,
        "exit2:p1:jpeg:float32": 0,
        "exit2:p2": 1,
        "exit2:p2:jpeg:float32": 0,
    }


def test_a_deeper_exit_that_is_less_accurate_counts_as_the_shallower_one() -> None:
    """Wherever that lies; one that is exactly as accurate stays the deeper one."""
    accuracies = {"exit1": 0.7, "exit2": 0.5, "exit3": 0.61, "exit4": 0.7}
    exits = [
        ExitCosts(name, {("raw", "float32"): accuracy}, np.zeros(2), np.zeros(2), {"float32": CodecCosts(8)})
        for name, accuracy in accuracies.items()
    ]
    table = build_cost_table(NetworkCosts(tuple(exits), {"raw": CodecCosts(9)}))
    depth = {str(plan): int(depth) for plan, depth in zip(table.plans, table.depth, strict=True)}
    assert depth == {
        f"exit{number}:p{point}": 3 if number == 4 else 0 for number in range(1, 5) for point in (0, 1)
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exit9:p1", "no exit 'exit9'; exits are exit1, exit2"),
        ("exit1:p4", "partition points of exit1 go from 0 to 3"),
        ("exit1:p1:jpeg:uint8", "at this partition point there are exit1:p1, exit1:p1:uint8, exit1:p1:webp"),
        ("exit1:p3:uint8", "at this partition point there are exit1:p3, exit1:p3:webp:float32"),
    ],
)
def test_an_unknown_plan_is_told_what_there_is(branchy: CostTable, text: str, message: str) -> None:
    """Wrong exit, point or codec: each lists the choices."""
    with pytest.raises(PlanError, match=message):
        branchy.index_of(Plan.parse(text))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"head_s": np.array([0.0])}, r"exit exit1: head_s has shape \(1,\)"),
        ({"tail_s": np.zeros(4)}, r"exit exit1: tail_s has shape \(4,\); expected \(3,\)"),
        ({"tail_s": np.array([0.0, math.nan, 0.0])}, "tail_s has values that are negative or not finite"),
        ({"accuracy": {("raw", "float32"): 75.0}}, "accuracy under .* is 75.0; expected 0 to 1"),
        ({"accuracy": {}}, "accuracy of 'raw', 'float32'"),
        ({"accuracy": {("raw", "float32"): math.nan}}, "accuracy under .* is nan; expected 0 to 1"),
        (
            {"accuracy": {("raw", "float32"): 0.5, ("raw", "uint8"): np.array([0.5, 0.5])}},
            r"accuracy under .* has shape \(2,\); expected \(3,\), or one",
        ),
        (
            {"activation_codecs": {"float32": CodecCosts([1, 2])}},
            r"activation codec float32: size_bytes has shape",
        ),
    ],
)
def test_costs_that_cannot_be_planned_from_are_refused(changes: dict[str, Any], message: str) -> None:
    """The message names the exit and the field."""
    costs = ExitCosts(
        "exit1", {("raw", "float32"): 0.5}, np.zeros(3), np.zeros(3), {"float32": CodecCosts([0, 8, 4])}
    )
    with pytest.raises(PlanError, match=message):
        build_cost_table(NetworkCosts((dataclasses.replace(costs, **changes),), {"raw": CodecCosts(9)}))


def test_a_network_without_exits_or_raw_input_is_refused() -> None:
    """There is nothing to plan from."""
    with pytest.raises(PlanError, match="no exits"):
        build_cost_table(NetworkCosts((), {"raw": CodecCosts(9)}))
    with pytest.raises(PlanError, match="'raw' must be among them"):
        build_cost_table(
            NetworkCosts(
                (
                    ExitCosts(
                        "e", {("raw", "float32"): 0.5}, np.zeros(2), np.zeros(2), {"float32": CodecCosts(1)}
                    ),
                ),
                {},
            ),
        )


def test_a_table_with_other_seconds_is_as_one_made_of_them(branchy: CostTable) -> None:
    """What it takes over from the table before does not follow from seconds."""
    timed = branchy.timed(3.0 * branchy.seconds, None)
    anew = dataclasses.replace(branchy, seconds=3.0 * branchy.seconds)
    link = Link(0.001, 1e6, 2e6)
    assert timed.latency_s(link).tolist() == anew.latency_s(link).tolist()
    assert timed.device_only == anew.device_only
    assert timed.after_arrival_s.tolist() == anew.after_arrival_s.tolist()
