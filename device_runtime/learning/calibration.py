"""What each node takes now, relative to what its profile says: learnt from residuals, bounded."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from edgent.planning.exit_rule import ASKING
from edgent.planning.plan import Plan
from edgent.planning.stages import BEFORE_REQUEST, Step

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence

    from device_runtime.timeline import Timeline
    from edgent.planning.cost_table import CostTable
    from edgent.planning.costs import BoolArray, FloatArray

_LEAST, _GREATEST = 0.2, 10.0
_MOST_EVIDENCE = 10.0  # requests: older ones fade
_KNOWN_EVIDENCE = 2.5
_FORGETTING = 0.02  # of a part's evidence with every request: what was slow once is tried again
_FADING = 0.01  # of what an edge showed with every request elsewhere: one that was slow once is tried again
_LATEST = 40  # answers whose spread counts
_FEWEST = 5
_IN_TIME = 0.95
_WIDEST = 1.25
_UNTRIED = 1.05  # as of local exits: what a profile's runs do not show
_LEARNT = (Step.RUN_DEVICE, Step.RUN_BEFORE, Step.RUN_EDGE, Step.ENCODE_UP, Step.DECODE_DOWN)
_TELLING_SHARE = 0.1  # of the longest computation of a kind; what is shorter is mostly the call around it


class Calibration:
    """Corrects the cost table by what requests take here and now.

    Each tail, each head, and each codec that writes an input or reads an activation has a factor of its own
    once it was seen; until then it is taken to be like the others of its kind. What no profile has, such as
    writing the frame of a photo's file, is added as it was seen. What the runtime takes around them is added
    to every plan.

    Attributes:
        profiled: what the profiles say.
        possible: the plans that the input at hand can have, shape (n_plans,); None: all.
    """

    def __init__(self, profiled: CostTable) -> None:
        """Begin with what the profiles say.

        Args:
            profiled: every plan with its profiled times.
        """
        self.profiled = profiled
        self.possible: BoolArray | None = None
        self._input: tuple[float, float, float] | None = None
        layers = _Kind()  # the device runs layers as quickly before a window as after it
        kinds = {Step.RUN_DEVICE: layers, Step.RUN_BEFORE: layers}
        self._learnt = {
            step: _Parts(_parts_of(profiled, step), profiled.seconds[step], kinds.get(step) or _Kind())
            for step in _LEARNT
        }
        self._overheads_s = _latest()
        self._ratios: deque[float] = deque(maxlen=_LATEST)
        self._compute_ratios: deque[float] = deque(maxlen=_LATEST)
        self._table: CostTable | None = profiled

    @property
    def device_factor(self) -> float:
        """Measured over profiled seconds of the device's segments, all in all."""
        return self._learnt[Step.RUN_DEVICE].kind.factor

    @property
    def edge_factor(self) -> float:
        """Measured over profiled seconds of the edge's segments, all in all."""
        return self._learnt[Step.RUN_EDGE].kind.factor

    @property
    def table(self) -> CostTable:
        """Every plan with the times that it takes here and now; the same object until more is learnt."""
        if self._table is None:
            mean = self.profiled.mean
            table = self.profiled.timed(
                self._here_and_now(self.profiled.seconds),
                None if mean is None else mean.timed(self._here_and_now(mean.seconds), None),
            )
            self._table = table if self._input is None else table.for_photo(*self._input)
        return self._table

    def expect(self, frame_bytes: float | None, prepare_s: float, decoding: float = 1.0) -> None:
        """Have plans for this input from now on, where any sends photos' files.

        Args:
            frame_bytes: of a frame with its file; None where its file may not go up, or it has none.
            prepare_s: seconds until its pixels are at hand.
            decoding: how many times as much work it is to decode as the profile's mean photo.
        """
        if not self.profiled.file_bytes:
            return
        self.possible = ~self.profiled.sends_file if frame_bytes is None else None
        size_bytes = self.profiled.file_bytes if frame_bytes is None else frame_bytes
        expected = (size_bytes, prepare_s, decoding)
        if expected != self._input:
            self._input, self._table = expected, None

    def _here_and_now(self, profiled_s: FloatArray) -> FloatArray:
        """Profiled seconds as they are now; those of exits that are asked, as layers are on their node."""
        seconds: FloatArray = profiled_s.copy()
        for step, parts in self._learnt.items():
            seconds[step] = seconds[step] * parts.factors() + parts.unprofiled_s()
            if step in ASKING:
                seconds[ASKING[step]] *= parts.kind.factor
        seconds[Step.OVERHEAD] += self._overhead_s
        return seconds

    def writing_s(self, plan: Plan) -> float:
        """Seconds from the input until a plan's frame is written; 0 without one, or for an unknown plan."""
        if not plan.remote or plan not in self.profiled:
            return 0.0
        k = self.profiled.index_of(plan)
        return float(self.table.seconds[list(BEFORE_REQUEST), k].sum())

    @property
    def spread(self) -> float:
        """How many times what was predicted 95 % of the latest answers kept to; 1 to 1.25."""
        return _kept_to(self._ratios, 1.0)

    @property
    def compute_spread(self) -> float:
        """How many times what was predicted 95 % of the computing by both nodes kept to; 1 to 1.25.

        Until some was seen it is a little more than 1: who is just in time by the profile often is late.
        """
        return _kept_to(self._compute_ratios, _UNTRIED)

    def begin(self, runs_s: Mapping[str, Sequence[float]], *, leaves_early: bool = False) -> None:
        """Take in what the device's own exits took before the first request.

        Args:
            runs_s: seconds of some runs of whole paths, by exit.
            leaves_early: whether these were run in pieces, between exits that are asked.
        """
        for exit_name, seconds in runs_s.items():
            plan = Plan(exit_name, 0, leaves_early=leaves_early)
            for measured_s in seconds if plan in self.profiled else ():
                k = self.profiled.index_of(plan)
                self._learnt[Step.RUN_DEVICE].observe(k, measured_s)
        self._table = None

    def observe(
        self,
        k: int,
        timeline: Timeline,
        overhead_s: float | None,
        predicted_s: float | None = None,
        asked_s: float = 0.0,
    ) -> None:
        """Take in one answered request.

        Args:
            k: the plan that answered.
            timeline: where its time went.
            overhead_s: seconds of the runtime around what is in the timeline; None when it waited for more.
            predicted_s: what it was predicted to take; None when another plan was. It counts once all parts
                of the plan have been seen some times: what comes before is for the factors to learn.
            asked_s: seconds of exits that were asked and passed by, which are in no step.
        """
        known = all(parts.is_known(k) for parts in self._learnt.values())
        if overhead_s is not None and predicted_s and known:
            self._ratios.append((timeline.total_s + asked_s + overhead_s) / predicted_s)
            if self.profiled.remote[k] and not self.profiled.leaves_early[k]:
                computed_s = sum(timeline.seconds.values()) + overhead_s
                self._compute_ratios.append(computed_s / self._compute_s(k))
        for step, parts in self._learnt.items():
            parts.observe(k, timeline[step])
        if overhead_s is not None:
            self._overheads_s.append(overhead_s)
        self._table = None

    def outlasted(self, k: int, waited_s: float, predicted_s: float) -> None:
        """Take in a request that was answered here, as the edge had not answered yet.

        Only what is in time is measured whole. A plan that takes a little longer than predicted would be
        chosen, and be late, again and again if nothing were learnt of that: it took this long at least. Far
        longer than predicted is what links do when they fail, which tells nothing of computing.

        Args:
            k: the plan that was wanted.
            waited_s: seconds from the input to the answer that was given in its place.
            predicted_s: what the plan was predicted to take.
        """
        predicted_compute_s = self._compute_s(k)
        ratio = (waited_s - (predicted_s - predicted_compute_s)) / predicted_compute_s
        if 1.0 < ratio <= _WIDEST:
            self._compute_ratios.append(ratio)
            self._ratios.append(waited_s / predicted_s)

    def _compute_s(self, k: int) -> float:
        """Seconds that plan k is believed to take without the link."""
        return float(self.table.seconds[[*_LEARNT, Step.OVERHEAD], k].sum())

    def forget_edge(self) -> None:
        """Another edge was asked: what this one showed fades, so that one that was slow is tried again."""
        self._learnt[Step.RUN_EDGE].kind.fade()
        self._table = None

    @property
    def _overhead_s(self) -> float:
        """What half of the latest requests kept to; of a single one nothing is believed.

        The first request of a plan may have waited for seconds until its layers were loaded. If that counted,
        every plan would look late.
        """
        return _usual_s(self._overheads_s)


