"""A pipeline as a benchmark runs it: the same network, with every codec and with profiles of its own."""

import contextlib
import fcntl
from collections.abc import Iterator
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
from edgent.network import Network
from edgent.spec import Pipeline, read_spec

if TYPE_CHECKING:
    from edgent.latency.timing import Progress

ACCURACY_FILE = "codec_accuracy.yaml"
_INPUT_CODECS = ["raw", "webp", "jpeg", "float32"]
_ACTIVATION_CODECS = ["float32", "uint8"]
_INPUTS = 64


def write_trial_spec(pipeline: Pipeline, folder: Path, codecs: list[str] | None = None) -> Path:
    """Write a spec into a folder that offers all codecs; its profiles will lie beside it.

    Args:
        pipeline: what is tried.
        folder: of this run.
        codecs: input codecs; all of them when None.
    """
    source: dict[str, Any] = yaml.safe_load(pipeline.file.read_text(encoding="utf-8"))
    source["model"]["file"] = str(pipeline.resolve(pipeline.model.file).resolve())
    source["codecs"] = {"input": codecs or _INPUT_CODECS, "activation": _ACTIVATION_CODECS}
    source["codecs"]["accuracy"] = ACCURACY_FILE
    source["regressors"] = {"device": "device.yaml", "edge": "edge.yaml"}
    source["edge"] = {}
    if pipeline.input.samples is not None:
        source["input"]["samples"] = str(pipeline.resolve(pipeline.input.samples).resolve())
    file = folder / f"{pipeline.name}.yaml"
    file.write_text(yaml.safe_dump(source, sort_keys=False), encoding="utf-8")
    return file


@contextlib.contextmanager
def run_folder(benchmark: str, pipeline: Pipeline) -> Iterator[Path]:
    """The folder of a benchmark's runs, for one of them at a time: profiles in it are of one run.

    Raises:
        TestbedError: another run uses it now.
    """
    folder = (Path("runs") / benchmark / pipeline.name).resolve()
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
    """Real inputs, shape (n, *input shape): held-out data, or the spec's own samples.

    Raises:
        InputError: the spec names neither, or a sample cannot be read.
        DataError: the data set is not there.
    """
    if pipeline.training is not None:
        return DATASETS[pipeline.training.dataset].held_out().images[:_INPUTS]
    if pipeline.input.samples is None:
        raise InputError(f"{pipeline.file}: name training.dataset or input.samples to run benchmarks with")
    found = []
    for item in read_inputs(pipeline.resolve(pipeline.input.samples), pipeline):
        if item.tensor is None:
            raise InputError(f"{item.name}: {item.error}")
        found.append(item.tensor)
    return np.concatenate(found)


def measure_accuracy(pipeline: Pipeline, network: Network, budget_s: float, progress: "Progress") -> None:
    """See that the accuracy under every codec of a trial is known: the pipeline's, an earlier run's, or now.

    Raises:
        InputError: the pipeline has no data set to measure it on.
    """
    file = network.spec.file.parent / ACCURACY_FILE
    known = [pipeline.resolve(pipeline.codecs.accuracy)] if pipeline.codecs.accuracy else []
    for path in (file, *known):
        with contextlib.suppress(StaleFileError):
            found = read_accuracies(path, network.graph.sha256)
            deepest = found.by_exit[network.graph.exit_names[-1]]
            if all((codec, "uint8") in deepest for codec in network.spec.codecs.input if codec == "jpeg"):
                found.write(file)
                return
    if pipeline.training is None:
        raise InputError(f"{pipeline.file}: no training.dataset to measure accuracy under codecs on")
    held_out = DATASETS[pipeline.training.dataset].held_out()
    evaluate_codecs(network, held_out.images, held_out.labels, budget_s=budget_s, progress=progress).write(
        file
    )
