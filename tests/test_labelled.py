"""Inputs with and without labels, read a batch at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgent.errors import DataError, InputError
from edgent.inputs.labelled import Labelled, read_labelled
from edgent.spec import Pipeline

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = np.random.default_rng(3).integers(0, 256, (7, 3, 4, 4), np.uint8)
LABELS = np.array([0, 1, 1, 0, 1, 0, 0])


def _spec(data: dict[str, str] | None = None, labels: tuple[str, ...] = ("a", "b")) -> Pipeline:
    return Pipeline.model_validate(
        {
            "version": 1,
            "name": "tiny",
            "model": {"file": "network.onnx"},
            "input": {"shape": (3, 4, 4), "labels": labels},
            "exits": ({"name": "exit1"},),
            "data": data or {},
        }
    )


def _folder(path: Path, **arrays: np.ndarray) -> Path:
    """A subfolder of each name with an array of inputs."""
    for name, array in arrays.items():
        (path / name).mkdir(parents=True)
        np.save(path / name / "some.npy", array)
    return path


def test_batches_hold_all_in_turn() -> None:
    """With their labels; the last is the rest."""
    batches = list(Labelled.of(IMAGES, LABELS).batches(3))
    assert [len(batch.images) for batch in batches] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate([batch.images for batch in batches]), IMAGES)
    np.testing.assert_array_equal(np.concatenate([batch.labels for batch in batches]), LABELS)


def test_an_order_is_kept() -> None:
    """Images and labels follow it; the same seed gives the same."""
    data = Labelled.of(IMAGES, LABELS)
    order = data.order(5)
    np.testing.assert_array_equal(order, data.order(5))
    batches = list(data.batches(4, order))
    np.testing.assert_array_equal(np.concatenate([batch.images for batch in batches]), IMAGES[order])
    np.testing.assert_array_equal(np.concatenate([batch.labels for batch in batches]), LABELS[order])


def test_nothing_is_read_before_its_batch() -> None:
    """And a broken input once: it is left out of its batch, and of all that follow."""
    asked: list[int] = []

    def read(index: int) -> np.ndarray:
        asked.append(index)
        if index == 1:
            raise InputError("one.png: torn")
        image: np.ndarray = IMAGES[index]
        return image

    data = Labelled(7, read, LABELS, ["cats: no such label"])
    batches = data.batches(2)
    assert asked == []
    np.testing.assert_array_equal(next(batches).images, IMAGES[:1])
    assert asked == [0, 1]
    assert data.left_out == ("cats: no such label", "one.png: torn")
    assert [len(batch.images) for batch in batches] == [2, 2, 1]
    np.testing.assert_array_equal(data.split.labels, np.delete(LABELS, 1))
    assert asked.count(1) == 1
    assert len(data) == 6


def test_nothing_to_read() -> None:
    """Where every input is broken, the first reason is said."""

    def read(index: int) -> np.ndarray:
        raise InputError(f"{index}.png: torn")

    with pytest.raises(DataError, match=r"no input can be read; 0\.png: torn"):
        _ = Labelled(2, read).split


def test_labelled_folders(tmp_path: Path) -> None:
    """Label by label; where labels are not wanted, everything counts."""
    path = _folder(tmp_path / "data", a=IMAGES[:2], b=IMAGES[2:5], cats=IMAGES[5:])
    data = read_labelled(path, _spec())
    assert data.has_labels
    np.testing.assert_array_equal(data.split.images, IMAGES[:5])
    np.testing.assert_array_equal(data.split.labels, [0, 0, 1, 1, 1])
    assert data.left_out == ("cats: a folder of 1 file, left out: tiny has no such label",)
    everything = read_labelled(path, _spec(), use_labels=False)
    assert not everything.has_labels
    np.testing.assert_array_equal(everything.split.images, IMAGES)
    np.testing.assert_array_equal(everything.split.labels, [-1] * 7)


def test_a_list_with_other_labels(tmp_path: Path) -> None:
    """What is said of its files speaks of labels, not of folders."""
    for name in "abcd":
        np.save(tmp_path / f"{name}.npy", IMAGES[0])
    rows = ("file,label", "a.npy,a", "b.npy,cats", "c.npy,cats", "d.npy,")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    data = read_labelled(tmp_path / "list.csv", _spec())
    assert len(data) == 1
    assert data.left_out == (
        "d.npy: no label is listed for it",
        "cats: the label of 2 files in the list, left out: tiny has no such label",
    )


def test_an_empty_list(tmp_path: Path) -> None:
    """Nothing to measure with."""
    (tmp_path / "list.csv").write_text("file,label\n")
    with pytest.raises(InputError, match=r"list\.csv: this list names no photo"):
        read_labelled(tmp_path / "list.csv", _spec())


def test_labels_that_mean_several_classes(tmp_path: Path) -> None:
    """They are none."""
    path = _folder(tmp_path / "data", a=IMAGES[:2], b=IMAGES[2:])
    data = read_labelled(path, _spec(labels=("a", "b", "b")))
    np.testing.assert_array_equal(data.split.labels, [0, 0])
    assert data.left_out == ("b/some.npy: several classes are labelled 'b'",)


def test_archives_of_several_arrays_in_any_order(tmp_path: Path) -> None:
    """Each input is found by its place in its file."""
    (tmp_path / "data").mkdir()
    np.savez(tmp_path / "data" / "1.npz", x=IMAGES[:2], y=IMAGES[2])
    np.save(tmp_path / "data" / "2.npy", IMAGES[3:])
    (tmp_path / "data" / "3.npy").write_bytes(b"nothing")
    np.save(tmp_path / "data" / "4.npy", IMAGES[:0])
    data = read_labelled(tmp_path / "data", _spec())
    order = data.order(1)
    read = np.concatenate([batch.images for batch in data.batches(2, order)])
    np.testing.assert_array_equal(read, IMAGES[order])
    assert [line.partition(":")[0] for line in data.left_out] == ["3.npy", "4.npy"]
