"""The shipped flowers and photos of them, for tests that hold what is served against what was measured."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.inputs.labelled import held_out_data, read_labelled
from edgent.spec import read_spec

if TYPE_CHECKING:
    from edgent.datasets.dataset import Split
    from edgent.spec import Pipeline

SPEC = Path(__file__).parents[1] / "pipelines" / "flowers.yaml"
FEATURES = tuple(Path(record).stem for record in read_spec(SPEC).codecs.features)
"""Names of the feature codecs that it ships."""
_PHOTOS = Path(os.environ.get("EDGENT_DATA_DIR", ""), "flowers")

needs_photos = pytest.mark.skipif(not _PHOTOS.is_dir(), reason="EDGENT_DATA_DIR has no flowers")


def held_out(spec: Pipeline, count: int) -> Split:
    """So many of the held-out photos, of every label, the same ones every time."""
    data = held_out_data(spec)
    (batch,) = data.batches(count, data.order(seed=0)[:count])
    return batch


def all_and_more(spec: Pipeline, count: int) -> np.ndarray:
    """So many photos: those that were held out, then some that were trained on."""
    images = held_out_data(spec).split.images
    data = read_labelled(_PHOTOS / "train", spec)
    more = data.batches(count, data.order(seed=0)[: max(0, count - len(images))])
    return np.concatenate([images, *(batch.images for batch in more)])[:count]
