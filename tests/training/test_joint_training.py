"""Training all exits together."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from edgent.datasets.dataset import Split
from edgent.errors import DataError, OutputError
from edgent.training import alexnet, lenet
from edgent.training.checkpoint import Standing, save_checkpoint
from edgent.training.joint_training import Progress, joint_loss, train_network
from edgent.training.layers import BranchyNetwork
from edgent.training.schedule import Limits

_RECIPE = replace(lenet.RECIPE, batch_size=16, shift_pixels=0)


def _split(count: int = 64) -> Split:
    """Images whose label is the row of a bright bar."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, count)
    images = random.integers(0, 40, (count, 1, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[0, 4 + 2 * label] = 255
    return Split(images, labels.astype(np.int64))


def _lenet(seed: int = 0) -> BranchyNetwork:
    torch.manual_seed(seed)
    return lenet.build()


def _train(
    network: BranchyNetwork,
    folder: Path,
    limits: Limits,
    *,
    resume: bool = False,
    report: Callable[[Progress], None] = lambda _: None,
) -> int:
    """Train on the bars; the epochs done."""
    return train_network(
        network, _RECIPE, _split(), limits, seed=5, checkpoints=folder, resume=resume, report=report
    ).epochs_done


def test_loss_is_the_weighted_sum_over_the_exits() -> None:
    """BranchyNet's joint loss."""
    torch.manual_seed(0)
    logits, labels = (torch.randn(6, 4), torch.randn(6, 4), torch.randn(6, 4)), torch.arange(6) % 4
    own = [functional.cross_entropy(of_exit, labels) for of_exit in logits]
    expected = 0.5 * own[0] + 2.0 * own[1] + 1.5 * own[2]
    torch.testing.assert_close(joint_loss(logits, labels, (0.5, 2.0, 1.5)), expected)


def test_distillation_teaches_the_earlier_exits_only() -> None:
    """The last exit's gradient is that of its own loss; the earlier ones' pull towards its answers."""
    torch.manual_seed(0)
    early, last = (torch.randn(6, 4, requires_grad=True) for _ in range(2))
    labels = torch.arange(6) % 4
    joint_loss((early, last), labels, (1.0, 1.0), distillation=1.0).backward()  # type: ignore[no-untyped-call]
    (expected,) = torch.autograd.grad(functional.cross_entropy(last, labels), last)
    torch.testing.assert_close(last.grad, expected)
    torch.testing.assert_close(early.grad, (early.softmax(1) - last.softmax(1)).detach() / 6)


@pytest.mark.slow
def test_a_few_epochs_teach_every_exit(tmp_path: Path) -> None:
    """The bars are learnt: both exits label nearly all of them rightly."""
    network, losses = _lenet(), []
    _train(network, tmp_path, Limits(12), report=lambda progress: losses.append(progress.loss))
    split = _split()
    with torch.no_grad():
        logits = network(torch.from_numpy(split.images))
    for of_exit in logits:
        assert np.mean(of_exit.argmax(1).numpy() == split.labels) > 0.9
    assert losses[-1] < losses[0]


def test_a_last_batch_of_one_is_left_out(tmp_path: Path) -> None:
    """Of 17 images the last one stands alone, which batch normalisation does not take."""
    steps: list[Progress] = []
    standing = train_network(
        _lenet(),
        _RECIPE,
        _split(17),
        Limits(1),
        seed=0,
        checkpoints=tmp_path,
        resume=False,
        report=steps.append,
    )
    assert (standing.epochs_done, len(steps)) == (1, 1)


@pytest.mark.slow
def test_resumed_training_ends_as_if_uninterrupted(tmp_path: Path) -> None:
    """Three epochs at once and one followed by two give the same weights, bit for bit."""
    whole, first, second = _lenet(), _lenet(), _lenet(seed=9)
    _train(whole, tmp_path / "whole", Limits(3))

    def interrupt(progress: Progress) -> None:
        if progress.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _train(first, tmp_path / "parts", Limits(3), report=interrupt)
    assert _train(second, tmp_path / "parts", Limits(3), resume=True) == 3
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name


@pytest.mark.slow
def test_time_budget_ends_the_training(tmp_path: Path) -> None:
    """By a clock of one second a look, seven seconds are over before the second epoch is."""
    ticks: Iterator[int] = iter(range(1000))
    shares: list[float] = []
    standing = train_network(
        _lenet(),
        _RECIPE,
        _split(),
        Limits(epochs=100, time_budget_s=7),
        seed=0,
        checkpoints=tmp_path,
        resume=False,
        report=lambda progress: shares.append(progress.share),
        clock=lambda: next(ticks),
    )
    assert standing.epochs_done == 2
    assert shares == sorted(shares)
    assert shares[-1] < 1
    assert standing.elapsed_s >= 7


@pytest.mark.slow
def test_early_crops_are_taken_by_a_network_for_whole_images(tmp_path: Path) -> None:
    """The first share of AlexNet's training sees 24x24 crops, the rest 32x32 images."""
    torch.manual_seed(0)
    network, sizes = alexnet.build(), []
    network.trunk[0].register_forward_pre_hook(lambda _, inputs: sizes.append(tuple(inputs[0].shape[2:])))
    random = np.random.default_rng(0)
    split = Split(random.integers(0, 256, (8, 3, 32, 32), dtype=np.uint8), np.arange(8))
    recipe = replace(alexnet.RECIPE, batch_size=8)
    train_network(
        network, recipe, split, Limits(5), seed=0, checkpoints=tmp_path, resume=False, report=lambda _: None
    )
    assert sizes == [(24, 24)] * 2 + [(32, 32)] * 3


@pytest.mark.parametrize("content", [None, b"", b"garbage, not safetensors" * 10])
def test_a_broken_checkpoint_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """A missing or malformed checkpoint has a clear answer."""
    if content is not None:
        (tmp_path / "checkpoint.safetensors").write_bytes(content)
    with pytest.raises(DataError, match=r"cannot resume from .*checkpoint\.safetensors"):
        _train(_lenet(), tmp_path, Limits(1), resume=True)


def test_a_checkpoint_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a sentence, whether its folder or its file is what cannot be made; the one before stays."""
    network, optimizer = _lenet(), torch.optim.SGD(_lenet().parameters())
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"checkpoint\.safetensors cannot be written: .*; make room there"):
        save_checkpoint(tmp_path / "file", network, optimizer, Standing(1, 1.0))
    (tmp_path / "checkpoint.safetensors").write_bytes(b"before")
    monkeypatch.setattr("edgent.whole_file.token_hex", lambda _: "0")
    (tmp_path / ".checkpoint.0.safetensors").mkdir()
    with pytest.raises(OutputError, match=r"go on with --resume from the last checkpoint"):
        save_checkpoint(tmp_path, network, optimizer, Standing(1, 1.0))
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == b"before"


@pytest.mark.slow
def test_another_networks_checkpoint_is_refused(tmp_path: Path) -> None:
    """AlexNet does not go on from LeNet's checkpoint."""
    _train(_lenet(), tmp_path, Limits(1))
    with pytest.raises(DataError, match="cannot resume"):
        _train(alexnet.build(), tmp_path, Limits(1), resume=True)
