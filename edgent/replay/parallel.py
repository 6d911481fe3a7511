"""Many traces and policies on many cores.

Processes are spawned, not forked, and talk by way of `concurrent.futures`, whose channel between a program's
own processes is the standard library's pickle; nothing of it reaches a file or a network.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from edgent.bandwidth.traces import BandwidthTrace
from edgent.replay.conditions import Conditions
from edgent.replay.policies import Contender
from edgent.replay.simulator import Replay, replay

_AT_ONCE = 4
"""Traces handed to a process at a time."""

_setting: tuple[Sequence[Contender], Conditions]
"""In a process of the pool: what `_begin` gave it."""


def replay_all(
    traces: Sequence[BandwidthTrace],
    policies: Sequence[Contender],
    conditions: Conditions,
    jobs: int | None = None,
) -> Iterator[tuple[Replay, ...]]:
    """Every policy on every trace, in the order of the traces: the same whatever the number of processes.

    Args:
        traces: to replay, each on its own.
        policies: to set side by side.
        conditions: the same for all.
        jobs: processes; as many as there are cores when None. With 1 this process does it all.

    Yields:
        For each trace the replays of all policies, in their order.

    Raises:
        DataError: a trace has one sample only.
    """
    processes = min(jobs or os.cpu_count() or 1, -(-len(traces) // _AT_ONCE))
    if processes <= 1:
        for trace in traces:
            yield tuple(replay(trace, policy, conditions) for policy in policies)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (policies, conditions)) as pool:
        yield from pool.map(_replay, traces, chunksize=_AT_ONCE)


def _begin(policies: Sequence[Contender], conditions: Conditions) -> None:
    global _setting  # noqa: PLW0603  what a process of the pool is given at its start outlives the call
    _setting = policies, conditions


def _replay(trace: BandwidthTrace) -> tuple[Replay, ...]:
    policies, conditions = _setting
    return tuple(replay(trace, policy, conditions) for policy in policies)
