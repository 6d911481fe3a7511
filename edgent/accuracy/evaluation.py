"""Measure what codecs cost in accuracy: every exit under every codec, at every cut, on held-out data.

A lossless codec costs nothing by definition (a sample is checked all the same). For a lossy one the same
inputs are answered with and without it, so the change in accuracy is known far better than either accuracy.
Where the spec leaves the choice of input codecs, a ladder of picture codecs is searched first. What an input
codec and an activation codec cost together is taken to be what both cost alone. Without labels, answers are
scored by what the deepest exit gives without loss.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from edgent.accuracy.codec_accuracy import COMMAND, LOSSLESS_INPUTS, CodecAccuracies, ExitAccuracy
from edgent.accuracy.codec_comparison import CodecComparison
from edgent.accuracy.feature_comparison import FeatureComparison
from edgent.accuracy.ladder_search import BATCH, SAMPLE, chosen, search_ladder
from edgent.accuracy.measures.registry import MEASURES, usual_measure
from edgent.accuracy.scored_network import ScoredNetwork
from edgent.core.codecs.codec import INPUT
from edgent.errors import DataError, SpecError
from edgent.generated_file import Provenance
from edgent.latency.crossing import can_write, check_samples
from edgent.planning.plan import FILE, RAW

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.accuracy.ladder_choice import MeasuredCodec
    from edgent.inputs.labelled import Labelled
    from edgent.latency.timing import Progress
    from edgent.network import Network

DEFAULT_BUDGET_S = 120.0
_BATCH = 100
_LARGEST_BATCH_BYTES = 1024**3  # of what crosses all cuts
_LEAST_COMPARED = 100
_CHECKED_SAMPLES = 16
_SAMPLED_SHARE = 1 / 3  # of the time, where picture codecs are to be chosen


def evaluate_codecs(
    network: Network,
    inputs: Labelled,
    measure: str | None = None,
    *,
    budget_s: float = DEFAULT_BUDGET_S,
    seed: int = 0,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> CodecAccuracies:
    """Measure every exit on all inputs, and every lossy codec on as many of them as the time allows.

    Args:
        network: with the codecs that its spec offers; where it leaves the choice, picture codecs are chosen.
        inputs: held-out inputs; those that cannot be read are left out, which they say themselves.
        measure: name of what scores the answers; by default what suits the spec's output and the inputs.
        budget_s: seconds for the lossy codecs; a hundred inputs at least are compared.
        seed: the choice of inputs to compare follows from it.
        progress: called with what is going on, how much is done, and of how much.
        clock: seconds, monotonic.

    Raises:
        UnknownNameError: no such measure.
        SpecError: the measure is none for this network's exits.
        InputError: inputs of another network.
        DataError: no input could be read, or they lack the labels that the measure needs.
        FrameError: a codec that calls itself lossless is not.
    """
    measure = _usable_measure(network, inputs, measure)
    size, order, rest_s = _batch_size(network), inputs.order(seed), budget_s
    rungs: list[MeasuredCodec] = []
    if not network.spec.codecs.input:
        began_s, share_s = clock(), budget_s * _SAMPLED_SHARE
        sample = inputs.batches(min(size, BATCH), order[:SAMPLE])
        rungs = search_ladder(network, sample, measure, budget_s=share_s, progress=progress, clock=clock)
        rest_s = max(budget_s - share_s, budget_s - (clock() - began_s))
    names = (*(network.spec.codecs.input or LOSSLESS_INPUTS), *(rung.name for rung in rungs))
    scored = ScoredNetwork(network, measure)
    comparison, features = CodecComparison(scored, names), FeatureComparison(scored)
    exits = _exit_accuracies(scored, inputs, size, progress)
    for batch in inputs.batches(min(size, _CHECKED_SAMPLES), order[:_CHECKED_SAMPLES]):
        comparison.check_lossless(batch.images)
    if FILE in names:
        comparison.check_files(inputs.photos(), _CHECKED_SAMPLES)
    began_s, compared = clock(), 0
    tell = _comparison_progress(progress, rest_s, len(inputs), clock)
    lossy = comparison.has_lossy_codecs or network.feature_codecs
    for batch in inputs.batches(size, order) if lossy else ():
        plain = scored.plain(batch)
        for share in comparison.compare(plain):
            tell(compared + share * len(batch.images))
        features.compare(plain)
        compared += len(batch.images)
        tell(compared)
        if compared >= _LEAST_COMPARED and clock() - began_s >= rest_s:
            break
    measured = CodecAccuracies(
        made_by=Provenance.here_and_now(network.graph.sha256, COMMAND),
        images=len(inputs),
        compared=compared,
        exits=exits,
        changes=tuple(comparison.changes(compared)),
        measure=measure,
        features=tuple(features.changes(compared)),
        sizes=tuple(comparison.sizes()),
    )
    return measured if network.spec.codecs.input else _with_choice(network, measured, rungs)


def _comparison_progress(
    progress: Progress | None, budget_s: float, inputs: int, clock: Callable[[], float]
) -> Callable[[float], None]:
    """What tells by the inputs compared how far the comparison is.

    It ends when all are compared, or enough of them and the time is up, whichever of both comes later.
    """
    began_s = clock()

    def tell(compared: float) -> None:
        if progress is not None:
            share = min((clock() - began_s) / budget_s, compared / _LEAST_COMPARED)
            progress("lossy codecs", min(max(share, compared / inputs), 1.0), 1.0)

    return tell


def _usable_measure(network: Network, inputs: Labelled, measure: str | None) -> str:
    """The name of what scores the answers: the one that is asked for, or the usual one.

    Raises:
        UnknownNameError: no such measure.
        SpecError: it is none for this network's exits.
        DataError: it needs labels, and the inputs have none.
    """
    name = measure or usual_measure(network.spec.output, has_labels=inputs.has_labels)
    check_measure(network, name)
    if MEASURES[name].needs_labels and not inputs.has_labels:
        raise DataError(f"measure {name} needs inputs with labels, and these have none")
    return name


def _with_choice(network: Network, measured: CodecAccuracies, rungs: list[MeasuredCodec]) -> CodecAccuracies:
    """What was measured, of the rungs that are worth keeping; lossless codecs are kept as well."""
    deepest = measured.exits[-1]
    scores = {
        row.input_codec: deepest.accuracy + row.change
        for row in measured.changes
        if row.exit == deepest.exit and row.input_codec != RAW
    }
    lossless = [name for name in LOSSLESS_INPUTS if can_write(name, INPUT, network.graph.source)]
    kept = (*lossless, *chosen(rungs, scores, deepest.accuracy))
    changes = tuple(row for row in measured.changes if row.input_codec in {RAW, *kept})
    sizes = tuple(row for row in measured.sizes if row.partition_point or row.codec in kept)
    return replace(measured, changes=changes, input_codecs=kept, sizes=sizes)


def check_measure(network: Network, measure: str) -> None:
    """Refuse a measure that is none for a network's exits.

    Raises:
        UnknownNameError: no such measure.
        SpecError: it is for another kind of answers, or exits give arrays of different shapes.
    """
    spec, scored = network.spec, MEASURES[measure]
    by_hand = "write exits[].accuracy yourself and list lossless codecs only"
    if spec.output not in scored.outputs:
        able = ", ".join(name for name in MEASURES if spec.output in MEASURES[name].outputs)
        raise SpecError(f"{spec.file}: output: {spec.output} has no {measure}; choose {able}, or {by_hand}")
    if scored.needs_labels:
        return
    shapes = {path.exit_name: list(path.cut(len(path.layers)).shape) for path in network.graph.paths}
    deepest = network.graph.exit_names[-1]
    for name, shape in shapes.items():
        if shape != shapes[deepest]:
            raise SpecError(
                f"{spec.file}: {name} gives an array of shape {shape}, and the deepest exit, {deepest}, one "
                f"of {shapes[deepest]}: no measure compares these; {by_hand}"
            )


def _batch_size(network: Network) -> int:
    """Inputs that are answered together: a hundred, or as many as leave room for what crosses all cuts."""
    crossing = {
        path.cut_tensor(point): path.cut(point).size_bytes
        for path in network.graph.paths
        for point in path.partition_points
    }
    return max(1, min(_BATCH, _LARGEST_BATCH_BYTES // sum(crossing.values())))


def _exit_accuracies(
    scored: ScoredNetwork, inputs: Labelled, size: int, progress: Progress | None
) -> tuple[ExitAccuracy, ...]:
    """The mean score of every exit over all inputs, shallow to deep."""
    total: Counter[str] = Counter()
    exit_names = scored.network.graph.exit_names
    done = 0
    for batch in inputs.batches(size):
        check_samples(scored.network, batch.images)
        done += len(batch.images)
        for name, scores in scored.plain(batch).scores.items():
            total[name] += scores.sum()
        if progress is not None:
            progress("accuracy of the exits", done, len(inputs))
    if not done:
        raise inputs.nothing_read()
    return tuple(ExitAccuracy(name, round(float(total[name]) / done, 6)) for name in exit_names)
