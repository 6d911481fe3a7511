"""What a training makes small: error of the features, distance of the answers, and bytes of the code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  torch's own name for it

from edgent.compression.codec_network import rounded
from edgent.compression.entropy import entropy_bits

if TYPE_CHECKING:
    from torch import Tensor

    from edgent.compression.codec_network import FeatureCodecNetwork
    from edgent.compression.frozen_tail import FrozenTail

_TEMPERATURE = 2.0
_DEEPEST, _OTHERS = 1.0, 0.3  # weights of the exits, the others' shared by them
_LABELS, _FEATURES, _RATE = 0.5, 0.1, 0.5


@dataclass(frozen=True)
class TorchBatch:
    """A batch of `training_tensors` in torch."""

    reads: Tensor
    gives: Tensor
    answers: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Losses:
    """Of one batch: the sum to make small, and what the code takes."""

    total: Tensor
    bits: float


def losses(
    codec: FeatureCodecNetwork,
    tail: FrozenTail | None,
    batch: TorchBatch,
    target_bits: float,
    *,
    is_classifier: bool,
) -> Losses:
    """Errors of a codec.

    Through the tail, distillation at temperature 2 (Hinton et al. 2015) from the unsplit network's answers,
    cross entropy where labels are known, and a tenth of the features' error; without, that error alone.

    Args:
        codec: in training.
        tail: the frozen layers behind it; None for the features' error alone.
        batch: to learn from.
        target_bits: bits an element that the code may take without a penalty.
        is_classifier: whether answers are scores of classes; else their squared error counts.
    """
    code = codec.encode(batch.reads)
    bits = entropy_bits(code, codec.code.levels)
    scaled = codec.decode(rounded(code))
    features = F.mse_loss(scaled, codec.scaled(batch.gives))
    rate = _RATE * torch.relu(bits - target_bits)
    if tail is None:
        return Losses(features + rate, float(bits.detach()))
    exits = tail(codec.restored(scaled))
    wanted = torch.split(batch.answers, [answer[0].numel() for answer in exits], dim=1)
    measure = _of_classes if is_classifier else _of_values
    of_exits = [
        measure(answer.flatten(1), target, batch.labels) for answer, target in zip(exits, wanted, strict=True)
    ]
    others = sum(of_exits[:-1]) / max(1, len(of_exits) - 1)
    total = _DEEPEST * of_exits[-1] + _OTHERS * others + _FEATURES * features + rate
    return Losses(total, float(bits.detach()))


def _of_classes(answers: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """Labels count where the unsplit network gives them, too: a mirrored 2 need not be one."""
    logs = F.log_softmax(answers / _TEMPERATURE, dim=1)
    teacher = F.log_softmax(wanted / _TEMPERATURE, dim=1)
    loss = _TEMPERATURE**2 * F.kl_div(logs, teacher, reduction="batchmean", log_target=True)
    known = labels == wanted.argmax(dim=1)
    if known.any():
        loss = loss + _LABELS * F.cross_entropy(answers[known], labels[known])
    return loss


def _of_values(answers: Tensor, wanted: Tensor, _labels: Tensor) -> Tensor:
    return F.mse_loss(answers, wanted) / wanted.var().clamp_min(1e-6)
