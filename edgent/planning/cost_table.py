"""Every plan a network allows, as arrays, so that one decision is a few vectorised lines.

The latency of candidate k at bandwidths B_up and B_down is::

    T = t0 + 8·upload_bytes/B_up + edge compute + 8·download_bytes/B_down + device compute

and the device compute alone when nothing runs on the edge. When one bandwidth B is known and the other is a
fixed multiple of it, T = fixed_s + bits/B: a line in 1/B, which is what the optimizers work with.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from edgent.errors import PlanError
from edgent.planning.costs import CodecCosts, ExitCosts, FloatArray, check_exit, check_input_codec
from edgent.planning.link import Link
from edgent.planning.plan import FLOAT32, RAW, Plan

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LatencyParts:
    """Where the time of one candidate goes, in seconds, in the order in which it is spent."""

    input_encode_s: float
    round_trip_s: float
    upload_s: float
    input_decode_s: float
    edge_s: float
    activation_encode_s: float
    download_s: float
    activation_decode_s: float
    device_s: float

    @property
    def codec_s(self) -> float:
        """Seconds of all encoding and decoding."""
        return self.input_encode_s + self.input_decode_s + self.activation_encode_s + self.activation_decode_s

    @property
    def total_s(self) -> float:
        """Seconds from input to answer."""
        return (
            self.codec_s + self.round_trip_s + self.upload_s + self.edge_s + self.download_s + self.device_s
        )


@dataclass(frozen=True, eq=False)
class CostTable:
    """All candidates of a network; every array has shape (n_candidates,), exits shallow to deep.

    Attributes:
        exits: names of the exit points, shallow to deep.
        plans: the plan of each candidate.
        exit_index: which exit.
        depth: the exit that the candidate counts as: its own, or, where a lossy codec leaves no more accuracy
            than a shallower exit has without loss, that shallower one.
        partition_point: where its path is cut.
        edge_only: whether the whole path runs on the edge.
        accuracy: measured accuracy of the exit under the codecs, 0 to 1.
        edge_s, device_s: seconds of the head and of the tail.
        input_encode_s, input_decode_s: seconds of the input codec, on the device and on the edge.
        activation_encode_s, activation_decode_s: seconds of the activation codec, on the edge and the device.
        upload_bytes, download_bytes: what crosses the link, HTTP included.
    """

    exits: tuple[str, ...]
    plans: tuple[Plan, ...]
    exit_index: IntArray
    depth: IntArray
    partition_point: IntArray
    edge_only: BoolArray
    accuracy: FloatArray
    edge_s: FloatArray
    device_s: FloatArray
    input_encode_s: FloatArray
    input_decode_s: FloatArray
    activation_encode_s: FloatArray
    activation_decode_s: FloatArray
    upload_bytes: FloatArray
    download_bytes: FloatArray

    def __len__(self) -> int:
        return len(self.plans)

    @cached_property
    def remote(self) -> BoolArray:
        """Whether the candidate needs the edge at all."""
        return self.partition_point > 0

    @cached_property
    def uncompressed(self) -> BoolArray:
        """Whether tensors travel as floats (inputs as raw pixels where no codec ``float32`` is offered)."""
        inputs = {plan.input_codec for plan in self.plans}
        source = FLOAT32 if FLOAT32 in inputs else RAW
        return (
            np.array([plan.input_codec == source and plan.activation_codec == FLOAT32 for plan in self.plans])
            | ~self.remote
        )

    @cached_property
    def edge_compute_s(self) -> FloatArray:
        """Seconds of the edge: read the input, run the head, write the activation."""
        return self.input_decode_s + self.edge_s + self.activation_encode_s

    @cached_property
    def device_compute_s(self) -> FloatArray:
        """Seconds of the device: write the input, read the activation, run the tail."""
        return self.input_encode_s + self.activation_decode_s + self.device_s

    @cached_property
    def _upload_bits(self) -> FloatArray:
        return 8.0 * self.upload_bytes

    @cached_property
    def _download_bits(self) -> FloatArray:
        return 8.0 * self.download_bytes

    @cached_property
    def _index(self) -> dict[Plan, int]:
        return {plan: k for k, plan in enumerate(self.plans)}

    def index_of(self, plan: Plan) -> int:
        """The candidate that is this plan.

        Raises:
            PlanError: no such exit, partition point or codec here; the message lists what there is.
        """
        found = self._index.get(plan)
        if found is not None:
            return found
        if plan.exit not in self.exits:
            raise PlanError(f"plan {plan}: no exit {plan.exit!r}; exits are {', '.join(self.exits)}")
        of_exit = [other for other in self.plans if other.exit == plan.exit]
        of_point = [other for other in of_exit if other.partition_point == plan.partition_point]
        if not of_point:
            points = max(other.partition_point for other in of_exit)
            raise PlanError(f"plan {plan}: partition points of {plan.exit} go from 0 to {points}")
        known = ", ".join(str(other) for other in of_point)
        raise PlanError(f"plan {plan}: not with these codecs; at this partition point there are {known}")

    def fixed_s(self, round_trip_s: float) -> FloatArray:
        """Seconds that do not depend on bandwidth."""
        return self.edge_compute_s + self.device_compute_s + self.remote * round_trip_s

    def bits(self, download_ratio: float = 1.0) -> FloatArray:
        """Bits that cross the link, counted at upload bandwidth; download bandwidth is the ratio times it."""
        return self._upload_bits + self._download_bits / download_ratio

    def latency_s(self, link: Link) -> FloatArray:
        """Predicted seconds from input to answer of every candidate; infinite where nothing gets through."""
        latency = self.fixed_s(link.round_trip_s)
        if link.upload_bps == 0 or link.download_bps == 0:
            latency[self.remote] = np.inf
            return latency
        latency += self._upload_bits / link.upload_bps
        latency += self._download_bits / link.download_bps
        return latency

    def required_bandwidth_bps(
        self, budget_s: float | FloatArray, round_trip_s: float, download_ratio: float = 1.0
    ) -> FloatArray:
        """The least upload bandwidth at which each candidate takes at most the budget.

        0 for a device-only candidate within the budget, infinite where no bandwidth is enough. Budgets may
        differ: shape (n_candidates,) or (..., n_candidates), which the result then has.
        """
        spare_s = budget_s - self.fixed_s(round_trip_s)
        required = np.full(spare_s.shape, np.inf)
        np.divide(self.bits(download_ratio), spare_s, out=required, where=spare_s > 0)
        required[~self.remote & (spare_s >= 0)] = 0.0
        return required

    def parts(self, link: Link, k: int) -> LatencyParts:
        """Where candidate k's time goes."""
        remote = bool(self.remote[k])
        return LatencyParts(
            input_encode_s=float(self.input_encode_s[k]),
            round_trip_s=link.round_trip_s if remote else 0.0,
            upload_s=_transfer_s(float(self.upload_bytes[k]), link.upload_bps),
            input_decode_s=float(self.input_decode_s[k]),
            edge_s=float(self.edge_s[k]),
            activation_encode_s=float(self.activation_encode_s[k]),
            download_s=_transfer_s(float(self.download_bytes[k]), link.download_bps),
            activation_decode_s=float(self.activation_decode_s[k]),
            device_s=float(self.device_s[k]),
        )

    def slowed(self, factor: float) -> "CostTable":
        """The same plans on a device that computes so many times slower."""
        return replace(
            self,
            device_s=self.device_s * factor,
            input_encode_s=self.input_encode_s * factor,
            activation_decode_s=self.activation_decode_s * factor,
        )

    def dominated_by(self, k: int) -> list[int]:
        """CostTable that beat k at every link, the quickest to compute first; empty if k has its place.

        One that sends, receives and computes no more and is no less accurate, and is better in one of these.
        """
        compute_s = self.fixed_s(0.0)
        costs = np.stack([self.upload_bytes, self.download_bytes, compute_s, self.remote, -self.accuracy])
        no_worse = (costs <= costs[:, [k]]).all(axis=0)
        better = (costs < costs[:, [k]]).any(axis=0)
        found = np.flatnonzero(no_worse & better)
        return [int(j) for j in found[np.argsort(compute_s[found], kind="stable")]]


