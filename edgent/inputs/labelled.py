"""Labelled inputs where a spec says: a known data set, a folder of labelled folders, an .npz file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgent.datasets.dataset import Split
from edgent.datasets.registry import DATASETS
from edgent.errors import DataError
from edgent.inputs import read_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.spec import Pipeline


@dataclass(frozen=True)
class Labelled:
    """Labelled inputs of a network.

    Attributes:
        split: the inputs, shape (N, *input shape), and the numbers of their classes.
        left_out: the inputs that were left out, each with its reason.
    """

    split: Split
    left_out: tuple[str, ...] = ()


def held_out_data(spec: Pipeline) -> Labelled:
    """The inputs that a spec names to measure accuracy on.

    Raises:
        DataError: it names none, or these cannot be read.
    """
    return _named(spec, spec.held_out, training=False)


def training_data(spec: Pipeline) -> Labelled:
    """The inputs that a spec names to train on.

    Raises:
        DataError: it names none, or these cannot be read.
    """
    return _named(spec, spec.train_data, training=True)


def read_labelled(path: Path, spec: Pipeline) -> Labelled:
    """Labelled inputs of a folder whose subfolders are named for labels, or of an .npz of images and labels.

    Raises:
        DataError: there is none.
    """
    return _from_archive(path, spec) if path.suffix.lower() == ".npz" else _from_folder(path, spec)


def _named(spec: Pipeline, source: str | None, *, training: bool) -> Labelled:
    key = "data.train" if training else "data.held_out"
    if source is None:
        raise DataError(
            f"{spec.file} names no {key} and no training.dataset: write one, a folder of labelled folders or "
            "an .npz file of images and labels"
        )
    if source in DATASETS:
        dataset = DATASETS[source]
        return Labelled(dataset.train() if training else dataset.held_out())
    path = spec.resolve(source)
    if not path.exists():
        known = ", ".join(DATASETS)
        raise DataError(
            f"{spec.file}: {key}: {path} is not there, and no data set is called so; known: {known}"
        )
    return read_labelled(path, spec)


def _from_folder(path: Path, spec: Pipeline) -> Labelled:
    labels = spec.input.labels
    tensors, classes, left_out = [], [], []
    for item in read_inputs(path, spec):
        if item.tensor is None:
            left_out.append(f"{item.name}: {item.error}")
        elif item.expected is None:
            left_out.append(f"{item.name}: it lies in no folder that is named for a label")
        elif labels.count(item.expected) > 1:
            left_out.append(f"{item.name}: several classes are labelled {item.expected!r}")
        else:
            tensors.append(item.tensor)
            classes.append(labels.index(item.expected))
    if not tensors:
        reason = f"; {left_out[0]}" if left_out else ""
        raise DataError(
            f"{path} holds no labelled input: it needs a subfolder of inputs for each label, such as "
            f"{path.name}/{labels[0]}{reason}"
        )
    return Labelled(Split(np.concatenate(tensors), np.array(classes, np.int64)), tuple(left_out))


def _from_archive(path: Path, spec: Pipeline) -> Labelled:
    try:
        with np.load(path, allow_pickle=False) as archive:
            images, labels = archive["images"], archive["labels"]
    except Exception as error:  # noqa: BLE001  a header is Python text: it fails in too many ways to list
        raise DataError(f"{path}: no .npz file with arrays images and labels: {error}") from None
    shape, dtype, classes = spec.input.shape, spec.input.dtype, len(spec.input.labels)
    if images.shape[1:] != shape or images.dtype != dtype or len(images) == 0:
        raise DataError(
            f"{path}: images of shape {list(images.shape)}, {images.dtype}; {spec.name} takes a number of "
            f"{list(shape)}, {dtype}"
        )
    if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
        raise DataError(
            f"{path}: labels of shape {list(labels.shape)}, {labels.dtype}; expected a whole number for "
            f"each of {len(images)} images"
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise DataError(
            f"{path}: labels from {labels.min()} to {labels.max()}; {spec.name} has classes 0 to "
            f"{classes - 1}"
        )
    return Labelled(Split(images, labels.astype(np.int64)))
