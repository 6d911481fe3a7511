"""Plan and fallback together, against every pair of them."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edgent.bandwidth.moving_average import MovingAverageForecast
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import NetworkCosts
from edgent.planning.fallback import DELIVERY_S, LocalExit
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.policies.hedged import Hedged
from edgent.planning.situation import Situation
from edgent.planning.stages import BEFORE_REQUEST, Step


def _exits(table: CostTable, spread: float = 1.0) -> tuple[LocalExit, ...]:
    return tuple(
        LocalExit(
            table.plans[k].exit, float(table.accuracy[k]), spread * float(table.seconds[Step.RUN_DEVICE, k])
        )
        for k in table.device_only
    )


def _start_s(
    costs: NetworkCosts, table: CostTable, k: int, fallback: LocalExit, requirement_s: float
) -> float | None:
    """When it starts behind a plan's own part at the latest; None where that is too late for it."""
    before = next((stage.stop for stage in table.stages[k] if stage.step is Step.RUN_BEFORE), 0)
    names = [one.exit for one in costs.exits]
    own, other = costs.exits[names.index(fallback.exit)], costs.exits[int(table.exit_index[k])]
    goes_on = own is other or before <= min(own.leaves_after, other.leaves_after, own.layers - 1)
    layers_s = float(other.inner.device_s[0, before]) if other.inner and before else 0.0
    start_s = requirement_s - fallback.time_s + goes_on * layers_s
    return start_s if start_s >= table.seconds[list(BEFORE_REQUEST), k].sum() else None


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_other_pair_of_plan_and_fallback_is_expected_more_accurate(
    data: st.DataObject,
    windowed_networks: st.SearchStrategy[Any],
    requirements: st.SearchStrategy[float],
    log_uniform: type[Any],
) -> None:
    """Playing the hedge through over the distribution, for every plan with every fallback."""
    network = data.draw(windowed_networks)
    costs, candidates = network.costs, network.candidates
    requirement = data.draw(requirements)
    forecast = log_uniform(data.draw(st.floats(1e4, 1e8)))
    exits = _exits(candidates, data.draw(st.sampled_from([1.0, 1.5])))
    fitting = [local for local in exits if local.time_s <= requirement]

    def standing_by(k: int) -> dict[str | None, tuple[float, float]]:
        """Accuracy and latest start of each exit that can stand by beside a plan, by its name."""
        if not candidates.remote[k]:
            return {None: (0.0, math.inf)}
        starts = {local: _start_s(costs, candidates, k, local, requirement) for local in fitting}
        free: dict[str | None, tuple[float, float]] = {
            local.exit: (local.accuracy, start) for local, start in starts.items() if start is not None
        }
        return free or {None: (0.0, math.inf)}

    def play(k: int, otherwise: float, start_s: float) -> float:
        """Mean accuracy of the answers in time."""
        if not candidates.remote[k]:
            local = next(one for one in exits if one.exit == candidates.plans[k].exit)
            return float(candidates.accuracy[k]) * (local.time_s <= requirement)
        answers = []
        for bandwidth in forecast.samples_bps()[::20]:
            parts = candidates.parts(Link(1 / 64, bandwidth, bandwidth), k)
            arrival = parts.total_s - parts.seconds[Step.RUN_DEVICE] - parts.seconds[Step.DECODE_DOWN]
            is_too_late = not candidates.edge_answers[k] and arrival > start_s
            in_time = parts.total_s <= requirement and not is_too_late
            answers.append(float(candidates.accuracy[k]) if in_time else otherwise)
        return float(np.mean(answers))

    best = max(play(k, *beside) for k in range(len(candidates)) for beside in standing_by(k).values())
    situation = Situation(Link(1 / 64, 0.0, 0.0), requirement, forecast, local_exits=exits)
    decision = Hedged().decide(candidates, situation)
    possible = standing_by(decision.index)
    assert decision.fallback_exit in possible
    assert play(decision.index, *possible[decision.fallback_exit]) >= best - 0.03  # it is indifferent to that


def test_an_exit_that_would_have_to_start_before_the_edge_is_asked_does_not_stand_by(
    branchy: CostTable, log_uniform: type[Any], local_exits: tuple[LocalExit, ...]
) -> None:
    """exit2 must start 9 ms after the input; where a frame takes longer, it answers without the edge."""
    situation = Situation(Link(0.001, 1.6e6, 1.6e6), 0.045, log_uniform(1.6e6), local_exits=local_exits)
    assert Hedged().decide(branchy, situation).plan.remote
    seconds = branchy.seconds.copy()
    seconds[Step.ENCODE_UP, branchy.remote] += 0.012
    assert Hedged().decide(replace(branchy, seconds=seconds), situation).plan == Plan.device_only("exit2")


