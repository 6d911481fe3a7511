"""From a network and data to a feature codec beside the network: every stage of it, in order."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from edgent.compression.codec_export import CodecFiles, Versions, export_codec
from edgent.compression.codec_network import code_shape
from edgent.compression.codec_training import CodecTraining, Schedule
from edgent.compression.codec_work import multiply_accumulates
from edgent.compression.frozen_tail import FrozenTail
from edgent.compression.measuring import CodecMeasuring
from edgent.compression.network_reader import NetworkReader
from edgent.compression.torch_operators import NotCoveredError
from edgent.compression.training_tensors import TrainingTensors
from edgent.compression.views import number_of_views
from edgent.core.wire import frame_bytes
from edgent.generated_file import Provenance
from edgent.graph.cache import write_whole
from edgent.graph.feature_record import CodecTrainingRecord, FeatureCodecRecord, codec_files
from edgent.graph.onnx_file import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edgent.compression.codec_data import CodecData
    from edgent.compression.codec_place import CodecPlace
    from edgent.compression.codec_training import Step
    from edgent.compression.measuring import Measured
    from edgent.datasets.dataset import Split
    from edgent.latency.timing import Progress
    from edgent.network import Network

_BATCH = 50
_WATCHED = 250  # held-out samples that are measured while it trains
_CHECKED = 8  # samples by which torch's answers are compared with onnxruntime's
_USUAL_BITS = 2.0  # an element: many channels of few levels tell more than few channels of many
_TABLE_BYTES = 16  # of Huffman's code in every payload
_HUFFMANS_SHARE = 0.94  # of a payload's bits that an entropy may have, given what Huffman and new data add


@dataclass(frozen=True)
class Request:
    """What to train.

    Attributes:
        place: where the codec stands.
        name: its name.
        channels: of its code.
        target_bytes: of its frame; None for two bits an element.
        time_budget_s: seconds of training.
        seed: all random choices follow from it.
        threads: of torch and onnxruntime.
        command: what asked for it, for the record.
    """

    place: CodecPlace
    name: str
    channels: int
    target_bytes: int | None
    time_budget_s: float
    seed: int
    threads: int
    command: str

    @property
    def frame_target_bytes(self) -> int:
        """Size that the frame is to have."""
        elements = code_shape(self.place, self.channels).elements
        usual = frame_bytes(4, _TABLE_BYTES + math.ceil(elements * _USUAL_BITS / 8 / _HUFFMANS_SHARE))
        return self.target_bytes or usual

    @property
    def target_bits(self) -> float:
        """Entropy of an element of a code that fits."""
        elements = code_shape(self.place, self.channels).elements
        payload = self.frame_target_bytes - frame_bytes(4, _TABLE_BYTES)
        return max(0.0, payload * 8 * _HUFFMANS_SHARE / elements)


@dataclass(frozen=True)
class Told:
    """Who hears what goes on.

    Attributes:
        progress: called with a phase, how much of it is done, and of how much.
        says: called with sentences.
        step: called after every step of the training.
        measured: called with what the codec is worth so far.
    """

    progress: Progress
    says: Callable[[str], None]
    step: Callable[[Step], None]
    measured: Callable[[Measured], None]


@dataclass(frozen=True)
class _Lesson:
    """What a training learns from.

    Attributes:
        tensors: samples, activations and answers.
        tail: the layers behind; None where torch cannot run them.
        why_not: the operator that stands against it.
    """

    tensors: TrainingTensors
    tail: FrozenTail | None
    why_not: str


@dataclass(frozen=True)
class MadeCodec:
    """A codec that was trained and measured, and is not yet written."""

    record: FeatureCodecRecord
    files: CodecFiles

    def write(self, folder: Path) -> Path:
        """Write both files, and the record last, so that it never speaks of files that are not there.

        Returns:
            The record's file.

        Raises:
            ModelError, StaleFileError: a file cannot be written.
        """
        path = folder / f"{self.record.name}.yaml"
        for file, content in zip(codec_files(path), (self.files.encoder, self.files.decoder), strict=True):
            write_whole(file, content)
            file.chmod(0o644)  # unlike a file of the cache it is for others, too
        self.record.write(path)
        return path


def make_feature_codec(
    network: Network, data: CodecData, request: Request, checkpoint: Path, told: Told, *, resume: bool
) -> MadeCodec:
    """Train a codec and measure it.

    Args:
        network: the network, which stays as it is.
        data: to train on and to measure with.
        request: what to train.
        checkpoint: file of the training's standing.
        told: hears what goes on.
        resume: whether to go on from the checkpoint.

    Raises:
        DataError: no sample can be read, the disk is full, or there is no checkpoint to resume from.
        ModelError: the network cannot be run.
    """
    torch.set_num_threads(request.threads)
    place, held_out = request.place, data.held_out
    lesson = _lesson(network, data, request, told)
    schedule = Schedule(
        channels=request.channels,
        target_bits=request.target_bits,
        time_budget_s=request.time_budget_s,
        seed=request.seed,
        is_classifier=network.spec.output == "labels",
    )
    training = CodecTraining(place, lesson.tensors, lesson.tail, schedule, checkpoint)
    told.says(
        f"training on {len(lesson.tensors):,} samples, on {training.processor}, threads: {request.threads}"
    )
    if resume:
        training.resume()
    versions = Versions.of(load(network.graph.path)[0])
    measuring = CodecMeasuring(network, place, data.measure)

    def export() -> CodecFiles:
        return export_codec(training.codec, place, request.name, versions)

    def watch() -> None:
        some = held_out.order(request.seed)[:_WATCHED]
        told.measured(measuring.measure(export(), held_out.batches(_BATCH, some)))

    training.run(told.step, watch)
    told.progress("training", 1.0, 1.0)
    files = export()
    measured = measuring.measure(files, _all(data, told.progress))
    record = _record(network, data, request, files, measured, _taught(request, training, lesson))
    return MadeCodec(record, files)


def _lesson(network: Network, data: CodecData, request: Request, told: Told) -> _Lesson:
    """The samples and, where torch can run it, the tail."""
    place = request.place
    reader = NetworkReader(network, place, request.threads)
    views = number_of_views(network.spec.input, on_gpu=torch.cuda.is_available())
    tensors = TrainingTensors(network, place, reader, data.train, most_views=views, progress=told.progress)
    if len(tensors) < tensors.offered:
        told.says(
            f"{len(tensors):,} of {tensors.offered:,} samples are used: the cache is given no more room"
        )
    try:
        tail = FrozenTail(network, place)
        some = tensors.batch(np.arange(min(len(tensors), _CHECKED)))
        tail.check(some.gives, some.answers)
    except NotCoveredError as error:
        told.says(
            f"torch cannot run the layers behind {place.gives.name}: {error} is not covered, so the codec "
            "learns from activations alone and will be less accurate"
        )
        return _Lesson(tensors, None, str(error))
    return _Lesson(tensors, tail, "")


def _all(data: CodecData, progress: Progress) -> Iterator[Split]:
    done = 0
    for batch in data.held_out.batches(_BATCH):
        yield batch
        done += len(batch.images)
        progress("measuring on held-out data", done, len(data.held_out))


def _taught(request: Request, training: CodecTraining, lesson: _Lesson) -> CodecTrainingRecord:
    return CodecTrainingRecord(
        samples=len(lesson.tensors),
        samples_sha256=lesson.tensors.sha256,
        views=lesson.tensors.views,
        through_tail=lesson.tail is not None,
        why_not=lesson.why_not,
        epochs=round(training.standing.epochs, 2),
        duration_s=round(training.standing.elapsed_s, 1),
        seed=request.seed,
        target_bytes=request.frame_target_bytes,
        threads=request.threads,
        processor=training.processor,
    )


def _record(
    network: Network,
    data: CodecData,
    request: Request,
    files: CodecFiles,
    measured: Measured,
    taught: CodecTrainingRecord,
) -> FeatureCodecRecord:
    place, code = request.place, code_shape(request.place, request.channels)
    path = network.graph.path_of(place.exit)
    made_by = Provenance.here_and_now(network.graph.sha256, request.command)
    return FeatureCodecRecord(
        made_by=replace(made_by, versions={**made_by.versions, "torch": str(torch.__version__)}),
        name=request.name,
        exit=place.exit,
        start=place.start,
        stop=place.stop,
        reads=place.reads.name,
        gives=place.gives.name,
        direction=place.direction,
        encoder_sha256=hashlib.sha256(files.encoder).hexdigest(),
        decoder_sha256=hashlib.sha256(files.decoder).hexdigest(),
        code_shape=(code.channels, code.height, code.width),
        levels=code.levels,
        bytes_mean=measured.bytes_mean,
        bytes_p95=measured.bytes_p95,
        held_out=measured.samples,
        measure=data.measure,
        exits=measured.exits,
        encoder_macs=multiply_accumulates(files.encoder),
        decoder_macs=multiply_accumulates(files.decoder),
        replaced_macs=sum(layer.macs for layer in path.layers[place.start : place.stop]),
        network_macs=path.macs,
        training=taught,
    )
