"""Which accuracy an answer was promised to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from device_runtime.answer import Answer
    from device_runtime.runtime import DeviceRuntime
    from edgent.planning.plan import Plan


def promised_accuracy(runtime: DeviceRuntime, answer: Answer) -> float | None:
    """The accuracy that answers by such a plan have on held-out data, 0 to 1.

    It is that of what was done, not of what was planned: of the exit and the codecs that gave the answer. An
    input that left early, because an exit was sure of it, counts as the plan that let it.

    Returns:
        None where it was never measured.
    """
    plan = answer.wanted if answer.left_early else answer.plan
    for calibration in runtime.edges.calibrations:
        if plan in calibration.profiled:
            return float(calibration.profiled.accuracy[calibration.profiled.index_of(plan)])
    exits = {exit_.name: exit_.accuracy for exit_ in runtime.network.spec.exits}
    return exits[plan.exit] if _is_the_exit_alone(plan) else None


def _is_the_exit_alone(plan: Plan) -> bool:
    """Whether nothing but the exit decides on the accuracy: no lossy codec, and no exit before it."""
    return {plan.codec_up, plan.codec_down} <= {RAW, FLOAT32} and not plan.leaves_early
