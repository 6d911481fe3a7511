"""Every cut of a network, and what its answers must be: the unsplit network's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edgent.planning.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from device_runtime.runtime import DeviceRuntime
    from edgent.graph.branchy_graph import Head
    from edgent.network import Network

INPUTS = 20
PATIENT_S = 60.0  # nothing here is about deadlines


def noise(network: Network) -> np.ndarray:
    """Seeded inputs, which drive every unit, unlike the few classes of real images."""
    return np.random.default_rng(7).integers(0, 256, (INPUTS, *network.spec.input.shape), np.uint8)


def plans_of(network: Network, head: Head) -> Iterator[Plan]:
    """One plan for each exit that shares a head."""
    for exit_index in head.exits:
        path = network.graph.paths[exit_index]
        (point,) = [p for p in path.partition_points if path.cut_tensor(p) == head.tensor.name]
        yield Plan(path.exit_name, point)


def device_only(network: Network) -> list[Plan]:
    """One plan for each exit, without any head."""
    return [Plan(path.exit_name, 0) for path in network.graph.paths]


def every_plan(network: Network) -> set[Plan]:
    """Every exit at every partition point."""
    return {Plan(path.exit_name, p) for path in network.graph.paths for p in path.partition_points}


def check_plan(runtime: DeviceRuntime, plan: Plan, images: np.ndarray, logits: np.ndarray) -> None:
    """Every image is answered by this plan, with the unsplit network's logits within 1e-5."""
    for image, expected in zip(images, logits, strict=True):
        answer = runtime.infer(image, latency_requirement_s=PATIENT_S, plan=plan)
        assert answer.edge_error is None, f"{plan}: {answer.edge_error}"
        assert answer.plan == plan
        assert answer.logits.dtype == np.float32
        np.testing.assert_allclose(answer.logits, expected, rtol=0, atol=1e-5, err_msg=str(plan))
        assert answer.class_index == expected.argmax(), plan
