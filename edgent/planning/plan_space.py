"""The plan space: every (exit, partition point, input codec, activation codec) that a network allows."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edgent.planning.costs import CodecCosts, ExitCosts
from edgent.planning.plan import FLOAT32, RAW, Plan


@dataclass(frozen=True)
class Candidate:
    """One plan of the space.

    Attributes:
        plan: the plan.
        exit_index: which exit, counted from the shallowest.
        depth: the exit that the plan counts as: its own, or, where a lossy codec leaves no more accuracy than
            a shallower exit has without loss, that shallower one.
        layers: how many layers the exit's path has.
        accuracy: measured accuracy of the exit under the plan's codecs, 0 to 1.
    """

    plan: Plan
    exit_index: int
    depth: int
    layers: int
    accuracy: float


def plan_space(exits: Sequence[ExitCosts], input_codecs: Mapping[str, CodecCosts]) -> Iterator[Candidate]:
    """All plans, exits from shallow to deep: device-only, every cut under every pair of codecs, edge-only.

    A pair of codecs whose accuracy was not measured is left out, and so is a codec at a cut whose tensor it
    does not write.

    Args:
        exits: shallow to deep.
        input_codecs: costs by name.
    """
    lossless = [exit_.accuracy[RAW, FLOAT32] for exit_ in exits]
    for number, exit_ in enumerate(exits):
        for plan, accuracy in _plans(exit_, input_codecs):
            depth = _depth(number, accuracy, lossless)
            yield Candidate(plan, number, depth, exit_.layers, accuracy)


def _plans(exit_: ExitCosts, input_codecs: Mapping[str, CodecCosts]) -> Iterator[tuple[Plan, float]]:
    """The plans of one exit with their accuracies."""
    yield Plan.device_only(exit_.exit), exit_.accuracy[RAW, FLOAT32]
    for point in range(1, exit_.layers + 1):
        activations = exit_.activation_codecs if point < exit_.layers else (FLOAT32,)
        for input_name, activation_name in itertools.product(input_codecs, activations):
            pair = (
                RAW if input_codecs[input_name].lossless else input_name,
                FLOAT32 if exit_.activation_codecs[activation_name].lossless else activation_name,
            )
            if pair in exit_.accuracy and (activation_name, point) not in exit_.unwritten:
                yield Plan(exit_.exit, point, input_name, activation_name), exit_.accuracy[pair]


def _depth(number: int, accuracy: float, lossless: Sequence[float]) -> int:
    """The exit that a plan of exit ``number`` counts as under its accuracy."""
    if accuracy >= lossless[number]:
        return number
    while number > 0 and accuracy <= lossless[number - 1]:
        number -= 1
    return number
