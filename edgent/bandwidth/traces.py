"""A bandwidth trace: what a link could carry over time."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgent.errors import DataError

MAX_SAMPLES = 1_000_000
"""Most samples a trace may hold: eleven days of one a second."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BandwidthTrace:
    """Bandwidth samples in time order.

    A sample's bandwidth holds from its start until the next sample starts (where nothing was measured, the
    last value stands), the last one's for its duration. After its end the trace begins again, as in the
    simulators of adaptive streaming. Zero bandwidth is an outage.

    A trace of both directions holds the upload in `bandwidth_bps` and the download at the same times in
    `download_bps`; `download` is a trace of the latter alone. One of a single direction stands for both.

    Attributes:
        name: Where it came from, `set/trace`.
        start_s: Shape (n,): start of each sample, rising, the first 0.
        duration_s: Shape (n,): seconds over which each sample was measured, above 0.
        bandwidth_bps: Shape (n,): mean bandwidth over the sample, bits per second, 0 or more.
        download_bps: Shape (n,): the same of the other direction; None where the trace has a single one.

    Raises:
        DataError: The arrays break one of these rules.
    """

    name: str
    start_s: Floats
    duration_s: Floats
    bandwidth_bps: Floats
    download_bps: Floats | None = None

    def __post_init__(self) -> None:
        """Check the samples and make them read-only."""
        for field in ("start_s", "duration_s", "bandwidth_bps", "download_bps"):
            if getattr(self, field) is not None:
                values = np.array(getattr(self, field), dtype=np.float64)
                values.setflags(write=False)
                object.__setattr__(self, field, values)
        fault = sample_fault(self.start_s, self.duration_s, self.bandwidth_bps, self.download_bps)
        if fault is not None:
            index, problem = fault
            raise DataError(f"trace {self.name}, sample {index}: {problem}")
        if self.start_s[0] != 0:
            raise DataError(f"trace {self.name} starts at {self.start_s[0]:g} s; shift it to 0")

    @cached_property
    def download(self) -> "BandwidthTrace | None":
        """The download alone, as a trace of a single direction; None where this is one itself."""
        if self.download_bps is None:
            return None
        return BandwidthTrace(self.name, self.start_s, self.duration_s, self.download_bps)

    @property
    def is_steady(self) -> bool:
        """Whether the bandwidth is the same all along, up and down."""
        ways = (self.bandwidth_bps, self.download_bps)
        return all(np.ptp(bps) == 0 for bps in ways if bps is not None)

    @property
    def total_s(self) -> float:
        """Seconds from the first sample's start to the last one's end."""
        return float(self.start_s[-1] + self.duration_s[-1])

    @cached_property
    def held_s(self) -> Floats:
        """Seconds for which each sample's bandwidth holds, shape (n,); they add up to `total_s`."""
        return np.diff(self.start_s, append=self.total_s)

    @cached_property
    def _edges_s(self) -> Floats:
        return np.append(self.start_s, self.total_s)

    @cached_property
    def _bits(self) -> Floats:
        """Bits that the link could carry until each edge, shape (n + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.held_s * self.bandwidth_bps)])

    def bandwidth_at(self, time_s: ArrayLike) -> Floats:
        """Bandwidth in bits per second at times of any shape, 0 or more."""
        position_s = np.asarray(time_s, dtype=np.float64) % self.total_s
        return self.bandwidth_bps[np.searchsorted(self.start_s, position_s, side="right") - 1]

    def transfer_time_s(self, size_bytes: ArrayLike, start_s: ArrayLike = 0.0) -> Floats:
        """How long transfers take that have the link to themselves: the integral of the trace, inverted.

        Args:
            size_bytes: Bytes of each transfer, 0 or more.
            start_s: When each begins; broadcast against `size_bytes`.

        Returns:
            Seconds of each; infinite where the whole trace is an outage.
        """
        size_bits = 8.0 * np.asarray(size_bytes, dtype=np.float64)
        position_s = np.asarray(start_s, dtype=np.float64) % self.total_s
        per_round_bits = self._bits[-1]
        if per_round_bits == 0:
            return np.where(size_bits > 0, np.inf, np.zeros_like(position_s))
        target_bits = np.interp(position_s, self._edges_s, self._bits) + size_bits
        rounds = np.maximum(np.ceil(target_bits / per_round_bits) - 1, 0)
        rest_bits = np.clip(target_bits - rounds * per_round_bits, 0, per_round_bits)
        # The sample in which the last bit passes: the first whose end has carried that many.
        sample = np.clip(np.searchsorted(self._bits, rest_bits, side="left") - 1, 0, None)
        bandwidth_bps = self.bandwidth_bps[sample]
        within_s = np.divide(
            rest_bits - self._bits[sample],
            bandwidth_bps,
            out=np.zeros(np.broadcast(rest_bits, sample).shape),
            where=bandwidth_bps > 0,
        )
        taken_s = rounds * self.total_s + self.start_s[sample] + within_s - position_s
        return np.where(size_bits > 0, np.maximum(taken_s, 0), 0.0)

    def scaled(self, factor: float) -> "BandwidthTrace":
        """The same trace with every bandwidth, both ways, multiplied by `factor`, above 0."""
        if not (np.isfinite(factor) and factor > 0):
            raise DataError(f"a trace is scaled by a number above 0, not by {factor:g}")
        download_bps = None if self.download_bps is None else self.download_bps * factor
        return replace(self, bandwidth_bps=self.bandwidth_bps * factor, download_bps=download_bps)

    def resampled(self, interval_s: float) -> "BandwidthTrace":
        """The mean bandwidth over consecutive intervals; a last interval that is not full is dropped."""
        if not (np.isfinite(interval_s) and interval_s > 0):
            raise DataError(f"trace {self.name}: the sampling interval must be above 0 s, not {interval_s:g}")
        # A hair of tolerance: 0.3 s hold three intervals of 0.1 s.
        count = self.total_s / interval_s * (1 + 1e-12)
        if not 1 <= count <= MAX_SAMPLES:
            raise DataError(
                f"trace {self.name} lasts {self.total_s:g} s: intervals of {interval_s:g} s are {count:.3g}, "
                f"outside 1 to {MAX_SAMPLES}; choose another interval"
            )
        edges_s = np.minimum(np.arange(int(count) + 1) * interval_s, self.total_s)
        carried_bits = np.interp(edges_s, self._edges_s, self._bits)
        return BandwidthTrace(
            self.name,
            edges_s[:-1],
            np.full(int(count), interval_s),
            np.diff(carried_bits) / interval_s,
            None if self.download is None else self.download.resampled(interval_s).bandwidth_bps,
        )


def sample_fault(
    start_s: Floats, duration_s: Floats, bandwidth_bps: Floats, download_bps: Floats | None = None
) -> tuple[int, str] | None:
    """The first sample that no trace may hold and what is wrong with it, or None."""
    if download_bps is not None:
        fault = sample_fault(start_s, duration_s, download_bps)
        if fault is not None:
            index, problem = fault
            return index, problem.replace("its bandwidth", "its download bandwidth")
    if not (start_s.ndim == 1 and start_s.shape == duration_s.shape == bandwidth_bps.shape):
        return (
            0,
            f"shapes {start_s.shape}, {duration_s.shape} and {bandwidth_bps.shape} differ or are not flat",
        )
    if not 1 <= start_s.size <= MAX_SAMPLES:
        return 0, f"{start_s.size} samples; a trace holds 1 to {MAX_SAMPLES}"
    rules = (
        (start_s, ~np.isfinite(start_s), "its time is {} s, not a number"),
        (duration_s, ~np.isfinite(duration_s), "its duration is {} s, not a number"),
        (bandwidth_bps, ~np.isfinite(bandwidth_bps), "its bandwidth is {} bit/s, not a number"),
        (bandwidth_bps, bandwidth_bps < 0, "its bandwidth is {} bit/s, below 0"),
        (duration_s, duration_s <= 0, "it lasts {} s; a sample lasts longer than 0 s"),
        (start_s, np.diff(start_s, prepend=-np.inf) <= 0, "its time {} s is not after the sample before it"),
    )
    faults = [
        (int(np.argmax(broken)), problem.format(f"{values[np.argmax(broken)]:g}"))
        for values, broken, problem in rules
        if broken.any()
    ]
    return min(faults, default=None, key=lambda fault: fault[0])
