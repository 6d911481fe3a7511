"""The configuration map as a file that people can read: milliseconds and kbit/s."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.errors import EdgentError, StaleFileError
from edgent.generated_file import Provenance, Row, read_generated, write_generated
from edgent.planning.paper.configuration_map import ConfigurationMap, MapEntry
from edgent.planning.plan import Plan

FORMAT = 1
WHAT = "configuration map"
REMEDY = "edgent map SPEC --traces FOLDER"


def write_map(path: Path, configuration_map: ConfigurationMap) -> None:
    """Write a map.

    Raises:
        StaleFileError: it cannot be written.
    """
    content = {
        "latency_requirements_ms": [1e3 * seconds for seconds in configuration_map.latency_requirements_s],
        "next_quantile_levels": list(QUANTILE_LEVELS),
        "states": [
            {
                "mean_kbps": state.mean_bps / 1e3,
                "spread": state.spread,
                "share": state.share,
                "next_quantiles_kbps": [bps / 1e3 for bps in state.next_quantiles_bps],
                "next_states": list(state.next_states),
                "plans": [
                    Row(plan=str(entry.plan), reward=entry.reward, latency_ms=1e3 * entry.latency_s)
                    for entry in row
                ],
            }
            for state, row in zip(configuration_map.states, configuration_map.entries, strict=True)
        ],
        "change_point_prior": asdict(configuration_map.prior),
    }
    write_generated(path, WHAT, FORMAT, configuration_map.made_by, content)


def read_map(path: Path, model_sha256: str, latency_requirements_s: Sequence[float]) -> ConfigurationMap:
    """Read what `write_map` wrote.

    Args:
        path: the file.
        model_sha256: digest of the network in use.
        latency_requirements_s: the requirements that the spec lists.

    Raises:
        StaleFileError: it is missing, no map, or one for another network or other requirements.
    """
    made_by, content = read_generated(path, WHAT, FORMAT, model_sha256, REMEDY)
    try:
        found = _read(content, made_by)
    except (KeyError, TypeError, ValueError, AttributeError, EdgentError) as problem:
        raise StaleFileError(
            f"{path} is no {WHAT} ({type(problem).__name__}: {problem}); run `{REMEDY}`"
        ) from problem
    wanted = sorted(set(latency_requirements_s))
    if len(wanted) != len(found.latency_requirements_s) or not np.allclose(
        wanted, found.latency_requirements_s, rtol=1e-9
    ):
        raise StaleFileError(
            f"{path} was made for latency requirements of {_in_ms(found.latency_requirements_s)}, "
            f"the spec lists {_in_ms(wanted)}; run `{REMEDY}`"
        )
    return found


def _read(values: dict[str, Any], made_by: Provenance) -> ConfigurationMap:
    states, entries = [], []
    requirements = tuple(_number(ms) / 1e3 for ms in values["latency_requirements_ms"])
    if values["next_quantile_levels"] != list(QUANTILE_LEVELS):
        raise ValueError(f"next_quantile_levels should be {list(QUANTILE_LEVELS)}")
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
    prior = ChangePointPrior(**{name: _number(value) for name, value in values["change_point_prior"].items()})
    return ConfigurationMap(tuple(states), requirements, tuple(entries), prior, made_by)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} where a number is expected")
    return float(value)


def _in_ms(requirements_s: Sequence[float]) -> str:
    return ", ".join(f"{1e3 * seconds:g}" for seconds in requirements_s) + " ms"
