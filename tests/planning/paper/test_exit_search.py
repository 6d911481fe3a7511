"""Algorithm 1, the paper's and ours, against planners that try everything one by one."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.errors import PlanError
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import ExitCosts
from edgent.planning.link import Link
from edgent.planning.paper.exit_search import exit_search, paper_search
from edgent.planning.plan import Plan


def predict(network: Any, exit_costs: ExitCosts, plan: Plan, link: Link) -> float:
    """The formula of the design for one plan, word by word."""
    p, last = plan.stop, len(exit_costs.head_s) - 1
    if p == 0:
        return float(exit_costs.tail_s[0])
    if link.upload_bps == 0 or link.download_bps == 0:
        return math.inf
    source = network.input_codecs[plan.codec_up]
    activation = exit_costs.activation_codecs[plan.codec_down]

    def at_cut(values: Any) -> float:
        return float(np.broadcast_to(values, last + 1)[p])

    codecs_s = source.encode_s + source.decode_s + at_cut(activation.encode_s) + at_cut(activation.decode_s)
    upload_s = 8 * (source.size_bytes + network.http_upload_bytes) / link.upload_bps
    download_s = 8 * (at_cut(activation.size_bytes) + network.http_download_bytes) / link.download_bps
    compute_s = float(exit_costs.head_s[p] + exit_costs.tail_s[p])
    return float(link.round_trip_s + upload_s + codecs_s + download_s) + compute_s


def every_plan(network: Any, link: Link) -> Iterator[tuple[int, float, float, Plan]]:
    """(depth, accuracy, latency, plan) of every plan that may be chosen."""
    without_loss = [float(exit_costs.accuracy["raw", "float32"]) for exit_costs in network.exits]
    for number, exit_costs in enumerate(network.exits):
        last = len(exit_costs.head_s) - 1
        for p, source, activation in itertools.product(
            range(last + 1), ("raw", "webp", "jpeg"), ("float32", "uint8")
        ):
            plan = Plan(exit_costs.exit, p, source, activation)
            if (plan.codec_up, plan.codec_down) != (source, activation):
                continue  # the same device-only plan again
            if p == last and activation != "float32":
                continue
            pair = ("jpeg" if source == "jpeg" else "raw", activation)
            if p and pair not in exit_costs.accuracy:
                continue
            by_cut = np.broadcast_to(exit_costs.accuracy[pair if p else ("raw", "float32")], last + 1)
            accuracy = float(by_cut[p])
            if math.isnan(accuracy):
                continue
            as_good = [n for n in range(number) if accuracy <= without_loss[n]]
            depth = min(as_good, default=number) if accuracy < max(without_loss[: number + 1]) else number
            yield depth, accuracy, predict(network, exit_costs, plan, link), plan


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_exit_search_agrees_with_brute_force(
    data: st.DataObject,
    random_networks: st.SearchStrategy[Any],
    links: st.SearchStrategy[Link],
    requirements: st.SearchStrategy[float],
) -> None:
    """The plan, its latency and whether it is in time are those that trying every plan finds: 2,000 cases."""
    network = data.draw(random_networks)
    candidates = network.candidates
    situations = data.draw(st.lists(st.tuples(links, requirements), min_size=8, max_size=8))
    for link, requirement in situations:
        plans = list(every_plan(network, link))
        in_time = [row for row in plans if row[2] <= requirement]
        if in_time:
            deepest = max(depth for depth, *_ in in_time)
            plans = [row for row in in_time if row[0] == deepest]
        latency = min(row[2] for row in plans)
        accuracy = max(row[1] for row in plans if row[2] == latency)
        equals = {row[3] for row in plans if row[2] == latency and row[1] == accuracy}

        decision = exit_search(candidates, link, requirement)

        assert decision.plan in equals
        assert decision.latency_s == latency
        assert decision.meets_requirement == bool(in_time)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_paper_search_agrees_with_the_printed_loop(
    data: st.DataObject,
    random_networks: st.SearchStrategy[Any],
    links: st.SearchStrategy[Link],
    requirements: st.SearchStrategy[float],
) -> None:
    """The paper's loop over exits M..1 and its partition points, without edge-only and codecs, or NULL."""
    network, link, requirement = data.draw(random_networks), data.draw(links), data.draw(requirements)
    expected = None
    for exit_costs in reversed(network.exits):
        plans = [Plan(exit_costs.exit, p) for p in range(len(exit_costs.head_s) - 1)]
        latency = {plan: predict(network, exit_costs, plan, link) for plan in plans}
        best = min(plans, key=latency.__getitem__)
        if latency[best] <= requirement:
            expected = best
            break

    decision = paper_search(network.candidates, link, requirement)

    assert (decision.plan if decision else None) == expected


def test_the_candidates_are_all_plans_and_nothing_else(branchy: CostTable) -> None:
    """Per exit: one device-only, two cuts of two by two codecs, edge-only with two input codecs."""
    assert len(branchy) == len(set(branchy.plans)) == 2 * (1 + 2 * 4 + 2)
    assert branchy.edge_only.sum() == 4


def test_unready_heads_are_passed_over(branchy: CostTable) -> None:
    """With only the device ready, the device's own deepest exit in time is chosen."""
    link = Link(0.001, 1e8, 1e8)
    assert exit_search(branchy, link, 0.02).plan.exit == "exit2"
    decision = exit_search(branchy, link, 0.02, ready=~branchy.remote)
    assert decision.plan == Plan("exit1", 0)
    assert decision.meets_requirement


def test_nothing_in_time_gives_the_fastest_marked(branchy: CostTable) -> None:
    """A requirement below anything possible is answered by the fastest, marked; the paper's is NULL."""
    link = Link(0.05, 1e6, 1e6)
    decision = exit_search(branchy, link, 0.001)
    assert decision.plan == Plan("exit1", 0)
    assert not decision.meets_requirement
    assert paper_search(branchy, link, 0.001) is None


@pytest.mark.parametrize("requirement", [0.0, -1.0, math.inf, math.nan])
def test_a_requirement_that_is_no_positive_number_is_refused(branchy: CostTable, requirement: float) -> None:
    """The message says what was given."""
    with pytest.raises(PlanError, match=r"latency requirement .* positive"):
        exit_search(branchy, Link(0.0, 1.0, 1.0), requirement)


def test_a_mask_that_leaves_nothing_is_refused(branchy: CostTable) -> None:
    """An empty or misshapen mask is a mistake of the caller, told as one."""
    with pytest.raises(PlanError, match="no plan is ready"):
        exit_search(branchy, Link(0.0, 1.0, 1.0), 1.0, ready=np.zeros(len(branchy), bool))
    with pytest.raises(PlanError, match=r"shape \(3,\)"):
        exit_search(branchy, Link(0.0, 1.0, 1.0), 1.0, ready=np.ones(3, bool))
