"""A pipeline as a study runs it: the same network, with every codec and with profiles of its own."""

from __future__ import annotations

import contextlib
import fcntl
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from benchmarks.testbed.errors import TestbedError
from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.accuracy.evaluation import evaluate_codecs
from edgent.datasets.registry import DATASETS
from edgent.errors import InputError, StaleFileError
from edgent.inputs import read_inputs
from edgent.inputs.labelled import Labelled, held_out_data
from edgent.latency.profile import read_profile
from edgent.network import Network
from edgent.planning.plan import FILE
from edgent.spec import read_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.latency.timing import Progress, Timing
    from edgent.spec import Pipeline

ACCURACY_FILE = "codec_accuracy.yaml"
_EVERY_CODEC = {
    "input": ["raw", "webp", "jpeg", "float32"],
    "activation": ["float32", "uint8"],
    "accuracy": ACCURACY_FILE,
}
_FILES = (("model", "file"), ("codecs", "accuracy"), ("regressors", "device"), ("regressors", "edge"))
_INPUTS = 64


def write_trial_spec(pipeline: Pipeline, folder: Path, **sections: Any) -> Path:
    """Write a spec that has no hedge and, unless told, all simple codecs; its profiles will lie beside it."""
    usual = {
        "codecs": _EVERY_CODEC,
        "regressors": {"device": "device.yaml", "edge": "edge.yaml"},
        "device": {"hedge": False},
    }
    return write_changed(pipeline, folder / f"{pipeline.name}.yaml", **(usual | sections))


def write_slowed_spec(pipeline: Pipeline, folder: Path, slowdown: float, **sections: Any) -> Path:
    """Write a spec for a device whose segments take so many times as long, its profile beside it.

    Raises:
        TestbedError: The pipeline names no profiles.
        StaleFileError: The device's profile is missing, or made for another model.
    """
    if pipeline.regressors is None or pipeline.model.sha256 is None:
        raise TestbedError(f"{pipeline.file}: name profiles and the digest of the model they are made for")
    profile = read_profile(pipeline.resolve(pipeline.regressors.device), "device", pipeline.model.sha256)
    rows = (replace(row, timing=slower(row.timing, slowdown)) for row in profile.segments)
    profiles = {"device": "device.yaml", "edge": str(pipeline.resolve(pipeline.regressors.edge).resolve())}
    file = write_changed(pipeline, folder / f"{pipeline.name}.yaml", regressors=profiles, **sections)
    replace(profile, segments=tuple(rows)).write(folder / "device.yaml")
    return file


def write_changed(pipeline: Pipeline, file: Path, **sections: Any) -> Path:
    """Write a pipeline's spec into another file, with some of its sections replaced.

    Files in the sections are relative to the new file.
    """
    source: dict[str, Any] = yaml.safe_load(pipeline.file.read_text(encoding="utf-8"))
    for section, name in _FILES:
        if name in source.get(section, {}):
            source[section][name] = str(pipeline.resolve(source[section][name]).resolve())
    source["input"].pop("samples", None)
    source.pop("edge", None)
    source |= sections if "edges" in sections else {"edge": {}} | sections
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(source, sort_keys=False), encoding="utf-8")
    return file


def listed_codecs(pipeline: Pipeline, *, of_photos: bool = False) -> dict[str, Any]:
    """The codecs that a pipeline ships, its files by their whole paths.

    Args:
        pipeline: Whose.
        of_photos: Whether inputs are photos' files, and not pixels alone: then they may go up as they are.
    """
    listed: dict[str, Any] = yaml.safe_load(pipeline.file.read_text(encoding="utf-8"))["codecs"]
    features = [str(pipeline.resolve(file).resolve()) for file in pipeline.codecs.features]
    assert pipeline.codecs.accuracy is not None, "the pipeline's codecs are evaluated"
    accuracy = pipeline.resolve(pipeline.codecs.accuracy).resolve()
    listed["input"] = [name for name in listed["input"] if of_photos or name != FILE]
    return listed | {"features": features, "accuracy": str(accuracy)}


def slower(timing: Timing, times: float) -> Timing:
    """A timing of what takes so many times as long."""
    return replace(
        timing,
        medians_us=tuple(round(median_us * times, 2) for median_us in timing.medians_us),
        p95_us=tuple(round(p95_us * times, 2) for p95_us in timing.p95_us),
    )


@contextlib.contextmanager
def trial_folder(study: str, pipeline: Pipeline) -> Iterator[Path]:
    """The folder of a study's trials, for one of them at a time: the profiles in it are of one run.

    Raises:
        TestbedError: Another run uses it now.
    """
    folder = (Path("runs") / study / pipeline.name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TestbedError(f"another run uses {folder}: wait until it ends") from None
        yield folder


def open_trial(file: Path) -> Network:
    """The network of a trial spec; its segments are kept beside it."""
    return Network.open(read_spec(file), file.parent / "segments")


def trial_inputs(pipeline: Pipeline) -> np.ndarray:
    """Real inputs: some of the held-out data, or the spec's own samples. Shape (n, *input shape).

    Raises:
        InputError: The spec names neither.
        DataError: The data set is not there.
    """
    if pipeline.held_out is None:
        return sample_inputs(pipeline)
    held_out = held_out_data(pipeline, use_labels=False)
    return next(iter(held_out.batches(_INPUTS, held_out.order(0)))).images


def sample_inputs(pipeline: Pipeline) -> np.ndarray:
    """The pipeline's own samples. Shape (n, *input shape).

    Raises:
        InputError: The spec names none, or a sample cannot be read.
    """
    if pipeline.input.samples is None:
        raise InputError(f"{pipeline.file}: name training.dataset or input.samples to measure with")
    tensors = []
    for item in read_inputs(pipeline.resolve(pipeline.input.samples), pipeline):
        if item.tensor is None:
            raise InputError(f"{item.name}: {item.error}")
        tensors.append(item.tensor.reshape(1, *pipeline.input.shape))
    return np.concatenate(tensors)


def measure_accuracy(pipeline: Pipeline, network: Network, budget_s: float, progress: Progress) -> None:
    """See that the accuracy under every codec of a trial is known: the pipeline's, an earlier run's, or now.

    Raises:
        InputError: The pipeline has no data set to measure it on.
    """
    file = network.spec.file.parent / ACCURACY_FILE
    known = [pipeline.resolve(pipeline.codecs.accuracy)] if pipeline.codecs.accuracy else []
    for path in (file, *known):
        with contextlib.suppress(StaleFileError):
            accuracies = read_accuracies(path, network.graph.sha256)
            if ("jpeg", "uint8") in accuracies.by_exit[network.graph.exit_names[-1]]:
                accuracies.write(file)
                return
    if pipeline.training is None:
        raise InputError(f"{pipeline.file}: no training.dataset to measure accuracy under codecs on")
    held_out = DATASETS[pipeline.training.dataset].held_out()
    labelled = Labelled.of(held_out.images, held_out.labels)
    evaluate_codecs(network, labelled, budget_s=budget_s, progress=progress).write(file)
