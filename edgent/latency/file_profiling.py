"""Photos' own files on a node: their bytes, and the time in which it makes inputs of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edgent.core.codecs.file import FileCodec
from edgent.core.wire import IDENTITY_BYTES, Frame, read_frame, write_frame
from edgent.latency.frame_sizes import mean_and_p95
from edgent.latency.profile import CodecTiming
from edgent.latency.timing import Timing
from edgent.planning.plan import FILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgent.core.photo import Photo
    from edgent.latency.places import Node
    from edgent.latency.timing import Task


def write_photo(photo: Photo) -> bytes:
    """A frame with a photo's own file, as it would travel.

    Raises:
        FrameError: the file may not go up.
    """
    return write_frame(Frame(photo.outline, FILE, bytes(IDENTITY_BYTES)), FileCodec().encode(photo))


def file_row(exit_name: str, photos: Sequence[Photo], timing: Timing = Timing()) -> CodecTiming:  # noqa: B008
    """The row of a profile for the files of some photos, which stand under the deepest exit."""
    sizes = [len(write_photo(photo)) for photo in photos]
    return CodecTiming(exit_name, 0, FILE, *mean_and_p95(sizes), timing)


def mean_pixels(photos: Sequence[Photo]) -> float:
    """Mean pixels of some photos; 0 of none."""
    return round(float(np.mean([photo.pixels for photo in photos])), 1) if photos else 0.0


def file_task(photos: Sequence[Photo], node: Node) -> Task:
    """What is timed: the device makes an input of a photo, where it needs one; the edge reads a frame."""
    if node == "device":
        return lambda visit: replace(photos[visit % len(photos)]).tensor  # a copy that was not decoded yet
    frames = [write_photo(photo) for photo in photos]
    return lambda visit: read_frame(frames[visit % len(frames)])
