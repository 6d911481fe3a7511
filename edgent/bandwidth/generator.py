"""Seeded bandwidth traces made of states: demo data and fixtures that may be shipped.

The public sets of measured traces may not be redistributed; these look like them where it matters here:
levels that hold for a while, jumps between them, and noise that is correlated from sample to sample.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgent.bandwidth.traces import BandwidthTrace

DEMO_LEVELS_BPS = (150e3, 400e3, 1e6, 2.5e6, 6e6)
"""States of the demo traces: the range that the paper explores."""


def markov_states(
    rng: np.random.Generator, samples: int, states: int, mean_run: float = 20.0
) -> NDArray[np.int64]:
    """Hidden states of a Markov chain that stays for `mean_run` samples and then moves.

    A move goes to any other state; a nearer one is likelier (by the inverse of its distance).

    Args:
        rng: Source of randomness; the same seed gives the same states.
        samples: Length of the result, 1 or more.
        states: Number of states, 2 or more.
        mean_run: Mean samples between two moves, 1 or more.

    Returns:
        State of each sample, shape (samples,), values 0 to states - 1.
    """
    distance = np.abs(np.subtract.outer(np.arange(states), np.arange(states))).astype(np.float64)
    move = np.divide(1.0, distance, out=np.zeros_like(distance), where=distance > 0)
    move /= move.sum(axis=1, keepdims=True)
    moves = rng.random(samples) < 1 / mean_run
    path = np.empty(samples, dtype=np.int64)
    state = int(rng.integers(states))
    for index in range(samples):
        if moves[index]:
            state = int(rng.choice(states, p=move[state]))
        path[index] = state
    return path


def piecewise_trace(
    rng: np.random.Generator,
    level_bps: ArrayLike,
    *,
    name: str = "synthetic",
    interval_s: float = 1.0,
    noise: float = 0.15,
    autocorrelation: float = 0.5,
) -> BandwidthTrace:
    """Levels under log-normal, first-order autoregressive noise.

    Args:
        rng: Source of randomness; the same seed gives the same trace.
        level_bps: Level of each sample, shape (n,); a level of 0 stays 0, an outage.
        name: The trace's name.
        interval_s: Seconds between samples.
        noise: Standard deviation of the logarithm about its level.
        autocorrelation: Correlation of the noise between neighbouring samples, 0 to below 1.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(7)
        >>> states = markov_states(rng, samples=8, states=3, mean_run=4)
        >>> states
        array([0, 0, 0, 1, 1, 1, 0, 0])
        >>> trace = piecewise_trace(rng, np.array([0.2e6, 1e6, 5e6])[states])
        >>> (trace.bandwidth_bps / 1e6).round(2)
        array([0.21, 0.21, 0.18, 0.95, 1.07, 0.87, 0.18, 0.15])
    """
    level = np.asarray(level_bps, dtype=np.float64)
    shock = rng.standard_normal(level.size)
    deviation = np.empty(level.size)
    previous = shock[0]
    for index in range(level.size):
        if index:
            previous = autocorrelation * previous + np.sqrt(1 - autocorrelation**2) * shock[index]
        deviation[index] = previous
    return BandwidthTrace(
        name,
        np.arange(level.size, dtype=np.float64) * interval_s,
        np.full(level.size, interval_s),
        np.asarray(level * np.exp(noise * deviation), dtype=np.float64),
    )


def steady_trace(bandwidth_bps: float) -> BandwidthTrace:
    """A link that never changes."""
    return BandwidthTrace("steady", np.zeros(1), np.ones(1), np.array([bandwidth_bps]))


def demo_traces(count: int = 20, samples: int = 300, seed: int = 0) -> tuple[BandwidthTrace, ...]:
    """Traces to try things on: the states `DEMO_LEVELS_BPS`, one sample a second, some with an outage."""
    rng = np.random.default_rng(seed)
    traces = []
    for index in range(count):
        levels_bps = np.array(DEMO_LEVELS_BPS)
        level_bps = levels_bps[markov_states(rng, samples, levels_bps.size)]
        if index % 5 == 4:
            begin = int(rng.integers(samples))
            level_bps[begin : begin + 5] = 0.0
        traces.append(piecewise_trace(rng, level_bps, name=f"demo/trace_{index}"))
    return tuple(traces)