def _latest() -> deque[float]:
    return deque(maxlen=int(_MOST_EVIDENCE))


def _usual_s(seconds: Collection[float]) -> float:
    """What half of some times kept to; 0 of fewer than two."""
    ascending = sorted(seconds)
    return ascending[(len(ascending) - 1) // 2] if len(ascending) > 1 else 0.0


def _kept_to(ratios: Collection[float], otherwise: float) -> float:
    """What 95 % of some ratios do not exceed, within bounds; something else where they are too few."""
    if len(ratios) < _FEWEST:
        return otherwise
    ratio = sorted(ratios)[int(_IN_TIME * (len(ratios) - 1))]
    return min(max(ratio, 1.0), _WIDEST)


def _parts_of(table: CostTable, step: Step) -> list[Hashable]:
    """Which part each plan has in a step; None where it has none. Layers in pieces are parts of their own."""
    return [
        next(
            ((*stage.measured_as, early and step in ASKING) for stage in of_plan if stage.step is step), None
        )
        for of_plan, early in zip(table.stages, table.leaves_early.tolist(), strict=True)
    ]


class _Kind:
    """What all parts of a kind showed: measured over profiled seconds.

    Attributes:
        factor: of the kind.
    """

    def __init__(self) -> None:
        self.factor = 1.0
        self._evidence = 1.0

    def fade(self) -> None:
        """Go a little of the way back to what the profile says."""
        self.factor += _FADING * (1.0 - self.factor)

    def observe(self, ratio: float, weight: float) -> None:
        """Take in one measured over profiled time."""
        self._evidence = min(self._evidence + weight, _MOST_EVIDENCE)
        self.factor += weight / self._evidence * (ratio - self.factor)


class _Parts:
    """The parts of one step, with a factor each: measured over profiled seconds.

    What a part is believed to take lies between what it showed itself and what its kind showed, which counts
    as one request. Where a part is slower or quicker than it showed itself before, so is its node: the others
    are taken to be, too, the more so the more often that part was seen. So a device that was busy when it was
    opened is believed to be quick again as soon as any of its exits is.

    Attributes:
        kind: what they show together, perhaps with those of another step.
    """

    def __init__(self, part_of: Sequence[Hashable], profiled_s: FloatArray, kind: _Kind) -> None:
        """Begin with what the profile says.

        Args:
            part_of: which part each plan has; shape (n_plans,).
            profiled_s: seconds of it; shape (n_plans,), 0 where a plan has none.
            kind: what the parts show together.
        """
        number = {part: n for n, part in enumerate(dict.fromkeys(part_of))}
        self._part_of = np.array([number[part] for part in part_of], dtype=np.int64)
        self._profiled_s = profiled_s
        self._telling_s = _TELLING_SHARE * float(profiled_s.max())
        self._own = np.ones(len(number))
        self._evidence = np.zeros(len(number))
        self._unprofiled_s = [_latest() for _ in number]
        self.kind = kind

    def factors(self) -> FloatArray:
        """The factor of each plan's part. Shape (n_plans,)."""
        factors: FloatArray = self._believed()[self._part_of]
        return factors

    def unprofiled_s(self) -> FloatArray:
        """What each plan's part takes where the profile says that it takes no time. Shape (n_plans,)."""
        seconds: FloatArray = np.array([_usual_s(latest) for latest in self._unprofiled_s])[self._part_of]
        return seconds

    def _believed(self) -> FloatArray:
        """The factor of each part. Shape (n_parts,)."""
        return (self.kind.factor + self._evidence * self._own) / (1.0 + self._evidence)

    def is_known(self, k: int) -> bool:
        """Whether plan k's part was seen often enough to be believed, or there is none."""
        return bool(self._profiled_s[k] <= 0 or self._evidence[self._part_of[k]] >= _KNOWN_EVIDENCE)

    def observe(self, k: int, measured_s: float) -> None:
        """Take in what plan k's part took; 0 where it has none, or it was not measured."""
        self._evidence *= 1.0 - _FORGETTING
        profiled_s, part = float(self._profiled_s[k]), self._part_of[k]
        if measured_s <= 0:
            return
        if profiled_s <= 0:
            self._unprofiled_s[part].append(measured_s)
            return
        believed = float(self._believed()[part])
        # A single request, however cold it ran, speaks for at most twice or half of what is believed.
        ratio = min(max(measured_s / profiled_s, believed / 2, _LEAST), believed * 2, _GREATEST)
        seen, showed = float(self._evidence[part]), float(self._own[part])
        self._evidence[part] = min(self._evidence[part] + 1.0, _MOST_EVIDENCE)
        self._own[part] += (ratio - self._own[part]) / self._evidence[part]
        if profiled_s >= self._telling_s:
            weight = profiled_s / (profiled_s + self._telling_s)
            self.kind.observe(ratio, weight)
        self._shift_others(part, float(self._own[part]) / showed, seen)

    def _shift_others(self, part: int, change: float, seen: float) -> None:
        """Take what a part seen so often shows otherwise than before to be so of the others, in bounds."""
        own = self._own[part]
        self._own = np.clip(self._own * change ** (seen / (seen + 1.0)), _LEAST, _GREATEST)
        self._own[part] = own
