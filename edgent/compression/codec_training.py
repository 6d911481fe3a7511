"""Trains encoder and decoder of a feature codec: on activations first, then through the frozen tail."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch

from edgent.compression.checkpoint import Standing, Trained, load_checkpoint, save_checkpoint
from edgent.compression.codec_network import FeatureCodecNetwork
from edgent.compression.objective import TorchBatch, losses
from edgent.compression.pausable_clock import PausableClock
from edgent.training.schedule import learning_rate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edgent.compression.codec_place import CodecPlace
    from edgent.compression.frozen_tail import FrozenTail
    from edgent.compression.training_tensors import Batch, TrainingTensors

_BATCH = 32
_PEAK_RATE = 2e-3
_WEIGHT_DECAY = 1e-4
_LARGEST_GRADIENT = 1.0
_AVERAGED = 0.995  # of the moving average at each step
_FEATURES_SHARE = {False: 0.2, True: 0.3}  # of the time, by whether layers are replaced
_STATISTICS = 256  # samples that activations are scaled by
_WATCH_EVERY_S = 60.0
_OWN_SCALE = {"uint8": 64.0}  # pixels; activations are scaled by their deviation


Module = TypeVar("Module", bound=torch.nn.Module)


@dataclass(frozen=True)
class Schedule:
    """What is trained, and how long.

    Attributes:
        channels: of the code.
        target_bits: bits an element that the code is to take at most.
        time_budget_s: seconds of training.
        seed: of all random choices.
        is_classifier: whether exits give scores of classes.
    """

    channels: int
    target_bits: float
    time_budget_s: float
    seed: int
    is_classifier: bool


@dataclass(frozen=True)
class Step:
    """What a training tells while it goes on.

    Attributes:
        share: of the time that is over.
        epochs: passes over the samples.
        bits: bits that an element of the code takes.
        loss: of the last batch.
        is_through_tail: whether the loss is that of the answers.
    """

    share: float
    epochs: float
    bits: float
    loss: float
    is_through_tail: bool


class CodecTraining:
    """One training, from random weights or a checkpoint to a codec.

    Attributes:
        codec: the moving average of the weights.
        standing: how far it has come.
        processor: ``cuda`` where torch finds a GPU, else ``cpu``.
    """

    def __init__(
        self,
        place: CodecPlace,
        tensors: TrainingTensors,
        tail: FrozenTail | None,
        schedule: Schedule,
        checkpoint: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a codec with random weights; no step is made yet.

        Args:
            place: where the codec stands.
            tensors: to train on.
            tail: the layers behind it; None to train on activations alone.
            schedule: what, and how long.
            checkpoint: the file that the standing is kept in.
            clock: seconds, monotonic.
        """
        torch.manual_seed(schedule.seed)
        self.processor = "cuda" if torch.cuda.is_available() else "cpu"
        self._tensors, self._schedule, self._file = tensors, schedule, checkpoint
        self._clock = clock
        self._tail = None if tail is None else _channels_last(tail.to(self.processor))
        self._features_share = _FEATURES_SHARE[place.jumps] if tail is not None else 1.0
        codec = _channels_last(
            _scaled(FeatureCodecNetwork(place, schedule.channels), place, tensors).to(self.processor)
        )
        optimizer = torch.optim.AdamW(codec.parameters(), lr=_PEAK_RATE, weight_decay=_WEIGHT_DECAY)
        self._trained = Trained(codec, copy.deepcopy(codec), optimizer)
        self.standing = Standing(
            f"{tensors.sha256} {place.exit} p{place.start} p{place.stop} {place.direction} "
            f"{place.reads.name} {place.gives.name} channels {schedule.channels} seed {schedule.seed}"
        )

    @property
    def codec(self) -> FeatureCodecNetwork:
        """What the training has come to: the moving average of the weights, for evaluation."""
        return self._trained.average.eval()

    def resume(self) -> None:
        """Go on from the checkpoint.

        Raises:
            DataError: there is none of this training.
        """
        self.standing = load_checkpoint(self._file, self._trained, self.standing.identity)

    def run(self, report: Callable[[Step], None], watch: Callable[[], None]) -> None:
        """Train until the time is over; interrupted, the checkpoint is written.

        Args:
            report: called after every step.
            watch: called about every minute, and at the end.
        """
        clock, watched_s = PausableClock(self.standing.elapsed_s, self._clock), self.standing.elapsed_s
        try:
            while self.standing.elapsed_s < self._schedule.time_budget_s:
                for chosen in self._epoch():
                    report(self._step(chosen))
                    self.standing = replace(
                        self.standing,
                        steps=self.standing.steps + 1,
                        epochs=self.standing.epochs + len(chosen) / len(self._tensors),
                        elapsed_s=clock.step(),
                    )
                    if self.standing.elapsed_s >= self._schedule.time_budget_s:
                        break
                    if self.standing.elapsed_s - watched_s >= _WATCH_EVERY_S:
                        self.save()
                        watch()
                        watched_s = clock.step()
        finally:
            self.save()
        watch()

    def save(self) -> None:
        """Write the checkpoint."""
        save_checkpoint(self._file, self._trained, self.standing)

    def _epoch(self) -> list[np.ndarray]:
        """Numbers of the samples, batch by batch, in an order of their own for each epoch."""
        random = np.random.default_rng([self._schedule.seed, self.standing.steps])
        order = random.permutation(len(self._tensors))
        batches = [np.sort(order[start : start + _BATCH]) for start in range(0, len(order), _BATCH)]
        return batches[:-1] if len(batches) > 1 and len(batches[-1]) < _BATCH else batches

    def _step(self, chosen: np.ndarray) -> Step:
        share = min(1.0, self.standing.elapsed_s / self._schedule.time_budget_s)
        is_through_tail = share >= self._features_share
        phase = (
            (share - self._features_share) / (1 - self._features_share)
            if is_through_tail
            else share / self._features_share
        )
        codec, optimizer = self._trained.codec.train(), self._trained.optimizer
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(phase, _PEAK_RATE)
        batch = self._in_torch(self._tensors.batch(chosen, int(self.standing.epochs) % self._tensors.views))
        result = losses(
            codec,
            self._tail if is_through_tail else None,
            batch,
            self._schedule.target_bits,
            is_classifier=self._schedule.is_classifier,
        )
        optimizer.zero_grad(set_to_none=True)
        result.total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(codec.parameters(), _LARGEST_GRADIENT)
        optimizer.step()
        self._follow()
        return Step(share, self.standing.epochs, result.bits, float(result.total.detach()), is_through_tail)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the weights; at first quickly."""
        steps = self.standing.steps
        towards = 1 - min(_AVERAGED, (1 + steps) / (10 + steps))
        ours = self._trained.codec.state_dict()
        for name, average in self._trained.average.state_dict().items():
            if average.is_floating_point():
                average.lerp_(ours[name], towards)
            else:
                average.copy_(ours[name])

    def _in_torch(self, batch: Batch) -> TorchBatch:
        reads, gives = (
            torch.from_numpy(array).to(self.processor).float().contiguous(memory_format=torch.channels_last)
            for array in (batch.reads, batch.gives)
        )
        answers, labels = (
            torch.from_numpy(array).to(self.processor) for array in (batch.answers, batch.labels)
        )
        return TorchBatch(reads, gives, answers, labels)


def _channels_last(module: Module) -> Module:
    """The module with its weights laid out for convolutions on processors: four times as quick there."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch leaves this one out
    return module


def _scaled(codec: FeatureCodecNetwork, place: CodecPlace, tensors: TrainingTensors) -> FeatureCodecNetwork:
    """The codec with the statistics of what it reads and gives."""
    chosen = np.linspace(0, len(tensors) - 1, min(len(tensors), _STATISTICS)).astype(np.int64)
    batch = tensors.batch(np.unique(chosen))
    gives = torch.from_numpy(batch.gives)
    codec.given_mean.copy_(gives.mean((0, 2, 3))[:, None, None])
    codec.given_deviation.copy_(gives.std((0, 2, 3)).clamp_min(1e-3)[:, None, None])
    own = _OWN_SCALE.get(place.reads.dtype)
    codec.read_deviation.fill_(own or max(1e-3, float(batch.reads.std())))
    return codec
