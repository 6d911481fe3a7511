"""The bytes of many frames in two numbers, as files have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def mean_and_p95(sizes_bytes: Sequence[int]) -> tuple[float, float]:
    """Mean and 95th percentile of one size or more, rounded to a tenth of a byte."""
    return round(float(np.mean(sizes_bytes)), 1), round(float(np.percentile(sizes_bytes, 95)), 1)
