"""The profile of a node that computes so many times as fast as the one that was profiled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edgent.latency.profile import task_of, with_timings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edgent.latency.profile import NodeProfile
    from edgent.latency.regression import Regressors
    from edgent.latency.timing import Timing


def at_speed(profile: NodeProfile, speed: float) -> NodeProfile:
    """The profile with every time divided by a speed, and so what its regressors predict.

    Args:
        profile: of the node that was profiled.
        speed: how many times as fast the other one is, more than 0.
    """
    faster = with_timings(profile, {task_of(row): _timing(row.timing, speed) for row in profile.rows})
    regressors = {name: _regressors(known, speed) for name, known in profile.regressors.items()}
    return replace(faster, regressors=regressors)


def _timing(timing: Timing, speed: float) -> Timing:
    return replace(
        timing,
        medians_us=tuple(block / speed for block in timing.medians_us),
        p95_us=tuple(block / speed for block in timing.p95_us),
    )


def _regressors(known: Regressors, speed: float) -> Regressors:
    return replace(
        known,
        call_us=known.call_us / speed,
        layers_ns=_divided(known.layers_ns, speed),
        codecs_ns=_divided(known.codecs_ns, speed),
        load_us=known.load_us / speed,
        load_ns_per_byte=known.load_ns_per_byte / speed,
    )


def _divided(terms: Mapping[str, Mapping[str, float]], speed: float) -> dict[str, dict[str, float]]:
    return {kind: {name: value / speed for name, value in row.items()} for kind, row in terms.items()}
