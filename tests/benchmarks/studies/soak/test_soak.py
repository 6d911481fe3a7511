"""What counts as flat."""

import pytest

from benchmarks.studies.soak.measure import Sample
from benchmarks.studies.soak.report import drifts_of, is_flat


@pytest.mark.parametrize(("growth_mb", "flat"), [(0.0, True), (0.04, True), (0.2, False)])
def test_memory_may_grow_by_a_twentieth_after_the_warm_up(growth_mb: float, flat: bool) -> None:
    """The warm-up, in which much is loaded, does not count."""
    samples = [Sample("process", k, 10.0 if k < 25 else 100 + growth_mb * k, 5, 9) for k in range(100)]
    drifts = drifts_of({"device": samples})
    assert [drift.quantity for drift in drifts] == ["resident MB", "threads", "file descriptors"]
    assert is_flat(drifts) == flat


def test_a_leak_of_descriptors_is_named() -> None:
    """By its process and its quantity."""
    samples = {"device": [Sample("process", k, 100.0, 5, 9) for k in range(40)]}
    samples["worker"] = [Sample("process", k, 100.0, 5, 9 + k) for k in range(40)]
    leaks = [(drift.process, drift.quantity) for drift in drifts_of(samples) if not drift.is_flat]
    assert leaks == [("worker", "file descriptors")]
