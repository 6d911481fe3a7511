"""The entropy of codes, with gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgent.compression.entropy import entropy_bits


def test_of_whole_levels() -> None:
    """It is the entropy of their shares."""
    code = torch.from_numpy(np.repeat([0.0, 1.0, 2.0, 8.0], [4, 2, 1, 1]))
    assert float(entropy_bits(code, 9)) == pytest.approx(1.75, abs=1e-3)
    assert float(entropy_bits(torch.full((5,), 3.0), 9)) == pytest.approx(0, abs=1e-3)


def test_descending_makes_codes_smaller() -> None:
    """Elements gather on fewer levels."""
    code = torch.normal(4.0, 1.5, (2000,), generator=torch.Generator().manual_seed(0)).requires_grad_()
    before = float(entropy_bits(code.clamp(0, 8), 9).detach())
    for _ in range(50):
        entropy_bits(code.clamp(0, 8), 9).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        assert code.grad is not None
        code.data -= 200 * code.grad
        code.grad = None
    after = torch.bincount(code.detach().clamp(0, 8).round().long(), minlength=9) / 2000
    assert float(-(after[after > 0] * after[after > 0].log2()).sum()) < before - 0.5
