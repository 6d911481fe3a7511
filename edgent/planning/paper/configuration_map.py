"""Algorithm 2 (paper, section IV-C): for every bandwidth state the plan of the highest reward."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from edgent.bandwidth.bandwidth_state import BandwidthState, nearest_state
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.errors import PlanError
from edgent.generated_file import Provenance
from edgent.planning.cost_table import CostTable
from edgent.planning.costs import BoolArray
from edgent.planning.link import Link
from edgent.planning.plan import Plan
from edgent.planning.reward import best_by_reward, reward
from edgent.planning.situation import check_requirement


@dataclass(frozen=True)
class MapEntry:
    """The best plan in one state under one latency requirement; reward 0: it is late, and the fastest."""

    plan: Plan
    reward: float
    latency_s: float


@dataclass(frozen=True)
class ConfigurationMap:
    """Bandwidth state and latency requirement to plan.

    Attributes:
        states: slow to fast.
        latency_requirements_s: rising.
        entries: one row for each state, one entry in it for each requirement.
        prior: of the change point detector, fitted to the traces that the states come from.
        made_by: what made it.
    """

    states: tuple[BandwidthState, ...]
    latency_requirements_s: tuple[float, ...]
    entries: tuple[tuple[MapEntry, ...], ...]
    prior: ChangePointPrior
    made_by: Provenance

    def lookup(self, bandwidth_bps: float, latency_requirement_s: float) -> MapEntry:
        """The entry of the state nearest in ratio.

        Of the latency requirements it is the longest that is no longer than the one asked for, or the
        shortest there is.
        """
        row = nearest_state(self.states, bandwidth_bps)
        column = bisect_right(self.latency_requirements_s, latency_requirement_s * (1 + 1e-9)) - 1
        return self.entries[row][max(column, 0)]


def build_configuration_map(
    table: CostTable,
    states: Sequence[BandwidthState],
    latency_requirements_s: Sequence[float],
    prior: ChangePointPrior,
    made_by: Provenance,
    *,
    round_trip_s: float,
    download_ratio: float = 1.0,
    throughput_weight: float = 0.0,
    allowed: BoolArray | None = None,
) -> ConfigurationMap:
    """Algorithm 2: in every state's mean, for every requirement, the plan of the highest reward.

    Of plans that are about as good the entry is the quickest (`best_by_reward`); where every plan is late
    (reward 0), it is the fastest.

    Args:
        table: what there is to choose from.
        states: slow to fast, one or more.
        latency_requirements_s: one or more; sorted here.
        prior: of the change point detector.
        made_by: what makes the map.
        round_trip_s: t0.
        download_ratio: download over upload bandwidth.
        throughput_weight: of the reward.
        allowed: plans that may enter the map (e.g. `paper_space`); None: all.

    Raises:
        PlanError: no states, no requirements, or a requirement that is no positive number.
    """
    if not states or not latency_requirements_s:
        raise PlanError("a configuration map needs bandwidth states and latency requirements")
    requirements = tuple(sorted(set(latency_requirements_s)))
    for requirement_s in requirements:
        check_requirement(requirement_s)
    rows = []
    for state in states:
        link = Link(round_trip_s, state.mean_bps, state.mean_bps * download_ratio)
        latency = table.latency_s(link)
        row = []
        for requirement_s in requirements:
            k = best_by_reward(table, link, requirement_s, throughput_weight, allowed)
            worth = float(reward(latency[k], table.accuracy[k], requirement_s, throughput_weight))
            row.append(MapEntry(table.plans[k], worth, float(latency[k])))
        rows.append(tuple(row))
    return ConfigurationMap(tuple(states), requirements, tuple(rows), prior, made_by)
