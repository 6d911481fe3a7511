"""Where exits may stand along a trunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.exits.exit_place import MOST_FEATURES, exit_places
from edgent.exits.pooling import pooled_size
from edgent.graph.exit_path import ExitPath, Layer
from edgent.graph.reading import read_branchy_graph
from edgent.graph.tensor import Tensor
from tests.networks import one_output

if TYPE_CHECKING:
    from pathlib import Path


def _trunk(*layers: tuple[tuple[int, ...], int, int], dtype: str = "float32") -> ExitPath:
    """A trunk of layers of an output shape, a number of weights, and multiply-accumulates."""
    return ExitPath(
        0,
        "exit",
        Tensor("image", (3, 8, 8), "uint8"),
        tuple(
            Layer(f"l{k}", "conv", (f"l{k}",), f"t{k}", shape, dtype, 0, weights, macs, (), ())
            for k, (shape, weights, macs) in enumerate(layers, start=1)
        ),
        len(layers),
    )


def test_each_share_of_the_work_gives_its_smallest_activation() -> None:
    """Of a block that widens and narrows, the narrow end; of equals, the last."""
    wide, narrow = (64, 8, 8), (8, 8, 8)
    trunk = _trunk(
        (wide, 1, 10), (narrow, 1, 10), (wide, 1, 30), (narrow, 1, 10), (narrow, 0, 0), ((10,), 1, 1)
    )
    found = [place.partition_point for place in exit_places(trunk, most=2)]
    assert found == [2, 5]
    assert exit_places(trunk, most=2)[0].macs == 20


def test_the_last_place_is_before_the_classifier(tmp_path: Path) -> None:
    """What follows the last layer with weights, as a softmax does, is the classifier's."""
    trunk = read_branchy_graph(one_output(tmp_path / "n.onnx")).paths[0]
    assert exit_places(trunk)[-1].partition_point == len(trunk.layers) - 1
    ends_in_softmax = _trunk(((8, 4, 4), 1, 5), ((8,), 0, 0), ((10,), 1, 5), ((10,), 0, 0))
    assert [place.partition_point for place in exit_places(ends_in_softmax)] == [2]


@pytest.mark.parametrize(
    "trunk",
    [
        _trunk(((10,), 1, 1)),  # nothing lies before the classifier
        _trunk(((8, 4, 4), 0, 0), ((8,), 0, 0)),  # no weights at all
        _trunk(((8, 4, 4), 1, 5), ((10,), 1, 1), dtype="int32"),
        _trunk(((MOST_FEATURES + 1,), 1, 5), ((10,), 1, 1)),
        _trunk(((2, 2, 2, 2, 2), 1, 5), ((10,), 1, 1)),
    ],
)
def test_nowhere_to_stand(trunk: ExitPath) -> None:
    """No activation can be pooled into so many floats."""
    assert exit_places(trunk) == ()


def test_every_place_can_be_read(tmp_path: Path) -> None:
    """They rise, and give a bounded number of features."""
    places = exit_places(read_branchy_graph(one_output(tmp_path / "n.onnx")).paths[0])
    assert len(places) > 2
    points = [place.partition_point for place in places]
    assert points == sorted(set(points))
    assert all(0 < pooled_size(place.tensor) <= MOST_FEATURES for place in places)
