"""Features of photos: from the network, or from the cache of an interrupted run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.errors import DataError
from edgent.exits.exit_place import exit_places
from edgent.exits.features import FeatureReader, Features
from edgent.exits.photo_features import PhotoReader
from edgent.graph.onnx_file import load
from edgent.graph.reading import read_branchy_graph
from edgent.inputs import to_tensor
from edgent.inputs.photo_folder import photos_in
from tests.photos import labelled

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.spec import Pipeline


class Counting(FeatureReader):
    """A reader that counts what it reads."""

    def __init__(self, spec: Pipeline) -> None:
        path = spec.resolve(spec.model.file)
        places = exit_places(read_branchy_graph(path).paths[0])
        super().__init__(load(path)[0], [place.tensor for place in places])
        self.count = 0

    def read(self, sample: np.ndarray) -> Features:
        """What the reader gives."""
        self.count += 1
        return super().read(sample)


def test_what_was_read_is_not_read_again(bare: Pipeline, tmp_path: Path) -> None:
    """Features come out of the cache as they went in; a changed photo is read anew."""
    photos = photos_in(labelled(tmp_path / "photos", 5)).photos
    reader = Counting(bare)
    first = PhotoReader(reader, bare, tmp_path / "cache", 2).read(photos, "photos")
    assert (reader.count, first.photos, first.left_out) == (15, photos, ())
    direct = reader.read(to_tensor(photos[7].file, bare))
    np.testing.assert_array_equal(first.features.places[0][7:8], direct.places[0])
    again = PhotoReader(reader, bare, tmp_path / "cache", 1).read(photos, "photos")
    assert reader.count == 16
    for a, b in zip(first.features.places, again.features.places, strict=True):
        np.testing.assert_array_equal(a, b)
    photos[0].file.write_bytes(photos[1].file.read_bytes())
    PhotoReader(reader, bare, tmp_path / "cache", 1).read(photos, "photos")
    assert reader.count == 31


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 and nothing more"])
def test_a_damaged_cache_is_read_anew(bare: Pipeline, tmp_path: Path, damage: bytes) -> None:
    """As after a full disk."""
    photos = photos_in(labelled(tmp_path / "photos", 2)).photos
    reader = Counting(bare)
    first = PhotoReader(reader, bare, tmp_path / "cache", 1).read(photos, "photos")
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(damage)
    again = PhotoReader(reader, bare, tmp_path / "cache", 1).read(photos, "photos")
    assert reader.count == 12
    np.testing.assert_array_equal(first.features.answers, again.features.answers)


def test_broken_photos_are_left_out_and_named(bare: Pipeline, tmp_path: Path) -> None:
    """The others keep their order; where none is left, it is an error."""
    photos = photos_in(labelled(tmp_path / "photos", 2)).photos
    photos[2].file.write_bytes(b"no photo")
    seen: list[tuple[str, float, float]] = []
    reader = PhotoReader(Counting(bare), bare, tmp_path / "cache", 2)
    found = reader.read(photos, "photos", lambda *step: seen.append(step))
    assert found.photos == (*photos[:2], *photos[3:])
    assert len(found.features.answers) == 5
    assert [reason.partition(": ")[0] for reason in found.left_out] == [str(photos[2].file)]
    assert seen == [("photos", done, 6) for done in range(1, 7)]
    with pytest.raises(DataError, match="none of 1 photo can be read: "):
        reader.read(photos[2:3], "photos")
