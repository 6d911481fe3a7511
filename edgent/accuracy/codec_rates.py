"""What every codec of a pipeline takes on the wire and leaves of the accuracy, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edgent.core.codecs.rung import parsed_name
from edgent.planning.plan import FLOAT32, RAW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from edgent.accuracy.codec_accuracy import CodecAccuracies, CodecSize
    from edgent.graph.feature_codec import FeatureCodec
    from edgent.network import Network

Kind = Literal["input", "activation", "feature codec", "student"]


@dataclass(frozen=True)
class CodecRate:
    """A codec at one crossing.

    Attributes:
        codec: its name.
        kind: what it writes; a student is a feature codec that reads the input.
        start, stop: the partition points between which it stands: where its tensor is read and given.
        size_bytes, size_p95_bytes: of its frames, mean and 95th percentile.
        reached: accuracy of each exit behind it, by name, as it was measured: also where that is luckily more
            than without the codec, which no plan counts on.
    """

    codec: str
    kind: Kind
    start: int
    stop: int
    size_bytes: float
    size_p95_bytes: float
    reached: Mapping[str, float]

    @property
    def family(self) -> str:
        """The picture format of a rung; else the codec's name.

        >>> CodecRate("jpeg30", "input", 0, 0, 4796.0, 7286.0, {}).family
        'jpeg'
        """
        parsed = parsed_name(self.codec)
        return parsed[0] if parsed else self.codec

    @property
    def crossing(self) -> str:
        """Where it stands, for people: ``input``, ``p24``, ``p0 to p24``."""
        if self.kind == "input":
            return "input"
        return f"p{self.start}" if self.start == self.stop else f"p{self.start} to p{self.stop}"


def codec_rates(network: Network, accuracies: CodecAccuracies) -> list[CodecRate]:
    """Every codec at every crossing, by rising bytes.

    Args:
        network: with the feature codecs that its spec names.
        accuracies: as they were measured.
    """
    rates = [
        *(_plain_rate(network, accuracies, size) for size in accuracies.sizes),
        *_feature_rates(network.feature_codecs.values(), network, accuracies),
    ]
    return sorted((rate for rate in rates if rate.reached), key=lambda rate: (rate.size_bytes, rate.codec))


def front(rates: Sequence[CodecRate], exit_name: str) -> list[CodecRate]:
    """Those behind which an exit is more accurate than behind all others as small, by rising bytes."""
    best: list[CodecRate] = []
    behind = [rate for rate in rates if exit_name in rate.reached]
    for rate in sorted(behind, key=lambda rate: (rate.size_bytes, -rate.reached[exit_name])):
        if not best or rate.reached[exit_name] > best[-1].reached[exit_name]:
            best.append(rate)
    return best


def narrowing(rates: Sequence[CodecRate]) -> list[CodecRate]:
    """All but activations that take as many bytes as the same codec at an earlier cut, or more."""

    def is_wide(rate: CodecRate) -> bool:
        return any(
            other.start < rate.start and other.size_bytes <= rate.size_bytes
            for other in rates
            if (other.kind, other.codec) == ("activation", rate.codec)
        )

    return [rate for rate in rates if rate.kind != "activation" or not is_wide(rate)]


def _plain_rate(network: Network, accuracies: CodecAccuracies, size: CodecSize) -> CodecRate:
    """Of a codec of inputs, or of activations at a cut."""
    point, graph = size.partition_point, network.graph
    pair = (RAW, size.codec) if point else (size.codec, FLOAT32)
    changes = {
        row.exit: row.change
        for row in accuracies.changes
        if (row.partition_point, row.input_codec, row.activation_codec) == (point, *pair)
    }
    tensor = graph.path_of(size.exit).cut_tensor(point)
    sharers = [
        path.exit_name
        for path in graph.paths
        if point < len(path.layers) and path.cut_tensor(point) == tensor
    ]
    reached = {
        exit_.exit: exit_.accuracy + changes.get(exit_.exit, 0.0)
        for exit_ in accuracies.exits
        if exit_.exit in sharers
    }
    kind: Kind = "activation" if point else "input"
    return CodecRate(size.codec, kind, point, point, size.size_bytes, size.size_p95_bytes, reached)


def _feature_rates(
    codecs: Iterable[FeatureCodec], network: Network, accuracies: CodecAccuracies
) -> Iterator[CodecRate]:
    """Of feature codecs; those that were not measured reach nothing."""
    lossless = {exit_.exit: exit_.accuracy for exit_ in accuracies.exits}
    for codec in codecs:
        points = next(found for path in network.graph.paths if (found := codec.points(path)) is not None)
        reached = {
            row.exit: lossless[row.exit] + row.change
            for row in accuracies.features
            if row.code == codec.code.name and row.exit in lossless
        }
        kind: Kind = "feature codec" if points[0] else "student"
        record = codec.record
        yield CodecRate(codec.name, kind, *points, record.bytes_mean, record.bytes_p95, reached)
