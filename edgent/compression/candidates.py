"""Places and widths that are worth a try, and the front of what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.compression.codec_network import code_shape
from edgent.compression.codec_place import UP, CodecPlace
from edgent.exits.exit_place import exit_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgent.compression.codec_place import Direction
    from edgent.graph.branchy_graph import BranchyGraph
    from edgent.graph.feature_record import FeatureCodecRecord

_SHARES = (0.15, 0.35, 0.6)  # of the network's work before a place
_SIZES_BYTES = (800, 1600)  # of a code
_STUDENTS = ((0.35, 400), (0.7, 100))  # the share of the work that is replaced, and the code's bytes
_BITS = 2  # an element


def candidates(graph: BranchyGraph, direction: Direction) -> tuple[tuple[CodecPlace, int], ...]:
    """Places with numbers of channels: three along the trunk, each in two sizes, and upwards two students.

    A student that replaces more sends less: it has done more of what tells classes apart.

    Args:
        graph: the network.
        direction: which way the codes travel.

    Returns:
        Each place with a number of channels; nothing where no activation along the trunk is an image of
        channels.
    """
    tried = dict.fromkeys(
        (place, _channels(place, size_bytes)) for place, size_bytes in _places(graph, direction)
    )
    return tuple(tried)


def front(records: Sequence[FeatureCodecRecord], graph: BranchyGraph) -> tuple[FeatureCodecRecord, ...]:
    """Those that no other beats: in as few bytes, with as little work on the device, as accurate."""

    def costs(record: FeatureCodecRecord) -> tuple[float, float, float]:
        return record.bytes_mean, device_macs(record, graph), -record.exits[-1].with_codec

    def beats(one: FeatureCodecRecord, other: FeatureCodecRecord) -> bool:
        pairs = list(zip(costs(one), costs(other), strict=True))
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

    return tuple(record for record in records if not any(beats(other, record) for other in records))


def device_macs(record: FeatureCodecRecord, graph: BranchyGraph) -> int:
    """Multiply-accumulates of a sample on the device: its half of the codec, and the layers beyond that."""
    layers = graph.path_of(record.exit).layers
    if record.direction == UP:
        return record.encoder_macs + sum(layer.macs for layer in layers[: record.start])
    return record.decoder_macs + sum(layer.macs for layer in layers[record.stop :])


def _places(graph: BranchyGraph, direction: Direction) -> Iterator[tuple[CodecPlace, int]]:
    """Places, each with the bytes that a code is to take."""
    trunk = graph.paths[-1]
    possible = [place for place in exit_places(trunk) if len(place.tensor.shape) == 3]
    if not possible:
        return

    def at(share: float) -> int:
        return min(possible, key=lambda place: abs(place.macs / max(1, trunk.macs) - share)).partition_point

    for point in sorted({at(share) for share in _SHARES}):
        for size_bytes in _SIZES_BYTES:
            yield CodecPlace.of(graph, trunk.exit_name, point, None, direction), size_bytes
    if direction == UP and len(graph.input_shape) == 3:
        for share, size_bytes in _STUDENTS:
            yield CodecPlace.of(graph, trunk.exit_name, at(share), 0, direction), size_bytes


def _channels(place: CodecPlace, size_bytes: int) -> int:
    """How many take about so many bytes."""
    elements = code_shape(place, 1).elements
    return max(2, min(place.gives.shape[0], round(size_bytes * 8 / _BITS / elements)))
