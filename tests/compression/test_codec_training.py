"""The training of a feature codec."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from edgent.compression.codec_data import CodecData
from edgent.compression.codec_place import CodecPlace
from edgent.compression.codec_training import CodecTraining, Schedule
from edgent.compression.frozen_tail import FrozenTail
from edgent.compression.network_reader import NetworkReader
from edgent.compression.training_tensors import TrainingTensors
from edgent.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.compression.codec_training import Step
    from edgent.network import Network


class _Work:
    """A place, its samples and its tail."""

    def __init__(self, network: Network, reads_at: str | None = None) -> None:
        self.place = CodecPlace.parse(network.graph, "exit2:p4", reads_at)
        reader = NetworkReader(network, self.place)
        self.tensors = TrainingTensors(network, self.place, reader, CodecData.of(network.spec).train)
        self.tail = FrozenTail(network, self.place)

    def training(
        self, file: Path, *, seconds: float = 1.0, seed: int = 0, tail: bool = True
    ) -> CodecTraining:
        schedule = Schedule(4, 2.0, seconds, seed, is_classifier=True)
        tail_or_none = self.tail if tail else None
        ticks = count(step=0.1)  # a step takes a tenth of a second, however busy the machine is
        return CodecTraining(self.place, self.tensors, tail_or_none, schedule, file, lambda: next(ticks))


@pytest.fixture(scope="module")
def work(tiny_network: Network) -> _Work:
    """Of a plain codec."""
    return _Work(tiny_network)


def test_it_learns_activations_then_answers(work: _Work, tmp_path: Path) -> None:
    """In the time that it is given; losses fall, the tail's weights stay."""
    steps: list[Step] = []
    weights = {name: buffer.clone() for name, buffer in work.tail.named_buffers()}
    training, watched = work.training(tmp_path / "codec.safetensors", seconds=2.0), []
    training.run(steps.append, lambda: watched.append(len(steps)))
    assert watched == [len(steps)]
    ways = [step.is_through_tail for step in steps]
    assert ways == sorted(ways)
    assert len(set(ways)) == 2
    alone = [step.loss for step in steps if not step.is_through_tail]
    assert np.mean(alone[-2:]) < np.mean(alone[:2])
    assert all(torch.equal(weights[name], buffer) for name, buffer in work.tail.named_buffers())
    assert training.standing.steps == len(steps)
    assert training.standing.elapsed_s == pytest.approx(2.0, abs=0.11)


def test_without_a_tail_activations_are_learnt_to_the_end(work: _Work, tmp_path: Path) -> None:
    """As where torch cannot run the layers behind."""
    steps: list[Step] = []
    work.training(tmp_path / "codec.safetensors", seconds=0.3, tail=False).run(steps.append, lambda: None)
    assert not any(step.is_through_tail for step in steps)


def test_a_student(tiny_network: Network, tmp_path: Path) -> None:
    """An encoder that reads the picture itself."""
    steps: list[Step] = []
    _Work(tiny_network, "p0").training(tmp_path / "codec.safetensors", seconds=1.0).run(
        steps.append, lambda: None
    )
    assert steps[-1].is_through_tail


def test_an_interrupted_training_goes_on(work: _Work, tmp_path: Path) -> None:
    """With the weights, moments and seconds that it had."""
    file = tmp_path / "codec.safetensors"
    first = work.training(file, seconds=60)

    def interrupt(_step: Step) -> None:
        if first.standing.steps == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.run(interrupt, lambda: None)
    second = work.training(file, seconds=60)
    second.resume()
    assert second.standing == first.standing
    assert second.standing.steps == 3
    ours, theirs = first.codec.state_dict(), second.codec.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    before = load_file(file)
    second.save()
    after = load_file(file)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_checkpoints_that_are_refused(work: _Work, tmp_path: Path) -> None:
    """None, a broken one, and that of another training."""
    file = tmp_path / "codec.safetensors"
    with pytest.raises(DataError, match="without --resume"):
        work.training(file).resume()
    work.training(file, seed=1).save()
    with pytest.raises(DataError, match="another network, place, data or seed"):
        work.training(file, seed=0).resume()
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DataError, match="cannot resume from"):
        work.training(file, seed=1).resume()


def test_a_checkpoint_that_cannot_be_written(work: _Work, tmp_path: Path) -> None:
    """It is said where, and nothing of it is left behind."""
    folder = tmp_path / "file"
    folder.write_text("no folder", encoding="utf-8")
    with pytest.raises(DataError, match=r"cannot write the checkpoint .*codec.safetensors.*make room there"):
        work.training(folder / "codec.safetensors").save()
    with pytest.raises(DataError, match="File name too long"):
        work.training(tmp_path / f"{'n' * 300}.safetensors").save()
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
