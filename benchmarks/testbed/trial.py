"""A pipeline as a study runs it: the same network, with every codec and with profiles of its own."""

from __future__ import annotations

import contextlib
import fcntl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from benchmarks.testbed.errors import TestbedError
from edgent.accuracy.codec_accuracy import read_accuracies
from edgent.accuracy.evaluation import evaluate_codecs
from edgent.errors import InputError, StaleFileError
from edgent.inputs import read_inputs
from edgent.network import Network
from edgent.spec import read_spec
from edgent.training.datasets import load_test_split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgent.latency.timing import Progress
    from edgent.spec import Pipeline

ACCURACY_FILE = "codec_accuracy.yaml"
_EVERY_CODEC = {
    "input": ["raw", "webp", "jpeg", "float32"],
    "activation": ["float32", "uint8"],
    "accuracy": ACCURACY_FILE,
}
_INPUTS = 64


def write_trial_spec(pipeline: Pipeline, folder: Path) -> Path:
    """Write a spec that offers all codecs; its profiles will lie beside it."""
    profiles = {"device": "device.yaml", "edge": "edge.yaml"}
    return write_changed_spec(pipeline, folder, codecs=_EVERY_CODEC, regressors=profiles)


def write_changed_spec(pipeline: Pipeline, folder: Path, **sections: Any) -> Path:
    """Write a pipeline's spec into another folder, with some of its sections replaced.

    Args:
        pipeline: What is tried.
        folder: Made where it is missing.
        sections: By name; files in them are relative to the folder.
    """
    source: dict[str, Any] = yaml.safe_load(pipeline.file.read_text(encoding="utf-8"))
    source["model"]["file"] = str(pipeline.resolve(pipeline.model.file).resolve())
    source["input"].pop("samples", None)
    source |= {"edge": {}} | sections
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{pipeline.name}.yaml"
    file.write_text(yaml.safe_dump(source, sort_keys=False), encoding="utf-8")
    return file


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
    """Real inputs: held-out data, or the spec's own samples. Shape (n, *input shape).

    Raises:
        InputError: The spec names neither.
        DataError: The data set is not there.
    """
    if pipeline.training is not None:
        return load_test_split(pipeline.training.dataset).images[:_INPUTS]
    return sample_inputs(pipeline)


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
    held_out = load_test_split(pipeline.training.dataset)
    evaluate_codecs(network, held_out.images, held_out.labels, budget_s=budget_s, progress=progress).write(
        file
    )
