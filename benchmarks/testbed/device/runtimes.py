"""What measurements ask of a device's runtime beside answers; only here do studies look inside of it."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING, Any, cast

from benchmarks.testbed.errors import TestbedError
from device_runtime.link.link_tracking import MovingLink
from edgent.latency.loading import load_costs
from edgent.planning.fallback import Fallback, latest_safe_start
from edgent.planning.link_distribution import LinkDistribution
from edgent.planning.situation import Situation
from edgent.planning.table_building import build_cost_table

if TYPE_CHECKING:
    import numpy as np

    from device_runtime.exchange.edge_client import EdgeClient
    from device_runtime.runtime import DeviceRuntime


def opened_on(runtime: DeviceRuntime) -> dict[str, Any]:
    """What a runtime that plans measured of its edge when it was opened, as plain values for JSON.

    Raises:
        TestbedError: The edge did not answer.
    """
    if runtime.edge_error is not None:
        raise TestbedError(runtime.edge_error)
    calibration = runtime.calibration
    assert calibration is not None, "a runtime that plans is calibrated"
    client = cast("EdgeClient", runtime.edges.first.session._client)  # noqa: SLF001  which was kept concerns only a study
    table = calibration.profiled
    bare = build_cost_table(load_costs(runtime.network))
    k = int(table.remote.argmax())  # of all remote plans alike
    overhead_bytes = table.size_bytes[:, k] - bare.size_bytes[:, bare.index_of(table.plans[k])]
    return {
        "url": client.url,
        "link": believed_link(runtime),
        "overhead_bytes": overhead_bytes.tolist(),
    }


def believed_link(runtime: DeviceRuntime) -> list[float]:
    """The round trip in seconds and both bandwidths that a runtime plans with now."""
    tracker = runtime.edges.first.session.tracker
    assert tracker is not None, "a runtime that plans follows the link"
    link = tracker.meter.link
    return [link.round_trip_s, link.upload_bps, link.download_bps]


def late_probabilities(runtime: DeviceRuntime) -> dict[str, float]:
    """What the forecasts of a link that moves say of every plan that needs the edge, by its name: P(late)."""
    tracker, calibration = runtime.edges.first.session.tracker, runtime.calibration
    assert isinstance(tracker, MovingLink), "the runtime follows a link that moves"
    assert calibration is not None, "a runtime that plans is calibrated"
    table = calibration.table
    requirement_s = runtime.network.spec.latency_requirement_s
    situation = Situation(
        tracker.meter.link,
        requirement_s,
        tracker.forecast,
        download_forecast=tracker.download_forecast,
    )
    late = 1 - LinkDistribution(situation).in_time(table, requirement_s)
    return {str(table.plans[k]): float(late[k]) for k in table.remote.nonzero()[0]}


def plans_by_edge(runtime: DeviceRuntime) -> dict[str, str]:
    """The best plan for each edge under the spec's requirement, by the edges' names."""
    requirement_s = runtime.network.spec.latency_requirement_s
    planners = {edge.name: edge.planner for edge in runtime.edges if edge.planner is not None}
    return {name: str(planner.decide(requirement_s).plan) for name, planner in planners.items()}


def settle(runtime: DeviceRuntime) -> None:
    """Wait until nothing that a runtime began is under way any more."""
    while (under_way := runtime.edges.first.session.under_way) and not under_way.done():
        time.sleep(1e-3)


def answer_alone(runtime: DeviceRuntime, image: np.ndarray, latency_requirement_s: float) -> float:
    """Begin a local exit at the latest safe start, without any edge; returns the seconds until its end."""
    local_exits = runtime.local_exits
    began_s = time.perf_counter()
    planned = latest_safe_start(local_exits.times(), latency_requirement_s)
    assert isinstance(planned, Fallback), "a local exit fits the requirement"
    Event().wait(planned.latest_start_s)
    local_exits.run(planned.exit, image[None])[0].argmax()
    took_s = time.perf_counter() - began_s
    local_exits.observe(planned.exit, took_s - planned.latest_start_s, waited=True)
    return took_s
