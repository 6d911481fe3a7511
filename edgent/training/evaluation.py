"""Accuracy of every exit of an exported network, by the runtime that will serve it."""

from pathlib import Path

import numpy as np
import onnxruntime

from edgent.datasets.dataset import Split
from edgent.datasets.registry import DATASETS
from edgent.errors import ModelError

_BATCH = 250


def evaluate_onnx(path: Path, dataset: str) -> tuple[float, ...]:
    """Share of the data set's held-out images that each exit labels rightly, shallow to deep.

    Raises:
        ModelError: onnxruntime cannot load the file.
        UnknownNameError: no such data set.
        DataError: the data set's files are missing or malformed.
    """
    return accuracies(path, DATASETS[dataset].held_out())


def accuracies(model: Path | bytes, split: Split, threads: int = 1) -> tuple[float, ...]:
    """Share of a split's images that each exit labels rightly, shallow to deep.

    Args:
        model: an ONNX file, or the content of one.
        split: images and their labels.
        threads: number of threads that the runtime may use.

    Raises:
        ModelError: onnxruntime cannot load it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no public base
        name = model if isinstance(model, Path) else "the network"
        raise ModelError(f"cannot load {name}: {error}") from error
    right = np.zeros(len(session.get_outputs()), dtype=np.int64)
    for start in range(0, len(split.labels), _BATCH):
        images, labels = split.images[start : start + _BATCH], split.labels[start : start + _BATCH]
        logits = session.run(None, {session.get_inputs()[0].name: images})
        right += [np.count_nonzero(of_exit.argmax(axis=1) == labels) for of_exit in logits]
    return tuple((right / len(split.labels)).tolist())
