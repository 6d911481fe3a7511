"""Mean waits that textbooks know, as oracles: M/M/c by Erlang's C, M/D/c by Crommelin's equations."""

import math

import numpy as np


def erlang_c_wait_s(rate_hz: float, service_s: float, workers: int) -> float:
    """Mean wait of M/M/c; of M/M/1 with one worker."""
    load = rate_hz * service_s
    below = sum(load**n / math.factorial(n) for n in range(workers))
    above = load**workers / math.factorial(workers) * workers / (workers - load)
    return above / (below + above) * service_s / (workers - load)


def crommelin_wait_s(rate_hz: float, service_s: float, workers: int) -> float:
    """Mean wait of M/D/c.

    Whoever is in service now has left a service time later, and nobody else: so the number in the system
    follows N' = max(N - c, 0) + arrivals (Crommelin, 1932); the wait follows by Little's law.
    """
    load, size = rate_hz * service_s, 400
    counts = np.arange(size)
    logs = counts * math.log(load) - load - np.array([math.lgamma(n + 1) for n in counts])
    arrivals = np.exp(logs)
    share = np.zeros(size)
    share[0] = 1.0
    for _ in range(3000):
        left = np.concatenate([[share[: workers + 1].sum()], share[workers + 1 :], np.zeros(workers)])
        share = np.convolve(left, arrivals)[:size]
        share /= share.sum()
    waiting = float((share * np.maximum(counts - workers, 0)).sum())
    return waiting / rate_hz
