"""The configuration map as plain values, for a YAML file that people read: milliseconds and kbit/s."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.errors import EdgentError, StaleFileError
from edgent.planning.configuration_map import ConfigurationMap, MapEntry, Provenance
from edgent.planning.plan import Plan

VERSION = 1


def to_dict(configuration_map: ConfigurationMap) -> dict[str, Any]:
    """Plain values for YAML; milliseconds and kbit/s, for people read it."""
    return {
        "version": VERSION,
        "made_by": {
            "model_sha256": configuration_map.provenance.model_sha256,
            "command": configuration_map.provenance.command,
            "versions": dict(configuration_map.provenance.versions),
            "date": configuration_map.provenance.date,
        },
        "latency_requirements_ms": [1e3 * seconds for seconds in configuration_map.latency_requirements_s],
        "states": [
            {
                "mean_kbps": state.mean_bps / 1e3,
                "spread": state.spread,
                "share": state.share,
                "next_quantiles_kbps": [bps / 1e3 for bps in state.next_quantiles_bps],
                "next_states": list(state.next_states),
                "plans": [
                    {"plan": str(entry.plan), "reward": entry.reward, "latency_ms": 1e3 * entry.latency_s}
                    for entry in row
                ],
            }
            for state, row in zip(configuration_map.states, configuration_map.entries, strict=True)
        ],
    }


def from_dict(
    values: Any, model_sha256: str, latency_requirements_s: Sequence[float], place: str
) -> ConfigurationMap:
    """Read what `to_dict` wrote.

    Args:
        values: plain values, from a YAML file.
        model_sha256: digest of the network in use.
        latency_requirements_s: the requirements that the spec lists.
        place: the file, for messages.

    Raises:
        StaleFileError: it is no map, or one for another network or other requirements.
    """
    try:
        found = _read(values)
    except (KeyError, TypeError, ValueError, AttributeError, EdgentError) as problem:
        raise StaleFileError(
            f"{place} is no configuration map of version {VERSION} ({type(problem).__name__}: {problem}); "
            "make it again with `edgent map`"
        ) from problem
    if found.provenance.model_sha256 != model_sha256:
        raise StaleFileError(
            f"{place} was made for the network {found.provenance.model_sha256[:12]}, this one is "
            f"{model_sha256[:12]}; make it again with `edgent map`"
        )
    wanted = sorted(set(latency_requirements_s))
    if len(wanted) != len(found.latency_requirements_s) or not np.allclose(
        wanted, found.latency_requirements_s, rtol=1e-9
    ):
        raise StaleFileError(
            f"{place} was made for latency requirements of {_in_ms(found.latency_requirements_s)}, "
            f"the spec lists {_in_ms(wanted)}; make it again with `edgent map`"
        )
    return found


def _read(values: Any) -> ConfigurationMap:
    if values["version"] != VERSION:
        raise ValueError(f"version {values['version']!r}")
    states, entries = [], []
    requirements = tuple(_number(ms) / 1e3 for ms in values["latency_requirements_ms"])
    for state in values["states"]:
        states.append(
            BandwidthState(
                mean_bps=1e3 * _number(state["mean_kbps"]),
                spread=_number(state["spread"]),
                share=_number(state["share"]),
                next_quantiles_bps=tuple(1e3 * _number(kbps) for kbps in state["next_quantiles_kbps"]),
                next_states=tuple(map(_number, state["next_states"])),
            )
        )
        if len(states[-1].next_quantiles_bps) != len(QUANTILE_LEVELS):
            raise ValueError(f"a state has {len(QUANTILE_LEVELS)} quantiles of the next sample")
        row = tuple(
            MapEntry(Plan.parse(entry["plan"]), _number(entry["reward"]), _number(entry["latency_ms"]) / 1e3)
            for entry in state["plans"]
        )
        if len(row) != len(requirements):
            raise ValueError(f"{len(row)} plans for {len(requirements)} latency requirements")
        entries.append(row)
    if not entries or not requirements:
        raise ValueError("no states or no latency requirements")
    means = [state.mean_bps for state in states]
    if sorted(set(means)) != means or means[0] <= 0 or sorted(set(requirements)) != list(requirements):
        raise ValueError("states and latency requirements must be above 0 and rise")
    made_by = values["made_by"]
    provenance = Provenance(
        model_sha256=str(made_by["model_sha256"]),
        command=str(made_by["command"]),
        versions={str(name): str(version) for name, version in made_by["versions"].items()},
        date=str(made_by["date"]),
    )
    return ConfigurationMap(tuple(states), requirements, tuple(entries), provenance)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} where a number is expected")
    return float(value)


def _in_ms(requirements_s: Sequence[float]) -> str:
    return ", ".join(f"{1e3 * seconds:g}" for seconds in requirements_s) + " ms"
