"""Where a feature codec stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.compression.codec_place import DOWN, CodecPlace
from edgent.errors import PlanError

if TYPE_CHECKING:
    from edgent.network import Network


def test_in_the_trunk(tiny_network: Network) -> None:
    """All exits with layers behind it are behind it, whichever of them was named."""
    place = CodecPlace.parse(tiny_network.graph, "exit1:p3")
    assert (place.exit, place.exits, place.jumps) == ("exit2", ("exit1", "exit2"), False)
    assert place.reads == place.gives == tiny_network.graph.path_of("exit2").cut(3)
    assert CodecPlace.parse(tiny_network.graph, "exit2:p5").exits == ("exit2",)


def test_that_jumps(tiny_network: Network) -> None:
    """From the image to a cut, or back from the edge."""
    place = CodecPlace.parse(tiny_network.graph, "exit2:p6", "p0")
    assert (place.start, place.stop, place.jumps, place.direction) == (0, 6, True, "up")
    assert place.reads.dtype == "uint8"
    place = CodecPlace.parse(tiny_network.graph, "exit2:p6", "p3", DOWN)
    assert (place.start, place.stop, place.jumps, place.direction) == (3, 6, True, "down")


@pytest.mark.parametrize(
    ("at", "reads_at", "message"),
    [
        ("exit2", None, "write an exit and a partition point"),
        ("exit9:p3", None, "no exit 'exit9'"),
        ("exit2:p99", None, "no partition point 99"),
        ("exit2:p0", None, "choose one of p1 to p7"),
        ("exit2:p8", None, "choose one of p1 to p7|has shape"),
        ("exit2:p3", "3", "write a partition point"),
        ("exit2:p3", "p5", "the encoder must read first"),
    ],
)
def test_mistakes(tiny_network: Network, at: str, reads_at: str | None, message: str) -> None:
    """Each ends in a sentence that says what to write."""
    with pytest.raises(PlanError, match=message):
        CodecPlace.parse(tiny_network.graph, at, reads_at)


def test_the_input_does_not_come_down(tiny_network: Network) -> None:
    """It is on the device already, and no plan could use such a codec."""
    with pytest.raises(PlanError, match="give --from p1 or later"):
        CodecPlace.parse(tiny_network.graph, "exit2:p6", "p0", DOWN)
