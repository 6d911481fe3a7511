"""From a spec to a running device: read, connect, measure the link, decide who chooses the plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_runtime.choosers import FixedPlan
from device_runtime.edge_client import EdgeClient
from edgent.errors import PlanError
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from device_runtime.runtime import DeviceRuntime


def open_runtime(
    spec_file: str | Path,
    *,
    plan: Plan | None,
    inference_url: str | None,
    token_file: Path | None,
    cache: Path | None,
) -> DeviceRuntime:
    """See :meth:`device_runtime.runtime.DeviceRuntime.open`."""
    from device_runtime.runtime import DeviceRuntime  # noqa: PLC0415  it opens itself by way of this file

    network = Network.open(read_spec(spec_file), cache)
    edge = network.spec.edge
    client = EdgeClient(
        inference_url or edge.inference_url,
        network.graph.sha256,
        token_file=token_file or (network.spec.resolve(edge.token_file) if edge.token_file else None),
        ca_file=network.spec.resolve(edge.ca_file) if edge.ca_file else None,
    )
    if plan is None:
        deepest = network.graph.paths[-1]
        plan = Plan(deepest.exit_name, len(deepest.layers))
    check_plan(network, plan)
    return DeviceRuntime(network, client, FixedPlan(plan), hedge=network.spec.device.hedge)


def check_plan(network: Network, plan: Plan) -> None:
    """Whether the network can do what a plan says.

    Raises:
        PlanError: it cannot; the message says what there is.
    """
    network.graph.path_of(plan.exit).cut(plan.partition_point)
    if plan.partition_point == 0:
        return
    codecs = network.spec.codecs
    for kind, codec, known in (
        ("input", plan.input_codec, {*codecs.input, "raw", "float32"}),
        ("activation", plan.activation_codec, {*codecs.activation, "float32"}),
    ):
        if codec not in known:
            raise PlanError(
                f"{plan}: no {kind} codec {codec!r} in this pipeline; there is {', '.join(sorted(known))}"
            )
