"""Photos to train on and photos to measure with, out of folders as people have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.errors import DataError
from edgent.inputs.photo_list import Photo, photos_in, read_list, write_list
from edgent.new_pipeline.photo_sets import HELD_OUT, TRAIN, photo_sets
from tests.photos import COLOURS, labelled, unlabelled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("held_out", HELD_OUT)
@pytest.mark.parametrize("train", TRAIN)
def test_folders_that_divide_them(tmp_path: Path, train: str, held_out: str) -> None:
    """Their names are those in use."""
    labelled(tmp_path / train, 6)
    labelled(tmp_path / held_out, 3, seed=1)
    sets = photo_sets(tmp_path)
    assert (len(sets.train), len(sets.held_out), sets.is_labelled) == (18, 9, True)
    assert sets.folders == (tmp_path / train, tmp_path / held_out)


def test_a_quarter_of_each_class_is_held_out(tmp_path: Path) -> None:
    """No photo is in both sets, none is lost, and the same seed divides them in the same way."""
    folder = labelled(tmp_path / "photos", 12)
    sets = photo_sets(folder)
    assert sets.folders is None
    assert {(*sets.train, *sets.held_out)} == {(*sets.train, *sets.held_out)}
    assert sorted((*sets.train, *sets.held_out), key=lambda photo: photo.file) == list(photos_in(folder))
    for label in COLOURS:
        assert sum(photo.label == label for photo in sets.held_out) == 3
    assert photo_sets(folder) == sets
    assert photo_sets(folder, seed=1) != sets


def test_photos_without_labels(tmp_path: Path) -> None:
    """In one folder; what is hidden, or no photo, is none."""
    folder = unlabelled(tmp_path / "photos", 24)
    (folder / "notes.txt").write_text("on the photos")
    (folder / ".hidden.png").write_bytes(b"")
    sets = photo_sets(folder)
    assert (len(sets.train), len(sets.held_out), sets.is_labelled) == (18, 6, False)
    unlabelled(tmp_path / "divided" / "train", 20)
    unlabelled(tmp_path / "divided" / "test", 10)
    sets = photo_sets(tmp_path / "divided")
    assert (len(sets.train), len(sets.held_out), sets.folders) == (20, 10, None)


def test_one_folder_within_is_no_label(tmp_path: Path) -> None:
    """A camera's folder: all photos would have the same label."""
    unlabelled(tmp_path / "DCIM" / "100CANON", 24)
    sets = photo_sets(tmp_path / "DCIM")
    assert (len(sets.train), sets.is_labelled) == (18, False)


@pytest.mark.parametrize("count", [0, 6])
def test_too_few(tmp_path: Path, count: int) -> None:
    """The message says how many there are, and how many are needed."""
    with pytest.raises(DataError, match=rf"photos: {3 * count} photos, .*at least 20"):
        photo_sets(labelled(tmp_path / "photos", count))
    with pytest.raises(DataError, match="no such folder"):
        photo_sets(tmp_path / "nowhere")


def test_lists_are_read_as_written(tmp_path: Path) -> None:
    """With labels and without, with names that are hard to write."""
    photos = (Photo(tmp_path / 'a, "b".png', "ünder, way"), Photo(tmp_path / "c d.jpg"))
    write_list(tmp_path / "list.csv", photos)
    assert read_list(tmp_path / "list.csv") == photos


def test_lists_of_other_programs(tmp_path: Path) -> None:
    """Paths are relative to the list; a byte order mark, other columns and no labels do no harm."""
    (tmp_path / "list.csv").write_bytes(b"\xef\xbb\xbfnumber,file\r\n1,a/b.png\r\n2,c.png\r\n")
    assert read_list(tmp_path / "list.csv") == (Photo(tmp_path / "a/b.png"), Photo(tmp_path / "c.png"))
    (tmp_path / "list.csv").write_text("path,label\na.png,b\n")
    with pytest.raises(DataError, match="must name a column 'file'"):
        read_list(tmp_path / "list.csv")
    (tmp_path / "list.csv").write_bytes(b"file\n\xff\xfe")
    with pytest.raises(DataError, match="no readable list"):
        read_list(tmp_path / "list.csv")
