"""Whether a plan that somebody names can be carried out: its place, its codecs, the exits that it asks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.codecs.codec import ACTIVATION, INPUT
from edgent.core.wire import LARGEST_TENSOR_BYTES
from edgent.errors import PlanError
from edgent.feature_crossing import check_crossing
from edgent.latency.crossing import can_cross, can_write
from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from edgent.graph.tensor import Tensor
    from edgent.network import Network
    from edgent.planning.plan import Plan


def check_plan(network: Network, plan: Plan) -> None:
    """Whether the network can do what a plan says.

    Raises:
        PlanError: it cannot; the message says what there is.
    """
    path = network.graph.path_of(plan.exit)
    up, down = path.cut(plan.start), path.cut(plan.stop)
    for rule, broken in network.spec.placement.rules.broken(
        np.array(plan.start), np.array(plan.stop), len(path.layers)
    ):
        if broken:
            raise PlanError(f"{plan}: placement.{rule} in {network.spec.file} rules it out")
    if plan.remote:
        _check_codecs(network, plan, up, down)
    if plan.leaves_early:
        _check_leaves_early(network, plan)


def _check_codecs(network: Network, plan: Plan, up: Tensor, down: Tensor) -> None:
    """Whether a plan's codecs are the spec's and can write what crosses.

    Raises:
        PlanError: one is not, or cannot.
    """
    inputs = {*network.input_codecs, RAW, FLOAT32}
    activations = {*network.spec.codecs.activation, FLOAT32}
    for kind, codec, known, tensor in (
        (ACTIVATION, plan.codec_up, activations, up) if plan.start else (INPUT, plan.codec_up, inputs, up),
        (ACTIVATION, plan.codec_down, activations, down),
    ):
        if codec in network.feature_codecs:
            check_crossing(network, plan, codec, is_up=tensor is up)
            continue
        if codec not in known:
            is_misplaced = kind == ACTIVATION and not plan.start and codec in inputs
            hint = f"; did you mean {replace(plan, codec_up=codec, codec_down=FLOAT32)}?" * is_misplaced
            raise PlanError(
                f"{plan}: no {kind} codec {codec!r} in this pipeline; there is "
                f"{', '.join(sorted(known))}{hint}"
            )
        if not can_cross(tensor):
            raise PlanError(
                f"{plan}: the {kind} that crosses there, {tensor.dtype} of shape {list(tensor.shape)}, is "
                f"more than the {LARGEST_TENSOR_BYTES / 2**20:.0f} MiB that a frame holds: cut elsewhere"
            )
        if not can_write(codec, kind, tensor):
            able = [name for name in sorted(known) if can_write(name, kind, tensor)]
            raise PlanError(
                f"{plan}: codec {codec!r} does not write the {kind} that crosses there, {tensor.dtype} "
                f"of shape {list(tensor.shape)}; these do: {', '.join(able)}"
            )


def _check_leaves_early(network: Network, plan: Plan) -> None:
    """Whether there is an exit on a plan's way at which inputs may leave.

    Raises:
        PlanError: there is none.
        StaleFileError: the spec's exit rule was not calibrated yet, or for something else.
    """
    rule, plain = network.exit_rule, replace(plan, leaves_early=False)
    if rule is None:
        raise PlanError(
            f"{plan}: {network.spec.file} has no exit rule by which inputs leave early; find one with "
            f"`edgent evaluate {network.spec.file} --exit-rule`, or write {plain}"
        )
    found = rule.behind(plan.codec_up) if plan.remote else rule
    own = network.graph.path_of(plan.exit)
    before = [
        path.leaves_after
        for path in network.graph.paths[: own.index]
        if path.exit_name in found.rule.thresholds
        and path.leaves_after <= own.leaves_after
        and not (plan.remote and path.begins_at_input)
    ]
    if not before:
        raise PlanError(f"{plan}: no exit on the way to {plan.exit} lets inputs leave early; write {plain}")
    until = network.asks_until(plan)
    if min(before) > until:
        raise PlanError(
            f"{plan}: exits are asked up to partition point {until} on its way, the first one to be asked "
            f"stands at {min(before)}; write {plain}"
        )
