"""The same replays whatever the number of processes."""

import numpy as np
import pytest

from edgent.bandwidth.generator import demo_traces
from edgent.bandwidth.last_value import LastValueForecast
from edgent.bandwidth.traces import BandwidthTrace
from edgent.errors import DataError
from edgent.planning.cost_table import CostTable
from edgent.planning.decision import Decision
from edgent.planning.paper.configuration_map import ConfigurationMap
from edgent.planning.policies.registry import POLICIES
from edgent.planning.situation import Situation
from edgent.replay.conditions import Conditions
from edgent.replay.contenders import Contender, contender
from edgent.replay.parallel import replay_all


def test_processes_change_nothing(conditions: Conditions, configuration_map: ConfigurationMap) -> None:
    """Every array of every policy, in the order of the traces."""
    traces = demo_traces(count=9, samples=20, seed=1)
    policies = [contender(name, conditions, configuration_map) for name in POLICIES]
    alone = list(replay_all(traces, policies, conditions, jobs=1))
    together = list(replay_all(traces, policies, conditions, jobs=2))
    assert [[one.trace for one in row] for row in together] == [[t.name] * len(policies) for t in traces]
    for one_row, other_row in zip(alone, together, strict=True):
        for one, other in zip(one_row, other_row, strict=True):
            assert one.policy == other.policy
            assert one.candidate.tolist() == other.candidate.tolist()
            assert one.latency_s.tolist() == other.latency_s.tolist()
            assert one.accuracy.tolist() == other.accuracy.tolist()


def test_an_error_in_a_process_is_ours(conditions: Conditions) -> None:
    """A trace of one sample is refused by name, from wherever it is replayed."""
    good = demo_traces(count=8, samples=5)
    short = BandwidthTrace("set/short", np.zeros(1), np.ones(1), np.ones(1))
    with pytest.raises(DataError, match="set/short has 1 sample"):
        list(replay_all([*good, short], [contender("static", conditions)], conditions, jobs=2))


def test_a_policy_of_a_notebook_runs_in_other_processes(conditions: Conditions) -> None:
    """Its class is defined where no process could import it from."""

    class Shallowest:
        def decide(self, table: CostTable, situation: Situation) -> Decision:
            return Decision(table.plans[0], 0.0, True, 0, "is the first")

    traces = demo_traces(count=9, samples=5, seed=1)
    own = Contender("shallowest", Shallowest(), LastValueForecast)
    rows = list(replay_all(traces, [own], conditions, jobs=2))
    assert len(rows) == 9
    assert {int(k) for [made] in rows for k in made.candidate} == {0}
