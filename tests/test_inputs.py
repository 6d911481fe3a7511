"""Inputs from files: what is good is read exactly, what is broken is reported, and the rest goes on."""

from __future__ import annotations

import io
import os
import re
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edgent.errors import InputError
from edgent.inputs import archived_array, check_input, read_inputs, to_input
from edgent.inputs.contents import LARGEST_IMAGE_BYTES
from edgent.spec import Pipeline

PIXELS = np.random.default_rng(5).integers(0, 256, (3, 8, 6), np.uint8)


def _spec(shape: tuple[int, ...] = (3, 8, 6), dtype: str = "uint8") -> Pipeline:
    return Pipeline.model_validate(
        {
            "version": 1,
            "name": "tiny",
            "model": {"file": "network.onnx"},
            "input": {"shape": shape, "dtype": dtype, "labels": ("a", "b")},
            "exits": ({"name": "exit1"},),
        }
    )


def _image(pixels: np.ndarray = PIXELS) -> Image.Image:
    return Image.fromarray(pixels.transpose(1, 2, 0))


def test_an_image_is_read_exactly(tmp_path: Path) -> None:
    """Channels first, batch in front, every pixel as it is."""
    _image().save(tmp_path / "one.png")
    (item,) = read_inputs(tmp_path / "one.png", _spec())
    assert (item.name, item.error) == ("one.png", None)
    assert item.tensor is not None
    np.testing.assert_array_equal(item.tensor, PIXELS[np.newaxis])
    assert item.tensor.flags.c_contiguous


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
@pytest.mark.parametrize("source", ["L", "RGB", "RGBA", "P", "1", "CMYK"])
def test_any_mode_becomes_the_networks(tmp_path: Path, channels: int, mode: str, source: str) -> None:
    """Grey, palette, transparent: converted to what the network takes."""
    image = _image().convert(source)
    suffix = "tif" if source == "CMYK" else "png"
    image.save(tmp_path / f"one.{suffix}")
    (item,) = read_inputs(tmp_path / f"one.{suffix}", _spec((channels, 8, 6)))
    assert item.tensor is not None, item.error
    wanted = np.asarray(image.convert(mode)).reshape(8, 6, channels).transpose(2, 0, 1)
    np.testing.assert_array_equal(item.tensor[0], wanted)


