"""Photos to train on and photos to measure with, out of folders as people have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgent.errors import DataError
from edgent.inputs.photo_folder import photos_in
from edgent.inputs.photo_list import Photo, read_list, write_list
from edgent.new_pipeline.photo_sets import HELD_OUT, TRAIN, photo_sets
from tests.photos import COLOURS, labelled, unlabelled


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
    assert sorted((*sets.train, *sets.held_out), key=lambda photo: photo.file) == list(
        photos_in(folder).photos
    )
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


def test_a_third_set_is_said(tmp_path: Path) -> None:
    """Names are known in capitals, too; what is neither trained on nor measured with is named."""
    for name, count in (("Train", 8), ("Test", 4), ("val", 3)):
        labelled(tmp_path / name, count)
    sets = photo_sets(tmp_path)
    assert (len(sets.train), len(sets.held_out)) == (24, 12)
    [said] = sets.left_out
    assert said.startswith(f"{tmp_path / 'val'}: 9 photos")


def test_labels_on_one_side_only(tmp_path: Path) -> None:
    """As where a contest keeps the answers: the labelled side is divided."""
    labelled(tmp_path / "train", 12)
    unlabelled(tmp_path / "test", 30)
    sets = photo_sets(tmp_path)
    assert (len(sets.train), len(sets.held_out), sets.folders) == (27, 9, None)
    assert "have no labels" in sets.left_out[0]
    assert photo_sets(tmp_path, seed=1).held_out != sets.held_out


def test_photos_in_odd_places_are_said(tmp_path: Path) -> None:
    """Beside the classes' folders, one folder deeper, in an empty or hidden folder."""
    folder = labelled(tmp_path / "photos", 12)
    unlabelled(folder / "deep" / "er", 2)
    (folder / "empty").mkdir()
    (folder / "loose.png").write_bytes((folder / "red" / "00.png").read_bytes())
    unlabelled(folder / ".trash", 3)
    sets = photo_sets(folder)
    assert len(sets.train) + len(sets.held_out) == 36
    assert [reason.removeprefix(str(folder)) for reason in sets.left_out] == [
        ": 1 photo in no subfolder, unlike the others",
        "/deep: no photo but 2 in folders of its own",
        "/empty: no photo",
    ]


def test_two_of_each_class_suffice(tmp_path: Path) -> None:
    """One of them is held out."""
    folder = labelled(tmp_path / "photos", 8)
    for label in ("grey", "pink"):
        (folder / label).mkdir()
        for number in range(2):
            (folder / label / f"{number}.png").write_bytes((folder / "red" / "00.png").read_bytes())
    sets = photo_sets(folder)
    assert {photo.label for photo in sets.held_out} == {*COLOURS, "grey", "pink"}


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


def test_links_stay_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list names photos as their owner does, with whole paths."""
    labelled(tmp_path / "disk", 1)
    (tmp_path / "photos").symlink_to(tmp_path / "disk")
    monkeypatch.chdir(tmp_path)
    write_list(tmp_path / "list.csv", photos_in(Path("photos")).photos)
    assert [photo.file for photo in read_list(tmp_path / "list.csv")] == [
        tmp_path / "photos" / label / "00.png" for label in sorted(COLOURS)
    ]


@pytest.mark.parametrize(
    "rows", ["label,file\na,b.png\na\n", "file,label\nb.png,a\n,a\n", "file\nb.png\n  \n"]
)
def test_rows_without_a_file(tmp_path: Path, rows: str) -> None:
    """The list and the line are named."""
    (tmp_path / "list.csv").write_text(rows)
    with pytest.raises(DataError, match=r"list\.csv:3: no file is named in column 'file'"):
        read_list(tmp_path / "list.csv")


def test_blanks_around_labels(tmp_path: Path) -> None:
    """They are no part of them."""
    (tmp_path / "list.csv").write_text("file,label\na.png, red \nb.png, \n")
    assert [photo.label for photo in read_list(tmp_path / "list.csv")] == ["red", None]


def test_blanks_around_the_names_of_columns(tmp_path: Path) -> None:
    """Else the labels would be lost without a word."""
    (tmp_path / "list.csv").write_text("number, file , label\n1, a.png, red\n")
    assert read_list(tmp_path / "list.csv") == (Photo(tmp_path / "a.png", "red"),)


def test_a_path_that_no_file_can_have(tmp_path: Path) -> None:
    """The list's line is named."""
    (tmp_path / "list.csv").write_bytes(b"file,label\na\0b.png,x\n")
    with pytest.raises(DataError, match=r"list\.csv"):
        read_list(tmp_path / "list.csv")
