"""Chooses a few picture codecs out of many: those that give most accuracy soonest, on links of every kind."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_BANDWIDTHS_BPS = tuple(float(rate) for rate in np.geomspace(50e3, 20e6, 9))
_SLOWDOWNS = (1.0, 20.0)  # of the device against the machine that measured
_SITUATIONS = tuple(itertools.product(_BANDWIDTHS_BPS, _SLOWDOWNS))


@dataclass(frozen=True)
class MeasuredCodec:
    """An input codec as it was measured on some inputs.

    Attributes:
        name: the codec's.
        size_bytes: mean bytes of a frame.
        write_s, read_s: seconds to write and to read one, on the machine that measured.
        score: what is left of the deepest exit's answers behind it, 0 to 1.
    """

    name: str
    size_bytes: float
    write_s: float
    read_s: float
    score: float

    def latency_s(self, bandwidth_bps: float, slowdown: float) -> float:
        """Seconds until the edge has the input."""
        return self.write_s * slowdown + self.size_bytes * 8 / bandwidth_bps + self.read_s


def front(codecs: Sequence[MeasuredCodec]) -> list[MeasuredCodec]:
    """Those to which no other is equal or better in bytes, in seconds of both nodes and in score."""

    def as_good(one: MeasuredCodec, other: MeasuredCodec) -> bool:
        return (
            one.size_bytes <= other.size_bytes
            and one.write_s + one.read_s <= other.write_s + other.read_s
            and one.score >= other.score
        )

    return [codec for codec in codecs if not any(as_good(other, codec) for other in codecs if other != codec)]


def most_useful(codecs: Sequence[MeasuredCodec], most: int, least_score: float) -> list[MeasuredCodec]:
    """At most so many codecs of the front, which together lose least of what all of them offer.

    What a set offers on one link is the best score that is there by a time, over the logarithm of the time.
    Links of 50 kbps to 20 Mbps count alike, with a device as quick as this machine and one 20 times slower.
    Codecs are left out one at a time, each time the one that is missed least.

    Args:
        codecs: to choose from.
        most: how many may be left.
        least_score: a codec with a lower score is worth nothing.

    Returns:
        The codecs that are left, by falling bytes.
    """
    kept = front([codec for codec in codecs if codec.score >= least_score])
    while len(kept) > most:
        offers = [_offer([*kept[:k], *kept[k + 1 :]], codecs, least_score) for k in range(len(kept))]
        del kept[int(np.argmax(offers))]
    return sorted(kept, key=lambda codec: -codec.size_bytes)


def _offer(kept: Sequence[MeasuredCodec], all_codecs: Sequence[MeasuredCodec], least_score: float) -> float:
    """The mean over all situations of the area under the best score by a time."""
    area = 0.0
    for situation in _SITUATIONS:
        last_s = max(codec.latency_s(*situation) for codec in all_codecs)
        best = least_score
        steps = sorted((codec.latency_s(*situation), codec.score) for codec in kept)
        for latency_s, score in steps:
            area += max(0.0, score - best) * float(np.log(last_s / latency_s))
            best = max(best, score)
    return area / len(_SITUATIONS)
