"""Many traces and policies on many cores, on joblib: policies may come from a notebook's cell."""

from collections.abc import Iterator, Mapping, Sequence

from joblib import Parallel, delayed

from edgent.bandwidth.traces import BandwidthTrace
from edgent.core.registry import added_items
from edgent.deaf_processes import deaf_processes
from edgent.plugin_fault import faults_told
from edgent.replay.conditions import Conditions
from edgent.replay.contenders import Contender
from edgent.replay.simulator import Replay, replay

_AT_ONCE = 8
"""Traces handed to a process at a time."""


def replay_all(
    traces: Sequence[BandwidthTrace],
    contenders: Sequence[Contender],
    conditions: Conditions,
    jobs: int | None = None,
) -> Iterator[tuple[Replay, ...]]:
    """Every policy on every trace, in the order of the traces: the same whatever the number of processes.

    Args:
        traces: to replay, each on its own.
        contenders: to set side by side.
        conditions: the same for all.
        jobs: processes; as many as there are cores when None. With 1 this process does it all.

    Yields:
        For each trace the replays of all contenders, in their order.

    Raises:
        DataError: a trace has one sample only.
        PluginError: a policy or a forecast of another package fails.
    """
    groups = [traces[begin : begin + _AT_ONCE] for begin in range(0, len(traces), _AT_ONCE)]
    processes = 1 if len(groups) == 1 else jobs or -1
    parallel = Parallel(n_jobs=processes, return_as="generator")
    with deaf_processes():
        known = added_items()
        found = parallel(delayed(_replay_group)(group, contenders, conditions, known) for group in groups)
    for replays in found:
        yield from replays


def _replay_group(
    traces: Sequence[BandwidthTrace],
    contenders: Sequence[Contender],
    conditions: Conditions,
    known: Mapping[str, Mapping[str, str]],
) -> list[tuple[Replay, ...]]:
    with faults_told(known):
        return [tuple(replay(trace, contender, conditions) for contender in contenders) for trace in traces]
