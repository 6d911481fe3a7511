"""Batches that failed: which run input by input, and for how long."""

from __future__ import annotations

from edgent.core.failed_batches import FailedBatches


def test_pauses_grow_with_each_failure_and_end_with_a_success() -> None:
    """So what never works costs next to nothing, and what works again is soon found out."""
    batches = FailedBatches()
    assert batches.may_run(8)
    pauses = []
    for _ in range(10):
        pauses.append(batches.failed(8))
        assert [batches.may_run(8) for _ in range(pauses[-1])] == [False] * pauses[-1]
        assert batches.may_run(8)
    assert pauses == [8, 16, 32, 64, 128, 256, 512, 1024, 1024, 1024]
    assert batches.worked(8)
    assert batches.may_run(8)
    assert batches.failed(8) == 8


def test_smaller_batches_are_not_kept_from_running() -> None:
    """Nor does it say anything of the larger ones that they work."""
    batches = FailedBatches()
    batches.failed(8)
    assert batches.may_run(7)
    assert not batches.worked(7)
    assert not batches.may_run(9)
