"""One live run, judged: its answers against the unsplit network's, its figures against its replay's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.studies.live.answers import LiveAnswer, wrong_answers
from benchmarks.studies.live.live_spec import Device
from benchmarks.studies.live.replayed import as_replay, met_trace, replay_of
from edgent.bandwidth.traces import BandwidthTrace
from edgent.network import Network
from edgent.planning.cost_table import CostTable
from edgent.replay.figures import Figures, figures_of


@dataclass(frozen=True, eq=False)
class Comparison:
    """A live run beside its replay.

    Attributes:
        title: which link and which device.
        trace: what the link followed.
        device: what ran on it.
        answers: of the run, in order.
        wrong: how many of them are not the unsplit network's.
        round_trip_s: of the run's exchanges.
        live, replayed: figures of both.
    """

    title: str
    trace: BandwidthTrace
    device: Device
    answers: Sequence[LiveAnswer]
    wrong: int
    round_trip_s: float
    live: Figures
    replayed: Figures

    @property
    def plans(self) -> list[str]:
        """Plans that were chosen, in the order of their first choice."""
        return list(dict.fromkeys(str(one.wanted) for one in self.answers))


def compare(
    title: str,
    trace: BandwidthTrace,
    device: Device,
    answers: Sequence[LiveAnswer],
    *,
    network: Network,
    images: np.ndarray,
    candidates: CostTable,
    opened_round_trip_s: float,
    pause_s: float,
) -> Comparison:
    """Judge a run.

    Args:
        title: for people.
        trace: what the link followed.
        device: what ran.
        answers: what it answered.
        network: what it ran.
        images: its inputs.
        candidates: what it chose from.
        opened_round_trip_s: what it measured first; the replay's where the edge never answered.
        pause_s: between requests.
    """
    round_trip_s = measured_round_trip_s(answers, candidates, opened_round_trip_s)
    return Comparison(
        title,
        trace,
        device,
        answers,
        len(wrong_answers(network, images, answers)),
        round_trip_s,
        figures_of([as_replay(trace.name, answers, candidates, device, pause_s)]),
        figures_of([replay_of(met_trace(trace, answers, pause_s), candidates, device, round_trip_s)]),
    )


def measured_round_trip_s(answers: Sequence[LiveAnswer], candidates: CostTable, otherwise_s: float) -> float:
    """The median of what exchanges took beyond their bytes' time on the link as it was.

    A server and a device that wait a quarter of a second between requests are slower than under probes in a
    row, by more than a fast link takes.
    """
    beyond_s = []
    for answer in answers:
        if answer.network_s:
            k = candidates.index_of(answer.plan)
            bits = 8 * float(candidates.upload_bytes[k] + candidates.download_bytes[k])
            beyond_s.append(answer.network_s - bits / answer.link_bps)
    return max(float(np.median(beyond_s)), 0.0) if beyond_s else otherwise_s
