"""Measure what codecs cost in accuracy: every exit under every codec, at every cut, on held-out data.

A lossless codec costs nothing by definition (a sample is checked all the same). For a lossy one the same
images are answered with and without it, so the change in accuracy is known far better than either accuracy.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from edgent.accuracy.codec_accuracy import COMMAND, CodecAccuracies, ExitAccuracy
from edgent.accuracy.codec_comparison import CodecComparison
from edgent.errors import DataError
from edgent.generated_file import Provenance
from edgent.latency.crossing import check_samples

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from edgent.latency.timing import Progress
    from edgent.network import Network

DEFAULT_BUDGET_S = 120.0
_BATCH = 100
_CHECKED_SAMPLES = 16


def evaluate_codecs(
    network: Network,
    images: np.ndarray,
    labels: npt.NDArray[np.int64],
    *,
    budget_s: float = DEFAULT_BUDGET_S,
    seed: int = 0,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> CodecAccuracies:
    """Measure every exit on all images, and every lossy codec on as many of them as the time allows.

    Args:
        network: with the codecs that its spec offers.
        images: held-out inputs, shape (n, *input shape).
        labels: their classes, shape (n,).
        budget_s: seconds for the lossy codecs; a hundred images at least are compared.
        seed: the choice of images to compare follows from it.
        progress: called with what is going on, how much is done, and of how much.
        clock: seconds, monotonic.

    Raises:
        InputError: images that are no inputs of the network.
        DataError: another number of labels than of images.
        FrameError: a codec that calls itself lossless is not.
    """
    check_samples(network, images)
    if len(labels) != len(images):
        raise DataError(f"{len(images)} images, but {len(labels)} labels: give one to each image")
    comparison = CodecComparison(network)
    exits = _exit_accuracies(comparison, images, labels, progress)
    order = np.random.default_rng(seed).permutation(len(images))
    comparison.check_lossless(images[order[:_CHECKED_SAMPLES]])
    began_s, compared = clock(), 0
    if comparison.has_lossy_codecs:
        while compared < len(images) and (compared == 0 or clock() - began_s < budget_s):
            chosen = order[compared : compared + _BATCH]
            comparison.compare(images[chosen], labels[chosen])
            compared += len(chosen)
            if progress is not None:
                share = max((clock() - began_s) / budget_s, compared / len(images))
                progress("lossy codecs", min(share, 1.0), 1.0)
    return CodecAccuracies(
        made_by=Provenance.here_and_now(network.graph.sha256, COMMAND),
        images=len(images),
        compared=compared,
        exits=exits,
        changes=tuple(comparison.changes(compared)),
    )


def _exit_accuracies(
    comparison: CodecComparison,
    images: np.ndarray,
    labels: npt.NDArray[np.int64],
    progress: Progress | None,
) -> tuple[ExitAccuracy, ...]:
    """The accuracy of every exit on all images, shallow to deep."""
    right: Counter[str] = Counter()
    for start in range(0, len(images), _BATCH):
        part, truth = images[start : start + _BATCH], labels[start : start + _BATCH]
        right.update({name: int(correct.sum()) for name, correct in comparison.plain(part, truth).items()})
        if progress is not None:
            progress("accuracy of the exits", start + len(part), len(images))
    return tuple(ExitAccuracy(name, round(count / len(images), 6)) for name, count in right.items())
