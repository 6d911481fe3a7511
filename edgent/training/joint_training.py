"""Joint training of all exits: BranchyNet's weighted loss (arXiv 1709.01686, Section III-B).

Two additions make a short training go far: every earlier exit also learns from the last exit's answers
(self-distillation), and the first part of the training sees small crops, which cost less. The learning rate
rises and falls once over the training, whose length is a number of epochs or a time budget, whichever ends
first.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from edgent.training.augmentation import augment, pad_images
from edgent.training.checkpoint import Standing, load_checkpoint, save_checkpoint
from edgent.training.layers import BranchyNetwork
from edgent.training.recipe import Recipe

if TYPE_CHECKING:
    from edgent.training.datasets import Split

_WARM_UP_SHARE = 0.15


@dataclass(frozen=True)
class Progress:
    """What a training tells while it runs.

    Attributes:
        share: of the training that is done, 0 to 1.
        epoch: the epoch under way, from 1.
        loss: the joint loss, averaged over the epoch so far.
        rate: the learning rate.
    """

    share: float
    epoch: int
    loss: float
    rate: float


@dataclass(frozen=True)
class Limits:
    """When a training ends: after so many epochs, or so many seconds if that comes first."""

    epochs: int
    time_budget_s: float | None = None

    def share(self, epochs_done: float, elapsed_s: float) -> float:
        """Of the training that is done, 0 to 1."""
        of_time = elapsed_s / self.time_budget_s if self.time_budget_s else 0.0
        return min(1.0, max(epochs_done / self.epochs, of_time))


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
        distillation: share of every earlier exit's loss that is its cross entropy with the last exit's answers.
    """
    answers = logits[-1].detach().softmax(dim=1)
    total = exit_weights[-1] * functional.cross_entropy(logits[-1], labels, label_smoothing=label_smoothing)
    for one, weight in zip(logits[:-1], exit_weights[:-1], strict=True):
        own = functional.cross_entropy(one, labels, label_smoothing=label_smoothing)
        taught = functional.cross_entropy(one, answers) if distillation else own
        total = total + weight * ((1 - distillation) * own + distillation * taught)
    return total


def learning_rate(share: float, peak: float) -> float:
    """Linear up to the peak and linear down to (nearly) nothing, by the share of the training done."""
    if share < _WARM_UP_SHARE:
        return peak * (0.1 + 0.9 * share / _WARM_UP_SHARE)
    return peak * max(1e-3, (1 - share) / (1 - _WARM_UP_SHARE))


def train_network(
    network: BranchyNetwork,
    recipe: Recipe,
    split: "Split",
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
    length goes on as if it had not been interrupted.
    """
    optimizer = _optimizer(network, recipe)
    standing = load_checkpoint(checkpoints, network, optimizer) if resume else Standing(0, 0.0)
    padded, labels = (
        pad_images(torch.from_numpy(split.images), recipe.shift_pixels),
        torch.from_numpy(split.labels),
    )
    network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]  torch's stub lacks it
    started = clock() - standing.elapsed_s
    while limits.share(standing.epochs_done, standing.elapsed_s) < 1:
        torch.manual_seed(seed * 100_003 + standing.epochs_done)
        generator = torch.Generator().manual_seed(seed * 100_003 + standing.epochs_done)
        early = limits.share(standing.epochs_done, standing.elapsed_s) < recipe.early_share
        height, width = network.input_shape[1:]
        side = recipe.early_size_pixels if early else 0
        size = (side, side) if side else (height, width)
        losses: list[float] = []
        batches = torch.randperm(len(labels), generator=generator).split(recipe.batch_size)
        for step, indices in enumerate(batches):
            share = limits.share(standing.epochs_done + step / len(batches), clock() - started)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(share, recipe.peak_rate)
            images = augment(padded, indices, size, recipe.flip, generator)
            losses.append(_step(network, optimizer, recipe, images, labels[indices]))
            report(
                Progress(
                    share,
                    standing.epochs_done + 1,
                    sum(losses) / len(losses),
                    learning_rate(share, recipe.peak_rate),
                )
            )
            if share >= 1:
                break
        standing = Standing(standing.epochs_done + 1, clock() - started)
        save_checkpoint(checkpoints, network, optimizer, standing)
    network.eval()
    return standing


def _optimizer(network: BranchyNetwork, recipe: Recipe) -> torch.optim.SGD:
    parameters = list(network.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, lr=recipe.peak_rate, momentum=recipe.momentum, nesterov=True)


def _step(
    network: BranchyNetwork, optimizer: torch.optim.Optimizer, recipe: Recipe, images: Tensor, labels: Tensor
) -> float:
    """One step of gradient descent on one batch; its loss."""
    native = recipe.bfloat16 and _computes_bfloat16()
    with torch.autocast("cpu", torch.bfloat16, enabled=native):
        logits = network(images)
    loss = joint_loss(
        tuple(one.float() for one in logits),
        labels,
        recipe.exit_weights,
        recipe.label_smoothing,
        recipe.distillation,
    )
    loss.backward()  # type: ignore[no-untyped-call]  torch's own
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def _computes_bfloat16() -> bool:
    """Whether the processor has instructions for it; elsewhere bfloat16 is slower than float32."""
    ask = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # torch has no public question, old ones none
    return ask is not None and bool(ask())
