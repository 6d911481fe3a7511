"""The cost table: what every stage of every plan takes, as arrays, so that a decision is a few lines.

The latency of plan k at bandwidths B_up and B_down is::

    T = Σ seconds[stage, k] + t0 + 8·size_bytes[up, k]/B_up + 8·size_bytes[down, k]/B_down

and the device's seconds alone when nothing runs on the edge. When one bandwidth B is known and the other is a
fixed multiple of it, T = fixed_s + bits/B: a line in 1/B, which is what the policies work with.

Of a plan that leaves early these are of an input that leaves nowhere: whether it is in time is decided by the
worst. What it takes in the mean is a table of its own.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from edgent.errors import PlanError
from edgent.planning.costs import ACCURACY, BoolArray, FloatArray, IntArray
from edgent.planning.latency_parts import LatencyParts, transfer_s
from edgent.planning.link import Link
from edgent.planning.plan import FLOAT32, RAW, Plan
from edgent.planning.pruning import NOTHING, LeftOut
from edgent.planning.stages import AFTER_ARRIVAL, BEFORE_REQUEST, DEVICE_STEPS, EDGE_STEPS, MOVES, Stage, Step

Columns = IntArray | slice
_OF_PLANS = ("remote", "sends_file", "device_only", "edge_answers", "accuracy_reward", "goes_on")
"""Properties of a table that are the same whatever its seconds and bytes are."""
ALL = slice(None)
"""The columns of all plans."""


@dataclass(frozen=True, eq=False)
class CostTable:
    """All plans of a network with their costs, exits from shallow to deep.

    Attributes:
        exits: names of the exit points, shallow to deep.
        plans: one for each column of the table.
        stages: of each plan.
        exit_index: which exit. Shape (n_plans,), as of all that follows unless another one is given.
        depth: the exit that the plan counts as; see `Candidate`.
        start, stop: the window [start, stop) of its path that the edge runs; both 0 where it runs nothing.
        layers: how many the path has.
        accuracy: measured accuracy of the exit under the codecs, 0 to 1.
        seconds: of each step; 0 where a plan has no such stage, and for moves. Shape (n_steps, n_plans).
        size_bytes: up and down the link, HTTP included. Shape (2, n_plans).
        predicted: whether layers of the plan were never measured as they stand.
        leaves_after: how many layers the path of each exit shares with the deepest exit's, one less than all
            at most. Shape (n_exits,).
        layers_share: of the seconds before the window, those of layers; the rest is an encoder's.
        measure: what accuracies are measured by.
        asking: share of the inputs for which the edge is asked; None: all, where the plan has it asked.
        mean: the same plans in the mean; None where no plan leaves early, or this is the mean.
        file_bytes: of a frame with the file of the photo that the table is of, the profile's mean unless it
            was made `for_photo`; 0 where no plan sends any.
        left_out: what pruning left out before.
    """

    exits: tuple[str, ...]
    plans: tuple[Plan, ...]
    stages: tuple[tuple[Stage, ...], ...]
    exit_index: IntArray
    depth: IntArray
    start: IntArray
    stop: IntArray
    layers: IntArray
    accuracy: FloatArray
    seconds: FloatArray
    size_bytes: FloatArray
    predicted: BoolArray
    leaves_after: IntArray
    layers_share: FloatArray
    measure: str = ACCURACY
    asking: FloatArray | None = None
    mean: "CostTable | None" = None
    file_bytes: float = 0.0
    left_out: LeftOut = NOTHING

    def __len__(self) -> int:
        return len(self.plans)

    @cached_property
    def remote(self) -> BoolArray:
        """Whether the plan needs the edge at all."""
        return self.stop > 0

    @cached_property
    def sends_file(self) -> BoolArray:
        """Whether the plan sends a photo's own file."""
        return np.array([plan.sends_file for plan in self.plans], dtype=np.bool_)

    @property
    def prepare_s(self) -> FloatArray:
        """Seconds of the device to make an input of a photo's file; 0 where the file goes up."""
        prepare_s: FloatArray = self.seconds[Step.PREPARE]
        return prepare_s

    @property
    def in_the_mean(self) -> "CostTable":
        """What the plans take in the mean: this very table where none leaves early."""
        return self if self.mean is None else self.mean

    @cached_property
    def leaves_early(self) -> BoolArray:
        """Whether exits on the plan's way are asked."""
        return np.array([plan.leaves_early for plan in self.plans], dtype=np.bool_)

    @cached_property
    def device_only(self) -> list[int]:
        """The columns of plans that do not need it."""
        return [int(k) for k in np.flatnonzero(~self.remote)]

    @cached_property
    def edge_only(self) -> BoolArray:
        """Whether the whole path runs on the edge."""
        whole: BoolArray = self.edge_answers & (self.start == 0)
        return whole

    @cached_property
    def edge_answers(self) -> BoolArray:
        """Whether what comes down is the answer itself, with nothing left to do for the device."""
        to_the_end: BoolArray = self.stop == self.layers
        return to_the_end

    @cached_property
    def layers_before(self) -> IntArray:
        """How many layers the device runs before the plan's window; a feature codec's encoder is none."""
        before = ([stage.stop for stage in of_one if stage.step is Step.RUN_BEFORE] for of_one in self.stages)
        return np.array([max(stops, default=0) for stops in before], dtype=np.int64)

    @cached_property
    def goes_on(self) -> BoolArray:
        """Whether the path of an exit has the layers that a plan's device runs before the window.

        So the exit can go on from there, if it has to answer in the edge's place. Shape (n_exits, n_plans).
        """
        shared = np.minimum.outer(self.leaves_after, self.leaves_after)
        np.fill_diagonal(shared, np.iinfo(np.int64).max)
        on_its_path: BoolArray = self.layers_before <= shared[:, self.exit_index]
        return on_its_path

    @cached_property
    def uncompressed(self) -> BoolArray:
        """Whether tensors travel as floats (inputs as raw pixels where no codec ``float32`` is offered)."""
        inputs = {plan.codec_up for plan in self.plans if plan.start == 0}
        source = FLOAT32 if FLOAT32 in inputs else RAW
        return (
            np.array([plan.codec_up == source and plan.codec_down == FLOAT32 for plan in self.plans])
            | ~self.remote
        )

    @cached_property
    def edge_compute_s(self) -> FloatArray:
        """Seconds of the edge: read the input, run the head, write the activation."""
        return self._sum(EDGE_STEPS)

    @cached_property
    def device_compute_s(self) -> FloatArray:
        """Seconds of the device: write the input, read the activation, run the tail."""
        return self._sum(DEVICE_STEPS)

    @cached_property
    def before_request_s(self) -> FloatArray:
        """Seconds of the device until the edge is asked."""
        return self._sum(BEFORE_REQUEST)

    @cached_property
    def after_arrival_s(self) -> FloatArray:
        """Seconds of the device once the edge's answer is there."""
        return self._sum(AFTER_ARRIVAL)

    @cached_property
    def compute_s(self) -> FloatArray:
        """Seconds of both nodes."""
        compute_s: FloatArray = self.edge_compute_s + self.device_compute_s
        return compute_s

    @cached_property
    def accuracy_reward(self) -> FloatArray:
        """The part of the paper's reward that accuracy has: exp(accuracy)."""
        reward: FloatArray = np.exp(self.accuracy)
        return reward

    def _sum(self, steps: tuple[Step, ...]) -> FloatArray:
        total: FloatArray = self.seconds[list(steps)].sum(axis=0)
        return total

    @property
    def upload_bytes(self) -> FloatArray:
        """What crosses the link from device to edge."""
        upload: FloatArray = self.size_bytes[0]
        return upload

    @property
    def download_bytes(self) -> FloatArray:
        """What crosses the link from edge to device."""
        download: FloatArray = self.size_bytes[1]
        return download

    @cached_property
    def _index(self) -> dict[Plan, int]:
        return {plan: k for k, plan in enumerate(self.plans)}

    def __contains__(self, plan: Plan) -> bool:
        return plan in self._index

    def index_of(self, plan: Plan) -> int:
        """The column of a plan.

        Raises:
            PlanError: no such exit, partition point or codec here; the message lists what there is.
        """
        column = self._index.get(plan)
        if column is not None:
            return column
        if plan.exit not in self.exits:
            raise PlanError(f"plan {plan}: no exit {plan.exit!r}; exits are {', '.join(self.exits)}")
        of_exit = [other for other in self.plans if other.exit == plan.exit]
        of_window = [other for other in of_exit if (other.start, other.stop) == (plan.start, plan.stop)]
        if of_window:
            known = ", ".join(str(other) for other in of_window)
            raise PlanError(f"plan {plan}: not with these codecs; at this partition point there are {known}")
        points = int(self.layers[self.plans.index(of_exit[0])])
        if plan.stop > points:
            raise PlanError(f"plan {plan}: partition points of {plan.exit} go from 0 to {points}")
        raise PlanError(f"plan {plan}: this window is not among the plans of {plan.exit}")

    def fixed_s(self, round_trip_s: float, plans: Columns = ALL) -> FloatArray:
        """Seconds of some plans, or of all, that do not depend on bandwidth."""
        asking = self.remote if self.asking is None else self.asking
        fixed_s: FloatArray = self.compute_s[plans] + asking[plans] * round_trip_s
        return fixed_s

    def bits(self, download_ratio: float = 1.0) -> FloatArray:
        """Bits that cross the link, counted at upload bandwidth; download bandwidth is the ratio times it."""
        upload, download = self._bits
        return upload + download / download_ratio

    @cached_property
    def _bits(self) -> tuple[FloatArray, FloatArray]:
        return 8.0 * self.upload_bytes, 8.0 * self.download_bytes

    def latency_s(self, link: Link, plans: Columns = ALL) -> FloatArray:
        """Predicted seconds from input to answer of some plans, or of all.

        They are infinite where nothing gets through.
        """
        latency = self.fixed_s(link.round_trip_s, plans)
        if link.upload_bps == 0 or link.download_bps == 0:
            latency[(self.remote if self.asking is None else self.asking > 0)[plans]] = np.inf
            return latency
        upload, download = self._bits
        latency += upload[plans] / link.upload_bps
        latency += download[plans] / link.download_bps
        return latency

    def required_bandwidth_bps(
        self,
        budget_s: float | FloatArray,
        round_trip_s: float,
        download_ratio: float = 1.0,
        plans: Columns = ALL,
    ) -> FloatArray:
        """The least upload bandwidth at which each plan, or each of some, takes at most the budget.

        0 for a device-only plan within the budget, infinite where no bandwidth is enough. Budgets may
        differ: shape (n_plans,) or (..., n_plans), which the result then has.
        """
        spare_s = budget_s - self.fixed_s(round_trip_s, plans)
        required = np.full(spare_s.shape, np.inf)
        np.divide(self.bits(download_ratio)[plans], spare_s, out=required, where=spare_s > 0)
        required[~self.remote[plans] & (spare_s >= 0)] = 0.0
        return required

    def parts(self, link: Link, k: int) -> LatencyParts:
        """Where the time of plan k goes."""
        seconds = {step: float(self.seconds[step, k]) for step in Step}
        for step, size_bytes, bandwidth_bps in zip(
            MOVES, self.size_bytes[:, k].tolist(), (link.upload_bps, link.download_bps), strict=True
        ):
            seconds[step] = transfer_s(size_bytes, bandwidth_bps)
        asking = float(self.remote[k] if self.asking is None else self.asking[k])
        return LatencyParts(asking * link.round_trip_s, seconds)

    def slowed(self, factor: float) -> "CostTable":
        """The same plans on a device that computes so many times slower."""
        seconds = self.seconds.copy()
        seconds[list(DEVICE_STEPS)] *= factor
        return self.timed(seconds, None if self.mean is None else self.mean.slowed(factor))

    def for_photo(self, file_bytes: float, prepare_s: float, decoding: float) -> "CostTable":
        """The same plans for one input.

        Args:
            file_bytes: of a frame with its file.
            prepare_s: seconds of the device to make an input of it; 0 where its pixels are at hand.
            decoding: how many times as much work it is to decode as the photo of this table, for the edge.
        """
        seconds, size_bytes, sends = self.seconds.copy(), self.size_bytes.copy(), self.sends_file
        seconds[Step.PREPARE] = np.where(sends, 0.0, prepare_s)
        seconds[Step.DECODE_UP, sends] *= decoding
        size_bytes[0, sends] += file_bytes - self.file_bytes
        mean = None if self.mean is None else self.mean.for_photo(file_bytes, prepare_s, decoding)
        table = replace(self, seconds=seconds, size_bytes=size_bytes, mean=mean, file_bytes=file_bytes)
        vars(table).update({name: getattr(self, name) for name in _OF_PLANS})
        return table

    def timed(self, seconds: FloatArray, mean: "CostTable | None") -> "CostTable":
        """The same plans with other seconds; what does not follow from these is not worked out again."""
        table = replace(self, seconds=seconds, mean=mean)
        vars(table).update({name: getattr(self, name) for name in (*_OF_PLANS, "_bits")})
        return table

    @cached_property
    def _kinds(self) -> FloatArray:
        """What counts on every link. Shape (n_kinds, n_plans)."""
        tables = (self,) if self.mean is None else (self, self.mean)
        return np.concatenate(
            [
                [*table.size_bytes, table.fixed_s(0.0), self.remote if table.asking is None else table.asking]
                for table in tables
            ]
        )

    def dominated_by(self, k: int) -> list[int]:
        """Plans that beat plan k on every link, the quickest to compute first; empty if k has its place.

        A plan beats k that sends, receives and computes no more, at worst and in the mean, and is no less
        accurate, and is better in one of these. Plans that send a photo's file and others do not beat each
        other: that depends on the photo.
        """
        compute_s = self.fixed_s(0.0)
        costs = np.stack([*self._kinds, -self.accuracy, self.sends_file, ~self.sends_file])
        no_worse = (costs <= costs[:, [k]]).all(axis=0)
        better = (costs < costs[:, [k]]).any(axis=0)
        beating = np.flatnonzero(no_worse & better)
        return [int(j) for j in beating[np.argsort(compute_s[beating], kind="stable")]]
