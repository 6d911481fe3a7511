"""The entropy of codes as something that gradients flow through: zstd's Huffman code takes about as much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

_LEAST = 1e-6


def entropy_bits(code: Tensor, levels: int) -> Tensor:
    """Bits an element, if all elements have one distribution.

    An element between two levels counts for both, the more the nearer it lies.

    Args:
        code: before rounding, between 0 and levels - 1.
        levels: how many there are.
    """
    flat = code.flatten()
    below = flat.detach().floor().clamp(0, levels - 2)
    above_share = flat - below
    counts = torch.zeros(levels, dtype=flat.dtype, device=flat.device)
    counts = counts.index_add(0, below.long(), 1 - above_share).index_add(0, below.long() + 1, above_share)
    shares = (counts / flat.numel()).clamp_min(_LEAST)
    return -(shares * shares.log2()).sum()