def build_cost_table(
    exits: Sequence[ExitCosts],
    input_codecs: Mapping[str, CodecCosts],
    http_upload_bytes: float = 0.0,
    http_download_bytes: float = 0.0,
) -> CostTable:
    """Every (exit, partition point, input codec, activation codec) of a network.

    Args:
        exits: shallow to deep.
        input_codecs: costs by name, single values, ``raw`` among them.
        http_upload_bytes: what HTTP and TCP add to a request.
        http_download_bytes: what they add to its answer.

    Raises:
        PlanError: values that are missing, negative, not finite or of different lengths.
    """
    if not exits:
        raise PlanError("nothing to plan from: the network has no exits")
    if RAW not in input_codecs:
        raise PlanError(f"input codecs {sorted(input_codecs)}: {RAW!r} must be among them")
    for name, codec in input_codecs.items():
        check_input_codec(name, codec)
    for costs in exits:
        check_exit(costs)
    lossless = [costs.accuracy[RAW, FLOAT32] for costs in exits]
    rows = [
        (number, _depth(number, row.accuracy, lossless), row)
        for number, costs in enumerate(exits)
        for row in _rows(costs, input_codecs)
    ]

    def column(name: str) -> FloatArray:
        return np.array([getattr(row, name) for _, _, row in rows], dtype=np.float64)

    point = np.array([row.plan.partition_point for _, _, row in rows], dtype=np.int64)
    return CostTable(
        exits=tuple(costs.exit for costs in exits),
        plans=tuple(row.plan for _, _, row in rows),
        exit_index=np.array([number for number, _, _ in rows], dtype=np.int64),
        depth=np.array([depth for _, depth, _ in rows], dtype=np.int64),
        partition_point=point,
        edge_only=np.array([row.edge_only for _, _, row in rows], dtype=np.bool_),
        accuracy=column("accuracy"),
        edge_s=column("edge_s"),
        device_s=column("device_s"),
        input_encode_s=column("input_encode_s"),
        input_decode_s=column("input_decode_s"),
        activation_encode_s=column("activation_encode_s"),
        activation_decode_s=column("activation_decode_s"),
        upload_bytes=column("upload_bytes") + (point > 0) * http_upload_bytes,
        download_bytes=column("download_bytes") + (point > 0) * http_download_bytes,
    )


