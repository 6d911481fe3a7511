"""From traces to a configuration map: segments, states, prior, Algorithm 2 (paper, section IV-C.1)."""

from collections.abc import Sequence

from edgent.bandwidth.prior import fit_prior
from edgent.bandwidth.states import bandwidth_states
from edgent.bandwidth.traces import BandwidthTrace
from edgent.generated_file import Provenance
from edgent.planning.cost_table import CostTable
from edgent.planning.paper.configuration_map import ConfigurationMap, build_configuration_map

DEFAULT_STATES = 12


def map_from_traces(
    traces: Sequence[BandwidthTrace],
    table: CostTable,
    latency_requirements_s: Sequence[float],
    made_by: Provenance,
    *,
    round_trip_s: float,
    throughput_weight: float = 0.0,
    states: int = DEFAULT_STATES,
) -> ConfigurationMap:
    """The map for links like those of the traces.

    Args:
        traces: at the sampling interval at which the bandwidth will be measured.
        table: what there is to choose from.
        latency_requirements_s: one or more.
        made_by: what makes the map.
        round_trip_s: t0.
        throughput_weight: of the reward.
        states: number of bandwidth states; levels that no segment is at are left out.

    Raises:
        DataError: no traces, or too little in them to tell states apart.
        PlanError: a requirement is no positive number.
    """
    levels = bandwidth_states(traces, states)
    return build_configuration_map(
        table,
        levels.states,
        latency_requirements_s,
        fit_prior(levels.segments),
        made_by,
        round_trip_s=round_trip_s,
        throughput_weight=throughput_weight,
    )
