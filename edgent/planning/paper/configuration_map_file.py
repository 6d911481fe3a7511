"""The configuration map as a file that people can read: milliseconds and kbit/s."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import ConfigDict, Field

from edgent.bandwidth.bandwidth_state import QUANTILE_LEVELS, BandwidthState
from edgent.bandwidth.change_point import ChangePointPrior
from edgent.errors import DataError, PlanError, StaleFileError
from edgent.generated_file import STRICT, Provenance, Row, read_generated, write_generated
from edgent.planning.paper.configuration_map import ConfigurationMap, MapEntry
from edgent.planning.plan import Plan

FORMAT = 1
WHAT = "configuration map"
REMEDY = "edgent map SPEC"

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
_LEVELS = len(QUANTILE_LEVELS)


@dataclass(frozen=True)
class _Entry:
    """The plan of one state under one latency requirement."""

    plan: str
    reward: NotNegative
    latency_ms: Positive


@dataclass(frozen=True)
class _State:
    """One bandwidth state; see `BandwidthState`."""

    mean_kbps: Positive
    spread: NotNegative
    share: Annotated[float, Field(gt=0, le=1)]
    next_quantiles_kbps: Annotated[tuple[NotNegative, ...], Field(min_length=_LEVELS, max_length=_LEVELS)]
    next_states: tuple[Annotated[float, Field(ge=0, le=1)], ...]
    plans: tuple[_Entry, ...]


@dataclass(frozen=True)
class _Layout:
    """The whole file."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    made_by: Provenance
    latency_requirements_ms: Annotated[tuple[Positive, ...], Field(min_length=1)]
    next_quantile_levels: tuple[float, ...]
    states: Annotated[tuple[_State, ...], Field(min_length=1)]
    change_point_prior: ChangePointPrior

    def __post_init__(self) -> None:
        """Check what no field can tell alone."""
        if self.next_quantile_levels != QUANTILE_LEVELS:
            raise ValueError(f"next_quantile_levels should be {list(QUANTILE_LEVELS)}")
        means_kbps = [state.mean_kbps for state in self.states]
        for name, values in (
            ("latency_requirements_ms", self.latency_requirements_ms),
            ("means of the states", means_kbps),
        ):
            if any(higher <= lower for lower, higher in pairwise(values)):
                raise ValueError(f"{name} should rise, not be {list(values)}")
        expected = len(self.latency_requirements_ms)
        for number, state in enumerate(self.states):
            if len(state.plans) != expected:
                raise ValueError(
                    f"states.{number} has {len(state.plans)} plans for {expected} latency requirements"
                )


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


def read_map(
    path: Path, model_sha256: str, latency_requirements_s: Sequence[float], remedy: str = REMEDY
) -> ConfigurationMap:
    """Read what `write_map` wrote.

    Args:
        path: the file.
        model_sha256: digest of the network in use.
        latency_requirements_s: the requirements that the spec lists.
        remedy: the command that makes it again.

    Raises:
        StaleFileError: it is missing, no map, or made for another network or other requirements.
    """
    try:
        configuration_map = _map(read_generated(path, WHAT, FORMAT, model_sha256, remedy, _Layout))
    except (PlanError, DataError) as problem:
        raise StaleFileError(f"{path}: {problem}; run `{remedy}`") from None
    wanted = sorted(set(latency_requirements_s))
    known = configuration_map.latency_requirements_s
    if len(wanted) != len(known) or not np.allclose(wanted, known, rtol=1e-9):
        raise StaleFileError(
            f"{path} was made for latency requirements of {_in_ms(known)}, "
            f"the spec lists {_in_ms(wanted)}; run `{remedy}`"
        )
    return configuration_map


def _map(layout: _Layout) -> ConfigurationMap:
    states = tuple(
        BandwidthState(
            mean_bps=1e3 * state.mean_kbps,
            spread=state.spread,
            share=state.share,
            next_quantiles_bps=tuple(1e3 * kbps for kbps in state.next_quantiles_kbps),
            next_states=state.next_states,
        )
        for state in layout.states
    )
    entries = tuple(
        tuple(MapEntry(Plan.parse(entry.plan), entry.reward, entry.latency_ms / 1e3) for entry in state.plans)
        for state in layout.states
    )
    requirements_s = tuple(milliseconds / 1e3 for milliseconds in layout.latency_requirements_ms)
    return ConfigurationMap(states, requirements_s, entries, layout.change_point_prior, layout.made_by)


def _in_ms(requirements_s: Sequence[float]) -> str:
    return ", ".join(f"{1e3 * seconds:g}" for seconds in requirements_s) + " ms"