@dataclass(frozen=True)
class _Row:
    plan: Plan
    edge_only: bool
    accuracy: float
    edge_s: float
    device_s: float
    input_encode_s: float = 0.0
    input_decode_s: float = 0.0
    activation_encode_s: float = 0.0
    activation_decode_s: float = 0.0
    upload_bytes: float = 0.0
    download_bytes: float = 0.0


def _rows(costs: ExitCosts, input_codecs: Mapping[str, CodecCosts]) -> Iterator[_Row]:
    """The candidates of one exit: device-only, every cut under every pair of codecs, edge-only."""
    last = len(costs.head_s) - 1
    alone = costs.accuracy[RAW, FLOAT32]
    yield _Row(
        Plan(costs.exit, 0), edge_only=False, accuracy=alone, edge_s=0.0, device_s=float(costs.tail_s[0])
    )
    for point in range(1, last + 1):
        activations = costs.activation_codecs if point < last else {FLOAT32: costs.activation_codecs[FLOAT32]}
        for (input_name, source), (name, activation) in itertools.product(
            input_codecs.items(), activations.items()
        ):
            pair = (RAW if source.lossless else input_name, FLOAT32 if activation.lossless else name)
            if pair not in costs.accuracy:
                continue
            yield _Row(
                plan=Plan(costs.exit, point, input_name, name),
                edge_only=point == last,
                accuracy=costs.accuracy[pair],
                edge_s=float(costs.head_s[point]),
                device_s=float(costs.tail_s[point]),
                input_encode_s=float(np.asarray(source.encode_s)),
                input_decode_s=float(np.asarray(source.decode_s)),
                activation_encode_s=_at(activation.encode_s, point),
                activation_decode_s=_at(activation.decode_s, point),
                upload_bytes=float(np.asarray(source.size_bytes)),
                download_bytes=_at(activation.size_bytes, point),
            )


def _at(values: npt.ArrayLike, point: int) -> float:
    """The value at a partition point; a single value holds at all of them."""
    array = np.asarray(values, dtype=np.float64)
    return float(array[point] if array.ndim else array)


def _depth(number: int, accuracy: float, lossless: Sequence[float]) -> int:
    """The exit that a candidate of exit ``number`` counts as under its accuracy."""
    if accuracy >= lossless[number]:
        return number
    while number > 0 and accuracy <= lossless[number - 1]:
        number -= 1
    return number


def _transfer_s(size_bytes: float, bandwidth_bps: float) -> float:
    if size_bytes == 0:
        return 0.0
    return 8.0 * size_bytes / bandwidth_bps if bandwidth_bps > 0 else float("inf")
