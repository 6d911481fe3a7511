"""Joint training of all exits: BranchyNet's weighted loss (arXiv 1709.01686, Section III-B).

Two additions make a short training go far: every earlier exit also learns from the last exit's answers
(self-distillation), and the first part of the training sees small crops, which cost less.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from edgent.datasets.dataset import Split
from edgent.training.augmentation import augment, pad_images
from edgent.training.checkpoint import Standing, load_checkpoint, save_checkpoint
from edgent.training.layers import BranchyNetwork
from edgent.training.recipe import Recipe
from edgent.training.schedule import Limits, learning_rate


@dataclass(frozen=True)
class Progress:
    """What a training tells while it runs.

    Attributes:
        share: share of the training that is done, 0 to 1.
        epoch: the epoch under way, from 1.
        loss: the joint loss, averaged over the epoch so far.
    """

    share: float
    epoch: int
    loss: float


def joint_loss(
    logits: tuple[Tensor, ...],
    labels: Tensor,
    exit_weights: tuple[float, ...],
    label_smoothing: float = 0.0,
    distillation: float = 0.0,
) -> Tensor:
    """The weighted sum of the exits' losses.

    Args:
        logits: logits of each exit, shape (N, classes), shallow to deep.
        labels: true classes, shape (N,).
        exit_weights: weight of each exit's loss.
        label_smoothing: probability taken from the true label and spread over all.
        distillation: share of every earlier exit's loss that is its cross entropy with the last exit's
            answers.
    """
    answers = logits[-1].detach().softmax(dim=1)
    total = exit_weights[-1] * functional.cross_entropy(logits[-1], labels, label_smoothing=label_smoothing)
    for earlier, weight in zip(logits[:-1], exit_weights[:-1], strict=True):
        own = functional.cross_entropy(earlier, labels, label_smoothing=label_smoothing)
        taught = functional.cross_entropy(earlier, answers)
        total = total + weight * ((1 - distillation) * own + distillation * taught)
    return total


def train_network(
    network: BranchyNetwork,
    recipe: Recipe,
    split: Split,
    limits: Limits,
    *,
    seed: int,
    checkpoints: Path,
    resume: bool,
    report: Callable[[Progress], None],
    clock: Callable[[], float] = time.monotonic,
) -> Standing:
    """Train every exit of ``network`` together, in place; a checkpoint is written after every epoch.

    The random choices of an epoch follow from the seed and its number alone, so a resumed training of fixed
    length ends as if it had not been interrupted.

    Args:
        network: the network to train.
        recipe: how to train it.
        split: images to train on.
        limits: how long to train, earlier runs that are resumed included.
        seed: all random choices follow from it.
        checkpoints: folder of the checkpoint.
        resume: go on from the checkpoint.
        report: called after every step.
        clock: seconds, from any start.

    Raises:
        DataError: the checkpoint to resume from is missing, broken or another network's.
    """
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
    optimizer = _optimizer(network, recipe)
    standing = load_checkpoint(checkpoints, network, optimizer) if resume else Standing(0, 0.0)
    padded, labels = _tensors(split, recipe)
    network.train()
    started = clock() - standing.elapsed_s
    while (share := limits.share(standing.epochs_done, standing.elapsed_s)) < 1:
        done, losses = standing.epochs_done, list[float]()
        size = _crop_pixels(network, recipe, share)
        for part, images, targets in _batches(padded, labels, recipe, size, seed * 100_003 + done):
            share = limits.share(done + part, clock() - started)
            if share == 1:
                break
            losses.append(_step(network, optimizer, recipe, share, images, targets))
            report(Progress(share, done + 1, sum(losses) / len(losses)))
        standing = Standing(done + 1, clock() - started)
        save_checkpoint(checkpoints, network, optimizer, standing)
    network.eval()
    return standing


def _tensors(split: Split, recipe: Recipe) -> tuple[Tensor, Tensor]:
    """The images, with the border that shifts need, and their labels."""
    images = pad_images(torch.from_numpy(split.images), recipe.shift_pixels)
    return images, torch.from_numpy(split.labels)


def _crop_pixels(network: BranchyNetwork, recipe: Recipe, share: float) -> tuple[int, int]:
    """Height and width of the images, which are small crops at first."""
    if recipe.early_size_pixels and share < recipe.early_share:
        return (recipe.early_size_pixels, recipe.early_size_pixels)
    return network.input_shape[1:]


def _batches(
    padded: Tensor, labels: Tensor, recipe: Recipe, size: tuple[int, int], seed: int
) -> Iterator[tuple[float, Tensor, Tensor]]:
    """Share of the epoch before each batch, its images, its labels; all random choices follow the seed."""
    random = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)  # dropout
    chosen = torch.split(torch.randperm(len(labels), generator=random), recipe.batch_size)
    batches = [indices for indices in chosen if len(indices) > 1]  # one image has no spread to normalise
    for step, indices in enumerate(batches):
        images = augment(padded, indices, size, recipe.flip, random)
        yield step / len(batches), images, labels[indices]


def _optimizer(network: BranchyNetwork, recipe: Recipe) -> torch.optim.SGD:
    weights = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    groups = [
        {"params": weights, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, lr=recipe.peak_rate, momentum=recipe.momentum, nesterov=True)


def _step(
    network: BranchyNetwork,
    optimizer: torch.optim.Optimizer,
    recipe: Recipe,
    share: float,
    images: Tensor,
    labels: Tensor,
) -> float:
    """Take a step of gradient descent on a batch; the result is its loss."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate(share, recipe.peak_rate)
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16 and _computes_bfloat16()):
        logits = network(images)
    loss = joint_loss(
        tuple(of_exit.float() for of_exit in logits),
        labels,
        recipe.exit_weights,
        recipe.label_smoothing,
        recipe.distillation,
    )
    loss.backward()  # type: ignore[no-untyped-call]  # torch's own
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def _computes_bfloat16() -> bool:
    """Whether the processor has instructions for it; elsewhere bfloat16 is slower than float32."""
    ask = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # torch has no public question, old ones none
    return ask is not None and bool(ask())
