"""A configuration map as plain values in SI units, for ``edgent map --json``."""

from typing import Any

from edgent.planning.paper.configuration_map import ConfigurationMap


def map_json(configuration_map: ConfigurationMap) -> dict[str, Any]:
    """Each bandwidth state with the plan for each latency requirement; a reward of 0 is a late plan's."""
    requirements_s = configuration_map.latency_requirements_s
    return {
        "latency_requirements_s": requirements_s,
        "states": [
            {
                "mean_bps": state.mean_bps,
                "spread": state.spread,
                "share": state.share,
                "plans": [
                    {
                        "latency_requirement_s": requirement_s,
                        "plan": str(entry.plan),
                        "latency_s": entry.latency_s,
                        "reward": entry.reward,
                    }
                    for requirement_s, entry in zip(requirements_s, row, strict=True)
                ],
            }
            for state, row in zip(configuration_map.states, configuration_map.entries, strict=True)
        ],
    }
