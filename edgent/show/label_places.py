"""Places for the labels of points in a picture: each on nothing else, as far as possible."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]

_DISTANCES = (5, 12, 20, 30, 42)  # from a point to its label, in 72nds of an inch
_DIRECTIONS = ((1, 1), (-1, 1), (1, -1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1))
_NEAR = _DISTANCES[0]
_MARKER = 4.0  # half a marker's side, in 72nds of an inch
_ALIGNED = {1: "left", 0: "center", -1: "right"}
_RISEN = {1: "bottom", 0: "center", -1: "top"}


def place_labels(
    figure: Figure, axes: Axes, labels: Iterable[tuple[Point, str]], markers: Iterable[Point]
) -> None:
    """Write a label near each point, at the nearest place that is free, else where it covers least.

    Args:
        figure: in its final size; it is laid out here.
        axes: of it, with their final limits.
        labels: points with their texts, in the order in which they may choose.
        markers: points that labels leave free.
    """
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    taken = [_around(_pixels(axes, point), _MARKER * scale) for point in markers]
    for point, text in labels:
        written = axes.annotate(text, point, (0, 0), textcoords="offset points", fontsize="small")
        size = written.get_window_extent()
        written.remove()
        boxes = {
            (right * distance, up * distance): _box(_pixels(axes, point), size, (right, up), distance * scale)
            for distance, (right, up) in itertools.product(_DISTANCES, _DIRECTIONS)
        }
        offset = min(boxes, key=lambda offset: _covered(boxes[offset], taken, axes.bbox))
        taken.append(boxes[offset])
        _write(axes, point, text, offset)


def _write(axes: Axes, point: Point, text: str, offset: Point) -> None:
    """The label itself, with a thin line to its point where that is not next to it."""
    right, up = ((step > 0) - (step < 0) for step in offset)
    far = max(map(abs, offset)) > _NEAR
    axes.annotate(
        text,
        point,
        offset,
        textcoords="offset points",
        fontsize="small",
        ha=_ALIGNED[right],
        va=_RISEN[up],
        arrowprops={"arrowstyle": "-", "color": "0.7", "linewidth": 0.6} if far else None,
    )


def _pixels(axes: Axes, point: Point) -> Point:
    x, y = axes.transData.transform(point)
    return float(x), float(y)


def _box(middle: Point, size: Bbox, direction: tuple[int, int], distance: float) -> Bbox:
    """Where a label lies that is so far from a point: its nearest corner or the middle of a side; pixels."""
    left, bottom = (
        place + step * distance - side * (1 - step) / 2
        for place, step, side in zip(middle, direction, (size.width, size.height), strict=True)
    )
    return Bbox.from_bounds(left, bottom, size.width, size.height)


def _around(middle: Point, half: float) -> Bbox:
    return Bbox.from_extents(middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)


def _covered(box: Bbox, taken: Iterable[Bbox], inside: Bbox) -> float:
    """How many square pixels of a box lie on others or outside."""
    return _area(box) - _shared(box, inside) + sum(_shared(box, other) for other in taken)


def _shared(one: Bbox, other: Bbox) -> float:
    both = Bbox.intersection(one, other)
    return 0.0 if both is None else _area(both)


def _area(box: Bbox) -> float:
    return float(box.width * box.height)