def test_a_hedged_plan_dares_what_an_unhedged_one_does_not(
    branchy: CostTable, log_uniform: type[Any], local_exits: tuple[LocalExit, ...]
) -> None:
    """exit2 on the edge is late one time in three; with exit1 standing by that costs only accuracy."""
    situation = Situation(Link(0.001, 1e6, 1e6), 0.03, log_uniform(1.2e6))
    decision = Hedged().decide(branchy, replace(situation, local_exits=local_exits))
    assert decision.plan.exit == "exit2"
    assert decision.fallback_exit == "exit1"


def test_a_device_that_makes_its_best_exit_in_time_needs_no_edge(
    branchy: CostTable, log_uniform: type[Any], local_exits: tuple[LocalExit, ...]
) -> None:
    """Nothing is more accurate than the deepest exit at home."""
    situation = Situation(Link(0.001, 1e6, 1e6), 0.5, log_uniform(2e4), local_exits=local_exits)
    decision = Hedged().decide(branchy, situation)
    assert decision.plan == Plan("exit2", 0)
    assert decision.fallback_exit is None


def test_without_a_local_exit_in_time_the_edge_is_all_there_is(
    branchy: CostTable, log_uniform: type[Any], local_exits: tuple[LocalExit, ...]
) -> None:
    """No fallback is named; a device that takes six times as long loses its exits."""
    situation = Situation(Link(0.001, 1e6, 1e6), 0.05, log_uniform(2e6))
    slow_exits = tuple(replace(local, time_s=6 * local.time_s) for local in local_exits)
    decision = Hedged().decide(branchy.slowed(6.0), replace(situation, local_exits=slow_exits))
    assert branchy.remote[decision.index]
    assert decision.fallback_exit is None
    assert Hedged().decide(branchy, replace(situation, local_exits=local_exits)).fallback_exit


def test_an_edge_that_is_as_good_as_never_in_time_is_not_asked(
    branchy: CostTable, local_exits: tuple[LocalExit, ...]
) -> None:
    """Even one in a thousand beats nothing, but every answer would wait for the fallback's start."""
    forecast = MovingAverageForecast()
    for _ in range(60):
        forecast.update(2e4)
    situation = Situation(Link(0.001, 2e4, 2e4), 0.03, forecast)
    assert forecast.cdf(1e6) < 1, "it is never quite impossible"
    assert Hedged().decide(branchy, replace(situation, local_exits=local_exits)).plan == Plan("exit1", 0)
    too_soon = Situation(Link(0.001, 2e4, 2e4), 0.005, forecast)
    assert not branchy.remote[Hedged().decide(branchy, replace(too_soon, local_exits=local_exits)).index]


def test_an_edge_that_refuses_loses_by_it(
    branchy: CostTable, log_uniform: type[Any], local_exits: tuple[LocalExit, ...]
) -> None:
    """It is worth something between its plan and the exit that stands by; one that refuses all, nothing."""
    usual = Situation(Link(0.001, 1e7, 1e7), 0.03, log_uniform(1e7), local_exits=local_exits)
    decisions = [
        Hedged().decide(branchy, replace(usual, refusal_chance=chance)) for chance in (0.0, 0.5, 1.0)
    ]
    worths = [decision.worth.ranks[0] for decision in decisions if decision.worth is not None]
    assert worths[0] > worths[1] > worths[2]
    assert [decision.plan.remote for decision in decisions] == [True, True, False]


def test_a_sure_edge_is_waited_for(
    branchy: CostTable, local_exits: tuple[LocalExit, ...], log_uniform: type[Any]
) -> None:
    """The quick exit stands by, which starts last; where the edge is doubtful the accurate one does."""
    sure = Situation(Link(0.001, 1e6, 1e6), 0.05, log_uniform(8e7))
    assert Hedged().decide(branchy, replace(sure, local_exits=local_exits)).fallback_exit == "exit1"
    doubtful = Situation(Link(0.001, 1e6, 1e6), 0.05, log_uniform(8e5))
    assert Hedged().decide(branchy, replace(doubtful, local_exits=local_exits)).fallback_exit == "exit2"


