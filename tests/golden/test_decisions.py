"""Decisions are those of the golden files."""

import numpy as np
import pytest

from tests.golden.decisions import PIPELINES, Golden, decide_all, golden_file


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_decisions_are_the_golden_ones(pipeline: str) -> None:
    """The same plans in the same order, and predicted latencies within 1e-12."""
    golden, now = Golden.read(golden_file(pipeline)), decide_all(pipeline)
    assert now.plans == golden.plans
    different = np.flatnonzero(now.chosen != golden.chosen)
    assert different.size == 0, [
        (int(n), golden.plans[golden.chosen[n]], now.plans[now.chosen[n]]) for n in different[:5]
    ]
    np.testing.assert_allclose(now.latency_s, golden.latency_s, rtol=1e-12, atol=0)
