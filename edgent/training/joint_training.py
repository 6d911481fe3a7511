"""Joint training of all exits: BranchyNet's weighted loss (arXiv 1709.01686, Section III-B).

Two additions make a short training go far: every earlier exit also learns from the last exit's answers
(self-distillation), and the first part of the training sees small crops, which cost less.
"""

import time
from collections.abc import Callable
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
        share: of the training that is done, 0 to 1.
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
        logits: of each exit, shape (N, classes), shallow to deep.
        labels: shape (N,).
        exit_weights: one per exit.
        label_smoothing: probability taken from the true label and spread over all.
        distillation: share of every earlier exit's loss that is its cross entropy with the last exit's
            answers.
    """
    answers = logits[-1].detach().softmax(dim=1)
    total = exit_weights[-1] * functional.cross_entropy(logits[-1], labels, label_smoothing=label_smoothing)
    for one, weight in zip(logits[:-1], exit_weights[:-1], strict=True):
        own = functional.cross_entropy(one, labels, label_smoothing=label_smoothing)
        taught = functional.cross_entropy(one, answers)
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
        network: to train.
        recipe: how.
        split: on what.
        limits: how long, earlier runs that are resumed included.
        seed: of all random choices.
        checkpoints: folder of the checkpoint.
        resume: go on from the checkpoint.
        report: told after every step.
        clock: seconds, from any start.

    Raises:
        DataError: the checkpoint to resume from is missing, broken or another network's.
    """
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
    optimizer = _optimizer(network, recipe)
    standing = load_checkpoint(checkpoints, network, optimizer) if resume else Standing(0, 0.0)
    padded = pad_images(torch.from_numpy(split.images), recipe.shift_pixels)
    labels = torch.from_numpy(split.labels)
    network.train()
    started = clock() - standing.elapsed_s
    while (share := limits.share(standing.epochs_done, standing.elapsed_s)) < 1:
        random = torch.Generator().manual_seed(seed * 100_003 + standing.epochs_done)
        torch.manual_seed(seed * 100_003 + standing.epochs_done)  # dropout
        size = network.input_shape[1:]
        if recipe.early_size_pixels and share < recipe.early_share:
            size = (recipe.early_size_pixels, recipe.early_size_pixels)
        batches = torch.split(torch.randperm(len(labels), generator=random), recipe.batch_size)
        loss_sum = 0.0
        for step, indices in enumerate(batches):
            share = limits.share(standing.epochs_done + step / len(batches), clock() - started)
            if share == 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(share, recipe.peak_rate)
            images = augment(padded, indices, size, recipe.flip, random)
            loss_sum += _step(network, optimizer, recipe, images, labels[indices])
            report(Progress(share, standing.epochs_done + 1, loss_sum / (step + 1)))
        standing = Standing(standing.epochs_done + 1, clock() - started)
        save_checkpoint(checkpoints, network, optimizer, standing)
    network.eval()
    return standing


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
    images: Tensor,
    labels: Tensor,
) -> float:
    """One step of gradient descent on one batch; its loss."""
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16 and _computes_bfloat16()):
        logits = network(images)
    loss = joint_loss(
        tuple(one.float() for one in logits),
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