def test_an_answer_that_waits_for_a_late_edge_is_no_quick_one(
    branchy: CostTable, local_exits: tuple[LocalExit, ...], log_uniform: type[Any]
) -> None:
    """With the deepest exit standing by, a late edge costs the wait for it, which the mean hides."""
    needed_s = 1.3 * local_exits[-1].time_s
    situation = Situation(Link(0.001, 6.4e5, 6.4e5), needed_s, log_uniform(6.4e5), local_exits=local_exits)
    decision = Hedged().decide(branchy, situation)
    at_the_mean = branchy.latency_s(situation.mean_link)
    deepest = branchy.accuracy == branchy.accuracy.max()
    assert decision.plan == Plan("exit2", 0)
    assert at_the_mean[deepest & branchy.remote].min() < decision.latency_s
    quick = replace(situation, link=Link(0.001, 2e6, 2e6), forecast=log_uniform(2e6))
    assert Hedged().decide(branchy, quick).plan == Plan("exit2", 3, "webp")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_other_plan_of_an_eager_device_is_expected_more_accurate(
    data: st.DataObject,
    windowed_networks: st.SearchStrategy[Any],
    requirements: st.SearchStrategy[float],
    log_uniform: type[Any],
) -> None:
    """Played through over the distribution: the edge has until an answer is given, the device the rest."""
    network = data.draw(windowed_networks)
    costs, table = network.costs, network.candidates
    requirement, forecast = data.draw(requirements), log_uniform(data.draw(st.floats(1e4, 1e8)))
    exits = _exits(table)

    def reached(k: int) -> float:
        starts = {local: _start_s(costs, table, k, local, requirement) for local in exits}
        fits = [one.accuracy for one, start in starts.items() if start is not None]
        return max(fits, default=0.0)

    def play(k: int) -> float:
        """Mean accuracy of the answers in time."""
        if not table.remote[k]:
            local = next(one for one in exits if one.exit == table.plans[k].exit)
            return float(table.accuracy[k]) * (local.time_s <= requirement)
        otherwise = reached(k)
        until_s = requirement - DELIVERY_S if otherwise else requirement
        answers = [
            float(table.accuracy[k])
            if table.parts(Link(1 / 64, bandwidth, bandwidth), k).total_s <= until_s
            else otherwise
            for bandwidth in forecast.samples_bps()[::20]
        ]
        return float(np.mean(answers))

    situation = Situation(Link(1 / 64, 0.0, 0.0), requirement, forecast, local_exits=exits, is_eager=True)
    decision = Hedged().decide(table, situation)
    assert play(decision.index) >= max(map(play, range(len(table)))) - 0.03
    assert decision.fallback_exit is None  # the deepest one that fits


def test_an_eager_device_dares_more(
    branchy: CostTable, log_uniform: type[Any], local_exits: tuple[LocalExit, ...]
) -> None:
    """Its deeper exit is at hand when the edge is late, and its edge is not given up for it."""
    situation = Situation(Link(0.001, 1e6, 1e6), 0.05, log_uniform(8e5), local_exits=local_exits)
    patient, eager = (Hedged().decide(branchy, replace(situation, is_eager=one)) for one in (False, True))
    assert patient.fallback_exit == "exit2"
    assert eager.plan.exit == "exit2"
    assert eager.latency_s <= patient.latency_s


def test_an_eager_device_without_exits_in_time(branchy: CostTable, log_uniform: type[Any]) -> None:
    """The edge is all there is."""
    situation = Situation(Link(0.001, 1e6, 1e6), 0.05, log_uniform(2e6), is_eager=True)
    assert branchy.remote[Hedged().decide(branchy, situation).index]


def test_a_plan_of_the_device_alone_is_judged_by_runs_without_a_wait(
    branchy: CostTable, log_uniform: type[Any]
) -> None:
    """Where a deeper exit fits at once but not after a wait, it may be chosen, but not stand by."""
    exits = (LocalExit("exit1", 0.75, 0.012), LocalExit("exit2", 0.82, 0.06, reserve_s=0.02))
    situation = Situation(Link(0.01, 1e3, 1e3), 0.05, log_uniform(1e3), local_exits=exits)
    decision = Hedged().decide(branchy, situation)
    assert decision.plan == Plan.device_only("exit2")
    assert Hedged().decide(branchy, replace(situation, latency_requirement_s=0.039)).plan.exit == "exit1"
