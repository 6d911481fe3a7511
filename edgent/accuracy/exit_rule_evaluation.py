"""Find an exit rule on held-out inputs: what exits answer, the thresholds, and what then leaves where.

Inputs may come to the exits in a lossy codec, which changes what these answer. So thresholds are found once
for inputs as they are, and once for each lossy input codec. Where none can be found, no exit is asked of
inputs that come in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.accuracy.codec_comparison import through_codec
from edgent.accuracy.exit_rule_file import (
    COMMAND,
    SCORED_BY,
    CalibratedRule,
    ExitThreshold,
    SureInputs,
    ThresholdsFound,
)
from edgent.accuracy.measures.registry import MEASURES
from edgent.accuracy.scored_network import ScoredNetwork
from edgent.core.codecs import CODECS
from edgent.core.codecs.codec import INPUT
from edgent.core.exit_rules.confidence import confidences
from edgent.core.exit_rules.registry import CONFIDENCES
from edgent.core.exit_rules.rule import NEVER
from edgent.errors import SpecError
from edgent.exits.rules.calibration import Bound, calibrate
from edgent.exits.rules.work import worth_checking
from edgent.generated_file import Provenance
from edgent.latency.crossing import can_write, check_samples
from edgent.planning.plan import RAW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from edgent.core.exit_rules.confidence import FloatArray
    from edgent.inputs.labelled import Labelled
    from edgent.latency.timing import Progress
    from edgent.network import Network

_BATCH = 50


@dataclass(frozen=True, eq=False)
class HeldOutAnswers:
    """What every exit makes of held-out inputs, shallow to deep.

    Attributes:
        confidence: in each answer, 0 to 1. Shape (exits, n).
        scores: whether it is right, or agrees with the deepest exit's. Shape (exits, n).
    """

    confidence: FloatArray
    scores: npt.NDArray[np.bool_]


def find_exit_rule(
    network: Network,
    inputs: Labelled,
    scored_by: str,
    measure: str,
    bound: Bound,
    progress: Progress | None = None,
    seen: Callable[[HeldOutAnswers], None] | None = None,
) -> CalibratedRule:
    """Calibrate a rule on all inputs, and measure what it does to them.

    Args:
        network: whose exits give classes.
        inputs: held-out inputs; those that cannot be read are left out, which they say themselves.
        scored_by: ``accuracy`` where they have labels, or ``agreement``.
        measure: name of the measure of confidence.
        bound: what is asked of the rule.
        progress: called with what is going on, how much is done, and of how much.
        seen: called with the answers to the inputs as they are.

    Raises:
        SpecError: the network has no classes or no early exit, or scores are not 0 or 1.
        UnknownNameError: nobody declares the measure of confidence.
        InputError: inputs of another network.
        DataError: no input could be read.
    """
    check_exits(network, scored_by)
    names, checked = network.graph.exit_names, worth_checking(network.graph.paths)
    found: dict[str, ThresholdsFound] = {}
    for codec in (RAW, *_lossy_inputs(network)):
        answers = held_out_answers(network, inputs, scored_by, [measure], progress, codec)[0]
        if seen is not None and codec == RAW:
            seen(answers)
        thresholds = calibrate(answers.confidence, answers.scores, checked, bound)
        if codec == RAW or (thresholds < NEVER).any():
            found[codec] = _found(names, answers, thresholds)
    exact = found.pop(RAW)
    return CalibratedRule(
        made_by=Provenance.here_and_now(network.graph.sha256, COMMAND),
        measure=measure,
        loss=bound.loss,
        confidence=bound.confidence,
        inputs=sum(same.inputs for same in exact.together),
        scored_by=scored_by,
        exits=exact.exits,
        together=exact.together,
        codecs=found if exact.lets_leave else {},
    )


def _found(names: Sequence[str], answers: HeldOutAnswers, thresholds: FloatArray) -> ThresholdsFound:
    """Thresholds, infinite where nothing leaves early, and which exits are then sure of the same inputs."""
    return ThresholdsFound(
        tuple(
            ExitThreshold(name, None if threshold == NEVER else threshold)
            for name, threshold in zip(names, thresholds.tolist(), strict=True)
        ),
        tuple(sure_together(names, answers, thresholds)),
    )


def _lossy_inputs(network: Network) -> list[str]:
    """The lossy input codecs that plans can use."""
    lossy = [name for name in network.input_codecs if not CODECS[name].lossless]
    return [name for name in lossy if can_write(name, INPUT, network.graph.source)]


def check_exits(network: Network, scored_by: str) -> None:
    """Refuse a network whose exits cannot be left by confidence, and scores that are not 0 or 1.

    Raises:
        SpecError: one of these.
    """
    spec = network.spec
    if spec.output != "labels":
        raise SpecError(f"{spec.file}: output: {spec.output}: an exit rule needs exits that give classes")
    if len(spec.exits) < 2:
        raise SpecError(f"{spec.file}: one exit: an exit rule needs earlier ones; `edgent exits` makes some")
    if scored_by not in SCORED_BY:
        raise SpecError(f"measure {scored_by}: an exit rule counts answers: name {' or '.join(SCORED_BY)}")


def held_out_answers(
    network: Network,
    inputs: Labelled,
    scored_by: str,
    measures: Sequence[str],
    progress: Progress | None = None,
    codec: str = RAW,
) -> list[HeldOutAnswers]:
    """What every exit makes of the inputs, by each measure of confidence, in one run of the network.

    Args:
        network: whose exits give classes.
        inputs: held-out inputs.
        scored_by: ``accuracy``, or ``agreement`` with what the deepest exit gives without loss.
        measures: names of measures of confidence.
        progress: called with what is going on, how much is done, and of how much.
        codec: the input codec in which inputs come.

    Raises:
        UnknownNameError: nobody declares a measure.
        InputError: inputs of another network.
        DataError: no input could be read.
    """
    running, scored = ScoredNetwork(network, scored_by), MEASURES[scored_by]
    names, measured = network.graph.exit_names, [CONFIDENCES[name] for name in measures]
    sure: list[list[FloatArray]] = []
    right: list[npt.NDArray[np.bool_]] = []
    done = 0
    for batch in inputs.batches(_BATCH):
        check_samples(network, batch.images)
        given = running.answers(batch.images) if codec == RAW or not scored.needs_labels else {}
        wanted = batch.labels if scored.needs_labels else given[names[-1]]
        if codec != RAW:
            given = running.answers(through_codec(batch.images, codec, INPUT)[0])
        right.append(np.array([scored.scores(given[name], wanted) for name in names], dtype=np.bool_))
        sure.append([np.array([confidences(way, given[name]) for name in names]) for way in measured])
        done += len(batch.images)
        if progress is not None:
            progress("answers of the exits" + f" behind {codec}" * (codec != RAW), done, len(inputs))
    if not done:
        raise inputs.nothing_read()
    scores = np.concatenate(right, axis=1)
    return [HeldOutAnswers(np.concatenate(batches, axis=1), scores) for batches in zip(*sure, strict=True)]


def sure_together(
    names: Sequence[str], answers: HeldOutAnswers, thresholds: FloatArray
) -> Iterator[SureInputs]:
    """The inputs of which the same exits are sure, the most of them first.

    Args:
        names: of the exits, shallow to deep.
        answers: of all exits to all inputs.
        thresholds: of the exits. Shape (exits,).
    """
    sure = answers.confidence > thresholds[:, None]
    which, of_input, inputs = np.unique(sure, axis=1, return_inverse=True, return_counts=True)
    for kind in np.argsort(-inputs, kind="stable"):
        yield SureInputs(
            tuple(name for name, is_sure in zip(names, which[:, kind], strict=True) if is_sure),
            int(inputs[kind]),
            tuple(answers.scores[:, of_input == kind].sum(axis=1).tolist()),
        )
