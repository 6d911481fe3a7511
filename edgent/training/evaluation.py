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


def accuracies(path: Path, split: Split, threads: int = 1) -> tuple[float, ...]:
    """Share of a split's images that each exit labels rightly, shallow to deep.

    Raises:
        ModelError: onnxruntime cannot load the file.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no public base
        raise ModelError(f"cannot load {path}: {error}") from error
    right = np.zeros(len(session.get_outputs()), dtype=np.int64)
    for start in range(0, len(split.labels), _BATCH):
        images, labels = split.images[start : start + _BATCH], split.labels[start : start + _BATCH]
        logits = session.run(None, {session.get_inputs()[0].name: images})
        right += [np.count_nonzero(of_exit.argmax(axis=1) == labels) for of_exit in logits]
    return tuple((right / len(split.labels)).tolist())