def test_arrays_hold_one_or_many(tmp_path: Path) -> None:
    """One input, several along the first axis; big-endian and Fortran order are read as values."""
    np.save(tmp_path / "a.npy", PIXELS)
    np.save(tmp_path / "b.npy", np.stack([PIXELS, PIXELS // 2, np.asfortranarray(PIXELS)]))
    items = list(read_inputs(tmp_path, _spec()))
    assert [item.name for item in items] == ["a.npy", "b.npy[0]", "b.npy[1]", "b.npy[2]"]
    for item, factor in zip(items, (1, 1, 2, 1), strict=True):
        assert item.tensor is not None
        np.testing.assert_array_equal(item.tensor[0], PIXELS // factor)


def test_a_float_network_takes_arrays_only(tmp_path: Path) -> None:
    """An image for it is refused with what to give instead."""
    values = np.linspace(0, 1, 5, dtype=np.float32)
    np.save(tmp_path / "a.npy", values)
    _image().save(tmp_path / "b.png")
    array, image = read_inputs(tmp_path, _spec((5,), "float32"))
    assert array.tensor is not None
    np.testing.assert_array_equal(array.tensor, values[np.newaxis])
    assert image.tensor is None
    assert "give a .npy array" in (image.error or "")


def _npz() -> bytes:
    content = io.BytesIO()
    np.savez(content, PIXELS)
    return content.getvalue()


def _npy(array: object) -> bytes:
    content = io.BytesIO()
    np.save(content, np.asarray(array), allow_pickle=True)
    return content.getvalue()


BROKEN = {
    "empty.png": (b"", "no readable image"),
    "text.png": (b"no image at all", "no readable image"),
    "wrong_size.png": (None, "6x8"),
    "empty.npy": (b"", "no readable array"),
    "object.npy": (_npy(np.array([{}], dtype=object)), "no readable array"),
    "archive.npy": (_npz(), "no readable array"),
    "not_an_archive.npy": (b"PK\x03\x04 and nothing", "no readable array"),
    "scalar.npy": (_npy(np.uint8(3)), "shape"),
    "wrong_shape.npy": (_npy(np.zeros((3, 9, 6), np.uint8)), "takes \\[3, 8, 6\\]"),
    "wrong_type.npy": (_npy(np.zeros((3, 8, 6), np.float64)), "element type float64; tiny takes uint8"),
    "no_inputs.npy": (_npy(np.zeros((0, 3, 8, 6), np.uint8)), "holds no input"),
    "cut_short.npy": (_npy(PIXELS)[:-1], "no readable array"),
    "huge.npy": (_npy(PIXELS).replace(b"(3, 8, 6), }     ", b"(999999, 8, 6), }"), "no readable array"),
    "folder.png": (None, "no readable image"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_in_the_middle_stops_nothing(tmp_path: Path, name: str) -> None:
    """The file is reported by name with a reason; those before and after it are answered."""
    content, words = BROKEN[name]
    _image().save(tmp_path / "0_first.png")
    _image().save(tmp_path / "zz_last.png")
    if name == "wrong_size.png":
        _image(PIXELS[:, :, :5]).save(tmp_path / name)
        words = "5x8 pixels; tiny takes 6x8"
    elif name == "folder.png":
        (tmp_path / name).mkdir()
    else:
        assert content is not None
        (tmp_path / name).write_bytes(content)
    first, broken, last = read_inputs(tmp_path, _spec())
    assert first.tensor is not None
    assert last.tensor is not None
    assert broken.name == name
    assert broken.tensor is None
    assert broken.error is not None
    assert re.search(words, broken.error), broken.error


def test_a_link_to_nowhere_and_a_name_that_is_no_text(tmp_path: Path) -> None:
    """Names come out printable, whatever bytes the file system holds."""
    (tmp_path / "a.png").symlink_to(tmp_path / "gone")
    _image().save(os.fsdecode(bytes(tmp_path) + b"/b\xff.png"))
    broken, odd = read_inputs(tmp_path, _spec())
    assert broken.error is not None
    assert odd.tensor is not None
    assert odd.name.encode("utf-8")


def test_a_name_is_one_line_that_no_terminal_obeys(tmp_path: Path) -> None:
    """Whatever is in it; letters and signs of all kinds stay as they are."""
    _image().save(tmp_path / "two\nlines\x1b[31m\x9b0m é漢🙂.png")
    (item,) = read_inputs(tmp_path, _spec())
    assert item.name == "two\\nlines\\x1b[31m\\x9b0m é漢🙂.png"


def _encoded(kind: str) -> bytes:
    content = io.BytesIO()
    _image().save(content, kind)
    return content.getvalue()


ENCODED = {kind: _encoded(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")}


@given(st.data())
def test_damaged_images_are_reported_and_nothing_else(data: st.DataObject) -> None:
    """Bytes changed, cut or added in an image of any format: an input, or a reason, never an exception."""
    kind = data.draw(st.sampled_from(sorted(ENCODED)))
    content = bytearray(ENCODED[kind])
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=8)
    ):
        content[place] = value
    content = content[: data.draw(st.integers(0, len(content)))]
    _check_damaged(bytes(content), ".png")


@given(st.data())
def test_damaged_arrays_are_reported_and_nothing_else(data: st.DataObject) -> None:
    """The same for arrays, whose header is Python text."""
    content = bytearray(_npy(PIXELS))
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, 127), st.integers(0, 255)), min_size=1, max_size=8)
    ):
        content[place] = value
    _check_damaged(bytes(content), ".npy")


def _check_damaged(content: bytes, suffix: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=suffix) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of metadata, numpy of deprecated headers
        file.write(content)
        file.flush()
        for item in read_inputs(Path(file.name), _spec()):
            assert (item.tensor is None) == (item.error is not None)
            if item.tensor is not None:
                assert item.tensor.shape == (1, 3, 8, 6)


def test_a_missing_path_and_an_empty_folder(tmp_path: Path) -> None:
    """Nothing to run with is an error of the user's, in one sentence."""
    with pytest.raises(InputError, match="no such file"):
        list(read_inputs(tmp_path / "missing", _spec()))
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(InputError, match=r"holds no image \(.*\.png.*\) and no \.npy array"):
        list(read_inputs(tmp_path, _spec()))


def test_a_name_that_is_too_long_for_a_file() -> None:
    """As of text that is given in place of a path."""
    with pytest.raises(InputError, match="File name too long; name an image"):
        list(read_inputs(Path("a" * 5000), _spec()))


def test_a_label_that_is_too_long_for_a_folder(tmp_path: Path) -> None:
    """No folder is called so; those of the other labels are read."""
    (tmp_path / "b").mkdir()
    _image().save(tmp_path / "b" / "0.png")
    taken = _spec().input.model_copy(update={"labels": ("a" * 5000, "b")})
    (item,) = read_inputs(tmp_path, _spec().model_copy(update={"input": taken}))
    assert (item.name, item.error, item.expected) == ("b/0.png", None, "b")


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """By the folder that they lie in; what a list names by the last two parts of its path."""
    for folder in ("a", "b"):
        (tmp_path / "deep" / folder).mkdir(parents=True)
        _image().save(tmp_path / "deep" / folder / "0.png")
    (tmp_path / "deep" / "b" / "1.png").write_bytes(b"nothing")
    (tmp_path / "list.csv").write_text(f"file\n{tmp_path}/deep/a/0.png\ndeep/b/1.png\nnone.png\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "list.csv").write_text(f"file\n{tmp_path}/deep/b/0.png\n")
    for path, names in (
        (tmp_path / "deep", ["a/0.png", "b/0.png", "b/1.png"]),
        (tmp_path / "list.csv", ["a/0.png", "b/1.png", "none.png"]),
        (tmp_path / "elsewhere" / "list.csv", ["b/0.png"]),
    ):
        assert [item.name for item in read_inputs(path, _spec())] == names


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name and the reason are said."""

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match=r"this folder cannot be read: Permission denied"):
        list(read_inputs(tmp_path, _spec()))


def test_a_file_that_is_larger_than_images_are(tmp_path: Path) -> None:
    """It is refused by its size, before memory is taken for it."""
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(LARGEST_IMAGE_BYTES + 1)
    (item,) = read_inputs(tmp_path / "large.png", _spec())
    assert item.error == "no readable image: 1,073,741,825 bytes, at most 1,073,741,824 are read"


def test_an_array_that_an_archive_unpacks_to_too_many_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused by the size that the archive gives, before it is unpacked; a smaller one is read."""
    np.savez_compressed(tmp_path / "a.npz", np.zeros((3, 8, 6), np.uint8))
    np.savez_compressed(tmp_path / "b.npz", np.zeros((9000, 3, 8, 6), np.uint8))
    monkeypatch.setattr(archived_array, "LARGEST_ARRAY_BYTES", 1_000_000)
    small, large = read_inputs(tmp_path, _spec())
    assert small.tensor is not None
    assert large.error is not None
    assert "arr_0 takes 1,296,128 bytes unpacked, at most 1,000,000 are read" in large.error


def test_hidden_files_are_no_inputs(tmp_path: Path) -> None:
    """What macOS and picture viewers leave in a folder, and in that of a label."""
    for folder in (tmp_path, tmp_path / "a"):
        folder.mkdir(exist_ok=True)
        _image().save(folder / "0.png")
        for name in ("._0.png", ".thumb.png", "__index.npy"):
            (folder / name).write_bytes(b"nothing")
    names = [(item.name, item.error) for item in read_inputs(tmp_path, _spec())]
    assert names == [("0.png", None), ("a/0.png", None)]


@pytest.mark.filterwarnings("ignore:Image size")
@pytest.mark.parametrize(
    ("side", "has"), [(12_000, "12000x12000 pixels"), (30_000, r"more than 178,956,970 pixels")]
)
def test_a_bomb_is_not_decoded(tmp_path: Path, side: int, has: str) -> None:
    """An image that claims to be huge is refused by its size; its pixels are never made."""
    content = bytearray(_encoded("BMP"))
    content[18:26] = side.to_bytes(4, "little") * 2
    (tmp_path / "bomb.bmp").write_bytes(content)
    (item,) = read_inputs(tmp_path / "bomb.bmp", _spec())
    assert item.tensor is None
    assert item.error == (f"no readable image: {has}, and at most 134,217,728 are decoded; make it smaller")


def test_what_nobody_may_look_at_is_told(tmp_path: Path) -> None:
    """In a sentence: a name that is too long, and a folder of another user's."""
    with pytest.raises(InputError, match="File name too long; name an image"):
        list(read_inputs(tmp_path / ("x" * 300), _spec()))
    if os.geteuid() != 0:
        (tmp_path / "private").mkdir(mode=0o300)
        with pytest.raises(InputError, match="private: Permission denied; name an image"):
            list(read_inputs(tmp_path / "private", _spec()))


@pytest.mark.parametrize("shape", [(3, 8, 6), (1, 3, 8, 6)])
def test_arrays_with_and_without_the_batch(shape: tuple[int, ...]) -> None:
    """Both are one input."""
    assert check_input(PIXELS.reshape(shape), _spec()).shape == (1, 3, 8, 6)


@pytest.mark.parametrize("shape", [(2, 3, 8, 6), (8, 6, 3), (3, 48), (), (1, 1, 3, 8, 6)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    """The message has the shape that came and the one that is taken."""
    with pytest.raises(InputError, match=r"takes \[3, 8, 6\]"):
        check_input(np.zeros(shape, np.uint8), _spec())


def test_zip_files_are_no_arrays() -> None:
    """What the archive case above stands for really is a zip."""
    assert zipfile.is_zipfile(io.BytesIO(_npz()))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (None, "None is no input: tiny takes an array of uint8 and shape "),
        ({"image": 1}, "a dict that is no array of numbers is no input"),
        ([[1], [1, 2]], "a list that is no array of numbers is no input"),
    ],
)
def test_what_is_no_input_at_all(what: Any, message: str) -> None:
    """What there may be instead is said."""
    with pytest.raises(InputError, match=message):
        to_input(what, _spec())
