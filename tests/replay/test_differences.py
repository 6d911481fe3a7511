"""Differences between policies on the same traces, with intervals that hold."""

from collections.abc import Sequence

import numpy as np
import pytest

from edgent.errors import DataError
from edgent.replay.differences import Interval, differences
from edgent.replay.simulator import Replay


def _replay(trace: str, policy: str, accuracy: Sequence[float], late: Sequence[bool]) -> Replay:
    """A replay within a second; an answer that is late takes two."""
    count = len(accuracy)
    return Replay(
        trace=trace,
        policy=policy,
        duration_s=float(count),
        latency_requirement_s=1.0,
        candidate=np.zeros(count, dtype=np.int64),
        latency_s=np.where(late, 2.0, 0.5),
        accuracy=np.array(accuracy),
        fell_back=np.zeros(count, dtype=np.bool_),
    )


def _made_up(traces: int, gain: float, noise: float, seed: int) -> list[tuple[Replay, ...]]:
    """Traces of unequal lengths, each with a gain of its own about the same mean."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[Replay, ...]] = []
    for number in range(traces):
        steps = int(rng.integers(5, 30))
        own = gain + noise * float(rng.normal())
        never = [False] * steps
        rows.append(
            (
                _replay(f"set/{number}", "base", [0.5] * steps, never),
                _replay(f"set/{number}", "better", [float(np.log(np.exp(0.5) + own))] * steps, never),
            )
        )
    return rows


def test_a_difference_is_a_mean_over_steps() -> None:
    """A long trace counts for more; late answers are those of one less those of the other."""
    rows = [
        (_replay("a", "base", [0.0] * 3, [True, False, False]), _replay("a", "new", [0.0] * 3, [False] * 3)),
        (_replay("b", "base", [0.0], [False]), _replay("b", "new", [0.0], [True])),
    ]
    (one,) = differences(rows, "base", 0.0)
    assert (one.policy, one.against) == ("new", "base")
    assert one.reward.mean == pytest.approx((1.0 - 1.0) / 4)
    assert one.late_share.mean == pytest.approx((-1 + 1) / 4)
    assert (one.late_share.low, one.late_share.high) == pytest.approx((-1 / 3, 1.0))
    assert not one.late_share.is_sure
    (turned,) = differences(rows, "new", 0.0)
    assert turned.policy == "base"
    assert turned.late_share.low == pytest.approx(-1.0)


def test_what_is_the_same_on_every_trace_is_sure() -> None:
    """Without noise the interval is a point; the same replays give the same interval again."""
    rows = _made_up(6, gain=0.1, noise=0.0, seed=1)
    (one,) = differences(rows, "base", 0.0)
    assert one.reward.is_sure
    assert one.reward == differences(rows, "base", 0.0)[0].reward
    assert (one.reward.mean, one.reward.low, one.reward.high) == pytest.approx((0.1,) * 3)
    assert one.late_share == Interval(0.0, 0.0, 0.0)
    assert not one.late_share.is_sure


def test_an_interval_holds_about_as_often_as_it_says() -> None:
    """On other draws of traces of the same kind; a bootstrap of 40 traces is a little narrow."""
    held = 0
    for seed in range(100):
        (one,) = differences(_made_up(40, gain=0.1, noise=0.05, seed=seed), "base", 0.0)
        held += one.reward.low <= 0.1 <= one.reward.high
    assert 88 <= held <= 99


def test_one_trace_tells_nothing_of_others() -> None:
    """It is refused with what to give."""
    with pytest.raises(DataError, match="there is 1: give 2 or more"):
        differences(_made_up(1, 0.1, 0.0, 0), "base", 0.0)
