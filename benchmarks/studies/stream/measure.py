"""The same stream by the same plan, one frame after the other and with the next one begun ahead."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

from benchmarks.testbed.device.streaming import FrameReply
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import KnownLink, Rig
from edgent.planning.plan import Plan
from edgent.planning.stages import Step

SLOWDOWN = 60.0
RATES_BPS = (250e3, 5e6)
REQUIREMENT_S = 1.0
LEAST_ACCURACY = 0.86
OWN_CHOICE, BOTH_WORK = "own choice", "both work"
_PHOTOS_EVERY_S = 0.05
_LEARNING_REQUESTS = 12
_SETTLED = 5  # the first answers of a stream are left out: nothing is known of the plan yet
_ON_DEVICE = [Step.RUN_BEFORE, Step.ENCODE_UP, Step.DECODE_DOWN, Step.RUN_DEVICE]


@dataclass(frozen=True)
class Streamed:
    """A stream that was answered.

    Attributes:
        source: `video` or `folder`.
        rate_bps: Of the link.
        kind: How the plan was found.
        overlap: Whether frames were begun ahead.
        plan: That most frames were answered by.
        dropped: Frames that newer ones took the place of.
        replies: To all others.
    """

    source: str
    rate_bps: float
    kind: str
    overlap: bool
    plan: str
    dropped: int
    replies: tuple[FrameReply, ...]

    @property
    def fps(self) -> float:
        """Answers in a second, once the stream has settled."""
        settled = self.replies[_SETTLED:]
        return (len(settled) - 1) / (settled[-1].given_s - settled[0].given_s)

    @property
    def device_s(self) -> float:
        """That the device took for a frame, in the median."""
        return median(reply.device_s for reply in self.replies)

    @property
    def edge_s(self) -> float:
        """That link and edge took for a frame, in the median."""
        return median(reply.edge_s for reply in self.replies)

    @property
    def most_gain(self) -> float:
        """How many times as many frames a second as one by one the busier side allows."""
        return (self.device_s + self.edge_s) / max(self.device_s, self.edge_s)

    @property
    def ages_s(self) -> tuple[float, float]:
        """Of the answers: the median, and the highest."""
        ages_s = [reply.age_s for reply in self.replies[_SETTLED:]]
        return median(ages_s), max(ages_s)

    @property
    def late(self) -> int:
        """Answers later than they were wanted."""
        return sum(not reply.met for reply in self.replies[_SETTLED:])

    @property
    def by_edge(self) -> float:
        """Share of the frames that the edge took part in."""
        return mean(reply.edge_error is None for reply in self.replies[_SETTLED:])

    @property
    def is_in_order(self) -> bool:
        """Whether no frame was answered after a newer one."""
        numbers = [reply.frame for reply in self.replies]
        return all(earlier < later for earlier, later in itertools.pairwise(numbers))


def measure(
    rig: Rig, sources: Mapping[str, Sequence[Path]], rates_bps: Sequence[float], tell: Tell
) -> Iterator[Streamed]:
    """Every stream on every link, by the runtime's own choice and by a plan for which both nodes work.

    Args:
        rig: Serves the pipeline; its device is slow.
        sources: `video`: one file; `folder`: photos.
        rates_bps: Of the links.
        tell: Is told of the progress.
    """
    cells = list(itertools.product(rates_bps, sources, (OWN_CHOICE, BOTH_WORK), (False, True)))
    for rate_bps in rates_bps:
        rig.set_rate(rate_bps)
        name = f"at{rate_bps / 1e3:.0f}"
        known = rig.open(name)
        cut = both_work(known)
        plans = {OWN_CHOICE: None, BOTH_WORK: cut}
        rig.wake(cut, name)
        for number in range(_LEARNING_REQUESTS):
            rig.infer(name, number, REQUIREMENT_S)
        for number, cell in enumerate(cells):
            if cell[0] != rate_bps:
                continue
            _, source, kind, overlap = cell
            tell(f"{rate_bps / 1e3:g} kbps, {source}, {kind}", number / len(cells))
            yield _streamed(rig, name, source, sources[source], rate_bps, kind, plans[kind], overlap)


def both_work(known: KnownLink) -> Plan:
    """The plan that overlapping is predicted to gain most by, among those that are accurate enough."""
    costs = known.costs
    latency_s = costs.in_the_mean.latency_s(known.link)
    device_s = costs.seconds[_ON_DEVICE].sum(axis=0)
    gain = latency_s / np.maximum(device_s, latency_s - device_s)
    fits = costs.remote & (costs.accuracy >= LEAST_ACCURACY) & (latency_s <= REQUIREMENT_S / 3)
    fits &= np.array([not plan.leaves_early and not plan.sends_file for plan in costs.plans])
    return costs.plans[int(np.where(fits, gain, -1.0).argmax())]


def _streamed(
    rig: Rig,
    runtime: str,
    source: str,
    files: Sequence[Path],
    rate_bps: float,
    kind: str,
    plan: Plan | None,
    overlap: bool,
) -> Streamed:
    given: dict[str, Any] = {"photos": [str(file) for file in files], "interval_s": _PHOTOS_EVERY_S}
    if source == "video":
        given = {"video": str(files[0])}
    said = rig.ask(
        do="stream",
        runtime=runtime,
        requirement_s=REQUIREMENT_S,
        overlap=overlap,
        plan=str(plan) if plan else None,
        **given,
    )
    replies = tuple(FrameReply(**reply) for reply in said["replies"])
    wanted = [reply.plan for reply in replies]
    most = max(set(wanted), key=wanted.count)
    return Streamed(source, rate_bps, kind, overlap, most, said["dropped"], replies)
